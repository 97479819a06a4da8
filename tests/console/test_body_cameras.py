"""Body cameras in the console: issued to a unit, handed over, taken back, and their history, by who may do each."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_body_camera_is_issued_and_taken_back_and_its_history_stays(city: City, room: Room) -> None:
    name = f"Body {city.number()}"
    body = {
        "name": name,
        "kind": "body",
        "place": "Precinct 2",
        "lat": 38.61,
        "lon": -90.19,
        "heading_deg": None,
    }
    camera = city.post("technician", "/cameras", {**body, "url": "rtsp://127.0.0.1:9/none"})
    sign = city.post("supervisor", "/units", {"call_sign": f"B{city.number()}"})["call_sign"]
    page = room.sits("technician", "/cameras")
    page.get_by_role("link", name="Body cameras").click()
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text("with nobody")
    expect(row.get_by_role("button", name=f"Take {name} back")).to_have_accessible_description(
        "It is with nobody."
    )
    row.get_by_role("button", name=f"Issue {name}").click()
    dialog = page.get_by_role("dialog", name=f"Issue {name}")
    give = dialog.get_by_role("button", name="Issue it")
    expect(give).to_have_accessible_description("Choose the unit.")
    dialog.get_by_label("Unit").select_option(label=sign)
    expect(dialog).to_contain_text("Nobody is on this unit now.")
    stands(page)
    give.click()
    expect(row).to_contain_text(sign)
    row.get_by_role("button", name=f"Take {name} back").click()
    expect(row).to_contain_text("with nobody")
    row.get_by_role("button", name=f"History of {name}").click()
    history = page.get_by_role("dialog", name=f"History of {name}")
    expect(history).to_contain_text(f"Unit {sign}")
    expect(history).to_contain_text("Given back")
    page.reload()
    expect(history).to_contain_text(f"Unit {sign}")  # its address can be sent to a colleague
    analyst = room.sits("analyst", "/body-cameras")
    expect(analyst.get_by_role("button", name=f"Issue {name}")).to_have_attribute("aria-disabled", "true")
    http = city.night.people["technician"].http
    assert city.do(http.delete(f"{API}/cameras/{camera['id']}")).status_code == 204
