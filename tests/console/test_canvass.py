"""An area and a time give the cameras that saw it; one act preserves what they have and asks owners nearby for theirs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_who_saw_it_is_found_by_view_and_preserved_in_one_act(city: City, room: Room) -> None:
    camera = city.get("analyst", "/cameras")["items"][0]
    case = city.post("analyst", "/cases", {"number": f"CV-{city.number()}", "title": "Broken window"})
    place = camera["place"]
    owner_at(city, place["lat"] + 0.0001, place["lon"])
    page = room.sits("analyst", f"/canvass?lat={place['lat']}&lon={place['lon']}&radius=60")
    expect(page.get_by_text("The cameras that saw it stand here.")).to_be_visible()
    expect(page.get_by_label("Around it")).to_have_value("60")
    page.get_by_role("button", name="Who saw it?").press("Enter")
    saw = page.get_by_role("region", name="Cameras that saw it")
    witness = saw.get_by_role("listitem").filter(has_text=camera["name"])
    expect(witness).to_contain_text("00:00:00 recorded · 1 gap:")
    expect(witness).to_contain_text("Nothing had been recorded of it yet.")
    goes_by_its_address(page, witness)
    page.get_by_label("Incident or case").select_option(f"case:{case['id']}")
    page.get_by_label("Purpose").select_option("burglary_theft")
    page.get_by_role("button", name="Preserve for this").press("Enter")
    act = page.get_by_role("region", name="Preserve it")
    expect(act.get_by_role("paragraph").filter(has_text="Choose a camera or an owner.")).to_be_visible()
    witness.get_by_role("checkbox").check()
    act.get_by_label("Why", exact=True).fill("a window was broken")
    owner = (
        page.get_by_role("region", name="Owners to ask").get_by_role("listitem").filter(has_text="11 m from")
    )
    expect(owner).to_contain_text("A registered owner11 m from the middle, registry only")
    owner.get_by_role("checkbox").check()
    expect(act.get_by_role("paragraph").filter(has_text="Say where, as owners read it.")).to_be_visible()
    act.get_by_label("Where, as owners read it").fill("12 Mill St")
    act.get_by_label("What you ask for, as owners read it").fill("Somebody ran past your door.")
    assert [*barriers(page), *runs_off(page)] == []
    act.get_by_role("button", name="Preserve 1 camera, ask 1 owner").press("Enter")
    expect(act.get_by_role("status").filter(has_text="1 hold for 72 hours")).to_be_visible()
    would_rather_not(city, page, act, owner)
    act.get_by_role("link", name="The export waits for a second person.").click()
    expect(page.get_by_role("status").filter(has_text="Waits for a second person.")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="declined").first.click()
    asks_a_witness(page)
    city.post("supervisor", f"/cases/{case['id']}/close")


def goes_by_its_address(page: Page, witness: Locator) -> None:
    """Which alone brings the same to a colleague."""
    begins = page.get_by_label(re.compile("^From"))
    earlier = datetime.fromisoformat(begins.input_value()) - timedelta(hours=1)
    begins.fill(earlier.isoformat(timespec="seconds"))
    begins.press("Tab")
    expect(page).to_have_url(re.compile("from="))
    page.reload()
    expect(witness).to_contain_text("Nothing had been recorded of it yet.")


def owner_at(city: City, lat: float, lon: float) -> None:
    """Somebody is registered there, their address proved and their offer accepted."""
    name = f"Bakery {city.number()}"
    said = {"kind": "business", "name": name, "email": f"bakery{city.number()}@example.org", "address": "12 Mill St",
            "shares": "ask_me", "terms": "yes", "lat": str(lat), "lon": str(lon)}  # fmt: skip
    origin = {"Origin": city.base}
    assert httpx.post(f"{city.base}/owners/sign-up", data=said, headers=origin).is_success
    owner = next(one for one in city.get("technician", "/owners")["items"] if one["name"] == name)
    link = city.post("technician", f"/owners/{owner['id']}/link")["link"]
    proved = httpx.post(f"{city.base}/owners/verify", data=dict(httpx.URL(link).params), headers=origin)
    assert proved.is_success
    city.post("technician", f"/owners/{owner['id']}/accept")


def would_rather_not(city: City, page: Page, act: Locator, owner: Locator) -> None:
    """The owner who was asked in the same act says so, and it stands beside them."""
    said = act.get_by_role("status").filter(has_text="1 owner asked")
    expect(said).to_contain_text("No mail server is set. Hand this link over:")
    expect(owner).to_contain_text("asked")
    told = dict(httpx.URL(said.locator("code").inner_text()).params)
    no = httpx.post(
        f"{city.base}/evidence/answer", data=told | {"act": "decline"}, headers={"Origin": city.base}
    )
    assert no.is_success, no.text
    page.get_by_role("button", name="Who saw it?").press("Enter")
    expect(owner).to_contain_text("declined")


def asks_a_witness(page: Page) -> None:
    """By an address, for the same case: asked once a day, handed over, and withdrawn."""
    declined = page.get_by_role("article", name="Request at 12 Mill St").first
    expect(declined).to_contain_text("declined")
    over = declined.get_by_role("button", name="Remind about 12 Mill St")
    expect(over).to_have_accessible_description("This request is over.")
    page.get_by_role("button", name="Ask somebody…").click()
    asks = page.get_by_role("dialog", name="Ask for evidence")
    asks.get_by_label("Or a witness, by e-mail").fill("witness@localhost")
    asks.get_by_label("Where", exact=True).fill("Park Ave")
    asks.get_by_label("What you ask for, as they read it").fill("A car left in a hurry.")
    asks.get_by_role("button", name="Ask", exact=True).click()
    expect(asks).to_contain_text("Write an e-mail address, as name@example.org.")
    asks.get_by_label("Or a witness, by e-mail").fill("witness@example.org")
    assert [*barriers(page), *runs_off(page)] == []
    asks.get_by_role("button", name="Ask", exact=True).click()
    handed = page.get_by_role("dialog", name="One-time link")
    link = handed.locator("code").inner_text()
    handed.get_by_role("button", name="I have it").click()
    waits = page.get_by_role("article", name="Request at Park Ave")
    waits.get_by_role("button", name="Remind about Park Ave").click()
    expect(page.get_by_role("alert")).to_contain_text("A reminder goes out once a day at most.")
    waits.get_by_role("button", name="Link for Park Ave").click()
    assert handed.locator("code").inner_text() != link
    handed.get_by_role("button", name="I have it").click()
    waits.get_by_role("button", name="Withdraw the request at Park Ave").click()
    expect(waits).to_contain_text("withdrawn")
