"""Somebody's own car: its plate is said under Settings, a look-up of it is reviewed by an auditor, counted, and told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.console.test_every_page import faults
from tests.fixtures.browser import City, Room, until
from watchfloor.kit.clock import SystemClock, rfc3339

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
REASON = "It is the analyst's own car; the case is of another."


def test_a_look_up_of_ones_own_car_is_reviewed_outside_the_room(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/settings")
    own = analyst.get_by_role("region", name="Plates of your household")
    expect(own).to_contain_text("You have said nothing yet.")
    own.get_by_label("Plate", exact=True).fill("QZ0S20")
    own.get_by_role("button", name="Register it").click()
    expect(own).to_contain_text("1 plate is registered")
    assert "QZ0S20" not in analyst.content()
    _searches(city, "QZ0520")
    until(lambda: city.get("auditor", "/look-up-reviews")["items"], "the look-up is flagged", 60)

    auditor = room.sits("auditor", "/audit")
    auditor.get_by_role("button", name="Look-ups of plates").click()
    row = auditor.get_by_role("row").filter(has_text="own plate")
    expect(row).to_contain_text("A. Reyes")
    assert faults(auditor) == []
    row.get_by_role("link").click()
    expect(auditor.get_by_role("region", name="What was looked up")).to_contain_text("QZ0520")
    give = auditor.get_by_role("button", name="Give the verdict")
    expect(give).to_be_disabled()
    auditor.get_by_label("Improper").check()
    auditor.get_by_label("Why").fill(REASON)
    assert faults(auditor) == []
    give.click()
    expect(auditor.get_by_role("region", name="Verdict")).to_contain_text(REASON)
    auditor.get_by_role("link", name="Look-ups").click()
    expect(auditor.get_by_role("region", name="Numbers of a year")).to_contain_text(
        re.compile(r"Improper\s*1")
    )
    expect(auditor.get_by_text("Nothing is to be reviewed.")).to_be_visible()

    analyst.reload()
    expect(own).to_contain_text(REASON)
    assert faults(analyst) == []


def test_who_said_which_plates_is_counted_and_reviews_are_for_auditors(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/audit/look-ups")
    expect(analyst.get_by_role("main")).to_contain_text("only auditors see")
    supervisor = room.sits("supervisor", "/staff-plates")
    expect(supervisor.get_by_role("row").filter(has_text="A. Reyes")).to_be_visible()
    assert faults(supervisor) == []


def _searches(city: City, plate: str) -> None:
    now = SystemClock().now()
    span = {"from": rfc3339(now - timedelta(days=1)), "to": rfc3339(now)}
    body: dict[str, object] = {
        "plate": plate,
        "purpose": "stolen_vehicle",
        "case": city.case,
        **span,
    }
    city.post("analyst", "/plate-searches", body)
