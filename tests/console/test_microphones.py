"""Microphones in the console: registered, changed and taken out of service; everybody sees a square, and who may ask where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

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
    _is_not_written_over(city, technician, name)

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


def _is_not_written_over(city: City, page: Page, name: str) -> None:
    """What somebody else changes while the form is open is told, though the page below it has read it meanwhile."""
    page.clock.install()
    page.reload()
    page.get_by_role("button", name="Change…").click()
    dialog = page.get_by_role("dialog", name=f"Change {name}")
    expect(dialog.get_by_label("Clock right to")).to_have_value("0.25")
    microphone = page.url.rsplit("/", 1)[-1]
    other = city.night.people["technician"].http
    changed = city.do(other.patch(f"/api/v1/microphones/{microphone}", json={"clock_bound_ms": 40}))
    assert changed.status_code == 200, changed.text
    dialog.get_by_label("Noise at night").fill("51")
    page.clock.fast_forward("00:16")
    expect(page.get_by_text("± 40 ms")).to_be_attached()
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog.get_by_role("alert")).to_contain_text("changed since you read it")
    expect(dialog.get_by_label("Noise at night")).to_have_value("51")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Change…").click()
    expect(dialog.get_by_label("Clock right to")).to_have_value("40")
    dialog.get_by_label("Noise at night").fill("51")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_be_hidden()
    assert city.get("technician", f"/microphones/{microphone}")["noise_db"] == 51


def _are_all_on_the_map(city: City, page: Page) -> None:
    """However few rows of the list are shown, which is read once."""
    body = {
        "name": f"Microphone {city.number()}",
        "lat": 38.64,
        "lon": -90.21,
        "error_m": 3,
        "clock_bound_ms": 1,
    }
    made = city.post("technician", "/microphones", body)
    north = [made | {"id": f"{made['id'][:-3]}{n:03d}", "name": f"North {n}"} for n in range(120)]
    asked: list[str] = []

    def hundred_and_twenty(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"items": north, "next": None})

    every = re.compile(r"/api/v1/microphones\?")
    page.route(every, hundred_and_twenty)
    page.reload()
    expect(page.get_by_role("group", name="The squares of 120 microphones", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(1 + 100)
    assert len(asked) == 1, asked
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("row")).to_have_count(1 + 120)
    expect(page.get_by_text("All 120 microphones shown.")).to_be_focused()
    page.unroute(every)
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
