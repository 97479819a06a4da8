"""A plate is searched for a purpose and a case; each read has its picture, its age and the entry it answered to."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.fixtures.browser import CLOCK, City, Room, until
from watchfloor.kit.clock import rfc3339
from watchfloor_sim.plates import STATE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_plate_is_searched_and_a_read_looked_at_which_a_colleague_may_open_for_their_own_reason(
    city: City, room: Room
) -> None:
    plate = city.wanted()
    read = plate.replace("-", "")
    city.passes(plate)
    until(lambda: known(city, plate), "the read is kept")

    page = room.sits("analyst", "/plates")
    gives_a_reason(page, city)
    page.get_by_label("Plate", exact=True).press("Enter")
    expect(page.get_by_text("Type the plate.")).to_be_visible()
    page.get_by_label("Plate", exact=True).fill(plate)
    page.get_by_label("Plate", exact=True).press("Enter")
    found = page.get_by_role("region", name="Reads found")
    expect(found.get_by_role("heading", name=f"1 read of {plate}")).to_be_visible()
    picture = found.get_by_role("listitem").locator("img")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the picture beside the read")

    page.get_by_role("heading", name="Plates").click()
    page.keyboard.press("j")
    detail = page.get_by_role("article", name="The read")
    expect(detail.get_by_text("It answered to a hot-list entry")).to_be_visible()
    expect(detail).to_contain_text("by the reader’s own count")
    shows_where(detail)
    assert read not in page.url and re.search(r"read=read_", page.url) and re.search(r"search=ent_", page.url)
    expect(found.get_by_role("img", name=re.compile("^1 read, most from "))).to_be_visible()

    address = page.url
    page.get_by_role("button", name="End this purpose").click()
    expect(page.get_by_text(read)).to_have_count(0)  # what was found ends with its reason
    colleague = room.sits("supervisor", address)
    expect(colleague.get_by_text("The read that this address names is shown after that.")).to_be_visible()
    gives_a_reason(colleague, city)
    searches_again(colleague, plate)
    colleague.get_by_label("When").select_option("From … to …")
    colleague.get_by_label("To", exact=True).fill("2026-01-01T00:00")
    expect(colleague.get_by_text("It must end after it begins.").first).to_be_visible()
    colleague.get_by_role("link", name="Who looked at this read").click()
    expect(colleague.get_by_role("row").filter(has_text="allowed").first).to_be_visible()


def searches_again(colleague: Page, plate: str) -> None:
    """The search that the address names is made again for their own reason."""
    expect(colleague.get_by_role("article", name="The read")).to_contain_text(plate.replace("-", ""))
    expect(colleague.get_by_label("Plate", exact=True)).to_have_value(plate)
    expect(colleague.get_by_role("heading", name=f"1 read of {plate}")).to_be_visible()


def shows_where(detail: Locator) -> None:
    """In words, and on a map that is drawn once it is in sight."""
    expect(detail).to_contain_text("heading south-east, 120°")
    where = detail.get_by_role("group", name="Where it was read")
    where.scroll_into_view_if_needed()
    expect(where).to_have_attribute("aria-busy", "false")


def test_a_vehicle_of_two_scenes_is_found_and_its_read_put_into_the_case(city: City, room: Room) -> None:
    plate = city.wanted()
    for hours in (2.5, 1.5):
        city.passes(plate, CLOCK.now() - timedelta(hours=hours))
    until(lambda: known(city, plate, hours=3, reads=2), "the reads are kept")
    (place, *_) = [one["place"] for one in city.get("technician", "/readers")["items"]]

    page = room.sits("analyst", "/plates")
    gives_a_reason(page, city)
    page.get_by_role("main").get_by_role("link", name="Two scenes").click()
    page.get_by_role("button", name="Who was at both?").press("Enter")
    expect(page.get_by_text("Set the place: move the map").first).to_be_visible()
    for scene in ("A First near", "B And later near"):
        typed = page.get_by_role("group", name=scene)
        typed.get_by_label("Latitude").fill(str(place["lat"]))
        typed.get_by_label("Longitude").fill(str(place["lon"]))
    page.get_by_role("button", name="Who was at both?").press("Enter")
    found = page.get_by_role("region", name="Vehicles at both")
    vehicle = found.get_by_role("listitem", name=plate.replace("-", ""))
    expect(vehicle).to_contain_text("from one to the other")
    assert plate not in page.url and re.search(r"scenes\?search=ent_", page.url)
    vehicle.get_by_label(re.compile("^For the case")).first.check()
    found.get_by_label("Note").fill("before the school")
    found.get_by_role("button", name="Put 1 read into the case").press("Enter")
    found.get_by_role("link", name="See them there").click()
    kept = page.get_by_role("region", name="Reads of this case")
    expect(kept).to_contain_text(plate.replace("-", ""))
    expect(kept).to_contain_text("before the school")
    expect(kept.get_by_role("img")).to_be_visible()

    # The same search, by its link: one of places and times where nobody was is said so.
    kept.get_by_role("link", name="the search that found it").click()
    expect(vehicle).to_be_visible()
    page.get_by_role("group", name="A First near").get_by_label("Latitude").fill("10")
    page.get_by_role("button", name="Who was at both?").press("Enter")
    expect(found).to_contain_text("No reader stood at the first scene then")


def test_who_may_not_search_is_told_why(city: City, room: Room) -> None:
    officer = room.sits("officer", "/plates")
    expect(officer.get_by_role("main").get_by_text("Your role does not.")).to_be_visible()
    expect(officer.get_by_role("search")).to_have_count(0)


def test_a_hot_list_says_how_fresh_it_is(city: City, room: Room) -> None:
    page = room.sits("analyst", "/hot-lists")
    row = page.get_by_role("listitem").filter(has_text="Stolen vehicles")
    expect(row).to_contain_text(
        re.compile(r"fresh.*200 entries.*imported .*unrenewed, ends in \d+ days", re.DOTALL)
    )
    row.get_by_role("link").click()
    expect(page.get_by_role("main")).to_contain_text("fresh")
    possible_hits_are_judged_by_keys(city, page)


def possible_hits_are_judged_by_keys(city: City, page: Page) -> None:
    """One after the other, blind until typed; a wrong word is taken back, and a colleague's link shows the same."""
    plate = city.wanted()
    for minutes in (40, 20):
        city.passes(plate, CLOCK.now() - timedelta(minutes=minutes), state=None)
    until(lambda: len(city.get("analyst", "/possible-hits")["items"]) >= 2, "the hits are listed")
    page.goto("/possible-hits?given=all")
    expect(page.get_by_role("region", name="Possible hits").get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("j")
    hit = page.get_by_role("article", name="The possible hit")
    picture, typed = hit.get_by_alt_text("What the reader saw"), hit.get_by_label("Plate in the picture")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the reader's picture")
    assert plate.replace("-", "") not in page.content(), "it is blind"
    expect(typed).to_be_focused()
    page.keyboard.press("Enter")
    expect(hit).to_contain_text("Type the plate as you read it")
    page.keyboard.type(plate)
    page.keyboard.press("Tab")
    page.keyboard.type(STATE)
    page.keyboard.press("Enter")
    expect(hit).to_contain_text("Verdict: right.")
    expect(hit).to_contain_text(plate.replace("-", ""))
    expect(hit).to_contain_text("an unread state never alarms")
    expect(hit.get_by_role("button", name="Next hit")).to_be_focused()
    page.keyboard.press("Enter")
    expect(typed).to_be_focused()
    page.keyboard.type("QQ1")
    hit.get_by_label("The state cannot be read").check()
    hit.get_by_role("button", name="Show plate and entry").press("Enter")
    expect(hit).to_contain_text("Verdict: misread.")
    hit.get_by_role("button", name="I mistyped").press("Enter")
    expect(hit).to_contain_text("Verdict: undecided.")
    page.reload()
    expect(hit).to_contain_text("Verdict: undecided.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Possible hits")).to_contain_text("undecided")


def known(city: City, plate: str, hours: int = 1, reads: int = 1) -> bool:
    """Whether so many reads of it are kept."""
    now = CLOCK.now()
    span = {"from": rfc3339(now - timedelta(hours=hours)), "to": rfc3339(now + timedelta(hours=1))}
    body: dict[str, object] = {"plate": plate, "purpose": "stolen_vehicle", "case": city.case, **span}
    return len(city.post("analyst", "/plate-searches", body)["items"]) >= reads


def gives_a_reason(page: Page, city: City) -> None:
    """Say why, once for the view."""
    picker = page.get_by_label("Incident or case")
    option = picker.locator("option").filter(has_text="26-01412").first
    option.wait_for(state="attached")
    picker.select_option(option.get_attribute("value"))
    page.get_by_label("Purpose", exact=True).select_option("stolen_vehicle")
    page.get_by_role("button", name="Go on to the search").click()
    expect(page.get_by_role("search", name="Search plate reads")).to_be_visible()
