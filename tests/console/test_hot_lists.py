"""A hot list is made, filled, looked at and an entry withdrawn, by hand and by keyboard; its handling stands first in each card."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.browser import City, Room
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
