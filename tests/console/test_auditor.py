"""The auditor reads why something was allowed or refused, with the proof, and sees no picture."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers
from tests.fixtures.browser import City, Room, until
from watchfloor.kit.clock import SystemClock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_why_a_look_was_refused_is_told_rule_by_rule(city: City, room: Room) -> None:
    refused = city.do(_asks_without_a_case(city))
    auditor = room.sits("auditor", "/audit?result=refused")
    auditor.get_by_role("table").locator(f"a[href='/audit/{refused}']").click()
    expect(auditor.get_by_role("heading", name="Why it was refused")).to_be_visible()
    rules = auditor.get_by_role("main").locator("ol").first
    expect(rules.get_by_role("img", name="not met", exact=True)).to_have_count(1)
    assert rules.get_by_role("img", name="met", exact=True).count() > 0


def test_why_a_look_was_allowed_with_a_proof_that_an_outsider_checks(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/cameras")
    expect(analyst.get_by_role("link", name="Mill St at 5th")).to_be_visible()
    auditor = room.sits("auditor", "/audit")
    auditor.get_by_label("Asked to").select_option("cameras.view")
    auditor.get_by_label("Answer").select_option("allowed")
    expect(auditor).to_have_url(
        re.compile("need=cameras.view.*result=allowed|result=allowed.*need=cameras.view")
    )
    row = auditor.get_by_role("row").filter(has_text="A. Reyes").first
    row.get_by_role("link").click()
    expect(auditor.get_by_role("heading", name="Why it was allowed")).to_be_visible()
    until(lambda: included(auditor), "the entry is in the log", 30)
    entry = auditor.url.rpartition("/")[2]
    key = str(city.data / "ledger" / "key.pub")
    command = [
        sys.executable,
        "-m",
        "watchfloor",
        "verify",
        f"{city.base}/api/v1/ledger",
        "--key",
        key,
        "--entry",
        entry,
    ]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_auditor_sees_the_log_and_no_footage(city: City, room: Room) -> None:
    auditor = room.sits("auditor", f"/cameras/{city.night.camera}")
    expect(auditor.get_by_role("main")).to_contain_text(
        re.compile("not its picture|Your role|auditor", re.IGNORECASE)
    )
    expect(auditor.locator("video")).to_have_count(0)
    expect(auditor.get_by_role("button", name="Open the picture")).to_have_count(0)


def test_the_case_of_a_look_is_named_as_everywhere_else(city: City, room: Room) -> None:
    city.do(_looks_for_the_case(city))
    looked = city.get("auditor", "/audit/entries", need="camera.playback", result="allowed")["items"]
    assert looked and looked[0]["case"] == city.case
    auditor = room.sits("auditor", f"/audit/{looked[0]['id']}")
    expect(auditor.get_by_role("main").get_by_text(city.case).first).to_be_visible()
    expect(auditor.get_by_role("main").get_by_text(f"Case {looked[0]['case_name']}")).to_be_visible()
    assert re.fullmatch(r"\d\d-\d+", looked[0]["case_name"])


def test_the_log_is_looked_up_by_the_name_of_what_it_is_about(city: City, room: Room) -> None:
    city.do(_looks_for_the_case(city))
    auditor = room.sits("auditor", "/audit")
    about = auditor.get_by_role("combobox", name="About")
    about.fill("mill st at")
    auditor.get_by_role("option", name="Mill St at 5th").filter(has_text="Camera").first.wait_for()
    about.press("Enter")
    expect(auditor).to_have_url(re.compile(r"about=camera%3Acam_|about=camera:cam_"))
    chosen = auditor.get_by_role("group", name="About")
    expect(chosen).to_have_text("Mill St at 5th")
    lines = auditor.locator("tbody tr")
    expect(lines.filter(has_not_text="Mill St at 5th")).to_have_count(0)
    expect(lines.filter(has_text="Mill St at 5th").first).to_be_visible()
    for theme in ("dark", "light"):
        auditor.emulate_media(color_scheme=theme)
        assert barriers(auditor) == []
    chosen.get_by_role("button", name="About anything again").click()
    # What a link has in it is taken as it is.
    about.fill(f"camera:{city.night.camera}")
    about.press("Enter")
    expect(auditor.get_by_role("group", name="About")).to_have_text("Mill St at 5th")


def test_what_a_machine_did_is_told_as_its_own(city: City, room: Room) -> None:
    raised = city.get("auditor", "/audit/entries", kind="effect")["items"]
    assert {one["actor"]["kind"] for one in raised if one["reason"].startswith("retention.")} <= {"process"}
    opened = [one for one in raised if one["reason"] == "sign_in.opened"]
    assert opened and opened[0]["actor"] | {"id": ""} == {"id": "", "kind": "process", "name": "The server"}
    assert opened[0]["sentence"] == "The server let a person sign in." and opened[0]["about_name"]
    auditor = room.sits("auditor", "/audit?kind=effect")
    row = auditor.get_by_role("row").filter(has_text="The server let a person sign in.").first
    expect(row).to_contain_text(opened[0]["about_name"])


def test_a_long_list_shows_more_by_key_and_says_when_it_is_all(city: City, room: Room) -> None:
    city.do(_asks_for_outcomes(city, 60))
    auditor = room.sits("auditor", "/audit?need=outcomes.view")
    lines, more = auditor.locator("tbody tr"), auditor.get_by_role("button", name="Show more")
    expect(lines).to_have_count(50)
    expect(auditor.get_by_role("status").filter(has_text="50 entries shown")).to_be_visible()
    for theme in ("dark", "light"):
        auditor.emulate_media(color_scheme=theme)
        assert barriers(auditor) == []
    more.focus()
    auditor.keyboard.press("Enter")
    told = auditor.get_by_role("status").filter(has_text=re.compile(r"All \d+ entries shown"))
    expect(told).to_be_focused()
    assert lines.count() >= 60 and not more.is_visible()
    assert len(set(lines.locator("a").evaluate_all("all => all.map((one) => one.href)"))) == lines.count()


def test_who_could_see_a_camera_on_a_day_and_who_did(city: City, room: Room) -> None:
    city.do(_looks_for_the_case(city))
    auditor = room.sits("auditor", "/audit")
    auditor.get_by_role("button", name="Who saw a camera, and who could").click()
    today = SystemClock().now().astimezone(ZoneInfo("America/Chicago")).date()
    expect(auditor.get_by_label("Day", exact=True)).to_have_value(today.isoformat())
    auditor.get_by_label("Camera", exact=True).select_option(label="Mill St at 5th")
    expect(auditor).to_have_url(re.compile(rf"camera={city.night.camera}.*day={today}"))
    could = auditor.get_by_role("region", name="Who could see it", exact=True)
    row = could.get_by_role("row").filter(has_text="A. Reyes").filter(has_text="Watch live")
    expect(row).to_contain_text("Analyst")
    expect(row.get_by_role("link", name="Cameras on the river front")).to_be_visible()
    expect(could.get_by_role("row").filter(has_text="Process of the center")).to_have_count(1)
    expect(could.get_by_role("row").filter(has_text="Auditor")).to_have_count(0)
    asked = auditor.get_by_role("region", name="Who asked to see it", exact=True)
    # Another test's refused look stands there too.
    hers = asked.get_by_role("row").filter(has_text="A. Reyes")
    expect(hers.filter(has_text="allowed").first).to_be_visible()
    for theme in ("dark", "light"):
        auditor.emulate_media(color_scheme=theme)
        assert barriers(auditor) == []
    # The address is the whole question; a day before the camera has nobody, and says why.
    before = auditor.url.replace(today.isoformat(), (today - timedelta(days=2)).isoformat())
    again = room.sits("auditor", before.removeprefix(city.base))
    expect(again.get_by_text("Nobody could see it.")).to_be_visible()
    expect(again.get_by_text("The camera was registered later")).to_be_visible()
    analyst = room.sits("analyst", before.removeprefix(city.base))
    expect(analyst.get_by_role("main")).to_contain_text("Your role does not.")
    expect(analyst.get_by_label("Day", exact=True)).to_have_count(0)


async def _asks_for_outcomes(city: City, times: int) -> None:
    for _ in range(times):
        await city.night.people["analyst"].get("/outcomes")


async def _looks_for_the_case(city: City) -> None:
    analyst = city.night.people["analyst"]
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:01:00Z"}
    path = f"/cameras/{city.night.camera}/timeline"
    await analyst.get(path, purpose="stolen_vehicle", case=city.case, **span)


async def _asks_without_a_case(city: City) -> str:
    """The analyst asks for recorded video for a purpose that needs a case, and names none."""
    analyst = city.night.people["analyst"]
    answer = await analyst.http.get(
        f"/api/v1/cameras/{city.night.camera}/timeline",
        params={"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:01:00Z"},
        headers={"Wf-Purpose": "stolen_vehicle"},
    )
    assert answer.status_code == 403, answer.text
    return str(answer.json()["entry"])


def included(auditor: Page) -> bool:
    """Whether the entry that is looked at has its place in the log by now."""
    auditor.reload()
    expect(auditor.get_by_role("heading", name="Proof", exact=True)).to_be_visible()
    return auditor.get_by_text("In the log, no.").count() > 0
