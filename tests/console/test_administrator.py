"""The administrator keeps the place and sees none of what it holds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.test_every_page import barriers
from tests.fixtures.browser import PHONE, City, Room, until
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_the_administrator_sees_that_a_camera_works_and_not_what_it_shows(city: City, room: Room) -> None:
    page = room.sits("administrator", "/cameras")
    row = page.get_by_role("row").filter(has_text="Mill St at 5th")
    expect(row).to_contain_text(
        "of today", timeout=90_000
    )  # once a part of today is over since it was opened
    page.get_by_role("link", name="Mill St at 5th").click()
    expect(page.get_by_role("heading", name="Mill St at 5th")).to_be_visible()
    expect(page.get_by_text("You see its state, not its picture.")).to_be_visible()
    expect(page.get_by_text("of today")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_label("Purpose")).to_have_count(0)


def test_the_administrator_is_refused_the_incidents_with_the_reason_and_the_refusal_is_kept(
    city: City, room: Room
) -> None:
    page = room.sits("administrator", "/people")
    floor = page.get_by_role("navigation").get_by_role("button", name="Floor")
    expect(floor).to_be_disabled()
    expect(floor).to_have_accessible_description(re.compile("Your role does not"))

    phone = room.sits("administrator", "/people", size=PHONE)
    phone.get_by_role("navigation").get_by_role("button", name="Floor").tap(force=True)
    expect(phone.locator(".tip")).to_contain_text("Your role does not")

    who = city.get("administrator", "/session")["person"]["id"]
    before = _refusals(city, who)
    page.goto("/incidents")  # typed by hand: the server refuses, whatever the rail shows
    refusal = page.get_by_role("alert")
    expect(refusal).to_be_visible()
    assert "administrator" in refusal.inner_text().lower() or "role" in refusal.inner_text().lower()
    assert _refusals(city, who) - before, "the refusal leaves an entry of its own"


def test_roles_that_somebody_changed_meanwhile_are_not_changed_back_unseen(city: City, room: Room) -> None:
    other = city.night.people["administrator"]
    new = {"name": "p.newcomer", "full_name": "Pat Newcomer", "roles": ["analyst"]}
    made = city.do(other.post("/people", new))["person"]
    page = room.sits("administrator", "/people")
    row = page.get_by_role("row", name=re.compile("Pat Newcomer"))
    row.get_by_role("button", name="Roles…").click()
    roles = page.get_by_role("dialog", name="Roles of Pat Newcomer")
    roles.get_by_label("Supervisor").check()
    city.do(other.http.put(f"{API}/people/{made['id']}/roles", json={"roles": ["detective"]}))
    roles.get_by_role("button", name="Change the roles").click()
    expect(roles.get_by_text("The account was changed since you read it.")).to_be_visible()
    roles.get_by_role("button", name="Cancel").click()
    page.reload()
    expect(row).to_contain_text("detective", ignore_case=True)
    expect(row).not_to_contain_text("supervisor", ignore_case=True)


def test_settings_hold_for_this_browser_and_the_agencys_are_the_administrators(
    city: City, room: Room
) -> None:
    analyst = room.sits("analyst", "/settings")
    expect(analyst.get_by_role("main").get_by_text("America/Chicago")).to_be_visible()
    expect(analyst.get_by_role("button", name="Keep name and time zone")).to_have_count(0)
    analyst.get_by_label("light", exact=True).check()
    analyst.get_by_label("Letter keys are on").uncheck()
    analyst.reload()
    expect(analyst.get_by_label("light", exact=True)).to_be_checked()
    assert analyst.evaluate("document.documentElement.dataset.theme") == "light"
    analyst.keyboard.press("?")  # the sheet opens all the same; letters do nothing
    expect(
        analyst.get_by_role("dialog", name="Shortcuts").get_by_label("Letter keys are on")
    ).not_to_be_checked()

    admin = room.sits("administrator", "/settings")
    admin.get_by_label("Name of the agency").fill("River City Police")
    admin.get_by_role("button", name="Keep name and time zone").click()
    expect(admin.get_by_text("Kept.", exact=True)).to_be_visible()
    assert city.get("administrator", "/session")["agency"]["name"] == "River City Police"
    admin.get_by_label("Name of the agency").fill("River City")
    admin.get_by_role("button", name="Keep name and time zone").click()
    expect(admin.get_by_role("banner")).to_contain_text("River City")


def _refusals(city: City, who: str) -> set[str]:
    """Entries of the log that say that this person was refused the incidents."""
    asked = {"result": "refused", "need": "incidents.view", "actor": who}
    entries = city.get("auditor", "/audit/entries", **asked)["items"]
    assert all(entry["actor"]["id"] == who for entry in entries)
    return {entry["id"] for entry in entries}


def test_what_a_camera_sees_is_drawn_before_it_is_kept(city: City, room: Room) -> None:
    path = f"/cameras/{city.night.camera}"
    was = view_of(city)
    admin = room.sits("administrator", path)
    admin.get_by_role("button", name="Change what it sees").click()
    form = admin.get_by_role("form", name="What this camera sees")
    heading, wide, far = (form.get_by_label(label) for label in ("Looks to", "Sees wide", "Sees far"))
    expect(heading).to_be_focused()
    shown = form.get_by_role("group", name="What it would see")
    expect(shown).to_have_attribute("aria-busy", "false", timeout=60_000)
    before = shown.screenshot()
    for field, text in ((heading, "45"), (wide, "90"), (far, "150")):
        field.fill(text)
    expect(form.get_by_text("On the map: to 45°, 90° wide, 150 m far.")).to_be_visible()
    until(lambda: shown.screenshot() != before, "the wedge follows what is typed")
    assert view_of(city) == was, "nothing is kept yet"

    far.fill("9000")
    admin.get_by_role("button", name="Save the view").click()
    expect(form.get_by_text("More than 0 and at most 2000 metres.")).to_be_visible()
    expect(wide).to_have_value("90")
    far.fill("150")
    assert barriers(admin) == []
    admin.get_by_role("button", name="Save the view").click()
    expect(form).to_have_count(0)
    expect(admin.get_by_text("to 45°, 90° wide, 150 m far")).to_be_visible()
    assert view_of(city) == {"heading_deg": 45, "field_deg": 90, "range_m": 150}
    asked = city.get("auditor", "/audit/entries", need="cameras.change", kind="decision")["items"][0]
    assert (asked["about"], asked["result"]) == (f"camera:{city.night.camera}", "allowed")

    clerk = room.sits("clerk", path)
    clerk.get_by_text("5 things here are for others").click()
    expect(clerk.get_by_text("Change what it sees, Change how it is reached")).to_be_visible()
    expect(clerk.get_by_role("button", name="Change what it sees")).to_have_count(0)
    city.do(city.night.people["administrator"].http.patch(f"{API}{path}", json=was))


def view_of(city: City) -> dict[str, Any]:
    """What the camera sees, as it is kept."""
    kept = city.get("analyst", f"/cameras/{city.night.camera}")
    return {name: kept[name] for name in ("heading_deg", "field_deg", "range_m")}
