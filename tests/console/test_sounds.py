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

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MIDDLE = (38.6270, -90.1990)
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

    def hears(self, rounds: int, place: Place, seed: int = 4) -> None:
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
                 "clock_bound_ms": 1, "snr_db": 20, "peak_db": 95}
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
        array.hears(3, (60.0, -40.0))
        card = _card(analyst, "3 rounds")
        expect(card).to_contain_text("Heard by")
        _review(analyst, card)
        incident = _reaches_the_crew(city, room)
        _what_came_of_it_is_said_and_counted(room, incident)
        array.hears(1, (-180.0, 150.0), seed=8)
        _is_dismissed_as_what_it_was(analyst, _card(analyst, "1 round"))
    finally:
        array.close()


def _card(page: Page, words: str) -> Locator:
    card = page.get_by_role("button", name=re.compile(f"Impulsive sound of unknown kind: {words}"))
    expect(card).to_be_visible()
    return card


def _review(page: Page, card: Locator) -> None:
    card.click()
    expect(page.get_by_text("A sound names a place, not a person.").first).to_be_visible()
    page.get_by_role("button", name="Review", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("Review: Impulsive sound"))
    expect(dialog.get_by_role("group", name="Where it came from")).to_be_visible()
    expect(dialog.get_by_text(re.compile("In 95 of 100 cases it is within")).first).to_be_visible()
    confirm = dialog.get_by_role("button", name="Confirm gunfire")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    stands(page)
    until(lambda: _may_be_confirmed(dialog), "the verdict is on what is read")
    confirm.click()
    expect(page).to_have_url(re.compile("incident=inc_"))
    expect(page.get_by_role("heading", name=re.compile("Shots fired: 3 rounds"))).to_be_visible()


def _may_be_confirmed(dialog: Locator) -> bool:
    """Revised while it was read, it is read again first."""
    again = dialog.get_by_role("button", name="Read it again")
    if again.count():
        again.click()
    dialog.get_by_label("Callers report it").check()
    return dialog.get_by_role("button", name="Confirm gunfire").get_attribute("aria-disabled") != "true"


def _reaches_the_crew(city: City, room: Room) -> str:
    incident = next(
        one for one in city.get("analyst", "/incidents?state=open")["items"] if one["kind"] == "impulse"
    )
    unit = city.get("analyst", "/units")["items"][0]["id"]
    city.post("analyst", f"/incidents/{incident['id']}/assignments", {"unit": unit})
    officer = room.sits("officer", "/field", size=PHONE)
    expect(officer.get_by_role("heading", name=re.compile("Shots fired: 3 rounds"))).to_be_visible()
    expect(officer.get_by_text("A sound names a place, not a person.")).to_be_visible()
    expect(officer.get_by_text(re.compile("In 95 of 100 cases it is within"))).to_be_visible()
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


def _is_dismissed_as_what_it_was(page: Page, card: Locator) -> None:
    card.click()
    page.get_by_role("button", name="Dismiss", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("Dismiss: Impulsive sound"))
    expect(dialog.get_by_label("The plate was misread")).to_have_count(0)
    dialog.get_by_label("Fireworks").check()
    dialog.get_by_role("button", name="Dismiss alert").click()
    expect(card).to_have_count(0)
