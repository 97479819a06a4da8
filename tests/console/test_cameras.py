"""The analyst sees what a camera sees, and what it saw, under a purpose and a case."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import opens_live, plays, time_of
from tests.fixtures.browser import City, Room, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# Keeps the page's sockets at hand, and lets that of a picture say what the server says to who does not keep up.
KEEPS_SOCKETS: Final = """window.sockets = [];
window.WebSocket = class extends WebSocket { constructor(...given) { super(...given); sockets.push(this); } };"""
LEFT_OUT: Final = """() => {
  const note = new TextEncoder().encode(JSON.stringify({dropped: 7, reason: 'The connection was too slow.'}));
  const frame = new Uint8Array(18 + note.length);
  frame[0] = 3;
  frame.set(note, 18);
  sockets.findLast((one) => one.url.includes('/live/')).onmessage({data: frame.buffer});
}"""
# The clip of Mill St at 5th has ten frames a second.
FRAME_S = 0.1


def test_a_picture_opens_only_under_a_purpose_and_a_case_and_then_really_plays(
    city: City, room: Room
) -> None:
    page = room.sits("analyst", "/cases")
    page.add_init_script(KEEPS_SOCKETS)
    page.goto(f"/cameras/{city.night.camera}")
    page.get_by_label("Purpose", exact=True).select_option("stolen_vehicle")
    page.get_by_role("button", name="Open the picture").click()
    expect(page.get_by_text("Choose the incident or case that this is for.")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)

    opens_live(page)
    live = page.get_by_role("figure", name="Live picture of Mill St at 5th")
    plays(live.locator("video"))
    expect(live.get_by_text("live ·")).to_be_visible()
    # What was left out for a slow link is said, and it goes on from the next key frame.
    page.evaluate(LEFT_OUT)
    expect(live.get_by_text("link too slow, pictures left out")).to_be_visible()
    plays(live.locator("video"))
    expect(
        page.get_by_role("banner").get_by_text("Purpose Stolen vehicle")
    ).to_be_visible()  # the purpose stays in sight
    page.get_by_role("button", name="End this purpose").click()
    expect(page.locator("video")).to_have_count(0)


def test_the_last_minute_plays_and_the_keys_move_it(city: City, room: Room) -> None:
    page = room.sits("analyst", f"/cameras/{city.night.camera}")
    opens_live(page)
    recorded = page.get_by_role("figure", name="Recorded picture of Mill St at 5th")
    until(lambda: has_record(page), "something is recorded", 60)
    video = recorded.locator("video")
    page.get_by_role("region", name="Recorded video").get_by_role("button", name="Play").click()
    plays(video)
    # A frame's length is learnt from frames that were shown: so many that a busy browser did not leave out each second one.
    begun = time_of(video)
    until(lambda: time_of(video) > begun + 1.5, "frames were shown")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("heading", name="Last minutes").click()
    paused = until(lambda: time_of(video), "a moment is shown")
    page.keyboard.press("ArrowLeft")
    stepped = until(lambda: time_of(video) < paused and time_of(video), "one frame back")
    assert paused - stepped < 1.5 * FRAME_S
    page.keyboard.press("b")
    until(lambda: time_of(video) < stepped - 2 * FRAME_S, "ten seconds back, or to where the record begins")


def has_record(page: Page) -> bool:
    """Whether there is something to play; asks anew where there was not."""
    if page.get_by_label("Moment shown").count() > 0:
        return True
    again = page.get_by_role("button", name="Up to now")
    if again.count() > 0:
        again.click()
    return False
