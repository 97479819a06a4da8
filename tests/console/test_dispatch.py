"""A call is answered from the dispatch board by keys alone, and the board says who is on it and how far they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.test_every_page import stands
from tests.console.test_stolen_car import unit_is_near
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_call_is_answered_by_keys_and_the_board_says_who_is_on_it(city: City, room: Room) -> None:
    unit_is_near(city)
    page = room.sits("analyst", "/dispatch")
    call = robbery(city)
    asks = page.locator(f"#ask-{call}")
    expect(asks).to_contain_text("Nobody was sent.")  # it came by itself
    page.get_by_role("heading", name="Dispatch").click()
    for _ in range(50):
        if f"on={call}" in page.url:
            break
        page.keyboard.press("j")
    expect(asks).to_contain_text("A man with a bat.")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Send a unit")
    expect(dialog.get_by_role("button", name="Send 3142")).to_be_visible()
    page.keyboard.press("1")
    expect(dialog.get_by_role("button", name="Send 3142")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)

    found = re.search(r"on=(inc_\w+)", page.url)
    assert found is not None, page.url
    incident = page.locator(f"#ask-{found[1]}")
    expect(incident).to_contain_text("3142 sent")
    expect(asks).to_have_count(0)
    unit = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="3142"))
    expect(unit).to_contain_text("assigned")
    expect(unit).to_contain_text("Robbery")
    stands(page)

    sent = goes_there(city)
    expect(incident).to_contain_text("3142 on scene")
    city.post("officer", f"/incidents/{found[1]}/outcome", {"results": ["person_helped"], "arrests": 0})
    expect(incident).to_have_count(0)
    expect(asks).to_have_count(0)  # it was answered, though nobody has closed the call
    city.post("officer", f"/assignments/{sent}/clear", {})
    expect(unit).to_contain_text("free")


def robbery(city: City) -> str:
    """A call that is as urgent as they come."""
    call = city.post(
        "analyst",
        "/calls",
        {"type": "Robbery", "purpose": "violent_crime", "priority": 1, "place": f"Mill St {city.number()}",
         "lat": 38.6270, "lon": -90.1990, "text": "A man with a bat."},
    )  # fmt: skip
    return str(call["id"])


def goes_there(city: City) -> str:
    """The officer accepts and arrives; the assignment."""
    (sent,) = city.get("officer", "/assignments/mine")["items"]
    for step in ("accept", "en-route", "on-scene"):
        city.post("officer", f"/assignments/{sent['id']}/{step}", {})
    return str(sent["id"])


def test_who_does_not_dispatch_finds_the_board_with_its_reason(city: City, room: Room) -> None:
    auditor = room.sits("auditor", "/dispatch")
    expect(auditor.get_by_role("main").get_by_text("Your role does not.")).to_be_visible()
    board = auditor.get_by_role("navigation", name="Views").get_by_role("button", name="Dispatch")
    expect(board).to_have_accessible_description(re.compile("Your role does not."))
