"""A trailer in the console: registered, loaded, placed, looked at, lit and taken away, by who may do each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import CLOCK, City, Room, until
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.forms import inside
from watchfloor_sim import story
from watchfloor_sim.people import API
from watchfloor_sim.trailer import TrailerDevice, switch_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


class Device(TrailerDevice):
    """A trailer where it is placed, and where its switch listens."""

    switch: str = ""


@pytest.fixture
def device(city: City) -> Iterator[Device]:
    made = Device(38.62695, -90.1991, battery_pct=18.0)
    listening = switch_of(made)
    made.switch = city.do(listening.__aenter__())
    yield made
    city.do(listening.__aexit__(None, None, None))


def test_a_trailer_is_registered_placed_lit_and_taken_away(city: City, room: Room, device: Device) -> None:
    name = f"Trailer {city.number()}"
    camera = _mast(city, name)
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
    trailer = city.get("technician", f"/cameras/{camera['id']}")["carried_by"]
    _says_how_it_is(city, analyst, trailer, device)
    _is_lit(technician, analyst, name, device)
    _is_counted(city, analyst, trailer)
    stands(analyst)
    _takes_away(technician, name)
    http = city.night.people["technician"].http
    assert city.do(http.delete(f"{API}/trailers/{trailer}")).status_code == 204
    assert city.do(http.delete(f"{API}/cameras/{camera['id']}")).status_code == 204


def _mast(city: City, name: str) -> dict[str, Any]:
    """The camera on it, which stands in the yard."""
    return city.post(
        "technician",
        "/cameras",
        {
            "name": f"{name} mast", "kind": "trailer", "place": "Depot yard", "lat": 38.6142, "lon": -90.1939,
            "heading_deg": 128, "field_deg": 80, "range_m": 140, "url": "rtsp://127.0.0.1:9/none",
        },
    )  # fmt: skip


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


def _tells(city: City, token: str, device: Device) -> None:
    """How it is; where it is, its receiver does not find."""
    said = device.report(CLOCK.now().timestamp())
    report = {"reports": [{what: said[what] for what in said if what not in ("lat", "lon", "accuracy_m")}]}
    bears = {"Authorization": f"Bearer {token}"}
    told = httpx.post(f"{city.base}{API}/trailer-reports", json=report, headers=bears)
    assert told.is_success, told.text


def _says_how_it_is(city: City, page: Page, trailer: str, device: Device) -> None:
    """What it warns of itself; and that it records nothing where no authorisation of trailers reaches."""
    token = city.post("technician", f"/trailers/{trailer}/token")["token"]
    _tells(city, token, device)
    elsewhere = [(38.70, -90.30), (38.70, -90.29), (38.71, -90.29)]
    title = f"Trailers at the airfield {city.number()}"
    leave = city.do(story.authorise(city.night, "mobile_trailer", title, lambda *_: None, area=elsewhere))
    until(
        lambda: page.reload() and page.get_by_role("heading", name="outside its area").count(),
        "it is outside",
    )
    shown = page.get_by_role("complementary")
    expect(shown).to_contain_text(f"It records and reads nothing. “{title}” does not cover this place")
    expect(shown).to_contain_text("Its battery is at 18 %, and the sun gives")
    expect(page.get_by_role("term").filter(has_text="Authorised")).to_be_visible()
    expect(shown).to_contain_text("no: nothing is recorded or read")
    expect(shown).to_contain_text("-78 dBm, River Mobile")
    city.post("supervisor", f"/authorisations/{leave}/suspend", {"reason": "A test is over."})
    device.battery_pct = 82.0
    _tells(city, token, device)


def _is_lit(technician: Page, page: Page, name: str, device: Device) -> None:
    """Once somebody said how: by an analyst, with a reason; and what the trailer answers stands there, also that it failed."""
    lights = page.get_by_role("region", name="Lights")
    expect(lights).to_contain_text("They are off.")
    on = lights.get_by_role("button", name="On", exact=True)
    expect(on).to_have_accessible_description("Nobody said how its lights are switched.")
    technician.get_by_role("button", name="How they are switched…").click()
    dialog = technician.get_by_role("dialog", name=f"How the lights of {name} are switched")
    dialog.get_by_label("Address of the switch").fill("ftp://lights")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog.get_by_role("alert").or_(dialog.get_by_text("http")).first).to_be_visible()
    dialog.get_by_label("Address of the switch").fill(device.switch)
    dialog.get_by_role("button", name="Keep").click()
    device.secret = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="I have it").click()

    page.reload()
    for word, says in (("On", "the lights are on"), ("Strobe", "No power at the mast")):
        lights.get_by_role("button", name=word, exact=True).click()
        asks = page.get_by_role("dialog", name=f"Lights of {name}: {word.lower()}")
        asks.get_by_label("Why").fill("People at the fence")
        asks.get_by_role("button", name=f"Switch them {word.lower()}").click()
        expect(lights).to_contain_text(f"asked for {word.lower()}")
        expect(lights).to_contain_text(says)
        expect(lights).to_contain_text("They are on.")
        device.broken = "No power at the mast"
    assert device.asked == ["on"]


def _is_counted(city: City, page: Page, trailer: str) -> None:
    """What was counted around it, before and meanwhile, once an hour's round is due; and that it proves nothing."""
    placed = page.get_by_role("region", name="Where it stood")
    expect(placed).to_contain_text("Not counted yet: it is counted each hour.")
    placements = f"/trailers/{trailer}/placements"
    (one,) = city.get("analyst", placements)["items"]
    with psycopg.connect(Endpoints.read(city.data).dsn("wf_owner"), autocommit=True) as owner:
        owner.execute(
            "insert into job (id, kind, agency_id, payload, run_at, attempts, progress)"
            " select %(id)s, 'trailers.count', agency_id, %(payload)s, now(), 0, 0 from trailer_placement where id = %(id)s",
            {"id": (at := inside("placement", one["id"])), "payload": json.dumps({"placement": str(at)})},
        )
    until(lambda: city.get("analyst", placements)["items"][0]["figures"], "it is counted")
    page.reload()
    table = placed.get_by_role("table", name="Counted around Mill St at 5th St")
    expect(table.get_by_role("row").first).to_contain_text("before")
    expect(table.get_by_role("rowheader", name="Alerts", exact=True)).to_be_visible()
    expect(placed).to_contain_text("no proof that the trailer changed anything")
