"""A stolen car passes a reader: the queue, the blind review, the incident, the unit, the officer's phone, the outcome."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.looking import LISTENS
from tests.console.test_every_page import stands
from tests.fixtures.browser import CLOCK, DESK, PHONE, City, Room, until
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.sure import sure
from watchfloor_sim.plates import STATE, invented_plate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_stolen_car_from_the_read_to_the_outcome(city: City, room: Room) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    analyst = room.sits("analyst", "/floor")
    unit_is_near(city)
    plate = city.wanted()
    card = alert(city, analyst, plate)
    expect(card).to_contain_text("Waiting")

    _review_by_keyboard(analyst, card, plate)
    analyst.get_by_label("Active: the record stands").check()
    analyst.get_by_label("Its reference (may stay empty)").fill("LR-7731")
    analyst.get_by_label("The vehicle in the picture fits the entry").check()
    analyst.get_by_role("button", name="Confirm hit").click()
    expect(analyst).to_have_url(re.compile("/floor.incident=inc_"))
    incident = analyst.url.rpartition("=")[2]
    analyst.goto(f"/incidents/{incident}")
    expect(analyst.get_by_text(plate.replace("-", "")).first).to_be_visible()

    analyst.get_by_label("Warning they must acknowledge (may stay empty)").fill("Driver may be armed.")
    analyst.get_by_label("Message (may stay empty)").fill("Grey hatchback, north on Broadway.")
    analyst.get_by_role("button", name="Send 3142").click()
    expect(analyst.get_by_text("Warning not acknowledged yet:")).to_be_visible()

    _answer_from_the_phone(officer)
    expect(analyst.get_by_text("Warning heard")).to_be_visible()
    expect(analyst.get_by_text("On scene").first).to_be_visible()
    _is_followed(city, officer, analyst)
    _write_to_each_other(officer, analyst, room.sits("supervisor", "/incidents"))
    _outcome_in_three_taps(officer)
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()

    expect(analyst.get_by_text("Vehicle recovered").first).to_be_visible()
    told = city.get("analyst", f"/incidents/{incident}")
    assert told["outcome"]["results"] == ["vehicle_recovered"]
    assert told["assignments"][0]["warning"]["heard_at"] is not None


def test_an_alert_that_nobody_claims_goes_up_is_announced_to_the_supervisor_and_reviewed_by_them(
    city: City, room: Room
) -> None:
    analyst, supervisor = room.sits("analyst", "/floor"), room.sits("supervisor", "/floor")
    plate = wanted_for_violence(city)
    card = alert(city, supervisor, plate)
    expect(card.get_by_role("img", name="critical")).to_be_visible()
    expect(card).to_contain_text("Waiting")
    expect(said(supervisor)).to_contain_text("New alert: Violent crime")
    counts = supervisor.get_by_role("link", name=re.compile("^Queue: "))
    had = gone_up(counts)

    expect(card).to_contain_text(
        "Unclaimed in time: with the supervisors", timeout=60_000
    )  # nobody touches it for thirty seconds
    expect(said(supervisor)).to_contain_text(
        "Nobody claimed it in its time, so the center handed it to you and every other supervisor: Violent crime"
    )
    until(lambda: gone_up(counts) > had, "it is counted among those that have gone up")
    expect(analyst.locator(f"#{card.get_attribute('id')}")).to_contain_text("with the supervisors")
    # On a phone the top bar says it in one line.
    supervisor.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    expect(counts.get_by_text("unclaimed")).to_be_visible()
    assert supervisor.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert sure(counts.bounding_box())["height"] <= 32
    supervisor.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    expect(said(analyst)).not_to_contain_text("handed it to you")

    card.click()
    supervisor.keyboard.press("c")
    types(supervisor, plate)
    expect(supervisor.get_by_text("Plate and state agree with the entry.")).to_be_visible()
    expect(card).not_to_contain_text("with the supervisors")
    supervisor.get_by_role("heading", name="2 · Does it agree?").click()
    supervisor.keyboard.press("d")
    dialog = supervisor.get_by_role("dialog", name="Dismiss")
    dialog.get_by_label("The live record is cancelled").check()
    dialog.get_by_role("button", name="Dismiss alert").click()
    expect(card).to_have_count(0)


def gone_up(counts: Locator) -> int:
    """How many alerts the top bar says have gone up; those of other tests are among them."""
    found = re.search(r"(\d+) unclaimed, handed to you", counts.inner_text())
    return int(found[1]) if found else 0


def test_an_arrest_is_recorded_on_the_phone_with_its_charges(city: City, room: Room) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    incident = sent_to_a_call(city)
    officer.get_by_role("button", name="Accept").tap()
    officer.get_by_role("button", name="En route").tap()
    officer.get_by_role("button", name="On scene").tap()
    officer.get_by_role("button", name="Outcome").tap()
    officer.get_by_role("button", name="Arrest").tap()
    record = officer.get_by_role("button", name="Record outcome")
    expect(record).to_be_disabled()
    expect(record).to_have_accessible_description("An arrest has at least one charge.")
    record.tap(force=True)  # a finger hovers over nothing: its press brings the reason
    expect(officer.locator(".tip")).to_have_text("An arrest has at least one charge.")
    officer.get_by_label("Persons arrested").fill("2")
    officer.get_by_label("Charges, one a line").fill("Assault, second degree\n\n Armed criminal action ")
    record.tap()
    expect(officer.get_by_role("button", name="Outcome recorded")).to_be_visible()
    officer.get_by_role("button", name="Clear").tap()
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()

    kept = city.get("analyst", f"/incidents/{incident}")["outcome"]
    assert (kept["results"], kept["arrests"]) == (["arrest"], 2)
    assert kept["charges"] == ["Assault, second degree", "Armed criminal action"]
    analyst = room.sits("analyst", f"/incidents/{incident}")
    expect(analyst.get_by_role("main").get_by_text("Armed criminal action").first).to_be_visible()


def test_the_officer_sees_nothing_of_the_queue(city: City, room: Room) -> None:
    officer = room.sits("officer", "/floor", size=PHONE)
    expect(officer.get_by_text("Alerts: Analysts and supervisors use this.")).to_be_visible()
    expect(officer.get_by_role("button", name="Review")).to_have_count(0)


def unit_is_near(city: City) -> None:
    """The officer's car says where it is."""
    city.post(
        "officer",
        f"/units/{city.night.unit}/positions",
        {"at": rfc3339(CLOCK.now() - timedelta(seconds=1)), "lat": 38.6305, "lon": -90.2040, "heading_deg": 120.0,
         "speed_mps": 6.0},
    )  # fmt: skip


def wanted_for_violence(city: City) -> str:
    """A plate on a list of its own, whose alerts are critical: nobody may leave them for more than thirty seconds."""
    made = city.post(
        "supervisor",
        "/hot-lists",
        {"name": f"Armed robbery {city.number()}", "source": "imported", "purpose": "violent_crime"},
    )
    plate = invented_plate(4700 + city.number())
    city.fill(made["id"], [plate])
    return plate


def sent_to_a_call(city: City) -> str:
    """An incident for a call, to which the officer's unit was sent."""
    unit_is_near(city)
    call = city.post(
        "analyst",
        "/calls",
        {"number": f"26-6{city.number():04}", "type": "assault", "purpose": "violent_crime", "priority": 1,
         "place": "Mill St at 5th", "lat": 38.6270, "lon": -90.1990, "text": "Two men with a bat."},
    )  # fmt: skip
    incident = city.post("analyst", "/incidents", {"call": call["id"]})["id"]
    unit: dict[str, object] = {"unit": city.night.unit, "warning": None, "message": None}
    city.post("analyst", f"/incidents/{incident}/assignments", unit)
    return str(incident)


def said(page: Page) -> Locator:
    """What a screen reader is told at once."""
    return page.locator("p[aria-live=assertive]")


def alert(city: City, analyst: Page, plate: str) -> Locator:
    """A wanted car passes; the card that appears by itself in the open queue."""
    expect(analyst.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    card = analyst.locator(f"#card-{city.alert(plate)}")
    expect(card).to_be_visible()
    assert plate not in analyst.content() and plate.replace("-", "") not in analyst.content()
    return card


def _review_by_keyboard(analyst: Page, card: Locator, plate: str) -> None:
    card.click()
    analyst.keyboard.press("a")
    expect(card).to_contain_text("Acknowledged")
    analyst.keyboard.press("c")
    expect(analyst.get_by_role("heading", name="1 · What do you read?")).to_be_visible()
    picture = analyst.get_by_alt_text("What the reader saw")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the reader's picture")
    assert plate.replace("-", "") not in analyst.content(), "the review is blind"
    expect(analyst.get_by_role("button", name="Confirm hit")).to_have_count(0)
    analyst.get_by_role("heading", name="1 · What do you read?").click()
    analyst.keyboard.press("c")  # C opens; it never confirms
    expect(analyst.get_by_role("heading", name="1 · What do you read?")).to_be_visible()
    types(analyst, plate)
    expect(analyst.get_by_text("Plate and state agree with the entry.")).to_be_visible()
    analyst.get_by_role("heading", name="2 · Does it agree?").click()
    analyst.keyboard.press("c")
    expect(analyst.get_by_role("button", name="Confirm hit")).to_be_disabled()
    expect(analyst.get_by_role("button", name="Confirm hit")).to_be_in_viewport()


def types(analyst: Page, plate: str) -> None:
    """What the reviewer reads in the picture."""
    analyst.get_by_label("Plate in the picture").fill(plate)
    analyst.get_by_label("State that issued it").fill(STATE)
    analyst.get_by_role("textbox", name="Vehicle").fill("grey hatchback")
    analyst.get_by_role("button", name="Show the entry").click()


def _answer_from_the_phone(officer: Page) -> None:
    expect(officer.get_by_text("Driver may be armed.")).to_be_visible()
    expect(officer.get_by_text("Grey hatchback, north on Broadway.")).to_be_visible()
    expect(officer.get_by_role("button", name="En route")).to_have_count(0)  # the warning comes first
    officer.get_by_role("button", name="I have read the warning").click()
    officer.get_by_role("button", name="Press once more").click()
    officer.get_by_role("button", name="En route").tap()
    officer.get_by_role("button", name="On scene").tap()
    expect(officer.get_by_role("button", name="Clear")).to_be_enabled()


def _is_followed(city: City, officer: Page, analyst: Page) -> None:
    """The room follows a second car; what a reader reads of it comes to the phone, unconfirmed, with its picture."""
    second = invented_plate(4900 + city.number())
    analyst.get_by_role("heading", name="Follow a vehicle").click()
    analyst.get_by_label("Plate", exact=True).fill("Ω7")
    analyst.get_by_role("button", name="Follow", exact=True).click()
    expect(analyst.get_by_label("Plate", exact=True)).to_have_accessible_description(
        re.compile("a plate|no plate")
    )
    analyst.get_by_label("Plate", exact=True).fill(second)
    analyst.get_by_role("button", name="Follow", exact=True).click()
    expect(analyst.get_by_role("heading", name=f"Following {second.replace('-', '')}")).to_be_visible()
    agree = analyst.get_by_role("button", name="Agree to follow")
    expect(agree).to_have_accessible_description("You began it: a colleague has to agree.")
    city.passes(second)
    # Nobody lets officers search reads here: what they are sent after they see.
    told = officer.get_by_role("listitem").filter(has_text="Sighting, unconfirmed: ")
    expect(told).to_contain_text("Nobody has looked at the picture.")
    until(
        lambda: int(told.get_by_role("img").evaluate("(i) => i.naturalWidth")) > 0,
        "its picture is on the phone",
    )
    expect(analyst.get_by_role("heading", name="Sightings, unconfirmed")).to_be_visible()
    expect(analyst.get_by_text("sent to the crews").first).to_be_visible()
    stands(analyst)
    analyst.get_by_role("button", name="Stop following").click()
    expect(analyst.get_by_text("Followed no more. It was stopped by hand.")).to_be_visible()


def _write_to_each_other(officer: Page, analyst: Page, supervisor: Page) -> None:
    officer.get_by_role("button", name="Message", exact=True).tap()
    officer.keyboard.type("Car is empty.")
    supervisor.evaluate(LISTENS)
    # No browser sounds before somebody pressed.
    supervisor.get_by_role("heading", name="Incidents", exact=True).click()
    officer.get_by_role("button", name="Send", exact=True).tap()
    room = analyst.get_by_role("listitem").filter(has_text="Car is empty.").first
    expect(room).to_be_visible()
    expect(officer.get_by_role("listitem").filter(has_text="Car is empty.")).to_contain_text("seen by")
    # Who has not seen it has it counted, in the top bar, at the rail and at the incident, until it was seen.
    counted = supervisor.get_by_role("link", name=re.compile("^1 new message"))
    expect(counted).to_be_visible()
    # An alert that another test left may go up meanwhile: its tones are not the message's.
    until(
        lambda: supervisor.evaluate("heard.filter((hz) => hz === 523)") == [523], "the message is heard, once"
    )
    expect(supervisor.get_by_role("link", name="Incidents 1 new message")).to_be_visible()
    expect(supervisor.get_by_role("main").get_by_text("1 new message")).to_be_visible()
    counted.click()
    expect(supervisor.get_by_role("listitem").filter(has_text="Car is empty.").first).to_be_visible()
    expect(counted).to_have_count(0)
    analyst.get_by_label("Message to the crews that are there").fill("Tow is on its way.")
    analyst.get_by_role("button", name="Send message").click()
    expect(officer.get_by_text("Tow is on its way.")).to_be_visible()
    expect(analyst.get_by_role("listitem").filter(has_text="Tow is on its way.").first).to_contain_text(
        "seen by"
    )


def _outcome_in_three_taps(officer: Page) -> None:
    officer.get_by_role("button", name="Outcome").tap()
    officer.get_by_role("button", name="Vehicle recovered").tap()
    officer.get_by_role("button", name="Record outcome").tap()
    expect(officer.get_by_role("button", name="Outcome recorded")).to_be_visible()
    officer.get_by_role("button", name="Clear").tap()
