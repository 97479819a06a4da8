"""A hot list is made, filled, looked at and an entry withdrawn; a part of a plate is watched for: by hand and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import City, Room, until
from watchfloor_sim.plates import STATE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_list_is_made_filled_and_an_entry_withdrawn(city: City, room: Room) -> None:
    page = room.sits("supervisor", "/hot-lists")
    makes_a_list(page)
    imports(
        page,
        f"plate,state,reason,handling\nQZ9-0001,{STATE},stolen,watch only;armed\nQZ9-0002,{STATE},stolen,careful\n",
    )
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("no such handling")
    dialog.get_by_role("button", name="Apply 1 row").click()
    expect(dialog).to_contain_text("Readers match against it within two seconds")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    row = page.get_by_role("row").filter(has_text="QZ90001")
    expect(row).to_contain_text("Do not stop: watch only")

    row.get_by_role("button", name="Withdraw QZ90001").press("Enter")
    dialog.get_by_label("Why").fill("recovered at the river")
    dialog.get_by_label("Why").press("Enter")
    expect(row).to_contain_text("recovered at the river")
    expect(page.get_by_role("region", name="Files")).to_contain_text("applied")
    # A file that fails is told beside what stays in force.
    imports(page, "name,colour\nx,y\n")
    expect(dialog.get_by_role("alert").first).to_contain_text("No column is called plate")
    page.keyboard.press("Escape")
    expect(page.get_by_role("main")).to_contain_text("The last file was not taken")


def makes_a_list(page: Page) -> None:
    page.get_by_role("button", name="Make a list").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("County file")
    dialog.get_by_label("Owner").fill("County sheriff")
    dialog.get_by_label("Purpose").select_option("stolen_vehicle")
    dialog.get_by_role("button", name="Make the list").click()
    page.get_by_role("link", name="County file").click()
    expect(page.get_by_role("main")).to_contain_text("County sheriff answers for it")


def imports(page: Page, text: str) -> None:
    """Give the list's dialog a file and look at it."""
    page.get_by_role("button", name="Import a file").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "county.csv", "mimeType": "text/csv", "buffer": text.encode()}
    dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # the stub knows no dictionary of it
    dialog.get_by_role("button", name="Look at the file").click()


def test_a_part_of_a_plate_is_watched_for_by_two_persons_and_brings_a_picture_for_the_case(
    city: City, room: Room
) -> None:
    page = room.sits("analyst", f"/watches?case={city.case}")
    expect(page.get_by_role("main")).to_contain_text("Nothing is watched for.")
    page.get_by_role("button", name="Propose a watch").press("Enter")
    dialog = page.get_by_role("dialog")
    part = dialog.get_by_label("Part of the plate")
    part.fill("QZ8-4417")
    expect(dialog).to_contain_text("A watch is for a part of a plate")
    part.fill("QZ8?4?7")
    expect(dialog).to_contain_text("It pauses by itself after 25 in eight hours.")
    dialog.get_by_label("Why it is looked for").fill("seen at a robbery")
    dialog.get_by_label("Why it is looked for").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("It looks at reads once another person has approved it.")
    second = room.sits("supervisor", "/watches")
    approves(second)
    city.passes("QZ8-4417")
    second.get_by_role("link", name="plates like QZ8?4?7").click()
    hit = second.get_by_role("listitem").filter(has_text="QZ84417")

    def brought() -> bool:
        second.get_by_role("button", name="Look again").click()
        return hit.count() > 0

    until(brought, "what the watch brought")
    until(lambda: int(hit.locator("img").evaluate("(i) => i.naturalWidth")) > 0, "its picture")
    expect(hit).to_contain_text("the plate fits")
    second.get_by_role("button", name="Withdraw…").press("Enter")
    second.get_by_role("dialog").get_by_label("Why").fill("the car was found")
    second.get_by_role("dialog").get_by_label("Why").press("Enter")
    expect(second.get_by_role("main")).to_contain_text("the car was found")


def approves(page: Page) -> None:
    """The second person reads what to expect, and says yes."""
    card = page.get_by_role("article").filter(has_text="plates like QZ8?4?7")
    expect(card).to_contain_text("It pauses by itself after 25 hits in eight hours, and alarms nobody.")
    card.get_by_role("button", name="Approve…").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("link", name="plates like QZ8?4?7")).to_be_visible()
