"""How long somebody waits who goes to a moment of what several cameras recorded: a real center, a real Chromium, the console's own page.

The simulated cameras burn the wall clock into each picture, by which the page tells which moment it shows. It needs Playwright and a
Chromium, as the browser tests do.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from watchfloor.bench._bare import BarePage, Line
from watchfloor.bench._center import Running, running
from watchfloor.bench._clock import READ_CLOCK
from watchfloor.bench._say import at_least, say
from watchfloor.bench.live import browser
from watchfloor.bench.record import all_recording, register
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor_sim import story
from watchfloor_sim.people import API, PASSWORD
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.scene import ClockSource
from watchfloor_sim.source import Source

if TYPE_CHECKING:
    from playwright.async_api import Browser

_clock = SystemClock()
MOST_CAMERAS: Final = 9
_SHOWN_WITHIN_MS: Final = 20_000
# A page reads ahead of where it stands: what lies farther off than this was not fetched yet.
_APART_S: Final = 45
_SETTLE_S: Final = 2.5
_CREATED: Final = 200

# Reads the clock of every frame that is shown, of each picture.
_READER: Final = (
    READ_CLOCK
    + """
sessionStorage.setItem('watchfloor.why', JSON.stringify(
  {purpose: 'stolen_vehicle', case: CASE, label: 'A bench', incident: null}));
window.wanted = null;
function follow(video) {
  // Of the picture as it was decoded, the rows of its clock alone: to draw it once more costs more than to show it.
  const look = () => {
    const when = performance.now(), width = video.videoWidth & ~1, high = Math.ceil(width / 32) * 2;
    const frame = new VideoFrame(video), luma = new Uint8Array(width * high * 2);
    frame.copyTo(luma, {rect: {x: 0, y: 0, width, height: high}}).then(([rows]) => {
      const taken = readClock((x, y) => luma[rows.offset + y * rows.stride + x], width);
      if (taken !== null && window.wanted !== null) window.wanted.heard(video, taken, when);
    }).finally(() => frame.close());
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}
new MutationObserver(() => {
  for (const video of document.querySelectorAll('figure.tile video'))
    if (!video.followed) { video.followed = true; follow(video); }
}).observe(document, {childList: true, subtree: true});
window.goes = (at, within) => new Promise((say) => {
  const bar = document.querySelector('input[aria-label="Moment shown"]'), count = document.querySelectorAll('figure.tile video').length;
  const first = new Map(), exact = new Map(), began = performance.now();
  const done = (ok) => {
    window.wanted = null;
    say(ok ? {first: [...first.values()], exact: [...exact.values()], at: Number(bar.value)} : null);
  };
  const timer = setTimeout(() => done(false), within);
  window.wanted = {heard(video, taken, when) {
    // A picture of the group that holds the moment; the one that stands at it, to two frames.
    if (!first.has(video) && Math.abs(taken - Number(bar.value)) < 5000) first.set(video, when - began);
    if (!exact.has(video) && Math.abs(taken - Number(bar.value)) < 150) exact.set(video, when - began);
    if (exact.size === count) { clearTimeout(timer); done(true); }
  }};
  bar.value = String(at);
  bar.dispatchEvent(new Event('input', {bubbles: true}));
});
"""
)


_SIGN_IN: Final = """
fetch(PATH, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(WHO)}).then((said) => said.status)
""".replace("PATH", json.dumps(f"{API}/session")).replace(
    "WHO", json.dumps({"name": "analyst", "password": PASSWORD, "code": None})
)


@dataclass(frozen=True, slots=True)
class Sought:
    """One seek: when each picture first showed something of that time, and when it stood at the moment, in ms."""

    first: tuple[float, ...]
    exact: tuple[float, ...]


def run(
    cameras: int = 9, seconds: int = 120, seeks: int = 20, *, fps: int = 15, as_json: bool = False
) -> int:
    """Record `cameras` cameras for `seconds` seconds and go to `seeks` moments of them that are not in the browser yet.

    Example: watchfloor bench seek --cameras 9 --seconds 120 --seeks 20
    """
    at_least(1, cameras=cameras, seeks=seeks, fps=fps)
    at_least(_APART_S + 15, seconds=seconds)
    figures = asyncio.run(_measured(min(cameras, MOST_CAMERAS), seconds, seeks, fps))
    say(figures, as_json=as_json)
    return 0


async def _measured(count: int, seconds: int, seeks: int, fps: int) -> dict[str, object]:
    config: dict[str, dict[str, str | int]] = {"record": {"camera_networks": "127.0.0.0/8"}}
    async with running(config) as center:
        await story.authorise(center.night, "fixed_camera", "Fixed cameras", lambda step, facts: None)
        server = await RtspServer.start()
        source = Source(ClockSource(fps, (1280, 720)))
        devices = [server.add_camera(f"/cam{n}", source) for n in range(count)]
        ids = await register(center.night.people["technician"], devices)
        await all_recording(center.night.people["technician"], count)
        began_ms = _clock.now().timestamp() * 1000 + 2000
        await _clock.sleep(float(seconds))
        await server.stop()  # the cameras' own work is no part of a seek
        sought, cpu_ms = await _sought(
            center, [outside("camera", one) for one in ids], began_ms, seconds, seeks
        )
        return {"cameras": count, "seconds": seconds, "seeks": seeks} | figures_of(sought) | cpu_ms


async def _sought(
    center: Running, cameras: Sequence[str], began_ms: float, seconds: int, seeks: int
) -> tuple[list[Sought], dict[str, object]]:
    case = await story.open_case(center.night, "26-000001", "A bench")
    async with browser() as chromium:
        line = await opened(chromium, center.base, case, cameras, _clock.now().timestamp() * 1000)
        moments = apart(began_ms, seconds, seeks + 2)
        for moment in moments[:2]:  # the first is slow in many ways, and none of them is a seek
            await goes(line, moment)
        before = center.cpu_s()
        sought = [await goes(line, moment) for moment in moments[2:]]
        spent = {
            name: (after - before[name]) * 1000 / seeks
            for name, after in center.cpu_s().items()
            if name in before
        }
    return sought, {
        f"cpu_ms_{name}": round(spent[name], 1) for name in ("serve", "postgres") if name in spent
    }


async def opened(chromium: Browser, base: str, case: str, cameras: Sequence[str], at_ms: float) -> Line:
    """The page of what these cameras recorded, with the analyst signed in. Raises Unavailable."""
    line = await (await BarePage.open(chromium, 1280, 800)).line()
    await line.ask("Page.enable")
    await line.ask("Page.addScriptToEvaluateOnNewDocument", source=_READER.replace("CASE", repr(case)))
    await line.ask("Page.navigate", url=base)
    await _until(line, "document.readyState === 'complete' && location.protocol === 'http:'")
    answered = await line.evaluate(_SIGN_IN)
    if answered != _CREATED:
        raise Unavailable(f"The analyst could not sign in: {answered}.")
    path = f"/playback?cameras={','.join(cameras)}&minutes=10&at={_iso(at_ms)}"
    await line.ask("Page.navigate", url=base + path)
    await _until(line, "document.querySelector('input[aria-label=\"Moment shown\"]') !== null")
    # What was recorded of each is asked for first: before that it has no picture to wait for.
    await _until(line, f"document.querySelectorAll('figure.tile video').length === {len(cameras)}")
    return line


async def _until(line: Line, expression: str) -> None:
    ends = _clock.monotonic() + _SHOWN_WITHIN_MS / 1000
    while not await line.evaluate(expression):
        if _clock.monotonic() > ends:
            raise Unavailable(f"The page did not come to {expression}.")
        await _clock.sleep(0.05)


async def goes(line: Line, moment: float) -> Sought:
    """One seek. Raises Unavailable where the page does not come to show it."""
    said = await line.evaluate(f"window.goes({moment}, {_SHOWN_WITHIN_MS})")
    if said is None:
        raise Unavailable("The page did not show the moment it was sent to.")
    await _clock.sleep(_SETTLE_S)
    shown = cast("Mapping[str, Sequence[float]]", said)
    return Sought(tuple(shown["first"]), tuple(shown["exact"]))


def apart(began_ms: float, seconds: int, count: int) -> list[float]:
    """Moments to go to, in turn early and late, each so far from the one before that nothing of it is in hand."""
    room = max(1, seconds - _APART_S - 10)
    return [began_ms + 1000 * (7 * (n // 2) % room + _APART_S * (n % 2)) for n in range(count)]


def figures_of(sought: Sequence[Sought]) -> dict[str, object]:
    """What is said: of each seek its slowest camera counts, for all of them are looked at."""
    first, exact = (
        [max(times) for times in whole] for whole in ([s.first for s in sought], [s.exact for s in sought])
    )

    def of(name: str, times: Sequence[float]) -> dict[str, object]:
        p95 = statistics.quantiles(times, n=100, method="inclusive")[94] if len(times) > 1 else times[0]
        return {f"{name}_ms_median": round(statistics.median(times)), f"{name}_ms_p95": round(p95)}

    return of("first_picture", first) | of("exact", exact)


def _iso(at_ms: float) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
