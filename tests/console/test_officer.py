"""The officer's phone: with a link and without one; what is not sent yet, what was refused, and what stays on the phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.console.test_stolen_car import sent_to_a_call, unit_is_near
from tests.fixtures.browser import CLOCK, PHONE, City, Room, until
from watchfloor.kit.clock import rfc3339
from watchfloor_sim.plates import STATE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# What IndexedDB and the caches hold, by name: what stays on a phone that somebody finds.
KEPT: Final = """async () => {
    if (!(await indexedDB.databases()).some((one) => one.name === 'watchfloor')) return {acts: [], names: [], cached: []};
    const db = await new Promise((done) => { indexedDB.open('watchfloor').onsuccess = (e) => done(e.target.result); });
    const all = (store, what) => new Promise((done) => { db.transaction(store).objectStore(store)[what]().onsuccess =
      (e) => done(e.target.result); });
    const cached = [];
    for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) cached.push(new
      URL(one.url).pathname);
    return {acts: await all('acts', 'getAll'), names: await all('kept', 'getAllKeys'), cached};
}"""


def test_what_is_pressed_without_a_link_is_said_kept_over_a_reload_and_done_once(
    city: City, room: Room
) -> None:
    _streets(city)
    officer = room.sits("officer", "/field", size=PHONE)
    incident = sent_to_a_call(city)
    officer.get_by_role("button", name="Accept").tap()
    streets = officer.get_by_role("region", name="Route").get_by_role("img")
    expect(streets).to_be_visible()
    expect(streets.locator("text").filter(has_text="Mill St")).to_be_visible()
    expect(officer.get_by_text(re.compile(r"^\d:\d\d · .* by road$")).last).to_be_visible()
    expect(officer.get_by_text(re.compile(r"^Go \w+ on N Broadway")).first).to_be_visible()
    assert [*barriers(officer), *runs_off(officer)] == []
    opens_offline(officer)
    # Whatever this browser opens is a private window; `test_installing.py` has one that is not, over TLS.
    assert can_be_installed(officer) <= {"in-incognito"}
    _its_files_are_what_they_are(officer)

    _presses_without_a_link(city, officer, incident)
    expect(officer.get_by_text("all sent")).to_be_visible()
    expect(officer.get_by_text("not sent yet")).to_have_count(0)
    told = city.get("analyst", f"/incidents/{incident}")
    # Sent, accepted, en route, on scene: each changed it once.
    assert (told["assignments"][0]["state"], told["assignments"][0]["version"]) == ("on_scene", 4)
    kinds = [line["kind"] for line in told["timeline"]]
    assert [kinds.count(kind) for kind in ("en_route", "message", "on_scene")] == [1, 1, 1]
    assert [one["text"] for one in told["messages"]] == ["Engine is warm, nobody in it."]

    city.post("analyst", f"/incidents/{incident}/messages", {"text": "Tow is on its way."})
    expect(officer.get_by_text("Tow is on its way.")).to_be_visible()
    until(lambda: city.get("analyst", f"/incidents/{incident}")["messages"][1]["seen"], "the crew saw it")
    _outcome_from_clear_in_three_taps(officer)
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()
    until(lambda: city.get("analyst", f"/incidents/{incident}")["outcome"], "the outcome")
    assert city.get("analyst", f"/incidents/{incident}")["outcome"]["results"] == ["person_helped"]


def test_the_picture_and_the_warnings_are_there_without_a_link_and_go_with_the_assignment(
    city: City, room: Room
) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    incident = _sent_after_a_hit(city, warning="Driver may be armed.")
    warning = officer.get_by_role("group", name="Warnings")
    expect(warning).to_contain_text("Driver may be armed.")
    picture = officer.get_by_alt_text("The vehicle, as the reader saw it")
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the picture")
    heading = officer.get_by_role("heading", level=1)
    assert _top(warning) < _top(heading) < _top(picture)
    expect(officer.get_by_text("Hit not confirmed: no arrest, no tow yet.")).to_be_in_viewport(ratio=0.95)
    # One screen of a phone: nobody scrolls for the picture or for the way.
    expect(picture).to_be_in_viewport(ratio=0.95)
    expect(officer.get_by_role("img", name=re.compile("^The route on a small map"))).to_be_in_viewport(
        ratio=0.95
    )
    opens_offline(officer)
    with _no_link(officer):
        officer.reload()
        expect(warning).to_contain_text("Driver may be armed.")
        until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the picture that was kept")
        officer.get_by_role("button", name="I have read the warning").click()
        officer.get_by_role("button", name="Press once more").click()
        expect(officer.get_by_text("3142 · accepted, not sent yet")).to_be_visible()
        kept = officer.evaluate(KEPT)
        assert [name.partition(":")[0] for name in kept["names"]].count("picture") == 1
        # Meanwhile the desk calls the unit back.
        assignment = city.get("analyst", f"/incidents/{incident}")["assignments"][0]["id"]
        city.post("analyst", f"/assignments/{assignment}/clear")

    refused = officer.get_by_role("alert").filter(has_text="Not taken: Accept")
    expect(refused).to_contain_text("3142 was called back before it accepted.")
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()
    officer.reload()
    expect(refused).to_be_visible()
    refused.get_by_role("button", name="Seen").tap()
    expect(refused).to_have_count(0)
    until(lambda: not _evidence(officer.evaluate(KEPT)), "nothing of it is kept")
    city.post("analyst", f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})


def test_signing_out_erases_what_is_kept_and_asks_first_where_something_is_not_sent(
    city: City, room: Room
) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    incident = sent_to_a_call(city)
    expect(officer.get_by_role("button", name="Accept")).to_be_visible()
    opens_offline(officer)
    with _no_link(officer):
        officer.get_by_role("button", name="Accept").tap()
        expect(officer.get_by_text("1 not sent yet")).to_be_visible()
        officer.get_by_role("button", name="Sign out", exact=True).tap()
        asked = officer.get_by_role("dialog", name="Sign out?")
        expect(asked).to_contain_text("One thing is not sent yet.")
        asked.get_by_role("button", name="Stay signed in").tap()
        expect(officer.get_by_text("1 not sent yet")).to_be_visible()
        officer.get_by_role("button", name="Sign out", exact=True).tap()
        officer.get_by_role("button", name="Sign out and lose it").tap()
        expect(officer.get_by_text("The server does not answer.")).to_be_visible()
        kept = officer.evaluate(KEPT)
        assert (kept["acts"], kept["names"]) == ([], [])
        assert kept["cached"] and not [path for path in kept["cached"] if path.startswith("/api/")]
    assert city.get("analyst", f"/incidents/{incident}")["assignments"][0]["state"] == "sent"
    city.post("analyst", f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    assignment = city.get("analyst", f"/incidents/{incident}")["assignments"][0]["id"]
    city.post("analyst", f"/assignments/{assignment}/clear")


def test_where_the_phone_is_goes_to_the_room_once_the_officer_turns_it_on(city: City, room: Room) -> None:
    officer = room.sits("officer", "/field", size=PHONE)
    officer.context.grant_permissions(["geolocation"])
    officer.context.set_geolocation({"latitude": 38.6291, "longitude": -90.2003, "accuracy": 8})
    incident = sent_to_a_call(city)
    officer.get_by_role("button", name="Accept").tap()
    assert _place_of_unit(city)["lat"] != 38.6291
    officer.get_by_role("button", name="Say where I am").tap()
    until(lambda: _place_of_unit(city)["lat"] == 38.6291, "the room knows where it is")
    officer.get_by_role("button", name="Says where I am").tap()
    officer.get_by_role("button", name="Clear").tap()
    officer.get_by_role("button", name="Leave it to the desk").tap()
    expect(officer.get_by_text("Nothing is assigned to you.")).to_be_visible()
    city.post("analyst", f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})


def _presses_without_a_link(city: City, officer: Page, incident: str) -> None:
    with _no_link(officer):
        officer.get_by_role("button", name="En route").tap()
        expect(officer.get_by_text("1 not sent yet")).to_be_visible()
        expect(officer.get_by_text("3142 · en route, not sent yet")).to_be_visible()
        officer.get_by_label("Message to the room").fill("Engine is warm, nobody in it.")
        officer.get_by_role("button", name="Send", exact=True).tap()
        expect(officer.get_by_text("2 not sent yet")).to_be_visible()
        officer.reload()
        expect(officer.get_by_text("2 not sent yet")).to_be_visible()
        expect(officer.get_by_text("Mill St at 5th")).to_be_visible()
        expect(officer.get_by_text("No link to the server")).to_be_visible()
        officer.get_by_role("button", name="On scene").tap()
        expect(officer.get_by_text("3 not sent yet")).to_be_visible()
        told = city.get("analyst", f"/incidents/{incident}")
        assert (told["assignments"][0]["state"], told["messages"]) == ("accepted", [])


@contextmanager
def _no_link(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)


def opens_offline(page: Page) -> None:
    """The browser has the console's own files, and the page has kept what it shows."""
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.ready) && navigator.serviceWorker.controller !== null"
    )
    until(lambda: {"assignments", "session"} <= set(page.evaluate(KEPT)["names"]), "the assignment is kept")


def can_be_installed(officer: Page) -> set[str]:
    """What the browser has against installing it, by its own names; its manifest has no error."""
    told = officer.context.new_cdp_session(officer)
    manifest = told.send("Page.getAppManifest")
    assert manifest["errors"] == [] and json.loads(manifest["data"])["start_url"] == "/field"
    return {one["errorId"] for one in told.send("Page.getInstallabilityErrors")["installabilityErrors"]}


def _its_files_are_what_they_are(officer: Page) -> None:
    for path, kind in (
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icon-512.png", "image/png"),
    ):
        answer = officer.request.get(path)
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def _streets(city: City) -> None:
    """Two streets from where the unit stands to the call, with names."""
    lines = {
        "N Broadway": [[-90.2040, 38.6320], [-90.2040, 38.6270]],
        "Mill St": [[-90.2040, 38.6270], [-90.1950, 38.6270]],
    }
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for name, line in lines.items()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    technician = city.night.people["technician"].http
    query = {"name": "Two streets", "form": "geojson"}
    answer = city.do(technician.post("/api/v1/street-maps", params=query, content=content))
    assert answer.status_code == 201, answer.text


def _sent_after_a_hit(city: City, *, warning: str) -> str:
    """An incident that rests on a picture, confirmed over the API, to which the officer's unit was sent."""
    unit_is_near(city)
    plate = city.wanted()
    alert = city.alert(plate)
    city.post("analyst", f"/alerts/{alert}/review")
    city.post("analyst", f"/alerts/{alert}/typed", {"plate": plate, "state": STATE, "vehicle": None})
    record = {"reply": "active", "reference": None, "checked_at": rfc3339(CLOCK.now())}
    body: dict[str, object] = {"live_record": record, "vehicle_agrees": True, "note": None}
    incident = str(city.post("analyst", f"/alerts/{alert}/confirm", body)["incident"]["id"])
    unit: dict[str, object] = {"unit": city.night.unit, "warning": warning, "message": None}
    city.post("analyst", f"/incidents/{incident}/assignments", unit)
    return incident


def _outcome_from_clear_in_three_taps(officer: Page) -> None:
    officer.evaluate(
        "() => { window.taps = 0; document.addEventListener('click', () => { window.taps += 1; }, true); }"
    )
    officer.get_by_role("button", name="Clear").tap()
    officer.get_by_role("button", name="Person helped").tap()
    officer.get_by_role("button", name="Record outcome").tap()
    assert officer.evaluate("window.taps") == 3


def _place_of_unit(city: City) -> Any:
    units = city.get("analyst", "/units")["items"]
    return next(unit for unit in units if unit["id"] == city.night.unit)["place"]


def _evidence(kept: dict[str, Any]) -> list[str]:
    return [name for name in kept["names"] if name.startswith(("picture:", "route:"))]


def _top(locator: Any) -> float:
    return float(locator.bounding_box()["y"])
