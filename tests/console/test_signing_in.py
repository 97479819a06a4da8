"""How a person comes in, and what they read when they may not."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import City, Room, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_an_invited_person_opens_the_link_chooses_a_password_and_is_in(city: City, room: Room) -> None:
    admin = room.sits("administrator", "/people")
    name = f"newcomer{city.number()}"
    admin.get_by_role("button", name="Invite a person").click()
    admin.get_by_label("Full name").fill("N. Comer")
    admin.get_by_label("Name to sign in with").fill(name)
    admin.get_by_label("Analyst").check()
    admin.get_by_role("button", name="Make the one-time link").click()
    link = admin.get_by_role("dialog", name="One-time link for N. Comer").locator("code").inner_text()
    assert link.startswith(f"{city.base}/invitation#")

    # Its program does not come at first.
    newcomer = room.page()
    newcomer.route("**/Invitation-*.js", lambda route: route.abort())
    newcomer.goto(link)
    expect(newcomer.get_by_role("heading", name="This page did not come")).to_be_visible()
    newcomer.unroute("**/Invitation-*.js")
    newcomer.get_by_role("button", name="Load the console anew").click()
    expect(newcomer).to_have_url(f"{city.base}/invitation")  # the token has left the address
    newcomer.get_by_label("Password").fill("too short")
    newcomer.get_by_role("button", name="Set password and go on").click()
    expect(newcomer.get_by_text("more characters are needed")).to_be_visible()
    for label in ("Password", "The same again"):
        newcomer.get_by_label(label, exact=True).fill("four words only mine")
    newcomer.get_by_role("button", name="Set password and go on").click()
    expect(newcomer.get_by_text("N. Comer")).to_be_visible()

    late = room.page()
    late.goto(link)
    for label in ("Password", "The same again"):
        late.get_by_label(label, exact=True).fill("somebody else's words")
    late.get_by_role("button", name="Set password and go on").click()
    expect(late.get_by_role("alert")).to_be_visible()
    expect(late.get_by_role("button", name="Sign out")).to_have_count(0)


def test_a_wrong_password_says_no_more_than_that_name_or_password_are_wrong(city: City, room: Room) -> None:
    page = room.page()
    page.goto("/")
    expect(page.get_by_role("heading", name=re.compile("^Sign in"))).to_be_visible()
    sign_in(page, "auditor", "not the password of anybody")
    said = page.get_by_role("alert").inner_text()
    expect(page.get_by_label("Name")).to_have_value("auditor")
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page, "nobody.at.all", "not the password of anybody")
    expect(page.get_by_label("Password")).to_have_value("")
    assert _without_number(page.get_by_role("alert").inner_text()) == _without_number(said)


def test_who_signs_out_leaves_nothing_to_the_next(city: City, room: Room) -> None:
    page = room.page()
    page.goto("/audit")
    sign_in(page, "auditor")
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto("/audit")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


def test_a_locked_screen_goes_on_where_one_was(city: City, room: Room) -> None:
    page = room.page()
    page.goto("/audit?result=refused")
    sign_in(page, "auditor")
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    page.get_by_label("Password").fill("a quiet night by the river")
    page.get_by_role("button", name=re.compile("^Sign in")).click()
    expect(page.get_by_label("Answer")).to_have_value("refused")


def _without_number(text: str) -> str:
    return re.sub(r"Quote \S+ when", "Quote it when", text)
