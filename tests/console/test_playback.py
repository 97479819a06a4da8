"""What several cameras recorded is played under one clock: measured by the time that is burnt into each picture."""

from __future__ import annotations

import re
import statistics
from functools import partial
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import opens_live
from tests.console.test_every_page import stands
from tests.fixtures.browser import CLOCK, City, Room, until
from watchfloor.kit.clock import parse_rfc3339
from watchfloor_sim.people import API
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import ClockSource

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CAMERAS: Final = 9
# What each picture says its time is, all of them at one moment; the reader of `watchfloor_sim/burnt_clock.py`.
CLOCKS: Final = """() => new Promise((say) => requestAnimationFrame(() => {
  const read = (video) => {
    const width = video.videoWidth, side = Math.floor(width / 32);
    if (!width || video.readyState < 2) return null;
    const canvas = new OffscreenCanvas(width, 2 * side), on = canvas.getContext('2d');
    on.drawImage(video, 0, 0, width, 2 * side, 0, 0, width, 2 * side);
    const seen = on.getImageData(0, 0, width, 2 * side).data;
    const at = (r, c) => seen[4 * (((r + .5) * side | 0) * width + ((c + .5) * side | 0))];
    const mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4, bit = (r, c) => at(r, c) > mean ? 1 : 0;
    const bits = [], tail = [];
    for (let c = 2; c < 32; c++) bits.push(bit(0, c));
    for (let c = 2; c < 20; c++) bits.push(bit(1, c));
    for (let c = 20; c < 32; c++) tail.push(bit(1, c));
    const bytes = [0, 1, 2, 3, 4, 5].map((i) => parseInt(bits.slice(8 * i, 8 * i + 8).join(''), 2));
    const good = tail.join('') === bytes.reduce((a, b) => a ^ b).toString(2).padStart(8, '0') + '1010';
    return good ? bytes.reduce((a, b) => a * 256 + b) : null;
  };
  say([...document.querySelectorAll('video')].map(read));
}))"""

# How much faster than a clock on the wall the one in the first picture goes, from its next change on for so long; null where none comes.
RATE: Final = f"""async (for_ms) => {{
  const clock = {CLOCKS};
  const now = async () => [(await clock())[0], performance.now()];
  const begun = await now();
  let first = begun;
  while (first[0] === null || first[0] === begun[0]) {{
    if (first[1] - begun[1] > 8000) return null;
    first = await now();
  }}
  await new Promise((go) => setTimeout(go, for_ms));
  const last = await now();
  return last[0] === null ? null : (last[0] - first[0]) / (last[1] - first[1]);
}}"""
SPEEDS: Final = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)

# All players count from the beginning of the same span.
APART: Final = """() => {
  const at = [...document.querySelectorAll('video')].map((video) => 1000 * video.currentTime);
  return Math.max(...at) - Math.min(...at);
}"""


def test_nine_cameras_are_played_in_step_by_the_clock_in_their_pictures(city: City, room: Room) -> None:
    device = city.do(RtspCamera.start(ClockSource()))
    names = [f"Quay {city.number()}" for _ in range(CAMERAS)]
    # Where no other test calls for anything: its one event is the bookmark.
    place: dict[str, object] = {"place": "Quay", "technology": "fixed_camera", "lat": 38.655, "lon": -90.235}
    cameras = [
        city.post("technician", "/cameras", {"name": name, "url": device.url, **place})["id"]
        for name in names
    ]
    try:
        page = room.sits("analyst", f"/playback?cameras={','.join(cameras)}")
        until(
            lambda: all(city.get("analyst", f"/cameras/{one}")["recording"] for one in cameras), "all record"
        )
        first, begun = clocks_of_now(page), CLOCK.monotonic()
        _comes_by_itself(page, f"/playback?cameras={cameras[0]}&at={first}")
        left_s = begun + 15 - CLOCK.monotonic()  # enough to look at twelve times on a machine that is busy
        page.wait_for_timeout(max(left_s, 0) * 1000)
        page.goto(f"/playback?cameras={','.join(cameras)}&at={first}")
        until(lambda: None not in clocks(page), "every camera shows its first picture", 60)
        stands(page)
        # A browser takes nobody beyond the end of what it knows of: it knows the whole span, whatever has come of it yet.
        lengths = page.evaluate("[...document.querySelectorAll('video')].map((v) => v.duration)")
        assert min(lengths) >= 600, lengths
        _plays_in_step(page)
        _is_switched_off(city, cameras[1])
        _is_marked(city, page, cameras)
        refused = _without_leave(city)
        cameras.append(refused)
        _has_one_bar(page, f"/playback?cameras={refused},{cameras[1]},{cameras[0]}&at={first}", names[1])
        _goes_at_each_speed(page, f"/playback?cameras={cameras[0]}&at={first}")
    finally:
        for camera in cameras:
            city.do(city.night.people["technician"].http.delete(f"{API}/cameras/{camera}"))
        city.do(device.stop())


def _comes_by_itself(page: Page, path: str) -> None:
    """Of this moment nothing is told yet: whoever opens it sees its picture as soon as there is one."""
    page.goto(path)
    opens_live(page, act="Open what was recorded")
    until(lambda: None not in _one(page), "the picture of a moment ago comes by itself", 60)


def _plays_in_step(page: Page) -> None:
    begun = min(clocks(page))
    page.keyboard.press("Space")
    until(lambda: None not in (now := clocks(page)) and min(now) > begun + 1500, "all of them go on", 60)
    # Where each player is, is ours to keep in step whatever else the machine does: from the first look on, in each but one of twelve.
    pictures, players = _spread(page)
    assert sorted(players)[-2] <= 100, players
    # And the pictures, which a busy machine decodes late: as soon as it keeps up.
    if statistics.median(pictures) > 100:
        until(lambda: statistics.median(_spread(page)[0]) <= 100, "the pictures are in step", 60)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stood = _still(page)
    page.keyboard.press("ArrowLeft")
    back = until(lambda: (now := _still(page)) < stood and now, "one frame back")
    assert stood - back < 200
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("2")


def _without_leave(city: City) -> str:
    """A camera of which nobody may see what was recorded: no community approved of its kind."""
    asked: dict[str, object] = {
        "name": f"Kerb {city.number()}", "url": "rtsp://127.0.0.1:9/never", "place": "Kerb",
        "technology": "mobile_trailer", "lat": 38.655, "lon": -90.235,
    }  # fmt: skip
    return str(city.post("technician", "/cameras", asked)["id"])


def _is_switched_off(city: City, camera: str) -> None:
    path = f"{API}/cameras/{camera}"
    changed = city.do(city.night.people["technician"].http.patch(path, json={"enabled": False}))
    assert changed.status_code == 200, changed.text


def _has_one_bar(page: Page, path: str, name: str) -> None:
    """The bar is of all that are shown: what any has, the gaps of each by its name; that the first is refused takes none of it."""
    page.goto(path)
    lanes = page.get_by_role("list", name="What was recorded of each").get_by_role("listitem")
    expect(lanes).to_have_count(3)
    expect(lanes.first).to_contain_text(re.compile("No authorisation|is suspended"))
    expect(lanes.nth(1)).to_contain_text("1 gap")
    expect(lanes.nth(2)).to_contain_text("no gap")
    expect(page.get_by_label("Moment shown")).to_be_attached()
    expect(page.locator(".bar .range:not(.some)")).to_have_count(1)  # while both recorded
    expect(page.locator(".bar .range.some").last).to_be_attached()  # and then one
    expect(page.locator(".bar .gap")).to_have_count(0)  # what one of them lacks the other has
    page.locator("summary").filter(has_text="1 gap in these minutes").click()
    expect(page.get_by_text(re.compile(f"^{name}, .* missing: ")).first).to_be_visible()
    stands(page)


def _goes_at_each_speed(page: Page, path: str) -> None:
    """One camera at each speed there is, chosen by key: so much faster goes the clock in its picture. And frames back, one by one."""
    _plays(page, f"{path}&speed={SPEEDS[0]:g}")
    for speed in SPEEDS[:-2]:
        if speed != SPEEDS[0]:
            page.keyboard.press(">")
        expect(page.get_by_label("Speed")).to_have_value(f"{speed:g}")
        until(partial(_is_at, page, speed), f"{speed:g} times as fast", 60)
    for speed in SPEEDS[-2:]:  # so fast, that there is no more of it where they end: each begins anew
        until(partial(_is_at, page, speed, f"{path}&speed={speed / 2:g}"), f"{speed:g} times as fast", 60)
    _plays(page, f"{path}&speed=0.25")
    page.keyboard.press("f")
    page.keyboard.press("Space")
    stood = _stands(page)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
        back = until(partial(_before, page, stood), "a frame back")
        assert stood - back <= 140, (stood, back)
        stood = back


def _plays(page: Page, path: str) -> None:
    page.goto(path)
    until(lambda: None not in _one(page), "the first picture", 60)
    page.keyboard.press("Space")


def _is_at(page: Page, speed: float, path: str | None = None) -> bool:
    """Whether its clock goes at this speed, and at none beside it, which is twice as fast or half."""
    if path is not None:
        _plays(page, path)
        page.keyboard.press(">")
        expect(page.get_by_label("Speed")).to_have_value(f"{speed:g}")
    rate: float | None = page.evaluate(RATE, 2400 if speed < 0.5 else 1000)
    return rate is not None and speed / 1.4 < rate < speed * 1.4


def _one(page: Page) -> list[Any]:
    said: list[Any] = page.evaluate(CLOCKS)
    return said if len(said) == 1 else [None]


def _stands(page: Page) -> int:
    """The time in the one picture, once it does not change."""
    seen: list[Any] = [None]

    def same() -> bool:
        seen.append(_one(page)[0])
        return seen[-1] is not None and seen[-1] == seen[-2]

    until(same, "it stands")
    return int(seen[-1])


def _before(page: Page, stood: int) -> int:
    """The time in the picture, where that is before `stood`; else 0."""
    now = _stands(page)
    return now if now < stood else 0


def _spread(page: Page) -> tuple[list[int], list[float]]:
    """How many milliseconds apart the pictures are, one look after another, and the players at the same moments."""
    pictures: list[int] = []
    players: list[float] = []
    while len(pictures) < 12:
        players.append(page.evaluate(APART))
        if None not in (now := clocks(page)):
            pictures.append(max(now) - min(now))
        page.wait_for_timeout(120)
    return pictures, players


def _is_marked(city: City, page: Page, cameras: list[str]) -> None:
    """The moment is kept with the case by keys, stands on the bar, and its link leads back to it."""
    page.keyboard.press("m")
    form = page.get_by_role("dialog", name="Bookmark this moment")
    form.get_by_label("Note").fill("it turns into the yard")
    form.get_by_label("How long").select_option("10")
    stands(page)
    form.get_by_role("button", name="Keep the bookmark").click()
    expect(form).to_have_count(0)
    listed = page.locator("summary").filter(has_text="in these minutes").first
    expect(listed).to_contain_text("1 event")
    listed.click()
    expect(page.get_by_text("Bookmark: it turns into the yard")).to_be_visible()
    kept = city.get("analyst", "/bookmarks", camera=cameras[0])["items"][0]
    assert [one["id"] for one in kept["cameras"]] == cameras and kept["preserved"] == 0
    page.get_by_label("Moment shown").focus()
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("]")
    expect(page.get_by_text(re.compile(", Bookmark: it turns into the yard$"))).to_have_count(2)
    assert abs(at_of(page) - parse_rfc3339(kept["from"]).timestamp() * 1000) < 1500
    points_at_it(page)
    page.goto(f"/cases/{kept['case'].partition(':')[2]}")
    page.get_by_role("link", name=re.compile("^[0-9]+ [A-Z]")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Playback")
    until(lambda: None not in clocks(page), "the link plays its cameras", 60)


def points_at_it(page: Page) -> None:
    """A small picture stands over the bar, where one points at the moment shown."""
    slider = page.get_by_label("Moment shown")
    begin, end = (int(slider.get_attribute(name) or 0) for name in ("min", "max"))
    bar = slider.bounding_box()
    assert bar is not None
    page.mouse.move(bar["x"] + bar["width"] * (at_of(page) - begin) / (end - begin), bar["y"] + 8)
    page.locator(".peek img").wait_for()


def at_of(page: Page) -> int:
    """The moment that the bar shows."""
    return int(page.get_by_label("Moment shown").input_value())


def _still(page: Page) -> int:
    """The time in the pictures once none of them changes."""
    seen: list[Any] = []

    def same() -> bool:
        seen[:] = [*seen[-1:], clocks(page)]
        return len(seen) == 2 and seen[0] == seen[1] and None not in seen[0]

    until(same, "the pictures stand")
    assert max(seen[0]) - min(seen[0]) <= 100, seen[0]
    return int(min(seen[0]))


def clocks(page: Page) -> list[Any]:
    """The milliseconds in each picture; None where there is none yet."""
    said: list[Any] = page.evaluate(CLOCKS)
    return said if len(said) == CAMERAS else [None]


def clocks_of_now(page: Page) -> str:
    now: str = page.evaluate("new Date().toISOString()")
    return now
