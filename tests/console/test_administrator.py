"""The administrator keeps the place and sees none of what it holds."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_the_administrator_sees_that_a_camera_works_and_not_what_it_shows(city: City, room: Room) -> None:
    page = room.sits("administrator", "/cameras")
    page.get_by_role("link", name="Mill St at 5th").click()
    expect(page.get_by_role("heading", name="Mill St at 5th")).to_be_visible()
    expect(page.get_by_text("You see its state, not its picture.")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_label("Purpose")).to_have_count(0)


def test_the_administrator_is_refused_the_incidents_with_the_reason_and_the_refusal_is_kept(
    city: City, room: Room
) -> None:
    page = room.sits("administrator", "/people")
    floor = page.get_by_role("navigation").get_by_role("button", name="Floor")
    expect(floor).to_be_disabled()
    expect(floor).to_have_accessible_description(re.compile("Your role does not"))

    who = city.get("administrator", "/session")["person"]["id"]
    before = _refusals(city, who)
    page.goto("/incidents")  # typed by hand: the server refuses, whatever the rail shows
    refusal = page.get_by_role("alert")
    expect(refusal).to_be_visible()
    assert "administrator" in refusal.inner_text().lower() or "role" in refusal.inner_text().lower()
    assert _refusals(city, who) - before, "the refusal leaves an entry of its own"


def _refusals(city: City, who: str) -> set[str]:
    """Entries of the log that say that this person was refused the incidents."""
    asked = {"result": "refused", "need": "incidents.view", "actor": who}
    entries = city.get("auditor", "/audit/entries", **asked)["items"]
    assert all(entry["actor"]["id"] == who for entry in entries)
    return {entry["id"] for entry in entries}
