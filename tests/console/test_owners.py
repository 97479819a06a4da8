"""A shop offers its camera on a phone, without JavaScript; staff ask it something and accept it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers, runs_off, stands
from tests.fixtures.browser import DESK, PHONE, City, Room

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def plain(room: Room, theme: str) -> Page:
    """Somebody's phone whose browser runs no programs of pages."""
    context = room.browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        base_url=room.city.base,
        color_scheme="light" if theme == "light" else "dark",
        java_script_enabled=False,
        has_touch=True,
    )
    room._open.append(context)
    return room.hears(context.new_page())


def test_a_shop_offers_its_camera_and_staff_decide(city: City, room: Room) -> None:
    name = f"Mill Street Hardware {city.number()}"
    page = plain(room, "light")
    page.goto("/owners/sign-up")
    page.get_by_label("A business or another body").check()
    page.get_by_label("Your name, or that of the business").fill(name)
    page.get_by_role("button", name="Offer the camera").click()
    expect(page.get_by_role("alert")).to_contain_text("Write an e-mail address")
    assert page.get_by_label("Your name, or that of the business").input_value() == name  # nothing is lost
    page.get_by_label("E-mail").fill(f"shop{city.number()}@example.org")
    page.get_by_label("Where the camera is").fill("12 Mill St")
    page.get_by_label("Pictures of it, by an agreement").check()
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Offer the camera").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(page.get_by_text("No mail server is set here")).to_be_visible()

    staff = room.sits("supervisor", "/cameras")
    staff.get_by_role("link", name="Owners").click()
    row = staff.get_by_role("listitem", name=name)
    expect(row).to_contain_text("address not proved")
    accept = row.get_by_role("button", name=f"Accept {name}")
    expect(accept).to_have_accessible_description("The e-mail address is not proved yet.")
    row.get_by_role("button", name=f"Link for {name}").click()
    link = staff.get_by_role("dialog", name="One-time link").locator("code").inner_text()
    staff.get_by_role("button", name="I have it").click()

    page.goto(link)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Your address is proved.")).to_be_visible()
    staff.reload()
    row.get_by_role("button", name=f"Ask {name}").click()
    staff.get_by_label("Question").fill("Which way does it look?")
    staff.get_by_role("button", name="Send the question").click()
    expect(row).to_contain_text("Asked: Which way does it look?")
    stands(staff)
    accept.press("Enter")
    expect(row).to_contain_text(re.compile("accepted"))


def test_the_sign_up_stands_without_a_barrier_and_asks_for_no_program(city: City, room: Room) -> None:
    found: list[str] = []
    for theme in ("dark", "light"):
        for size in (DESK, PHONE):
            page = room.page(size=size, theme=theme)
            page.goto("/owners/sign-up")
            page.get_by_role("button", name="Offer the camera").click()
            expect(page.get_by_role("alert")).to_be_visible()
            found += [f"{theme} {size[0]}: {what}" for what in (*barriers(page), *runs_off(page))]
            assert page.evaluate("document.scripts.length") == 0
            weight: int = page.evaluate(
                "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
                ".reduce((sum, one) => sum + one.transferSize, 0)"
            )
            assert weight < 20_000
            page.context.close()
    assert not found, "\n".join(found)
