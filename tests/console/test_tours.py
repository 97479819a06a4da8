"""The tours: offered once, by keys alone, each step at something that is there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import DESK, PHONE, WIDE, City, Room, sign_in, until
from tests.fixtures.center import authorisation_body
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.people import invite

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
INSIDE = "document.querySelector('dialog.tour').contains(document.activeElement)"
POINTS = """() => {
    const box = (of) => document.querySelector(of)?.getBoundingClientRect();
    const [ring, card] = [box('.tour .ring:not(.nothing)'), box('.tour .card')];
    if (!ring || ring.width < 20 || ring.height < 14) return 'at nothing';
    const off = card.left < 0 || card.top < 0 || card.right > innerWidth || card.bottom > innerHeight;
    return off ? 'off the screen' : 'at something';
}"""


@pytest.mark.parametrize(
    ("role", "size", "theme"),
    [
        ("analyst", DESK, "dark"),
        ("detective", DESK, "dark"),
        ("supervisor", DESK, "light"),
        ("administrator", DESK, "dark"),
        ("auditor", DESK, "light"),
        ("technician", WIDE, "dark"),
        ("clerk", WIDE, "light"),
        ("officer", PHONE, "dark"),
        ("analyst", PHONE, "light"),
    ],
)
def test_a_tour_leads_by_keys_to_what_is_there(
    city: City, room: Room, role: str, size: tuple[int, int], theme: str
) -> None:
    page = _comes_first(room, role, size, theme)
    offer = page.get_by_role("complementary", name="Tour")
    assert [*barriers(page), *runs_off(page)] == []
    offer.get_by_role("button", name="Take the tour").press("Enter")
    expect(offer).to_have_count(0)
    tour = page.get_by_role("dialog")
    titles: list[str] = []
    while True:
        heading = tour.get_by_role("heading")
        expect(tour.get_by_text(f"{len(titles) + 1} of ")).to_be_visible()
        titles.append(heading.inner_text())
        until(lambda: page.evaluate(POINTS) == "at something", f"what {titles[-1]!r} speaks of")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate(INSIDE), "the focus stays in the tour"
        if len(titles) in (1, 4):
            assert [*barriers(page), *runs_off(page)] == []
        if tour.get_by_role("button", name="Done").count():
            break
        page.keyboard.press("ArrowRight")
    assert 5 <= len(set(titles)) == len(titles) <= 7
    page.keyboard.press("ArrowLeft")
    expect(tour.get_by_role("heading")).to_have_text(titles[-2])
    page.keyboard.press("ArrowRight")
    tour.get_by_role("button", name="Done").press("Enter")
    expect(tour).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(offer).to_have_count(0)


def test_a_tour_points_at_what_it_speaks_of_below_a_long_list_of_proposals(city: City, room: Room) -> None:
    """What waits for a second person comes later than the list, and above it."""
    clock = SystemClock()
    waiting = [
        city.post("clerk", "/authorisations", authorisation_body(clock, "object_search") | {"title": f"Number {n}"})
        for n in range(8)
    ]  # fmt: skip
    try:
        page = _comes_first(room, "supervisor", DESK, "dark")
        offer = page.get_by_role("complementary", name="Tour")
        offer.get_by_role("button", name="Take the tour").press("Enter")
        tour = page.get_by_role("dialog")
        while not tour.get_by_role("button", name="Done").count():
            title = tour.get_by_role("heading").inner_text()
            until(lambda: page.evaluate(POINTS) == "at something", f"what {title!r} speaks of")
            page.keyboard.press("ArrowRight")
            expect(tour.get_by_role("heading")).not_to_have_text(title)
    finally:
        for one in waiting:
            city.post("supervisor", f"/proposals/{one['id']}/refuse", {"reason": "A test is over."})


def test_a_tour_is_left_at_any_step_and_found_again_by_its_name(city: City, room: Room) -> None:
    page = _comes_first(room, "auditor", DESK, "dark")
    page.get_by_role("complementary", name="Tour").get_by_role("button", name="Not now").click()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Name of a view, an act or a thing").fill("tour")
    page.keyboard.press("Enter")
    tour = page.get_by_role("dialog")
    expect(tour.get_by_role("heading", name="Every view")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Shortcuts").get_by_role("button", name="Take the tour").click()
    expect(tour.get_by_role("heading", name="Every view")).to_be_visible()
    tour.get_by_role("button", name="Skip the tour").click()
    expect(tour).to_have_count(0)


def test_a_camera_owner_is_told_that_nothing_is_theirs_yet_and_offered_no_tour(
    city: City, room: Room
) -> None:
    city.do(invite(city.night.people["administrator"], city.base, "owner", "W. Nera", "owner"))
    page = room.page()
    page.goto("/")
    sign_in(page, "owner")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    views = page.get_by_role("navigation", name="Views")
    expect(views.get_by_role("link")).to_have_text(["Settings"])
    expect(views.get_by_role("button", name="Cameras")).to_have_accessible_description(
        re.compile("Your role does not")
    )
    expect(page.get_by_role("complementary", name="Tour")).to_have_count(0)


def _comes_first(room: Room, role: str, size: tuple[int, int], theme: str) -> Page:
    """Somebody at a browser that has never seen them."""
    page = room.page(size=size, theme=theme)
    page.goto("/")
    sign_in(page, role)
    expect(page.get_by_role("complementary", name="Tour")).to_be_visible()
    return page
