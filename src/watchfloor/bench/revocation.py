"""How soon every picture of an owner's camera is dark once they press the button: a real center, real Chromiums, the console's own page.

From the moment at which the owner's browser sends what the button sends until the page has drawn without the picture: pages that show
it live, and one more that plays what was recorded seconds before. The last press revokes for good; those before it suspend. It needs
Playwright and a Chromium, as the browser tests do.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.bench.live import chromium
from watchfloor.bench.record import all_recording
from watchfloor.kit.clock import SystemClock, rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.sure import sure
from watchfloor_sim import story
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.scene import ClockSource
from watchfloor_sim.shop import Shop, shares
from watchfloor_sim.source import Source

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

_clock = SystemClock()
_WITHIN_S: Final = 60.0
# What is played lies so far back, that it does not end before the button is pressed.
_PLAYED_S: Final = 10.0
_CAMERA: Final = {
    "name": "Yard", "technology": "private_camera_link", "place": "Yard", "lat": 38.6, "lon": -90.2, "heading_deg": None,
}  # fmt: skip
# Tells when the page was last drawn with a picture that goes on, and when it was first drawn without it.
_WATCHER: Final = """
sessionStorage.setItem('watchfloor.why', JSON.stringify({purpose: 'stolen_vehicle', case: CASE, label: 'A bench', incident: null}));
window.lit = false; window.dark = null;
const look = () => {
  const video = document.querySelector('figure.player video, figure.tile video');
  const seen = video !== null && video.videoWidth > 0 && !video.paused && getComputedStyle(video).visibility === 'visible';
  if (seen) { window.lit = true; window.dark = null; }
  else if (window.lit && window.dark === null) { window.dark = performance.timeOrigin + performance.now(); window.lit = false; }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def run(viewers: int = 4, times: int = 10, *, as_json: bool = False) -> int:
    """Let an owner take their camera away from `viewers` who watch it and one who plays it, `times` times.

    Example: watchfloor bench revocation --viewers 4 --times 10
    """
    at_least(1, viewers=viewers)
    at_least(2, times=times)
    say(asyncio.run(_measured(viewers, times)), as_json=as_json)
    return 0


async def _measured(viewers: int, times: int) -> dict[str, object]:
    async with running({"record": {"camera_networks": "127.0.0.0/8"}}) as center:
        return await measured_in(center, viewers, times)


async def measured_in(center: Running, viewers: int, times: int) -> dict[str, object]:
    """The figures of a center that has no camera yet. Raises Unavailable."""
    server, technician = await RtspServer.start(), center.night.people["technician"]
    device = server.add_camera("/yard", Source(ClockSource(15, (1280, 720))))
    await story.authorise(center.night, "private_camera_link", "Private cameras", lambda step, facts: None)
    camera = (await technician.post("/cameras", {**_CAMERA, "url": device.url}))["id"]
    shop = await shares(center.night, camera)
    await all_recording(technician, 1)
    case = (await center.night.people["analyst"].post("/cases", {"number": "B-3", "title": "A bench"}))["id"]
    suspended: list[float] = []
    async with chromium(center.base) as context:
        *pages, played = [await _window(context, case) for _ in range(viewers + 1)]
        for page in pages:
            await page.goto(f"{center.base}/cameras/{camera}")
        of_played: list[float] = []
        for _ in range(times - 1):
            await _plays(played, center.base, camera)
            *live, recorded = await _pressed(shop, "suspend", [*pages, played])
            suspended, of_played = suspended + live, [*of_played, recorded]
            await shop.press("resume")
            await all_recording(technician, 1)
            for page in pages:
                await page.get_by_role("button", name="Ask again").click()
        await _plays(played, center.base, camera)
        *revoked, recorded = await _pressed(shop, "revoke", [*pages, played])
    await shop.leave()
    await server.stop()
    return {
        "viewers": viewers,
        "times": times,
        "dark_ms_median": round(statistics.median(suspended)),
        "dark_ms_max": round(max(*suspended, *revoked)),
        "revoked_dark_ms_max": round(max(revoked)),
        "played_dark_ms_median": round(statistics.median([*of_played, recorded])),
        "played_dark_ms_least": round(min(*of_played, recorded)),
        "played_dark_ms_max": round(max(*of_played, recorded)),
    }


async def _plays(page: Page, base: str, camera: str) -> None:
    """Let the page play what the camera recorded since a moment ago."""
    await _clock.sleep(_PLAYED_S)
    since = rfc3339(_clock.now() - timedelta(seconds=_PLAYED_S - 1))
    await page.goto(f"{base}/playback?cameras={camera}&at={quote(since)}")
    await page.get_by_role("button", name="Play", exact=True).click()


async def _pressed(shop: Shop, act: str, pages: Sequence[Page]) -> list[float]:
    """Milliseconds from the owner's press of that button until each of these pages, which all show the picture, is dark."""
    for page in pages:
        await _until(page, "window.lit || null", "show the picture")
    form = shop.form(act)
    began = _clock.now().timestamp() * 1000
    await shop.send(form)
    found = [await _until(page, "window.dark", "go dark") for page in pages]
    await shop.look()
    return [at - began for at in found]


async def _until(page: Page, asked: str, what: str) -> float:
    """What the page answers once that is not null; it is asked from outside, since the console runs no text as a program."""
    ends = _clock.monotonic() + _WITHIN_S
    while (found := await page.evaluate(asked)) is None:
        if _clock.monotonic() > ends:
            raise Unavailable(f"A viewer's page, {urlsplit(page.url).path}, does not {what}.")
        await _clock.sleep(0.05)
    return float(found)


async def _window(context: BrowserContext, case: str) -> Page:
    """A window of its own for the same person, as Chromium draws a tab that is not before anybody once a second."""
    own = await sure(context.browser).new_context(
        viewport={"width": 1280, "height": 800}, storage_state=await context.storage_state()
    )
    await own.add_init_script(_WATCHER.replace("CASE", json.dumps(f"case:{case}")))
    return await own.new_page()
