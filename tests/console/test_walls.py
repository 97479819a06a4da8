"""Cameras side by side: placed by search, moved through by keys, kept, and opened by a colleague under their own purpose."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.looking import opens_live, plays
from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room, until
from watchfloor_sim.people import API
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

SHOWN: Final = "(videos) => videos.map((one) => one.getVideoPlaybackQuality().totalVideoFrames)"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_wall_is_filled_watched_kept_and_handed_to_a_colleague(city: City, room: Room) -> None:
    page = _fills_it(room)
    opens_live(page)
    tile = page.get_by_role("group", name="Tile 3, Mill St at 5th")
    picture = tile.get_by_role("figure", name="Live picture of Mill St at 5th")
    plays(picture.locator("video"))
    expect(picture.get_by_text("live ·")).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(tile.get_by_role("heading", name="Mill St at 5th")).to_be_visible()
    plays(picture.locator("video"))
    stands(page)
    with page.expect_download() as saved:
        page.keyboard.press("i")
    assert saved.value.suggested_filename.startswith("Mill St at 5th 20")
    page.keyboard.press("Escape")
    expect(tile.get_by_role("button", name="Show Mill St at 5th large")).to_be_focused()
    page.keyboard.press("[")
    expect(page.get_by_role("group", name="Tile 2, Mill St at 5th")).to_be_visible()

    page.get_by_role("button", name="Keep…").click()
    name = f"River {city.number()}"
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    _a_colleague_opens_it(room, page.url, name)
    _the_owner_changes_and_removes_it(page)


def _the_owner_changes_and_removes_it(page: Page) -> None:
    page.reload()  # a supervisor has said meanwhile who begins with it
    expect(page.get_by_role("group", name="Tile 2, Mill St at 5th")).to_be_visible()
    page.get_by_role("button", name="1 tile", exact=True).click()
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("changed", exact=True)).to_have_count(0)
    page.get_by_role("button", name="This wall…").click()
    stands(page)
    page.get_by_role("dialog").get_by_role("button", name="Remove this wall…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wall")
    expect(page.get_by_role("group", name="Tile 1, Mill St at 5th")).to_be_visible()


def _a_colleague_opens_it(room: Room, url: str, name: str) -> None:
    """The link brings the cameras, and no purpose: the picture waits for theirs. A tile that may not be seen says why."""
    colleague = room.sits("supervisor", url)
    expect(colleague.get_by_role("heading", level=1)).to_have_text(name)
    expect(colleague.get_by_text("kept by A. Reyes")).to_be_visible()
    expect(colleague.locator("video")).to_have_count(0)
    colleague.get_by_role("button", name="Open the picture").wait_for()
    opens_live(colleague)
    plays(colleague.locator("video"))
    colleague.get_by_role("button", name="End the looks").click()
    expect(colleague.locator("video")).to_have_count(0)
    expect(colleague.get_by_role("button", name="Save the changes")).to_have_count(0)
    _detectives_begin_with_it(room, colleague, name)


def _detectives_begin_with_it(room: Room, supervisor: Page, name: str) -> None:
    """Who comes without an address of their own comes to the wall of their role."""
    supervisor.get_by_role("button", name="This wall…").click()
    form = supervisor.get_by_role("dialog", name="This wall")
    form.get_by_label("Detectives").check()
    form.get_by_role("button", name="Let these roles begin with it").click()
    expect(form).to_have_count(0)
    detective = room.sits("detective", "/walls")
    expect(detective.get_by_role("heading", level=1)).to_have_text(name)
    detective.get_by_role("button", name="This wall…").click()
    no = detective.get_by_role("button", name="Let these roles begin with it")
    expect(no).to_have_accessible_description(re.compile("^Supervisors use this"))


def _fills_it(room: Room) -> Page:
    """By keys alone."""
    page = room.sits("analyst", "/cameras")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Walls").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wall")
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Put a camera here").nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Put a camera in tile 3")).to_be_visible()
    places = page.get_by_role("dialog")
    places.get_by_label("Name, place or state").fill("Mill St at 5th")
    places.get_by_label("Name, place or state").press("Enter")
    expect(places.get_by_role("status")).to_contain_text("Mill St at 5th is in tile 3.")
    page.keyboard.press("Escape")
    stands(page)
    return page


def _all_sixteen_are_live(page: Page, cameras: list[str]) -> None:
    page.goto(f"/walls?show={','.join(cameras)}")
    videos = page.locator("video")
    expect(videos).to_have_count(16)
    until(lambda: min(_shown(videos)) > 0, "a first picture in each tile")
    began = _shown(videos)
    until(lambda: all(now > was + 5 for now, was in zip(_shown(videos), began, strict=True)), "each goes on")
    smaller = page.get_by_role("button", name="9 tiles", exact=True)
    expect(smaller).to_have_accessible_description("16 cameras stand on it; take some off first.")
    stands(page)
    page.goto(f"/walls?show={','.join(cameras[1:10])}")
    expect(videos).to_have_count(9)
    until(lambda: min(_shown(videos)) > 0, "a first picture in each of nine")


def _shown(videos: Locator) -> list[int]:
    """How many pictures each tile has shown."""
    shown: list[int] = videos.evaluate_all(SHOWN)
    return shown


def test_what_this_browser_cannot_play_is_said_or_its_sub_stream_is_shown(
    city: City, room: Room, material: Path
) -> None:
    """A camera in H.265 is recorded as it is; Chromium here plays none of it."""
    main = city.do(RtspCamera.start(material / "media" / "campus-pedestrians-1080p15-h265.mp4"))
    small = city.do(RtspCamera.start(scene_clip(2.0, 10, (320, 192))))
    try:
        name = f"Campus {city.number()}"
        place = {"place": name, "technology": "fixed_camera", "lat": 38.63, "lon": -90.2}
        camera = city.post("technician", "/cameras", {"name": name, "url": main.url, **place})["id"]
        page = room.sits("analyst", f"/walls?show={camera}")
        opens_live(page)
        tile = page.get_by_role("group", name=f"Tile 1, {name}")
        expect(tile.get_by_text("The camera sends H.265, which this browser cannot play")).to_be_visible()
        technician = city.night.people["technician"]
        path = f"{API}/cameras/{camera}"
        assert city.do(technician.http.patch(path, json={"sub_url": small.url})).is_success
        page.reload()
        plays(tile.locator("video"))
        assert int(tile.locator("video").evaluate("(v) => v.videoWidth")) == 320
        others = [
            city.post("technician", "/cameras", {"name": f"{name} {n}", "url": small.url, **place})["id"]
            for n in range(15)
        ]
        _all_sixteen_are_live(page, [camera, *others])
        page.goto("/cameras")
        for one in (camera, *others):
            assert city.do(technician.http.delete(f"{API}/cameras/{one}")).is_success
        until(lambda: not small.clients, "with the last who watches the sub stream is closed")
    finally:
        city.do(main.stop())
        city.do(small.stop())
