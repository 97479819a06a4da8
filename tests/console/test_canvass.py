"""An area and a time give the cameras that saw it; one act preserves what they have and asks for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_who_saw_it_is_found_by_view_and_preserved_in_one_act(city: City, room: Room) -> None:
    camera = city.get("analyst", "/cameras")["items"][0]
    case = city.post("analyst", "/cases", {"number": f"CV-{city.number()}", "title": "Broken window"})
    place = camera["place"]
    page = room.sits("analyst", f"/canvass?lat={place['lat']}&lon={place['lon']}&radius=60")
    expect(page.get_by_text("The cameras that saw it stand here.")).to_be_visible()
    expect(page.get_by_label("Around it")).to_have_value("60")
    page.get_by_role("button", name="Who saw it?").press("Enter")
    saw = page.get_by_role("region", name="Cameras that saw it")
    witness = saw.get_by_role("listitem").filter(has_text=camera["name"])
    expect(witness).to_contain_text("00:00:00 recorded · 1 gap:")
    expect(witness).to_contain_text("Nothing had been recorded of it yet.")
    # The address alone brings the same to a colleague.
    begins = page.get_by_label(re.compile("^From"))
    earlier = datetime.fromisoformat(begins.input_value()) - timedelta(hours=1)
    begins.fill(earlier.isoformat(timespec="seconds"))
    begins.press("Tab")
    expect(page).to_have_url(re.compile("from="))
    page.reload()
    expect(witness).to_contain_text("Nothing had been recorded of it yet.")
    page.get_by_label("Incident or case").select_option(f"case:{case['id']}")
    page.get_by_label("Purpose").select_option("burglary_theft")
    page.get_by_role("button", name="Preserve for this").press("Enter")
    act = page.get_by_role("region", name="Preserve it")
    expect(act.get_by_role("paragraph").filter(has_text="Choose a camera or an owner.")).to_be_visible()
    witness.get_by_role("checkbox").check()
    act.get_by_label("Why", exact=True).fill("a window was broken")
    assert [*barriers(page), *runs_off(page)] == []
    act.get_by_role("button", name="Preserve 1 camera").press("Enter")
    expect(act.get_by_role("status")).to_contain_text("1 hold for 72 hours")
    act.get_by_role("link", name="The export waits for a second person.").click()
    expect(page.get_by_role("status").filter(has_text="Waits for a second person.")).to_be_visible()
    city.post("supervisor", f"/cases/{case['id']}/close")
