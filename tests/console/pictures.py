"""Takes pictures of the console at work, for the documents: `make pictures`, or `python -m tests.console.pictures DIR [--all]`.

The same center, block and people as in the tests; every plate in them is invented. With `--all` every page in both themes
and on a phone, for looking through before a release.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.console.looking import opens_live, plays
from tests.console.test_every_page import LOOKS, PAGES
from tests.console.test_stolen_car import alert, types, unit_is_near
from tests.fixtures.browser import DESK, PHONE, City, Room, a_browser, a_city, until, why_no_browser
from watchfloor_sim import story


class Camera:
    """Keeps what a page looks like under a name."""

    def __init__(self, folder: Path, *, every_look: bool) -> None:
        self._folder = folder
        self._every_look = every_look

    def takes(self, page: Page, name: str, *, look: int = 0) -> None:
        """One picture in that look; with `--all`, one in each."""
        if name.startswith("phone"):
            self._take(page, name)
            return
        for number in range(len(LOOKS)) if self._every_look else (look,):
            theme, (width, height) = LOOKS[number]
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": height})
            self._take(page, f"{name}-{theme}-{width}" if self._every_look else name)
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

    def _take(self, page: Page, name: str) -> None:
        page.evaluate(
            """async () => {
                const passing = (a) => Number.isFinite(a.effect?.getComputedTiming().endTime);
                await Promise.all(document.getAnimations().filter(passing).map((a) => a.finished.catch(() => {})));
            }"""
        )
        page.screenshot(path=self._folder / f"{name}.png")


def main() -> int:
    """The pictures of one night, in the order in which it goes."""
    if why := why_no_browser():
        print(why, file=sys.stderr)
        return 1
    every_look = "--all" in sys.argv
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with a_city() as city, a_browser() as browser:
        room, camera = Room(city, browser), Camera(folder, every_look=every_look)
        city.do(story.draw_streets(city.night, lambda *_: None))
        _night(city, room, camera)
        _oversight(city, room, camera)
        if every_look:
            _everything(city, room, camera)
        for complaint in room.complaints:
            print(complaint, file=sys.stderr)
    return 0


def _night(city: City, room: Room, camera: Camera) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    analyst = room.sits("analyst", f"/cameras/{city.night.camera}")
    opens_live(analyst)
    plays(analyst.get_by_role("figure", name="Live picture of Mill St at 5th").locator("video"))
    recorded = analyst.get_by_role("region", name="Recorded video")
    recorded.get_by_role("button", name="Up to now").click()
    recorded.get_by_role("button", name="Play").click()
    plays(recorded.locator("video"))
    recorded.get_by_role("button", name="Pause").click()
    analyst.get_by_role("heading", level=1).scroll_into_view_if_needed()
    camera.takes(analyst, "camera")
    analyst.goto("/floor")
    unit_is_near(city)
    for _ in range(2):
        alert(city, analyst, city.wanted())
    plate = city.wanted()
    card = alert(city, analyst, plate)
    card.click()
    camera.takes(analyst, "queue")
    analyst.keyboard.press("c")
    picture = analyst.get_by_alt_text("What the reader saw")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the reader's picture")
    camera.takes(analyst, "review-blind", look=1)
    types(analyst, plate)
    analyst.get_by_label("Active: the record stands").check()
    analyst.get_by_label("The vehicle in the picture fits the entry").check()
    camera.takes(analyst, "review")
    analyst.get_by_role("button", name="Confirm hit").click()
    expect(analyst).to_have_url(re.compile(r"/floor\?.*incident=inc_"))
    analyst.goto(f"/incidents/{analyst.url.rpartition('=')[2]}")
    _sent(analyst, officer, camera)


def _sent(analyst: Page, officer: Page, camera: Camera) -> None:
    analyst.get_by_label("Message (may stay empty)").fill("Grey hatchback, north on Broadway.")
    expect(analyst.get_by_role("button", name="Send 3142")).to_be_enabled()
    camera.takes(analyst, "incident-before")
    analyst.get_by_label("Warning they must acknowledge (may stay empty)").fill("Driver may be armed.")
    analyst.get_by_role("button", name="Send 3142").click()
    expect(officer.get_by_text("Driver may be armed.")).to_be_visible()
    picture = officer.get_by_alt_text("The vehicle, as the reader saw it")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the picture is on the phone")
    camera.takes(officer, "phone-warning")
    officer.get_by_role("button", name="I have read the warning").click()
    officer.get_by_role("button", name="Press once more").click()
    officer.get_by_role("button", name="En route").tap()
    expect(officer.get_by_role("button", name="On scene")).to_be_enabled()
    expect(officer.get_by_text("all sent")).to_be_visible()
    camera.takes(officer, "phone")
    expect(analyst.get_by_text("Warning heard")).to_be_visible()
    camera.takes(analyst, "incident", look=1)
    officer.get_by_role("button", name="On scene").tap()
    officer.get_by_role("button", name="Outcome").tap()
    officer.get_by_role("button", name="Vehicle recovered").tap()
    camera.takes(officer, "phone-outcome")
    officer.get_by_role("button", name="Record outcome").tap()


def _oversight(city: City, room: Room, camera: Camera) -> None:
    auditor = room.sits("auditor", "/audit")
    auditor.get_by_label("Asked to").select_option("camera.live")
    auditor.get_by_role("row").filter(has_text="allowed").first.get_by_role("link").click()
    expect(auditor.get_by_role("heading", name="Why it was allowed")).to_be_visible()
    camera.takes(auditor, "audit", look=1)
    room.leave()


def _everything(city: City, room: Room, camera: Camera) -> None:
    for name, paths in PAGES:
        page = room.sits(name)
        for path in paths:
            page.goto(path.format(camera=city.night.camera, reader=city.night.reader))
            page.wait_for_load_state("networkidle")
            expect(page.get_by_text("Loading ")).to_have_count(0)
            camera.takes(
                page,
                f"page-{name}-{path.strip('/').replace('/', '-').split('?')[0].format(camera='', reader='')}",
            )
        room.leave()
    page = room.page()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    camera.takes(page, "page-sign-in")
    room.leave()


if __name__ == "__main__":
    sys.exit(main())
