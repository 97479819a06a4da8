"""Several people at the floor: each sees what the others have open or have claimed, and that it is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers
from tests.console.test_floor import CAMERA, NO_WEBGL, an_incident, id_of
from tests.console.test_stolen_car import alert
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_two_at_the_floor_see_each_others_hands(city: City, room: Room) -> None:
    analyst, supervisor = _without_a_map(room, "analyst"), _without_a_map(room, "supervisor")
    card = alert(city, analyst, city.wanted())
    theirs = supervisor.locator(f"#card-{id_of(card)}")
    name = city.get("analyst", "/session")["full_name"]
    expect(theirs).not_to_contain_text(name)
    card.click()
    expect(theirs).to_contain_text(f"{name} has it open")
    expect(card).not_to_contain_text("has it open")  # one's own hand is no news
    analyst.keyboard.press("a")
    expect(theirs).to_contain_text(f"{name} has taken it")

    incident = an_incident(city)
    analyst.goto(f"/floor?incident={incident}")
    expect(analyst.get_by_role("figure", name=f"Live picture of {CAMERA}")).to_be_visible()
    supervisor.goto(f"/floor?incident={incident}")
    details = supervisor.get_by_role("region", name="Details")
    expect(details.get_by_text(f"{name} has it open")).to_be_visible()
    tile = supervisor.get_by_role("region", name="Video").locator(".tile", has_text=CAMERA)
    expect(tile).to_contain_text(f"{name} watches it")
    expect(theirs).to_contain_text(f"{name} has taken it")
    assert barriers(supervisor) == []

    analyst.close()
    expect(details.get_by_text(f"{name} has it open")).to_have_count(0)
    expect(tile).not_to_contain_text("watches it")
    expect(theirs).to_contain_text(f"{name} has taken it")  # a claim is in the record; a hand is not


def _without_a_map(room: Room, name: str) -> Page:
    """At the floor of a computer that draws no map: two of them drawn in software would only cost time."""
    page = room.sits(name, "/hot-lists")
    page.add_init_script(NO_WEBGL)
    page.goto("/floor")
    return page
