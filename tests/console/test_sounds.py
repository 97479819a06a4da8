"""A sound is fired amid microphones: the card, both ellipses on the map, the review, and what the crew reads of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_every_page import stands
from tests.console.test_floor import free
from tests.fixtures.browser import CLOCK, PHONE, City, Room, until
from watchfloor_sim import story
from watchfloor_sim.acoustic_array import AcousticArray, Place, Street, grid, shots
from watchfloor_sim.http import trust
from watchfloor_sim.microphone import where
from watchfloor_sim.reader import PlateReader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MIDDLE = (38.6270, -90.1990)
CALL = {
    "type": "Shots heard",
    "priority": 1,
    "purpose": "shots_fired",
    "place": "Mill St 12",
    "lat": 38.6268,
    "lon": -90.1985,
}
EARS = grid(9, apart_m=280.0, seed=5)
_LASTS_S = 3.5


class Array:
    """Nine microphones on the wire."""

    def __init__(self, city: City) -> None:
        self.city = city
        city.do(story.authorise(city.night, "acoustic_array", "Microphones on the river front", _silent))
        self.devices = [self._registered(number) for number in range(len(EARS))]

    def _registered(self, number: int) -> httpx.Client:
        lat, lon = where(MIDDLE, EARS[number].place)
        body = {
            "name": f"Ear {self.city.number()}",
            "lat": lat,
            "lon": lon,
            "error_m": 2,
            "clock_bound_ms": 1,
        }
        made = self.city.post("technician", "/microphones", body)
        token = self.city.post("technician", f"/microphones/{made['id']}/token", {})["token"]
        return httpx.Client(
            base_url=self.city.base, headers={"Authorization": f"Bearer {token}"}, verify=trust()
        )

    def hears(self, rounds: int, place: Place, seed: int = 4, peak_db: int = 95) -> None:
        """Rounds are fired there now, and told once all have heard them."""
        began_s = CLOCK.now().timestamp()
        array = AcousticArray(EARS, seed, Street(nlos_share=0.1, echoes=0.3))
        heard = [
            one for one in array.hears([shots(place, 0.4, rounds, every_s=0.4)], _LASTS_S) if one.at_s > 0
        ]
        until(lambda: CLOCK.now().timestamp() > began_s + _LASTS_S, "all have heard it")
        for number, device in enumerate(self.devices):
            pulses = [
                {"id": f"{round(began_s) % 100000}-{one.key}", "at": _moment(began_s + one.at_s),
                 "clock_bound_ms": 1, "snr_db": 20, "peak_db": peak_db}
                for one in heard if one.ear == number
            ]  # fmt: skip
            body: dict[str, Any] = {"sent_at": _moment(CLOCK.now().timestamp()), "pulses": pulses}
            answer = device.post("/api/v1/acoustic-pulses", json=body)
            assert answer.status_code == 200 and answer.json()["kept"] == len(pulses), answer.text

    def close(self) -> None:
        for device in self.devices:
            device.close()


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()


def _silent(_: str, __: object) -> None:
    """Nobody reads along."""


def test_a_sound_from_the_pulses_to_the_crew(city: City, room: Room) -> None:
    analyst, array = room.sits("analyst", "/floor"), Array(city)
    try:
        _a_car_passes_nearby(city)
        city.post("analyst", "/calls", CALL)
        array.hears(3, (60.0, -40.0))
        card = _card(analyst, "3 rounds")
        expect(card).to_contain_text("Heard by")
        _review(analyst, card)
        incident = _reaches_the_crew(city, room)
        _what_came_of_it_is_said_and_counted(room, incident)
        _somebody_reads_the_weather(room)
        array.hears(1, (-180.0, 150.0), seed=8)
        _is_dismissed_as_what_it_was(analyst, _card(analyst, "1 round"))
        array.hears(1, (160.0, 170.0), seed=12, peak_db=52)
        _is_kept_back_and_raised(city, analyst)
    finally:
        array.close()


def _a_car_passes_nearby(city: City) -> None:
    spot = {
        "name": "Mill St at 5th",
        "place": "Mill St at 5th",
        "lat": 38.6268,
        "lon": -90.1986,
        "heading_deg": 90,
    }
    made = city.post("technician", "/readers", spot)
    token = city.post("technician", f"/readers/{made['id']}/token", {})["token"]
    reader = PlateReader(city.base, token)
    city.do(reader.sees("QZ84419", "RC"))
    city.do(reader.aclose())


def _card(page: Page, words: str) -> Locator:
    card = page.get_by_role(
        "button", name=re.compile(f"(Likely gunfire|Impulsive sound of unknown kind): {words}")
    )
    expect(card).to_be_visible()
    return card


def _review(page: Page, card: Locator) -> None:
    card.click()
    expect(page.get_by_text("A sound names a place, not a person.").first).to_be_visible()
    page.get_by_role("button", name="Review", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("Review: Likely gunfire"))
    expect(dialog.get_by_role("group", name="Where it came from")).to_be_visible()
    expect(dialog.get_by_text(re.compile("In 95 of 100 cases it is within")).first).to_be_visible()
    expect(dialog.get_by_role("heading", name=re.compile("Taken for gunfire, [0-9]+"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("never been measured on fireworks")).first).to_be_visible()
    expect(dialog.get_by_text(re.compile("No weather of the last 24 hours is known"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("[1-9][0-9]* reads? within 300 m"))).to_be_visible()
    expect(dialog.get_by_text("Shots heard")).to_be_visible()
    expect(dialog.get_by_text("QZ8")).to_have_count(0)
    confirm = dialog.get_by_role("button", name="Confirm gunfire")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    stands(page)
    until(lambda: _may_be_confirmed(dialog), "the verdict is on what is read")
    confirm.click()
    expect(page).to_have_url(re.compile("incident=inc_"))
    expect(page.get_by_role("heading", name=re.compile("Shots fired: 3 rounds"))).to_be_visible()
    page.get_by_role("link", name="Open as a page").click()
    expect(page.get_by_role("group", name="Where the sound came from")).to_be_visible()
    stands(page)
    page.go_back()


def _may_be_confirmed(dialog: Locator) -> bool:
    """Revised while it was read, it is read again first."""
    again = dialog.get_by_role("button", name="Read it again")
    if again.count():
        again.click()
    dialog.get_by_label("Callers report it").check()
    return dialog.get_by_role("button", name="Confirm gunfire").get_attribute("aria-disabled") != "true"


def _reaches_the_crew(city: City, room: Room) -> str:
    incident = next(
        one for one in city.get("analyst", "/incidents", state="open")["items"] if one["kind"] == "impulse"
    )
    unit = city.get("analyst", "/units")["items"][0]["id"]
    city.post("analyst", f"/incidents/{incident['id']}/assignments", {"unit": unit})
    officer = room.sits("officer", "/field", size=PHONE)
    expect(officer.get_by_role("heading", name=re.compile("Shots fired: 3 rounds"))).to_be_visible()
    expect(officer.get_by_text("A sound names a place, not a person.")).to_be_visible()
    expect(officer.get_by_text(re.compile("In 95 of 100 cases it is within")).first).to_be_visible()
    expect(officer.get_by_role("img", name=re.compile("where it may have been"))).to_be_visible()
    city.post(
        "analyst",
        f"/incidents/{incident['id']}/outcome",
        {"results": ["nothing_found"], "note": "casings sought"},
    )
    free(city)
    return str(incident["id"])


def _what_came_of_it_is_said_and_counted(room: Room, incident: str) -> None:
    """On the incident's page; it stands in the ledger, and in what everybody may read."""
    page = room.sits("detective", f"/incidents/{incident}")
    came_of = page.get_by_role("region", name="What came of the sound")
    came_of.get_by_role("button", name="Say what came of it…").click()
    came_of.get_by_label("Evidence found").check()
    keep = came_of.get_by_role("button", name="Keep it")
    expect(keep).to_have_attribute("aria-disabled", "true")
    came_of.get_by_role("button", name="Casings", exact=True).click()
    stands(page)
    keep.click()
    expect(came_of.get_by_text("counts as confirmed", exact=True)).to_be_visible()
    page.goto("/sounds?which=all")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("Confirmed")
    row = page.get_by_role("row").filter(has_text="confirmed: evidence found").first
    expect(row).to_contain_text("our own")
    stands(page)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name=re.compile("^Sound, "))).to_be_visible()
    stands(page)
    _others_are_brought_in(room.sits("supervisor", "/sounds"))
    page.goto("/figures/sounds")
    expect(page.get_by_role("heading", name="What came of sounds")).to_be_visible()
    stands(page)


def _others_are_brought_in(page: Page) -> None:
    """A file of another vendor is looked at, and taken as it was looked at."""
    page.get_by_role("button", name="Other vendors’ alerts…").click()
    dialog = page.get_by_role("dialog", name="Bring in another vendor’s alerts")
    dialog.get_by_label("Whose alerts").fill("Raven")
    text = "id,at,lat,lon,type\r\n7,2026-11-01T03:14:15Z,38.63,-90.2,Multiple Gunshots\r\n8,soon,38.63,-90.2,\r\n"
    dialog.get_by_label("File").set_input_files(
        {"name": "alerts.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    dialog.get_by_role("button", name="Look at the file").click()
    expect(dialog.get_by_text("Row 2: “soon” is no moment")).to_be_visible()
    stands(page)
    dialog.get_by_role("button", name="Bring in 1", exact=True).click()
    expect(page).to_have_url(re.compile("source=Raven"))
    expect(page.get_by_role("row").filter(has_text="Raven").first).to_be_visible()


def _somebody_reads_the_weather(room: Room) -> None:
    page = room.sits("technician", "/microphones")
    air = page.get_by_role("region", name="The air")
    expect(air.get_by_text(re.compile("No weather of the last 24 hours is known"))).to_be_visible()
    expect(air.get_by_role("button", name="Enter it")).to_have_attribute("aria-disabled", "true")
    air.get_by_label("Temperature, °C").fill("4")
    air.get_by_label("Wind, m/s").fill("3")
    air.get_by_label("From the").select_option("west")
    air.get_by_role("button", name="Enter it").click()
    expect(air.get_by_text(re.compile("4 °C, wind 3 m/s from the west; read"))).to_be_visible()
    stands(page)


def _is_dismissed_as_what_it_was(page: Page, card: Locator) -> None:
    card.click()
    page.get_by_role("button", name="Dismiss", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("Dismiss: (Likely|Impulsive)"))
    expect(dialog.get_by_label("The plate was misread")).to_have_count(0)
    dialog.get_by_label("Fireworks").check()
    dialog.get_by_role("button", name="Dismiss alert").click()
    expect(card).to_have_count(0)


def _is_kept_back_and_raised(city: City, page: Page) -> None:
    """So soft that it is hardly gunfire: it calls nobody, stands below the queue, and a reviewer may raise it."""
    until(lambda: bool(city.get("analyst", "/alerts", state="kept_back")["items"]), "it is kept back")
    page.goto(f"{city.base}/floor")
    told = page.get_by_text(re.compile("1 sound kept back in eight hours"))
    expect(told).to_be_visible()
    stands(page)
    told.click()
    expect(page.get_by_text(re.compile("A sound is raised from 50.% of gunfire on"))).to_be_visible()
    back = page.get_by_role("list", name="Sounds kept back")
    expect(back.get_by_role("listitem")).to_have_count(1)
    back.get_by_role("button", name="Raise").click()
    waiting = page.get_by_role("list", name="Alerts").get_by_role("button", name=re.compile("1 round"))
    expect(waiting).to_be_visible()
    expect(page.get_by_text(re.compile("kept back in eight hours"))).to_have_count(0)
