"""Microphones in the console: registered, changed and taken out of service; everybody sees a square, and who may ask where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_microphone_is_registered_and_its_place_is_told_to_few(city: City, room: Room) -> None:
    name = f"Microphone {city.number()}"
    technician = room.sits("technician", "/microphones")
    _registers(technician, name)
    stands(technician)
    where = technician.get_by_role("region", name="Where it is")
    expect(where).not_to_contain_text("38.6271")
    where.get_by_role("button", name="Show exactly where").click()
    expect(where).to_contain_text("38.627103, -90.199404")
    expect(where).to_contain_text("Roof of the mill")
    technician.get_by_role("button", name="Change…").click()
    dialog = technician.get_by_role("dialog", name=f"Change {name}")
    expect(dialog.get_by_label("Latitude")).to_have_value("38.627103")
    dialog.get_by_label("Clock right to").fill("0")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog.get_by_label("Clock right to")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Clock right to").fill("0.25")
    dialog.get_by_role("button", name="Keep").click()
    expect(technician.get_by_text("± 0.25 ms")).to_be_visible()

    analyst = room.sits("analyst", "/microphones")
    expect(analyst.get_by_role("row", name=name)).to_contain_text(re.compile("not (authorised|heard yet)"))
    _are_all_on_the_map(city, analyst)
    analyst.get_by_role("link", name=name).click()
    asks = analyst.get_by_role("button", name="Show exactly where")
    expect(asks).to_have_attribute("aria-disabled", "true")

    technician.get_by_role("button", name="Take out of service…").click()
    technician.get_by_role("button", name="Take it out of service").click()
    expect(technician.get_by_text("retired", exact=True)).to_be_visible()
    expect(technician.get_by_role("button", name="New token")).to_have_attribute("aria-disabled", "true")


def _are_all_on_the_map(city: City, page: Page) -> None:
    """However few rows of the list are shown; then the list is whole again."""
    body = {
        "name": f"Microphone {city.number()}",
        "lat": 38.64,
        "lon": -90.21,
        "error_m": 3,
        "clock_bound_ms": 1,
    }
    city.post("technician", "/microphones", body)
    listed = city.get("analyst", "/microphones")["items"]
    in_service = [one for one in listed if not one["retired"]]
    a_page = re.compile(r"/microphones\?(?:.*&)?limit=100\b")
    page.route(a_page, lambda route: route.fulfill(json={"items": listed[:1], "next": None}))
    page.reload()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(
        page.get_by_role("group", name=f"The squares of {len(in_service)} microphones", exact=True)
    ).to_be_visible()
    page.unroute(a_page)
    page.reload()


def _registers(page: Page, name: str) -> None:
    page.get_by_role("button", name="Register a microphone").click()
    dialog = page.get_by_role("dialog", name="Register a microphone")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Latitude").fill("38,627103")
    dialog.get_by_label("Longitude").fill("-90.199404")
    dialog.get_by_label("How it is reached").fill("Roof of the mill")
    stands(page)
    dialog.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
