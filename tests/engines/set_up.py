"""The set-up of a new center as its first administrator goes through it in a real browser, from the one-time link on."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import DESK, PHONE, a_browser
from watchfloor_sim.city.draw import BASEMAP
from watchfloor_sim.city.lay import streets_geojson

LOOKS: Final = (("dark", DESK), ("light", PHONE))
AGENCY: Final = "Riverside Police (invented)"


def set_up(base: str, link: str, password: str, files: Path) -> None:
    """Go through it whole. In a thread of its own: the browser's driver keeps an event loop where it runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_set_up, base, link, password, files).result()


def _set_up(base: str, link: str, password: str, files: Path) -> None:
    with a_browser() as browser:
        page, complaints = _page(browser, base)
        page.goto(link)
        for label in ("Password", "The same again"):
            page.get_by_label(label, exact=True).fill(password)
        page.get_by_role("button", name="Set password and go on").click()
        expect(page.get_by_role("heading", name="Set up this center")).to_be_visible()
        _names_the_agency(page)
        _invites(page)
        _brings_the_map(page, files)
        _registers_a_camera(page)
        _reads_what_comes_next(page)
        _comes_back(page)
        assert complaints == []


def _page(browser: Browser, base: str) -> tuple[Page, list[str]]:
    context = browser.new_context(
        base_url=base, viewport={"width": DESK[0], "height": DESK[1]}, color_scheme="dark"
    )
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
    return page, complaints


def _stands(page: Page, title: str, word: str) -> None:
    """That step is the one that is shown, and the list of steps says so much of it."""
    entry = page.get_by_role("navigation", name="Steps").get_by_role("link").filter(has_text=title)
    expect(entry).to_have_attribute("aria-current", "step")
    expect(entry.get_by_role("img")).to_have_accessible_name(word)


def _step(page: Page, title: str) -> Locator:
    """A step that was just reached: it is open, and without a barrier in each look."""
    _stands(page, title, "Open")
    for theme, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        assert [*barriers(page), *runs_off(page)] == [], f"{title}, {theme}, {width} wide"
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.emulate_media(color_scheme="dark")
    return page.get_by_role("region", name=title)


def _goes_on(page: Page, word: str) -> None:
    """By keyboard, as by pointer."""
    page.get_by_role("link", name=re.compile(f"^{word}")).press("Enter")


def _names_the_agency(page: Page) -> None:
    here = _step(page, "Agency and time zone")
    expect(here.get_by_role("button", name="Keep name and time zone")).to_have_accessible_description(
        "Give the name first."
    )
    here.get_by_label("Name of the agency").fill(AGENCY)
    here.get_by_label("Time zone").select_option("America/Chicago")
    here.get_by_role("button", name="Keep name and time zone").press("Enter")
    expect(here.get_by_text("Kept.")).to_be_visible()
    expect(page.get_by_role("banner").get_by_text(AGENCY)).to_be_visible()
    _goes_on(page, "Go on")


def _invites(page: Page) -> None:
    here = _step(page, "First people")
    expect(here.get_by_text("approves what a clerk or an analyst proposes")).to_be_visible()
    here.get_by_role("button", name="Invite a person as supervisor").press("Enter")
    form = page.get_by_role("dialog", name="Invite a person")
    expect(form.get_by_label("Supervisor")).to_be_checked()
    form.get_by_label("Full name").fill("S. Penn")
    form.get_by_label("Name to sign in with").fill("S Penn!")
    form.get_by_role("button", name="Make the one-time link").click()
    expect(form.get_by_text("A name has 2 to 64 small letters").first).to_be_visible()
    expect(form.get_by_label("Name to sign in with")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Name to sign in with").fill("s.penn")
    form.get_by_role("button", name="Make the one-time link").click()
    shown = page.get_by_role("dialog", name="One-time link for S. Penn")
    link = shown.locator("code").inner_text()
    assert "/invitation#" in link
    shown.get_by_role("button", name="I have it").click()
    page.reload()  # Whoever is interrupted finds what there is, and not what was shown once.
    expect(here.get_by_text("has not opened the link yet")).to_be_visible()
    expect(here.get_by_role("button", name="Invite a person as supervisor")).to_have_count(0)
    assert link.split("#")[1] not in page.content()
    _stands(page, "First people", "Open")
    _goes_on(page, "Leave this for later")


def _brings_the_map(page: Page, files: Path) -> None:
    here = _step(page, "Map and streets")
    broken, streets = files / "broken.pmtiles", files / "streets.geojson"
    broken.write_text("no map")
    streets.write_bytes(streets_geojson())
    here.get_by_label("File of the map").set_input_files(broken)
    here.get_by_role("button", name="Use this map").click()
    expect(here.get_by_label("File of the map")).to_have_attribute("aria-invalid", "true")
    here.get_by_label("File of the map").set_input_files(BASEMAP)
    here.get_by_label("Whose map it is").fill("Invented")
    here.get_by_role("button", name="Use this map").click()
    expect(here.get_by_text("In use: Invented.")).to_be_visible()
    here.get_by_label("File of the streets").set_input_files(broken)
    expect(here.get_by_text("the name ends in .geojson, .csv or .parquet").first).to_be_visible()
    here.get_by_label("File of the streets").set_input_files(streets)
    here.get_by_role("button", name="Use these streets").click()
    expect(here.get_by_role("status").filter(has_text="“streets.geojson” in use")).to_be_visible()
    _stands(page, "Map and streets", "Done")
    _goes_on(page, "Go on")


def _registers_a_camera(page: Page) -> None:
    here = _step(page, "First camera")
    here.get_by_label("Name", exact=True).fill("Mill St at 5th")
    here.get_by_label("Place in words").fill("Mill St at 5th, on the lamp post")
    map_ = here.get_by_role("group", name="Place on the map").locator("canvas")
    map_.focus()
    page.keyboard.press("ArrowRight")
    expect(here.get_by_label("Latitude")).not_to_have_value("")
    expect(here.get_by_label("Longitude")).not_to_have_value("")
    here.get_by_label("Stream address").fill("http://10.20.0.9/stream")
    here.get_by_role("button", name="Register").click()
    expect(here.get_by_text("begins with rtsp://").first).to_be_visible()
    expect(here.get_by_label("Stream address")).to_have_attribute("aria-invalid", "true")
    here.get_by_label("Stream address").fill("rtsp://10.20.0.9/stream")
    here.get_by_role("button", name="Register").click()
    expect(here.get_by_role("link", name="Mill St at 5th")).to_be_visible()
    expect(here.get_by_label("Stream address")).to_have_count(0)
    _stands(page, "First camera", "Done")
    _goes_on(page, "Go on")


def _reads_what_comes_next(page: Page) -> None:
    here = _step(page, "What comes next")
    expect(here.get_by_text("until two persons have put an authorisation into force")).to_be_visible()
    expect(here.get_by_text("There is still nobody as")).to_contain_text("clerk of the approving body")
    expect(here.get_by_text("No authorisation").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("region", name="First camera")).to_be_visible()


def _comes_back(page: Page) -> None:
    """Whoever comes back another day is at the first step that something is missing of."""
    page.get_by_role("navigation", name="Views").get_by_role("link", name="People").click()
    page.get_by_role("link", name="Set up this center").click()
    expect(page.get_by_role("region", name="First people")).to_be_visible()
