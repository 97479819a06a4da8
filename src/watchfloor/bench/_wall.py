"""A wall of cameras in a real Chromium: how soon each of its tiles shows a young picture, and how late its pictures are then."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from watchfloor.bench._clock import READ_CLOCK
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

_clock = SystemClock()
_YOUNG_MS: Final = 500
_WITHIN_S: Final = 120.0
SIZES: Final = (1, 4, 9, 16)

# Of each tile: when its video came, when the first young picture was shown, and how late each was after that.
_READER: Final = (
    READ_CLOCK
    + """
sessionStorage.setItem('watchfloor.why', JSON.stringify(
  {purpose: 'patrol_monitoring', case: null, label: 'Patrol monitoring', incident: null}));
window.tiles = [];
function follow(video) {
  const mine = {asked: Date.now(), young: null, late: []};
  window.tiles.push(mine);
  const look = (now, meta) => {
    const width = video.videoWidth & ~1, high = Math.ceil(width / 32) * 2;
    const frame = new VideoFrame(video), luma = new Uint8Array(width * high * 2);
    const shown = performance.timeOrigin + Math.max(meta.expectedDisplayTime, now);
    frame.copyTo(luma, {rect: {x: 0, y: 0, width, height: high}}).then(([rows]) => {
      const taken = readClock((x, y) => luma[rows.offset + y * rows.stride + x], width);
      if (taken === null) return;
      if (mine.young !== null) mine.late.push(shown - taken);
      else if (shown - taken < YOUNG) mine.young = shown;
    }).finally(() => frame.close());
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}
new MutationObserver(() => {
  for (const video of document.querySelectorAll('[role=group] figure video'))
    if (!video.followed) { video.followed = true; follow(video); }
}).observe(document, {childList: true, subtree: true});
""".replace("YOUNG", str(_YOUNG_MS))
)


async def measured(
    context: BrowserContext, base: str, names: Sequence[str], seconds: int
) -> dict[str, object]:
    """Open a wall of these cameras and watch it for so many seconds once all are live. Raises Unavailable where one never is."""
    page = await context.new_page()
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.add_init_script(_READER)
    await page.goto(f"{base}/walls?show={','.join(names)}")
    ends = _clock.monotonic() + _WITHIN_S
    while True:
        tiles = await page.evaluate("window.tiles")
        if len(tiles) >= len(names) and all(one["young"] is not None for one in tiles):
            break
        if _clock.monotonic() > ends:
            young = sum(one["young"] is not None for one in tiles)
            raise Unavailable(f"Of {len(names)} tiles {young} showed a picture younger than half a second.")
        await _clock.sleep(0.1)
    before = [len(one["late"]) for one in tiles]
    await _clock.sleep(float(seconds))
    tiles = await page.evaluate("window.tiles")
    await page.close()
    waited = [one["young"] - one["asked"] for one in tiles]
    late = [by for one, begin in zip(tiles, before, strict=True) for by in one["late"][begin:]]
    return {
        "wall": len(names),
        "wall_young_ms_median": round(statistics.median(waited)),
        "wall_young_ms_max": round(max(waited)),
        "wall_glass_to_glass_ms_median": round(statistics.median(late)) if late else None,
        "wall_pictures_per_tile_s": round(len(late) / len(names) / seconds, 1),
    }
