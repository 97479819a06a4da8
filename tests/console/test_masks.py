"""A supervisor masks windows over a still of the live picture, by keys alone; an analyst sees the mask and cannot take it away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import opens_live, plays
from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room, until
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
BLACK = """(v) => { const c = document.createElement('canvas'); c.width = v.videoWidth; c.height = v.videoHeight;
  const g = c.getContext('2d'); g.drawImage(v, 0, 0);
  const d = g.getImageData(c.width * 0.42, c.height * 0.42, c.width * 0.16, c.height * 0.16).data;
  let low = 255, high = 0; for (let i = 0; i < d.length; i += 4) { low = Math.min(low, d[i]); high = Math.max(high, d[i]); }
  return high - low; }"""


def test_windows_are_masked_by_keys_and_painted_for_whoever_watches(city: City, room: Room) -> None:
    supervisor = room.sits("supervisor", f"/cameras/{city.night.camera}")
    opens_live(supervisor)
    panel = supervisor.get_by_role("region", name="Masks of")
    expect(panel.get_by_text("Nothing of this picture is masked.")).to_be_visible()
    plays(supervisor.locator("figure.player video").first)
    panel.get_by_role("button", name="Mask a part of the picture").click()
    drawing = panel.get_by_role("application")
    drawing.focus()
    for key in ("ArrowLeft", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft"):
        supervisor.keyboard.press(key)
    expect(panel.get_by_label("From the left")).to_have_value("40")
    # Half way along its upper side a fifth corner is made, and moved up.
    for key in ("PageDown", "+", "ArrowUp"):
        supervisor.keyboard.press(key)
    expect(panel.get_by_label("Move", exact=True)).to_have_value("1")
    expect(panel.get_by_label("From the top")).to_have_value("39")
    supervisor.keyboard.press("Home")
    panel.get_by_role("button", name="Residential windows").click()
    expect(panel.get_by_label("What it covers")).to_have_value("Residential windows 1")
    expect(panel.get_by_text("No house is proposed.")).to_contain_text("The city has not supplied footprints")
    stands(supervisor)
    panel.get_by_role("button", name="Set the mask").click()
    expect(panel.get_by_text("Windows of a dwelling.").first).to_be_visible()
    _is_painted(supervisor)
    analyst = room.sits("analyst", f"/cameras/{city.night.camera}")
    opens_live(analyst)
    theirs = analyst.get_by_role("region", name="Masks of")
    expect(theirs.get_by_text("painted by the server")).to_be_visible()
    expect(theirs.get_by_role("button", name="Take away the mask")).to_have_attribute("aria-disabled", "true")
    _is_painted(analyst)
    panel.get_by_role("button", name="Done").click()
    panel.get_by_role("button", name="Take away the mask").click()
    expect(panel.get_by_text("Nothing of this picture is masked.")).to_be_visible()
    masks = city.do(city.night.people["supervisor"].http.get(f"{API}/cameras/{city.night.camera}/masks"))
    assert masks.json()["items"] == []
    _is_said_to_look_at_one_home(supervisor)


def _is_said_to_look_at_one_home(page: Page) -> None:
    """The camera itself, and then no longer."""
    panel = page.get_by_role("region", name="Masks of")
    panel.get_by_text("Does it look at one dwelling?").click()
    panel.get_by_label(re.compile("The dwelling that it looks at")).fill("12 Elm St")
    panel.get_by_role("button", name="Mark it").click()
    expect(panel.get_by_role("note")).to_contain_text("It is aimed at 12 Elm St, a dwelling.")
    stands(page)
    panel.get_by_label(re.compile("The dwelling that it looks at")).fill("")
    panel.get_by_role("button", name="It looks at none").click()
    expect(panel.get_by_role("note")).to_have_count(0)


def _is_painted(page: Page) -> None:
    """The part is one grey in what the browser was given."""
    video = page.locator("figure.player video").first
    until(lambda: video.evaluate(BLACK) <= 14, "the masked part is one colour")
