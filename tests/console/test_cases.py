"""A number that nobody knows stands for a day; a supervisor sees what waits and confirms what others opened."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_another_supervisor_confirms_what_somebody_opened_and_nobody_their_own(
    city: City, room: Room
) -> None:
    theirs, own = f"RMS-{city.number()}", f"RMS-{city.number()}"
    analyst = room.sits("analyst", "/cases")
    _opens(analyst, theirs)
    row = analyst.get_by_role("row").filter(has_text=theirs)
    expect(row).to_contain_text("provisional, ends in 23 h unless another supervisor confirms it")
    expect(row).to_contain_text("by you")
    expect(analyst.get_by_role("heading", name="Waits for a second person")).to_have_count(0)

    opened = city.post("supervisor", "/cases", {"number": own, "title": "Scrap metal"})
    supervisor = room.sits("supervisor", "/cases", theme="light")
    waits = supervisor.get_by_role("region", name="Waits for a second person")
    item = _item(waits, theirs)
    expect(item).to_contain_text("Stolen vehicle · opened by")
    expect(item).to_contain_text("ends in 23 h")
    _stands(supervisor)

    confirm = _item(waits, own).get_by_role("button", name=f"Confirm case {own}")
    expect(confirm).to_be_disabled()
    expect(confirm).to_have_accessible_description("You opened it: another supervisor confirms it.")
    assert _past_the_button(supervisor, opened["id"]) == [
        403,
        "same_person",
        "You opened this case yourself; another supervisor confirms it.",
    ]

    item.get_by_role("button", name=f"Confirm case {theirs}").press("Enter")
    dialog = supervisor.get_by_role("dialog", name=f"Confirm case {theirs}")
    dialog.get_by_role("button", name="Confirm the case").press("Enter")
    expect(item).to_have_count(0)
    _item(waits, own).get_by_role("button", name=f"Close case {own}").press("Enter")
    supervisor.get_by_role("dialog").get_by_role("button", name="Close the case").press("Enter")
    expect(waits.get_by_text("No case is provisional.")).to_be_visible()
    _is_closed(supervisor, own)
    analyst.reload()
    expect(row).to_contain_text("Open")
    expect(row).not_to_contain_text("provisional")


def test_what_was_decided_meanwhile_and_what_cannot_be_loaded_is_said(city: City, room: Room) -> None:
    number = f"RMS-{city.number()}"
    opened = city.post("analyst", "/cases", {"number": number, "title": "Scrap metal"})
    supervisor = room.sits("supervisor", "/cases")
    waits = supervisor.get_by_role("region", name="Waits for a second person")
    _item(waits, number).get_by_role("button", name=f"Confirm case {number}").click()
    city.post("analyst", f"/cases/{opened['id']}/close")
    dialog = supervisor.get_by_role("dialog")
    dialog.get_by_role("button", name="Confirm the case").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"Case {number} was closed on ")
    dialog.get_by_role("button", name="Cancel").click()
    expect(waits.get_by_text("No case is provisional.")).to_be_visible()

    supervisor.route("**/api/v1/cases/provisional*", lambda route: route.abort())
    supervisor.reload()
    expect(waits.get_by_role("alert")).to_be_visible()
    supervisor.unroute("**/api/v1/cases/provisional*")
    waits.get_by_role("button", name="Try again").click()
    expect(waits.get_by_text("No case is provisional.")).to_be_visible()


def test_a_choice_that_did_not_come_is_said_and_asked_for_again(city: City, room: Room) -> None:
    page = room.sits("analyst", "/cases")
    page.route("**/api/v1/purposes", lambda route: route.abort())
    page.get_by_role("button", name="Open a case").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The purposes to choose from are not known now:")
    page.unroute("**/api/v1/purposes")
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_label("Purpose").get_by_role("option", name="Stolen vehicle")).to_have_count(1)
    expect(dialog.get_by_role("alert")).to_have_count(0)


def _is_closed(page: Page, number: str) -> None:
    """Among all cases, and not among the open ones."""
    closed = page.get_by_role("row").filter(has_text=number)
    expect(closed).to_have_count(0)
    page.get_by_role("button", name="All cases").press("Enter")
    expect(closed).to_contain_text("Closed")
    expect(page).to_have_url(re.compile("state=all"))


def _opens(page: Page, number: str) -> None:
    page.get_by_role("button", name="Open a case").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Purpose").get_by_role("option", name="Immigration")).to_have_count(0)
    dialog.get_by_label("Number").fill(number)
    dialog.get_by_label("What it is about").fill("Grey hatchback")
    dialog.get_by_label("Purpose").select_option("stolen_vehicle")
    dialog.get_by_role("button", name="Open", exact=True).click()
    expect(dialog).to_have_count(0)


def _item(waits: Locator, number: str) -> Locator:
    return waits.get_by_role("listitem", name=f"Case {number}")


def _stands(page: Page) -> None:
    """In both themes."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        assert [*barriers(page), *runs_off(page)] == [], theme


def _past_the_button(page: Page, case: str) -> list[object]:
    answer: list[object] = page.evaluate(
        """async (id) => {
            const answer = await fetch(`/api/v1/cases/${id}/confirm`, {
                method: 'POST', body: '{}',
                headers: {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()},
            });
            const said = await answer.json();
            return [answer.status, said.reason, said.detail];
        }""",
        case,
    )
    return answer
