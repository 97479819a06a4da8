"""How late a live picture is, from a camera's sensor to a person's screen: a real center, a real Chromium, the console's own page.

The simulated cameras burn the wall clock into each picture; the page reads it back from what is on the screen. Camera, center
and browser share one machine and so one clock. It needs Playwright and a Chromium, as the browser tests do.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from watchfloor.bench import _wall
from watchfloor.bench._center import Running, running
from watchfloor.bench._clock import READ_CLOCK
from watchfloor.bench._say import at_least, say
from watchfloor.bench._wall import SIZES
from watchfloor.bench.record import all_recording, register
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.sure import sure
from watchfloor_sim import story
from watchfloor_sim.people import API, PASSWORD
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.scene import ClockSource
from watchfloor_sim.source import Source

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

_clock = SystemClock()
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
_YOUNG_MS: Final = 500
_FIRST_WITHIN_S: Final = 60.0
# A figure of fewer pictures says nothing: on a machine that is too busy to draw, each tile is watched until it has shown these.
FEWEST: Final = 6
_FEWEST_WITHIN_S: Final = 60.0
_LIST: Final = 'nav a[href$="/cameras"]'
_LINK: Final = 'a[href$="/cameras/{}"]'

# Reads the clock of every frame that is shown.
_READER: Final = (
    READ_CLOCK
    + """
sessionStorage.setItem('watchfloor.why', JSON.stringify(
  {purpose: 'patrol_monitoring', case: null, label: 'Patrol monitoring', incident: null}));
window.shown = []; window.asked = null; window.clicked = null;
addEventListener('click', () => { window.clicked = Date.now(); }, true);
function follow(video) {
  const mine = window.shown = [];  // the player before this one may still show a last frame
  window.asked = Date.now();
  const canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext('2d', {willReadFrequently: true});
  const look = (now, meta) => {
    const width = video.videoWidth, high = Math.ceil(width / 32) * 2;
    canvas.width = width; canvas.height = high;
    pen.drawImage(video, 0, 0, width, high, 0, 0, width, high);
    const data = pen.getImageData(0, 0, width, high).data;
    const taken = readClock((x, y) => data[(y * width + x) * 4 + 1], width);
    if (taken !== null) mine.push([performance.timeOrigin + Math.max(meta.expectedDisplayTime, now), taken]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}
new MutationObserver(() => {
  const video = document.querySelector('figure.player video');
  if (video && !video.followed) { video.followed = true; follow(video); }
}).observe(document, {childList: true, subtree: true});
"""
)


@dataclass(frozen=True, slots=True)
class Tile:
    """What one player showed: when somebody pressed for it, when it began, and (shown at, taken at) of each frame, in ms."""

    clicked_ms: float
    asked_ms: float
    frames: list[tuple[float, float]]

    @property
    def first_young(self) -> float | None:
        """When the first frame was shown that was younger than 500 ms."""
        return next((shown for shown, taken in self.frames if shown - taken < _YOUNG_MS), None)

    @property
    def later(self) -> list[tuple[float, float]]:
        """What it showed after that frame: the player stands at the edge."""
        first = self.first_young
        return [] if first is None else [frame for frame in self.frames if frame[0] > first]

    @property
    def from_click(self) -> float:
        """Milliseconds from the press of a person to that frame: the page that is opened is in it."""
        return sure(self.first_young) - self.clicked_ms

    @property
    def waited(self) -> float:
        """Milliseconds from the player's start to that frame."""
        return sure(self.first_young) - self.asked_ms


def run(
    cameras: int = 8,
    tiles: int = 4,
    seconds: int = 20,
    *,
    wall: int = 0,
    fps: int = 15,
    as_json: bool = False,
) -> int:
    """Show `tiles` of `cameras` recording cameras for `seconds` seconds, and then a wall of `wall` of them (1, 4, 9 or 16).

    Example: watchfloor bench live --cameras 16 --tiles 4 --seconds 20 --wall 16
    """
    at_least(1, cameras=cameras, tiles=tiles, seconds=seconds, fps=fps)
    if wall and (wall not in SIZES or wall > cameras):
        raise Invalid("--wall is 1, 4, 9 or 16, and of no more cameras than there are.")
    figures = asyncio.run(_measured(cameras, min(tiles, cameras), seconds, fps, wall))
    say(figures, as_json=as_json)
    return 0


async def _measured(count: int, tiles: int, seconds: int, fps: int, wall: int) -> dict[str, object]:
    config: dict[str, dict[str, str | int]] = {"record": {"camera_networks": "127.0.0.0/8"}}
    async with running(config) as center:
        await story.authorise(center.night, "fixed_camera", "Fixed cameras", lambda step, facts: None)
        return await measured_in(center, count, tiles, seconds, fps, wall)


async def measured_in(
    center: Running, count: int, tiles: int, seconds: int, fps: int, wall: int = 0
) -> dict[str, object]:
    """The figures of a center whose cameras are authorised and none records."""
    server = await RtspServer.start()
    source = Source(ClockSource(fps, (1280, 720)))
    devices = [server.add_camera(f"/cam{n:03}", source) for n in range(count)]
    ids = await register(center.night.people["technician"], devices)
    await all_recording(center.night.people["technician"], count)
    async with chromium(center.base) as context:
        names = [outside("camera", camera) for camera in ids[:tiles]]
        figures = await _watched(context, center.base, names, seconds)
    if wall:
        small = server.add_camera("/small", Source(ClockSource(fps, (640, 360))))
        names = [outside("camera", camera) for camera in ids[:wall]]
        for name in names:
            changed = await center.night.people["technician"].http.patch(
                f"{API}/cameras/{name}", json={"sub_url": small.url, "user": "bench", "password": "bench"}
            )
            if not changed.is_success:
                raise Unavailable(f"A camera takes no sub stream: {changed.text}")
        # The browser that drew the tiles is ended: what a wall costs is measured alone.
        async with chromium(center.base) as context:
            figures |= await _wall.measured(context, center.base, names, seconds)
    await server.stop()
    return {"cameras": count, "tiles": tiles, "seconds": seconds, **figures}


async def _watched(
    context: BrowserContext, base: str, names: Sequence[str], seconds: int
) -> dict[str, object]:
    """The console stands open at its list of cameras; one is opened after another, and then all of them at once."""
    pages = [await _window(context) for _ in names]
    windows = list(zip(pages, names, strict=True))
    for page, name in windows:
        await page.goto(f"{base}/cameras")
        await page.wait_for_selector(_LINK.format(name))
    in_turn = [await _opened(page, name) for page, name in windows]
    for page, name in windows:
        await _listed(page, name)
    at_once = await asyncio.gather(*(_opened(page, name) for page, name in windows))
    await _clock.sleep(float(seconds))
    whole = [await _watched_enough(page) for page in pages]
    return _figures(in_turn, at_once, whole)


def _figures(in_turn: Sequence[Tile], at_once: Sequence[Tile], whole: Sequence[Tile]) -> dict[str, object]:
    late = [at - taken for tile in whole for at, taken in tile.later]
    cuts = statistics.quantiles(late, n=100, method="inclusive")
    return {
        "tiles_live": len(whole),
        "first_frame_ms": round(statistics.median(tile.waited for tile in in_turn)),
        "first_frame_ms_max": round(max(tile.waited for tile in in_turn)),
        "click_to_young_ms": round(statistics.median(tile.from_click for tile in in_turn)),
        "click_to_young_ms_max": round(max(tile.from_click for tile in in_turn)),
        "first_frame_ms_at_once": round(statistics.median(tile.waited for tile in at_once)),
        "glass_to_glass_ms_median": round(statistics.median(late)),
        "glass_to_glass_ms_p95": round(cuts[94]),
        "frames_shown": len(late),
    }


async def _opened(page: Page, camera: str) -> Tile:
    """Open a camera from the list, as a person does, and wait for its first young picture."""
    await page.click(_LINK.format(camera))
    ends = _clock.monotonic() + _FIRST_WITHIN_S
    while True:
        tile = await _shown(page)
        if tile is not None and tile.first_young is not None:
            return tile
        if _clock.monotonic() > ends:
            raise Unavailable(f"The page showed no picture younger than half a second: {await page.title()}.")
        await _clock.sleep(0.1)


async def _watched_enough(page: Page) -> Tile:
    """All that the page has shown, once there are frames enough to tell of. Raises Unavailable when it draws no more."""
    ends = _clock.monotonic() + _FEWEST_WITHIN_S
    while True:
        tile = sure(await _shown(page))
        if len(tile.later) >= FEWEST:
            return tile
        if _clock.monotonic() > ends:
            raise Unavailable(
                f"The page showed {len(tile.later)} pictures in {_FEWEST_WITHIN_S:.0f} s and more."
            )
        await _clock.sleep(0.1)


async def _shown(page: Page) -> Tile | None:
    """What the page has shown since its player began; None before it did."""
    clicked, asked, frames = await page.evaluate("[window.clicked, window.asked, window.shown]")
    if asked is None or clicked is None:
        return None
    return Tile(float(clicked), float(asked), [(float(shown), float(taken)) for shown, taken in frames])


async def _listed(page: Page, camera: str) -> None:
    """Be at the list of cameras, with nothing shown."""
    await page.click(_LIST)
    await page.wait_for_selector(_LINK.format(camera))
    await page.evaluate("window.asked = null")


async def _window(context: BrowserContext) -> Page:
    """A window of its own for the same person: of the tabs of one window Chromium draws all but one once a second."""
    browser = sure(context.browser)
    # A quarter of a screen's points each: four of them cost to draw what one screen does, and the page is laid out as on a desk.
    own = await browser.new_context(
        viewport={"width": 1280, "height": 800},
        device_scale_factor=0.5,
        storage_state=await context.storage_state(),
    )
    await own.add_init_script(_READER)
    return await own.new_page()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A Chromium without a window. Raises Unavailable where there is none."""
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise Unavailable("This bench needs Playwright: run it from a clone after `make setup`.") from error
    path = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    if path is None:
        raise Unavailable(
            "This bench needs a Chromium.", next_step="Install your system's `chromium` package."
        )
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def chromium(base: str) -> AsyncIterator[BrowserContext]:
    """A Chromium in which the analyst is signed in. Raises Unavailable where there is none."""
    async with browser() as opened:
        context = await opened.new_context(base_url=base, viewport={"width": 1280, "height": 800})
        answer = await context.request.post(
            f"{API}/session",
            data={"name": "analyst", "password": PASSWORD, "code": None},
            headers={"Origin": base},
        )
        if not answer.ok:
            raise Unavailable(f"The analyst could not sign in: {await answer.text()}")
        yield context
