"""The stolen car's story by keys alone, from the sign-in to the outcome: no hand ever on a pointer, and one sees where one is."""

from __future__ import annotations

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_every_page import goes
from tests.console.test_floor import free
from tests.console.test_stolen_car import alert, unit_is_near
from tests.fixtures.browser import City, Room, until
from watchfloor_sim.people import PASSWORD
from watchfloor_sim.plates import STATE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
FARTHEST: Final = 60
"""How many steps of the Tab key anything asked for here may be away."""
DIALOGS: Final = {
    "administrator": (("/people", "Invite a person"), ("/readers", "Register a reader")),
    "supervisor": (
        ("/cases", "Open a case"),
        ("/hot-lists", "Make a list"),
        ("/units", "Add a unit"),
        ("/authorisations", "Require a body…"),
    ),
}
SEEN: Final = """(it) => [it, it.parentElement].map((e) => getComputedStyle(e)).some(
  (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none')"""

DRAWN: Final = "() => new Promise((say) => requestAnimationFrame(() => setTimeout(() => say(location.href))))"
"""Where the page is, once what the last key did is drawn."""


def test_a_stolen_car_by_keys_alone(city: City, room: Room) -> None:
    unit_is_near(city)
    free(city)
    analyst = room.page()
    analyst.goto("/floor")
    _signs_in(analyst, "analyst")
    plate = city.wanted()
    card = alert(city, analyst, plate)
    until(lambda: _chosen_is(analyst, card), "J reaches the card")

    analyst.keyboard.press("a")
    expect(card).to_contain_text("Acknowledged")
    analyst.keyboard.press("c")
    dialog = analyst.get_by_role("dialog", name=re.compile("^Review"))
    expect(dialog.get_by_role("heading", name="1 · What do you read?")).to_be_visible()
    _types(analyst, dialog.get_by_label("Plate in the picture"), plate)
    _types(analyst, dialog.get_by_label("State that issued it"), STATE)
    _types(analyst, dialog.get_by_role("textbox", name="Vehicle"), "grey hatchback")
    _presses(analyst, dialog.get_by_role("button", name="Show the entry"))
    expect(dialog.get_by_text("Plate and state agree with the entry.")).to_be_visible()
    _presses(analyst, dialog.get_by_label("Active: the record stands"), "Space")
    _presses(analyst, dialog.get_by_label("The vehicle in the picture fits the entry"), "Space")
    _presses(analyst, dialog.get_by_role("button", name="Confirm hit"))
    expect(dialog).to_have_count(0)
    expect(analyst).to_have_url(re.compile("incident=inc_"))
    incident = analyst.url.rpartition("=")[2]

    _sends_the_unit(analyst)
    officer = room.page()
    officer.goto("/field")
    _signs_in(officer, "officer")
    for button in ("Accept", "En route", "On scene", "Outcome", "Vehicle recovered", "Record outcome"):
        _presses(officer, officer.get_by_role("button", name=button, exact=True))
    expect(officer.get_by_role("button", name="Outcome recorded: vehicle recovered")).to_be_visible()
    _presses(officer, officer.get_by_role("button", name="Clear", exact=True))
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()
    assert city.get("analyst", f"/incidents/{incident}")["outcome"]["results"] == ["vehicle_recovered"]


def test_the_focus_goes_back_to_what_opened_a_dialog_however_it_is_left(city: City, room: Room) -> None:
    for name, paths in DIALOGS.items():
        page = room.sits(name)
        for path, opens in paths:
            goes(page, path)
            button = page.get_by_role("button", name=opens, exact=True)
            for way in ("Cancel", "Close", "Escape"):
                dialog = _opens(page, button)
                if way == "Escape":
                    page.keyboard.press(way)
                else:
                    dialog.get_by_role("button", name=way, exact=True).press("Enter")
                expect(dialog).to_have_count(0)
                expect(button, f"after {way} of {opens}").to_be_focused()


def test_a_dialog_that_follows_another_gives_the_focus_back_to_where_the_first_came_from(
    city: City, room: Room
) -> None:
    page = room.sits("administrator", "/people")
    button = page.get_by_role("button", name="Invite a person", exact=True)
    dialog = _opens(page, button)
    dialog.get_by_label("Full name").fill("Sam Doyle")
    dialog.get_by_label("Name to sign in with").fill(f"s.doyle{city.number()}")
    dialog.get_by_label("Detective").press("Space")
    dialog.get_by_role("button", name="Make the one-time link").press("Enter")
    page.get_by_role("dialog", name="One-time link for Sam Doyle").get_by_role(
        "button", name="I have it"
    ).press("Enter")
    expect(button).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search or command")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def _opens(page: Page, button: Locator) -> Locator:
    button.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def _signs_in(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=re.compile("^Sign in"))).to_be_visible()
    _types(page, page.get_by_label("Name"), name)
    _types(page, page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _chosen_is(page: Page, card: Locator) -> bool:
    """One step down the queue; other tests' cards may stand before ours."""
    page.keyboard.press("j")
    return str(card.get_attribute("id")).removeprefix("card-") in page.evaluate(DRAWN)


def _sends_the_unit(page: Page) -> None:
    until(lambda: _sends(page), "S opens the sending")
    asks = page.get_by_role("dialog", name=re.compile("^Send a unit"))
    _presses(page, asks.get_by_role("button", name="Send 3142", exact=True))
    expect(asks).to_have_count(0)


def _sends(page: Page) -> bool:
    """The incident has to have come before a unit can be sent to it."""
    page.keyboard.press("s")
    page.evaluate(DRAWN)
    return page.get_by_role("dialog", name=re.compile("^Send a unit")).count() == 1


def _types(page: Page, field: Locator, text: str) -> None:
    _goes_to(page, field)
    page.keyboard.type(text)


def _presses(page: Page, control: Locator, key: str = "Enter") -> None:
    expect(control).to_be_enabled()
    _goes_to(page, control)
    page.keyboard.press(key)


def _goes_to(page: Page, control: Locator) -> None:
    """By the Tab key, until the control has the focus, and shows it."""
    expect(control).to_be_visible()
    for _ in range(FARTHEST):
        if control.evaluate("(it) => it === document.activeElement || it.contains(document.activeElement)"):
            assert page.locator(":focus").evaluate(SEEN), f"nobody sees that the focus is at {control}"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{control} is farther than {FARTHEST} steps of the Tab key")


def test_the_tip_of_the_theme_says_what_holds_after_each_press(room: Room) -> None:
    page = room.sits("auditor", "/audit")
    button, tip = page.get_by_role("button", name=re.compile("^Theme:")), page.locator(".tip")
    button.focus()
    for now, then in (
        ("as the system", "dark"),
        ("dark", "light"),
        ("light", "night"),
        ("night", "as the system"),
    ):
        expect(tip).to_have_text(re.compile(f"^Theme: {now}.* Press for {then}"))
        page.keyboard.press("Enter")
    expect(tip).to_have_text(re.compile("^Theme: as the system"))
