"""Who travelled with a vehicle: asked by one for a court's order, approved by another, told against chance; no plate to oversight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import faults
from tests.console.test_plates import known
from tests.fixtures.browser import CLOCK, City, Room, until
from watchfloor_sim.plates import STATE
from watchfloor_sim.reader import Sighting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DAYS: Final = range(1, 13, 2)


def test_who_travelled_along_is_asked_by_one_approved_by_another_and_told_against_chance(
    city: City, room: Room
) -> None:
    number = city.number()
    first, second, order = f"ZZQ{number:03}A", f"ZZQ{number:03}B", f"Warrant 26-{number:03}, 12 Nov 2026"
    city.drove([*_drives(first, second)])
    until(lambda: known(city, first, hours=24 * 13, reads=len(DAYS)), "the reads are kept")

    detective = room.sits("detective", "/co-travel")
    _asks(detective, first, order)
    stands = detective.get_by_role("region", name="How it stands")
    expect(stands).to_contain_text("Waits for a second person")
    expect(detective.get_by_role("button", name="Approve…")).to_be_disabled()
    found = detective.get_by_role("region", name="What was found")
    expect(found).to_contain_text("a second person decides first")
    assert re.search(r"/co-travel/cot_\w+$", detective.url) and first not in detective.url

    _approves(room.sits("supervisor", detective.url), first)
    expect(stands).to_contain_text("Ready")
    one = found.get_by_role("listitem", name=second)
    expect(one).to_contain_text(
        "Habit and the road they share explain next to none; it was near 6 times, on 6 drives."
    )
    expect(one).to_contain_text("The chance of so many meetings without company: less than 1 in a billion.")
    expect(one).to_contain_text("3 vehicles were near at all, and each is a try")
    expect(found.get_by_role("listitem", name=re.compile("^ZZQ"))).to_have_count(1)
    assert (wrong := faults(detective)) == [], "\n".join(wrong)

    auditor = room.sits("auditor", "/co-travel")
    row = auditor.get_by_role("listitem").filter(has_text=order)
    expect(row).to_contain_text("1 beyond chance, of 3 near")
    row.get_by_role("link").click()
    expect(auditor.get_by_role("main")).to_contain_text("This is what oversight sees of it.")
    assert first not in auditor.content() and second not in auditor.content()


def _asks(page: Page, plate: str, order: str) -> None:
    """What lacks is said beside its field, and nothing that was typed is lost."""
    page.get_by_role("button", name="Ask who travelled along…").click()
    dialog = page.get_by_role("dialog", name="Ask who travelled with a vehicle")
    dialog.get_by_label("Plate").fill(plate)
    dialog.get_by_role("button", name="Ask for it").press("Enter")
    for said in (
        "Choose the case.",
        "Name the court’s order: its number and date.",
        "Say why, in a few words.",
    ):
        expect(dialog).to_contain_text(said)
    case = dialog.get_by_label("Case")
    option = case.locator("option").filter(has_text="26-01412").first
    option.wait_for(state="attached")
    case.select_option(option.get_attribute("value"))
    dialog.get_by_label("The court’s order").fill(order)
    dialog.get_by_label("Why it is needed").fill("seen at both burglaries")
    expect(dialog.get_by_label("Plate")).to_have_value(plate)
    dialog.get_by_role("button", name="Ask for it").press("Enter")
    expect(dialog).to_have_count(0)


def _approves(supervisor: Page, plate: str) -> None:
    """By the link, as a colleague: nothing of it is seen before they say for which case."""
    expect(supervisor.get_by_role("main")).to_contain_text("seen for its own case alone")
    assert plate not in supervisor.content()
    supervisor.get_by_role("button", name="Look for it, by the order").click()
    expect(supervisor.get_by_role("region", name="What was found")).to_contain_text(plate)
    supervisor.get_by_role("button", name="Approve…").click()
    supervisor.get_by_role("dialog").get_by_role("button", name="Approve", exact=True).click()


def _drives(first: str, second: str) -> Iterator[Sighting]:
    """The one behind the other on six days, each at another hour; and two cars that were near once."""
    for day in DAYS:
        passed = CLOCK.now() - timedelta(days=day, minutes=74 * day)
        for plate, late in ((first, 0), (second, 20)):
            yield Sighting(plate, STATE, at=passed + timedelta(seconds=late))
        if day <= 3:
            yield Sighting(f"ZZX{first[3:6]}{day}", STATE, at=passed + timedelta(seconds=8))
