"""What came of incidents is counted by kind and time, and each outcome leads to its incident."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_outcomes_are_counted_by_kind_and_lead_to_their_incidents(city: City, room: Room) -> None:
    page = room.sits("analyst", "/outcomes?span=1d")
    kinds = page.get_by_role("region", name=re.compile(r"outcomes?$"))
    helped = kinds.get_by_role("link", name=re.compile("^Person helped"))
    before = count(helped)
    call = city.post(
        "analyst",
        "/calls",
        {
            "type": "Crash",
            "purpose": "rescue",
            "priority": 2,
            "place": f"Mill St {city.number()}",
            "text": "",
        },
    )
    incident = city.post("analyst", "/incidents", {"call": call["id"]})["id"]
    note = f"Taken to hospital {city.number()}."
    city.post(
        "analyst",
        f"/incidents/{incident}/outcome",
        {"results": ["person_helped"], "arrests": 0, "note": note},
    )
    page.get_by_role("button", name="Count anew").click()
    until(lambda: count(helped) == before + 1, "it is counted")

    page.get_by_label("Kind", exact=True).select_option("Wrong alert")
    expect(page).to_have_url(re.compile("span=1d&result=wrong_alert"))
    expect(page.get_by_text(note)).to_have_count(0)
    helped.click()
    expect(page).to_have_url(re.compile("span=1d&result=person_helped"))
    row = page.get_by_role("listitem").filter(has_text=note)
    expect(row).to_contain_text("Crash")
    stands(page)
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"/incidents/{incident}"))

    _stands_among_the_closed(page, city.get("analyst", f"/incidents/{incident}")["number"])


def _stands_among_the_closed(page: Page, number: str) -> None:
    page.goto("/incidents")
    page.get_by_role("button", name="Closed", exact=True).click()
    expect(page).to_have_url(re.compile("state=closed"))
    stands(page)
    closed = page.get_by_role("listitem").filter(has_text=number)
    expect(closed).to_contain_text("closed")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(closed).to_have_count(0)


def count(kind: Locator) -> int:
    """How many outcomes of a kind the page says there are."""
    return int(kind.inner_text().split()[-1])


def test_who_may_not_see_outcomes_is_told_why(city: City, room: Room) -> None:
    clerk = room.sits("clerk", "/outcomes")
    expect(clerk.get_by_role("main").get_by_text("Your role does not.")).to_be_visible()
