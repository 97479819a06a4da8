"""One errand of each role, from the page it begins on to what is kept of it, in both themes and on three screens.

Each errand is gone in two looks, so that all six are gone in every run; `--every-look` goes each errand in all six.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_auditor import included
from tests.console.test_authorising import fill_in
from tests.console.test_every_page import runs_off
from tests.console.test_floor import free
from tests.console.test_stolen_car import alert, sent_to_a_call, types
from tests.fixtures.browser import DESK, PHONE, WIDE, City, Room, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
Look = tuple[Literal["dark", "light"], tuple[int, int]]
LOOKS: Final[tuple[Look, ...]] = (
    ("dark", DESK), ("light", WIDE), ("dark", PHONE), ("light", DESK), ("dark", WIDE), ("light", PHONE),
)  # fmt: skip


def the_administrator_invites_a_person(city: City, page: Page) -> None:
    name = f"errand{city.number()}"
    page.get_by_role("button", name="Invite a person").click()
    page.get_by_label("Full name").fill("E. Rand")
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Officer").check()
    fits(page)
    page.get_by_role("button", name="Make the one-time link").click()
    dialog = page.get_by_role("dialog", name="One-time link for E. Rand")
    expect(dialog.locator("code")).to_contain_text("/invitation#")
    fits(page)
    assert [p for p in city.get("administrator", "/people")["items"] if p["name"] == name]


def the_clerk_proposes_an_authorisation(city: City, page: Page) -> None:
    title = f"Trailers by the harbour {city.number()}"
    page.get_by_role("button", name="Propose an authorisation").click()
    fill_in(page, title)
    fits(page)
    page.get_by_role("button", name="Propose", exact=True).click()
    waits = page.get_by_role("article").filter(has_text=title)
    expect(waits.get_by_role("button", name="Approve…")).to_be_disabled()
    fits(page)
    assert [p for p in city.get("supervisor", "/proposals")["items"] if p["title"] == title]


def the_analyst_dismisses_a_misread(city: City, page: Page) -> None:
    plate = city.wanted()
    card = alert(city, page, plate)
    card.click()
    fits(page)
    page.get_by_role("button", name="Review", exact=True).click()
    types(page, f"{plate[:-1]}{(int(plate[-1]) + 1) % 10}")
    expect(page.get_by_text("It is not the plate of the entry.")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Dismiss…").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Dismiss"))
    dialog.get_by_label("The plate was misread").check()
    fits(page)
    dialog.get_by_role("button", name="Dismiss alert").click()
    expect(card).to_have_count(0)


def the_supervisor_makes_a_hot_list(city: City, page: Page) -> None:
    name = f"Missing persons {city.number()}"
    page.get_by_role("button", name="Make a list").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Purpose", exact=True).select_option("missing_person")
    fits(page)
    page.get_by_role("button", name="Make the list").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    fits(page)
    assert [one for one in city.get("supervisor", "/hot-lists")["items"] if one["name"] == name]


def the_officer_answers_and_records_what_came_of_it(city: City, page: Page) -> None:
    free(city)
    incident = sent_to_a_call(city)
    for name in ("Accept", "En route", "On scene", "Outcome", "Nothing found", "Record outcome"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_be_enabled()
        fits(page)
        button.click()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Nothing is assigned to you.")).to_be_visible()
    assert city.get("analyst", f"/incidents/{incident}")["outcome"]["results"] == ["nothing_found"]


def the_auditor_reads_why_something_was_allowed(city: City, page: Page) -> None:
    city.get("analyst", "/cameras")
    page.get_by_label("Asked to").select_option("cameras.view")
    page.get_by_label("Answer").select_option("allowed")
    expect(page).to_have_url(re.compile("need=cameras.view"))
    fits(page)
    page.get_by_role("row").filter(has_text="A. Reyes").first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Why it was allowed")).to_be_visible()
    fits(page)
    until(lambda: included(page), "the entry is in the log")


ERRANDS: Final[tuple[tuple[str, str, Callable[[City, Page], None]], ...]] = (
    ("administrator", "/people", the_administrator_invites_a_person),
    ("clerk", "/authorisations", the_clerk_proposes_an_authorisation),
    ("analyst", "/floor", the_analyst_dismisses_a_misread),
    ("supervisor", "/hot-lists", the_supervisor_makes_a_hot_list),
    ("officer", "/field", the_officer_answers_and_records_what_came_of_it),
    ("auditor", "/audit", the_auditor_reads_why_something_was_allowed),
)


@pytest.mark.parametrize(("name", "begins", "errand"), ERRANDS, ids=[name for name, _, _ in ERRANDS])
def test_an_errand_of_each_role(
    city: City, room: Room, name: str, begins: str, errand: Callable[[City, Page], None], every_look: bool
) -> None:
    first = [one for one, _, _ in ERRANDS].index(name)
    for number in range(6) if every_look else (first % 6, (first + 3) % 6):
        theme, size = LOOKS[number]
        errand(city, room.sits(name, begins, size=size, theme=theme))


def fits(page: Page) -> None:
    """Nothing runs off the screen, and no control is cut off or hidden by another."""
    assert runs_off(page) == [], page.url
