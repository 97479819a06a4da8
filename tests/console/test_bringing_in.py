"""A city's list of cameras is handed in, looked at, confirmed, and seen to be kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_list_is_looked_at_before_it_is_kept(city: City, room: Room) -> None:
    page = room.sits("administrator", "/cameras")
    page.get_by_role("button", name="Bring in a list").click()
    expect(page.get_by_text("No list was handed in lately.")).to_be_visible()
    number = city.number()
    rows = [
        "name,id,location,latitude,longitude,rtsp url,active",
        f"River {number},{number}a,River landing,38.63,-90.19,rtsp://127.0.0.1:9/{number}a,no",
        f"=Levee {number},{number}b,Levee,38.631,-90.19,rtsp://127.0.0.1:9/{number}b,no",
        f"Nowhere {number},{number}c,Nowhere,-90.19,38.63,rtsp://127.0.0.1:9/{number}c,no",
    ]
    list_of: FilePayload = {
        "name": f"city-{number}.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(rows).encode(),
    }
    page.get_by_label("File").set_input_files(list_of)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_text("Nothing has changed yet.")).to_be_visible()
    stands(page)

    page.get_by_role("button", name="1 refused", exact=True).click()
    expect(page.get_by_text("Latitude and longitude seem to be swapped.")).to_be_visible()
    expect(page.get_by_text(f"River {number}")).to_have_count(0)
    page.get_by_role("button", name="1 refused", exact=True).click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy all rows as CSV").click()
    expect(page.get_by_text("3 rows copied")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert f'"\'=Levee {number}"' in copied and "swapped" in copied

    page.get_by_role("button", name="Bring in 2 cameras").click()
    expect(page.get_by_text("2 cameras kept, confirmed by")).to_be_visible()
    page.get_by_role("link", name=f"River {number}").click()
    expect(page.get_by_role("heading", name=f"River {number}")).to_be_visible()
    _leaves(city, page)


def _leaves(city: City, page: Page) -> None:
    """The block is everybody's: what came in goes again."""
    people = city.night.people["administrator"]
    found = city.do(people.get("/cameras"))["items"]
    for camera in found:
        if str(camera["external_id"]).endswith(("a", "b")):
            city.do(people.http.delete(f"{API}/cameras/{camera['id']}"))
    page.goto("/cameras")
    expect(page.get_by_text("River landing")).to_have_count(0)
