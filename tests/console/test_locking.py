"""A screen is locked and handed over: at once, from anywhere, and with nothing of the one for the other."""

from __future__ import annotations

import re

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.console.looking import plays
from tests.console.test_every_page import barriers
from tests.console.test_floor import CAMERA, an_incident, id_of
from tests.console.test_stolen_car import alert
from tests.fixtures.browser import CLOCK, City, Room, sign_in, until
from tests.fixtures.counts import Counted
from watchfloor.identity.secrets import STEP_S
from watchfloor_sim.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_locked_screen_shows_nothing_and_gives_everything_back_to_whoever_locked_it(
    city: City, room: Room
) -> None:
    name, _ = newcomer(city, "analyst")
    page = comes(room, name, "/floor")
    card = alert(city, page, city.wanted())
    card.click()
    page.keyboard.press("c")
    page.get_by_label("Plate in the picture").fill("QZ04")
    beside = page.context.new_page()  # a second screen of the same desk
    beside.goto("/floor")
    expect(beside.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Alt+l")  # from a field, in a dialog
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_role("dialog", name=re.compile("^Review"))).to_have_count(0)
    assert seen(page).split()[-1] == "Licences", seen(page)
    assert barriers(page) == []
    assert page.request.get("/api/v1/session").status == 401
    expect(beside.get_by_role("heading", name="Your session has ended")).to_be_visible()
    until(lambda: holder(city, id_of(card)) is None, "what they held is in the queue again")

    page.get_by_label("Password").press("Escape")
    page.get_by_label("Password").press("Escape")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Plate in the picture")).to_have_value("QZ04")
    until(lambda: holder(city, id_of(card)) == full(name), "who came back holds it again")
    expect(beside.get_by_role("button", name="Sign out")).to_be_visible()

    # The server does not hear that it is locked: the session holds, and a page read anew is no way back into it.
    page.route("**/api/v1/session?*", lambda route: route.abort())
    page.keyboard.press("Alt+l")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(beside.get_by_role("heading", name="Your session has ended")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.request.get("/api/v1/session").status == 200
    assert page.get_by_role("button", name="Sign out").count() == 0


def test_another_person_takes_the_console_over_with_their_own_rights(
    city: City, room: Room, counted: Counted
) -> None:
    analyst, _ = newcomer(city, "analyst")
    supervisor, secret = newcomer(city, "supervisor", codes=True)
    incident = an_incident(city)
    page = comes(room, analyst, f"/floor?incident={incident}")
    plays(page.get_by_role("figure", name=f"Live picture of {CAMERA}").locator("video"))
    number = city.get("analyst", f"/incidents/{incident}")["number"]

    took = takes_over(page, supervisor, secret)
    expect(page).to_have_url(re.compile(f"/floor.incident={incident}"))
    expect(page.get_by_text(full(supervisor), exact=True).first).to_be_visible()
    plays(page.get_by_role("figure", name=f"Live picture of {CAMERA}").locator("video"))

    auditor, secret = newcomer(city, "auditor", codes=True)
    took = min(took, takes_over(page, auditor, secret))
    counted(f"one person locked a console and another took it over in {took:.1f} s, second factor and all")
    expect(page).to_have_url(re.compile("/audit$"))
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    assert page.locator("video, canvas").count() == 0
    assert page.evaluate("sessionStorage.length") == 0
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/floor?incident={incident}")
    expect(page.get_by_text("The floor is not for your role.")).to_be_visible()
    assert number not in page.content()
    assert not [url for url in asked if re.search("/api/v1/(alerts|incidents|units|live)", url)]

    for person in (analyst, supervisor):
        about = f"person:{id_of_person(city, person)}"
        ended = city.get("auditor", "/audit/entries", about=about, kind="effect")["items"][0]
        assert ended["reason"] == "sign_in.ended", ended


def test_on_a_workstation_live_pictures_of_an_open_incident_stay_while_it_is_locked(
    city: City, room: Room
) -> None:
    administrator, secret = newcomer(city, "administrator", codes=True)
    analyst, _ = newcomer(city, "analyst")
    page = comes(room, administrator, "/people", secret=secret)
    _finds_where_a_desk_is_registered(page)
    expect(page.get_by_text("This browser is no registered workstation")).to_be_visible()
    desk = f"Desk {city.number()}"
    page.get_by_label("Name of this browser’s workstation").fill(desk)
    page.get_by_role("button", name="Register this browser").click()
    expect(page.get_by_text(f"This browser is the workstation {desk}")).to_be_visible()
    assert barriers(page) == []

    incident = an_incident(city)
    takes_over(page, analyst)
    page.goto(f"/floor?incident={incident}")
    figure = page.get_by_role("figure", name=f"Live picture of {CAMERA}")
    plays(figure.locator("video"))
    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_text(f"Live pictures of open incidents stay on {desk}")).to_be_visible()
    expect(figure).to_be_visible()
    plays(figure.locator("video"))
    assert page.request.get("/api/v1/session").status == 401
    number = city.get("analyst", f"/incidents/{incident}")["number"]
    assert number not in seen(page) and barriers(page) == []

    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(figure.get_by_text("live ·")).to_be_visible()
    plays(figure.locator("video"))

    page.keyboard.press("l")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    city.post("administrator", f"/people/{id_of_person(city, analyst)}/suspend", {"reason": "left the force"})
    expect(figure.get_by_text("This account is suspended.")).to_be_visible()


def id_of_person(city: City, name: str) -> str:
    """The id of an account."""
    people = city.get("administrator", "/people")["items"]
    return next(str(one["id"]) for one in people if one["name"] == name)


def test_a_console_that_is_left_locks_itself(city: City, room: Room) -> None:
    name, _ = newcomer(city, "auditor")
    page = room.page()
    page.clock.install()
    page.goto("/audit")
    sign_in(page, name)
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    page.clock.fast_forward("29:00")
    page.keyboard.press("Shift")
    page.clock.fast_forward("29:00")
    expect(page.get_by_role("heading", name="Audit", exact=True)).to_be_visible()
    page.clock.fast_forward("02:00")
    expect(page.get_by_role("heading", name="Locked: nobody was here")).to_be_visible()
    until(lambda: page.request.get("/api/v1/session").status == 401, "the session is over at the server too")


def newcomer(city: City, role: str, *, codes: bool = False) -> tuple[str, str]:
    """Somebody nobody else in the tests is: their name, and the secret of their codes if they have a second factor."""
    name = f"{role}{city.number()}"
    made = city.post("administrator", "/people", {"name": name, "full_name": full(name), "roles": [role]})
    with httpx.Client(base_url=city.base, headers={"Origin": city.base}) as http:
        done = http.post(
            "/api/v1/invitations/accept", json={"token": made["invitation"]["token"], "password": PASSWORD}
        )
        assert done.status_code == 200, done.text
        secret = ""
        if codes:
            secret = _second_factor(http)
        http.delete("/api/v1/session")
    return name, secret


def _second_factor(http: httpx.Client) -> str:
    secret: str = http.post("/api/v1/session/second-factor", json={}).json()["secret"]
    # The code before this one: a code counts once, and this one is wanted for signing in. It is not taken as the step turns.
    until(lambda: CLOCK.now().timestamp() % STEP_S < STEP_S - 5, "a moment well inside a step of the codes")
    code = pyotp.TOTP(secret).at(for_time=CLOCK.now(), counter_offset=-1)
    proved = http.post("/api/v1/session/second-factor", json={"code": code})
    assert proved.status_code == 200, proved.text
    return secret


def full(name: str) -> str:
    """What the person of that name is called."""
    return f"{name.capitalize()} Newcomer"


def _finds_where_a_desk_is_registered(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Name of a view").fill("register desk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Workstations of the room")).to_be_focused()


def comes(room: Room, name: str, at: str, *, secret: str = "") -> Page:
    """Somebody signs in at a browser of their own: the session that other tests share is left alone."""
    page = room.page()
    page.goto(at)
    sign_in(page, name)
    if secret:
        page.get_by_label("Code from your authenticator").fill(pyotp.TOTP(secret).at(CLOCK.now()))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def takes_over(page: Page, name: str, secret: str = "") -> float:
    """Lock the console and sign in as somebody else, by what a person does; in how many seconds their name stood there."""
    code = page.get_by_label("Code from your authenticator")
    begun = CLOCK.monotonic()
    page.keyboard.press("l")
    page.get_by_role("button", name="Switch user").click()
    page.keyboard.type(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    if secret:
        code.fill(pyotp.TOTP(secret).at(CLOCK.now()))
    expect(page.get_by_text(full(name), exact=True).first).to_be_visible()
    return CLOCK.monotonic() - begun


def seen(page: Page) -> str:
    """What can be read on the screen."""
    text: str = page.evaluate("document.body.innerText")
    return text


def holder(city: City, alert_id: str) -> str | None:
    """Who holds the alert, as the queue says."""
    found = next(one for one in city.get("supervisor", "/alerts")["items"] if one["id"] == alert_id)
    return found["holder"]["name"] if found["holder"] else None
