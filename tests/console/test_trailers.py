"""A trailer in the console: registered, loaded, placed, looked at, lit and taken away, by who may do each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_trailer_is_registered_placed_and_taken_away(city: City, room: Room) -> None:
    name = f"Trailer {city.number()}"
    camera = city.post(
        "technician",
        "/cameras",
        {
            "name": f"{name} mast", "kind": "trailer", "place": "Depot yard", "lat": 38.6142, "lon": -90.1939,
            "heading_deg": 128, "field_deg": 80, "range_m": 140, "url": "rtsp://127.0.0.1:9/none",
        },
    )  # fmt: skip
    technician = room.sits("technician", "/trailers")
    stands(technician)
    technician.get_by_role("button", name="Register a trailer").click()
    dialog = technician.get_by_role("dialog", name="Register a trailer")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Register").click()
    expect(technician.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(technician.get_by_text("Nobody has said yet where it stands.").first).to_be_visible()
    _loads(technician, name, camera["name"])
    _places(technician, name)
    stands(technician)

    analyst = room.sits("analyst", "/trailers")
    row = analyst.get_by_role("row", name=name)
    expect(row).to_contain_text("Mill St at 5th St")
    expect(row).to_contain_text("1 camera")
    analyst.get_by_role("link", name=name).click()
    placed = analyst.get_by_role("region", name="Where it stood")
    expect(placed).to_contain_text("Break-ins at the market. It stands there.")
    # Who may not place it is told why.
    expect(analyst.get_by_role("button", name="Place it…")).to_have_attribute("aria-disabled", "true")
    stands(analyst)
    _takes_away(technician, name)
    trailer = city.get("technician", f"/cameras/{camera['id']}")["carried_by"]
    http = city.night.people["technician"].http
    assert city.do(http.delete(f"{API}/trailers/{trailer}")).status_code == 204
    assert city.do(http.delete(f"{API}/cameras/{camera['id']}")).status_code == 204


def _loads(page: Page, name: str, camera: str) -> None:
    page.get_by_role("button", name="What is on it…").click()
    dialog = page.get_by_role("dialog", name=f"What is on {name}")
    dialog.get_by_label(camera, exact=True).check()
    dialog.get_by_label(f"Offset of {camera}").fill("15")
    stands(page)
    dialog.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("region", name="On it")).to_contain_text(camera)


def _places(page: Page, name: str) -> None:
    page.get_by_role("button", name="Place it…").click()
    dialog = page.get_by_role("dialog", name=f"Place {name}")
    dialog.get_by_label("Where it stands, in words").fill("Mill St at 5th St")
    dialog.get_by_label("Latitude").fill("38.62695")
    dialog.get_by_label("Longitude").fill("-90.1991")
    dialog.get_by_label("Which way it looks").fill("400")
    dialog.get_by_label("Why it stands there").fill("Break-ins at the market")
    dialog.get_by_role("button", name="Place it").click()
    # What cannot be is said beside what caused it, and nothing is lost.
    expect(dialog).to_contain_text("A heading is 0 to under 360 degrees")
    dialog.get_by_label("Which way it looks").fill("75")
    dialog.get_by_role("button", name="Place it").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Mill St at 5th St").first).to_be_visible()


def _takes_away(page: Page, name: str) -> None:
    page.get_by_role("button", name="Take it away…").click()
    dialog = page.get_by_role("dialog", name=f"Take {name} away")
    dialog.get_by_label("Why, or where to").fill("To the depot")
    dialog.get_by_role("button", name="Take it away").click()
    expect(page.get_by_role("heading", name="under way")).to_be_visible()
    expect(page.get_by_role("region", name="Where it stood")).to_contain_text("taken away by")
