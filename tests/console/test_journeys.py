"""One errand of each role, from the page it begins on to what is kept of it; what it comes to is seen in both themes and on three screens.

An errand is gone once, in one of the six looks; at each place the page that is open, with whatever was typed and chosen, is turned
through both themes and three screens without being read anew. What breaks in a look that it was not gone in would be found there too:
it is the same page.
With `--every-look` (`make journeys`) each errand is gone in each look, which takes six minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import plays
from tests.console.test_auditor import included
from tests.console.test_authorising import fill_in
from tests.console.test_cameras import has_record
from tests.console.test_every_page import LOOKS, Look, stands
from tests.console.test_floor import free
from tests.console.test_plates import gives_a_reason, known
from tests.console.test_stolen_car import alert, sent_to_a_call, types
from tests.fixtures.browser import City, Room, until
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor_sim.people import API
from watchfloor_sim.plates import invented_plate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
UNWANTED: Final = 4600
"""From this number on plates are on no hot list: a read of one leaves no alert in the queue."""


def the_administrator_invites_a_person(city: City, page: Page) -> None:
    name = f"errand{city.number()}"
    page.get_by_role("button", name="Invite a person").click()
    page.get_by_label("Full name").fill("E. Rand")
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Officer").check()
    stands(page)
    page.get_by_role("button", name="Make the one-time link").click()
    dialog = page.get_by_role("dialog", name="One-time link for E. Rand")
    expect(dialog.locator("code")).to_contain_text("/invitation#")
    stands(page)
    assert [p for p in city.get("administrator", "/people")["items"] if p["name"] == name]


def the_clerk_proposes_an_authorisation(city: City, page: Page) -> None:
    title = f"Trailers by the harbour {city.number()}"
    page.get_by_role("button", name="Propose an authorisation").click()
    fill_in(page, title)
    stands(page)
    page.get_by_role("button", name="Propose", exact=True).click()
    waits = page.get_by_role("article").filter(has_text=title)
    expect(waits.get_by_role("button", name="Approve…")).to_be_disabled()
    stands(page)
    assert [p for p in city.get("supervisor", "/proposals")["items"] if p["title"] == title]


def the_technician_finds_why_a_camera_is_dark_and_mends_it(city: City, page: Page) -> None:
    name, device = f"Errand {city.number()}", city.block
    page.get_by_role("button", name="Register a camera").click()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("Say where its stream is.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    for label, text in (
        ("Name", name), ("Place in words", "By the weir"), ("Latitude", "38.6402"), ("Longitude", "-90.1871"),
        ("Stream address", device.camera_url), ("Camera’s user name", device.camera_user),
        ("Camera’s password", "mistyped"),
    ):  # fmt: skip
        page.get_by_label(label, exact=label == "Name").fill(text)
    page.get_by_label("Transport", exact=True).select_option("auto")
    stands(page)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="password refused")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Cameras").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("password refused")
    stands(page)
    row.get_by_role("link").first.click()
    page.get_by_role("button", name="Change how it is reached").click()
    dialog = page.get_by_role("dialog", name=f"How {name} is reached")
    expect(dialog.get_by_label("Transport", exact=True)).to_have_value("auto")
    dialog.get_by_label("Stream address").fill("rtsps://10.0.0.9/live")
    expect(dialog.get_by_label("Transport", exact=True)).to_have_count(0)
    expect(dialog.get_by_label(re.compile("^Certificate"))).to_be_visible()
    dialog.get_by_label("Stream address").fill("")
    dialog.get_by_label("Camera’s password").fill(device.camera_password)
    save = dialog.get_by_role("button", name="Save how it is reached")
    expect(save).to_have_accessible_description("Name the user whose password it is.")
    dialog.get_by_label("Camera’s user name").fill(device.camera_user)
    stands(page)
    save.click()
    expect(page.get_by_role("heading", name="live", exact=True)).to_be_visible()
    stands(page)
    camera = page.url.rpartition("/")[2]
    assert device.camera_password not in page.content()
    city.do(city.night.people["technician"].http.delete(f"{API}/cameras/{camera}"))


def the_analyst_dismisses_what_differs_from_the_entry(city: City, page: Page) -> None:
    plate = city.wanted()
    card = alert(city, page, plate)
    card.click()
    stands(page)
    page.keyboard.press("c")
    review = page.get_by_role("dialog", name=re.compile("^Review"))
    review.get_by_text("Why it was raised, and what is not known").click()
    facts = review.get_by_role("group").filter(has_text="Why it was raised")
    expect(facts).to_contain_text("agrees with an entry of the hot list")
    assert plate not in facts.inner_text()  # it stays blind
    types(page, f"{plate[:-1]}{(int(plate[-1]) + 1) % 10}")
    expect(page.get_by_text("It is not the plate of the entry.")).to_be_visible()
    confirm = page.get_by_role("button", name="Confirm hit")
    expect(confirm).to_be_disabled()
    expect(confirm).to_have_accessible_description(re.compile("not the plate of the entry"))
    expect(review.get_by_text("What does the live record say?")).to_have_count(0)  # no record makes it a hit
    expect(review.get_by_role("button", name="Dismiss")).to_be_in_viewport()
    stands(page)
    page.get_by_role("heading", name="2 · Does it agree?").click()
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog", name=re.compile("^Dismiss"))
    dismiss = dialog.get_by_role("button", name="Dismiss alert")
    expect(dismiss).to_be_disabled()  # a reason first
    misread = dialog.get_by_label("The plate was misread")
    dialog.get_by_role("radio").first.press("Space")
    for _ in range(dialog.get_by_role("radio").count()):
        if misread.is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(misread).to_be_checked()
    stands(page)
    dismiss.press("Enter")
    expect(page).to_have_url(re.compile("/floor"))
    expect(card).to_have_count(0)
    expect(page.get_by_text("You dismissed it.")).to_be_visible()


def the_supervisor_makes_a_hot_list(city: City, page: Page) -> None:
    name = f"Missing persons {city.number()}"
    page.get_by_role("button", name="Make a list").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Owner", exact=True).fill("Missing persons unit")
    page.get_by_label("Purpose", exact=True).select_option("missing_person")
    stands(page)
    page.get_by_role("button", name="Make the list").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    stands(page)
    assert [one for one in city.get("supervisor", "/hot-lists")["items"] if one["name"] == name]


def the_officer_answers_and_records_what_came_of_it(city: City, page: Page) -> None:
    free(city)
    incident = sent_to_a_call(city)
    for name in ("Accept", "En route", "On scene", "Outcome", "Nothing found", "Record outcome"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_be_enabled()
        if name in ("Accept", "Record outcome"):
            stands(page)
        button.click()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Nothing is assigned to you.")).to_be_visible()
    stands(page)
    assert city.get("analyst", f"/incidents/{incident}")["outcome"]["results"] == ["nothing_found"]


def the_auditor_reads_why_something_was_allowed(city: City, page: Page) -> None:
    city.get("analyst", "/cameras")
    page.get_by_label("Asked to").select_option("cameras.view")
    page.get_by_label("Answer").select_option("allowed")
    expect(page).to_have_url(re.compile("need=cameras.view"))
    stands(page)
    page.get_by_role("row").filter(has_text="A. Reyes").first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Why it was allowed")).to_be_visible()
    stands(page)
    until(lambda: included(page), "the entry is in the log")


def the_detective_finds_where_a_car_was_and_plays_back_what_a_camera_saw(city: City, page: Page) -> None:
    plate = invented_plate(UNWANTED + city.number())
    city.passes(plate)
    until(lambda: known(city, plate), "the read is kept")
    stands(page)
    gives_a_reason(page, city)
    page.get_by_label("Plate", exact=True).fill(plate)
    page.get_by_label("Plate", exact=True).press("Enter")
    found = page.get_by_role("region", name="Reads found")
    expect(found.get_by_role("heading", name=f"1 read of {plate}")).to_be_visible()
    stands(page)
    found.get_by_role("listitem").get_by_role("link").click()
    read = page.get_by_role("article", name="The read")
    expect(read).to_contain_text("It answered to no hot-list entry.")
    stands(page)
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Cameras").click()
    page.get_by_role("link", name="Mill St at 5th").click()
    recorded = page.get_by_role("figure", name="Recorded picture of Mill St at 5th")
    until(lambda: has_record(page), "something is recorded", 60)
    page.get_by_role("region", name="Recorded video").get_by_role("button", name="Play").click()
    plays(recorded.locator("video"))
    page.get_by_role("button", name="Pause").click()
    stands(page)
    who = city.get("detective", "/session")["person"]["id"]
    for need in ("plates.search", "camera.playback"):
        kept = city.get("auditor", "/audit/entries", need=need, actor=who, kind="decision")["items"]
        assert kept and {(one["purpose"], one["case"]) for one in kept} == {("stolen_vehicle", city.case)}


ERRANDS: Final[tuple[tuple[str, str, Callable[[City, Page], None]], ...]] = (
    ("administrator", "/people", the_administrator_invites_a_person),
    ("clerk", "/authorisations", the_clerk_proposes_an_authorisation),
    ("officer", "/field", the_officer_answers_and_records_what_came_of_it),
    ("technician", "/cameras", the_technician_finds_why_a_camera_is_dark_and_mends_it),
    ("analyst", "/floor", the_analyst_dismisses_what_differs_from_the_entry),
    ("supervisor", "/hot-lists", the_supervisor_makes_a_hot_list),
    ("auditor", "/audit", the_auditor_reads_why_something_was_allowed),
    ("detective", "/plates", the_detective_finds_where_a_car_was_and_plays_back_what_a_camera_saw),
)
"""Who goes it, where it begins, and the errand; which look it is gone in is its place here."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each errand in its own look, or in every one."""
    if "errand" not in metafunc.fixturenames:
        return
    every = metafunc.config.getoption("--every-look")
    runs = [
        pytest.param(*errand, look, id=f"{errand[0]}-{look[0]}-{look[1][0]}" if every else errand[0])
        for place, errand in enumerate(ERRANDS)
        for look in (LOOKS if every else (LOOKS[place % len(LOOKS)],))
    ]
    metafunc.parametrize(("name", "begins", "errand", "look"), runs)


def test_an_errand_of_each_role(
    city: City, room: Room, name: str, begins: str, errand: Callable[[City, Page], None], look: Look
) -> None:
    theme, size = look
    errand(city, room.sits(name, begins, size=size, theme=theme))


def test_whoever_may_ask_for_something_has_an_errand() -> None:
    """An owner's pages are none of the console, and work without scripts: tests/console/test_owners.py goes their way. A partner
    is another center."""
    asks = {role for need in Need for role in need.roles} - {Role.MACHINE, Role.OWNER, Role.PARTNER}
    assert {name for name, _, _ in ERRANDS} == asks
