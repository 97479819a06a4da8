"""The floor: one selection as card, on the map, in words and as pictures; by pointer, by keys and by name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.could_look import dock_by_rank, near, stand_beside
from tests.console.docked import and_the_minute_before, from_a_minute_before, half_a_minute_before
from tests.console.looking import LISTENS, plays
from tests.console.test_every_page import barriers, faults, runs_off
from tests.console.test_stolen_car import alert, types, unit_is_near
from tests.fixtures.browser import CLOCK, PHONE, City, Room, until
from watchfloor.kit.clock import parse_rfc3339

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CAMERA: Final = "Mill St at 5th"
NO_WEBGL: Final = """
const original = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith('webgl') ? null : original.call(this, kind, ...more);
};
"""
SERIOUS: Final = [587, 784]


def test_a_card_is_chosen_everywhere_and_pictures_open_only_when_asked_for(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/floor")
    analyst.evaluate(LISTENS)
    # No browser sounds before somebody pressed.
    analyst.get_by_role("heading", name="Queue", exact=True).click()
    card = alert(city, analyst, city.wanted())
    until(lambda: analyst.evaluate("heard") == SERIOUS, "the alert is heard, once")
    card.click()
    chosen = id_of(card)
    expect(analyst).to_have_url(re.compile(f"alert={chosen}"))
    details = analyst.get_by_role("region", name="Details")
    expect(details.get_by_role("heading", level=2)).to_contain_text("Stolen vehicle")
    expect(details.get_by_text("Not known")).to_be_visible()

    video = analyst.get_by_role("region", name="Video")
    expect(video.get_by_text("not confirmed")).to_be_visible()
    expect(video.get_by_text(CAMERA)).to_be_visible()
    before = looks(city)
    analyst.wait_for_timeout(1500)  # longer than an incident's pictures wait
    expect(analyst.locator("video")).to_have_count(0)
    assert looks(city) == before, "an alert that nobody confirmed opens no picture by itself"

    analyst.keyboard.press("v")
    plays(video.get_by_role("figure", name=f"Live picture of {CAMERA}").locator("video"))
    entry = until(lambda: looks(city)[: len(looks(city)) - len(before)], "the look in the log")[0]
    assert (entry["purpose"], entry["case"]) == ("stolen_vehicle", f"alert:{chosen}")
    half_a_minute_before(city, analyst, chosen, CAMERA)


def test_of_two_windows_of_a_browser_one_sounds_and_the_other_once_that_is_gone(
    city: City, room: Room
) -> None:
    windows = [room.sits("analyst", "/floor")]
    windows.append(room.hears(windows[0].context.new_page()))
    windows[1].goto("/floor")
    for window in windows:
        window.evaluate(LISTENS)
        window.get_by_role("heading", name="Queue", exact=True).click()
    card = alert(city, windows[0], city.wanted())
    expect(windows[1].locator(f"#{card.get_attribute('id')}")).to_be_visible()
    heard = until(lambda: [one for one in windows if one.evaluate("heard.length") > 0], "it is heard")
    windows[0].wait_for_timeout(500)  # as long as a second one would take
    assert [one.evaluate("heard") for one in windows if one in heard] == [SERIOUS], "by one of them"
    (other,) = [one for one in windows if one not in heard]
    heard[0].close()
    alert(city, other, city.wanted())
    until(lambda: other.evaluate("heard") == SERIOUS, "the other is heard then")


def test_that_it_is_not_known_who_sees_a_place_is_no_camera_that_sees_it(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/floor")
    asked: list[Route] = []
    analyst.route("**/api/v1/cameras/seeing?*", lambda route: asked.append(route))
    alert(city, analyst, city.wanted()).click()
    video = analyst.get_by_role("region", name="Video")
    expect(video.get_by_text("Asking which cameras see the place…")).to_be_visible()
    busy = {"kind": "too_many", "reason": "too_many", "detail": "Too many ask at once."}
    until(lambda: asked, "the question")
    for route in asked:
        route.fulfill(status=429, content_type="application/problem+json", json=busy)
    expect(
        video.get_by_text("Which cameras see the place is not known: Too many ask at once.")
    ).to_be_visible()
    analyst.unroute("**/api/v1/cameras/seeing?*")
    video.get_by_role("button", name="Try again").click()
    expect(video.get_by_role("listitem").filter(has_text=CAMERA)).to_be_visible()


def test_a_picture_becomes_large_with_its_time_bar_and_is_still_the_same_look(city: City, room: Room) -> None:
    # What was recorded by then plays for as long as it took.
    state = city.get("analyst", f"/cameras/{city.night.camera}")["state"]
    until(lambda: CLOCK.now() - parse_rfc3339(state["since"]) > timedelta(seconds=30), "half a minute", 60)
    incident, began = an_incident(city), CLOCK.now()
    analyst = room.sits("analyst", f"/floor?incident={incident}")
    video = analyst.get_by_role("region", name="Video")
    live = video.get_by_role("figure", name=f"Live picture of {CAMERA}")
    plays(live.locator("video"))  # an incident's, once one stays at it
    and_the_minute_before(city, analyst, CAMERA, began)
    plays(live.locator("video"))
    count = len(looks(city))
    small = sized(live)
    analyst.keyboard.press("1")
    large = video.get_by_role("group", name=f"{CAMERA}, large")
    expect(large.get_by_label("Moment shown")).to_be_visible()
    assert sized(live) > 2 * small
    plays(live.locator("video"))
    assert len(looks(city)) == count, "shown large it is the same look"

    analyst.keyboard.press(" ")
    recorded = large.get_by_role("figure", name=f"Recorded picture of {CAMERA}")
    plays(recorded.locator("video"), 0.3)
    expect(large.get_by_role("button", name="Pause")).to_be_visible()
    analyst.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(live).to_be_visible()
    from_a_minute_before(analyst, CAMERA)


def test_what_is_pressed_on_the_map_is_chosen_and_the_map_moves_only_when_sent(
    city: City, room: Room
) -> None:
    camera = city.get("analyst", f"/cameras/{city.night.camera}")
    lat, lon = camera["place"]["lat"], camera["place"]["lon"]
    analyst = room.sits("analyst", f"/floor?view={lat:.5f},{lon:.5f},17")
    pane = drawn(analyst)
    pane.locator("canvas").click()  # its middle
    expect(analyst).to_have_url(re.compile(f"camera={city.night.camera}"))
    expect(analyst.get_by_role("region", name="Details").get_by_role("heading", name=CAMERA)).to_be_visible()

    elsewhere = f"{lat + 0.02:.5f},{lon + 0.02:.5f},16"
    analyst.goto(f"/floor?view={elsewhere}")
    pane = drawn(analyst)
    chosen = analyst.get_by_role("region", name="Queue").locator("[id^=card-]").first
    alert(city, analyst, city.wanted())
    chosen.click()
    analyst.wait_for_timeout(800)
    assert view(pane) == pytest.approx([float(part) for part in elsewhere.split(",")], abs=1e-4)
    analyst.keyboard.press("g")
    until(lambda: abs(view(pane)[0] - (lat + 0.002)) < 0.002, "the map is where the alert is")
    expect(analyst).to_have_url(re.compile("view="))


def test_everything_on_the_map_is_reached_by_keys_and_by_name(city: City, room: Room) -> None:
    unit_is_near(city)
    analyst = room.sits("analyst", "/floor")
    drawn(analyst)
    listed = analyst.get_by_role("button", name=re.compile("objects? in view"))
    listed.focus()
    analyst.keyboard.press("Enter")
    expect(analyst.get_by_label("Find an object in view")).to_be_focused()
    analyst.keyboard.type("3142")
    analyst.keyboard.press("Tab")
    analyst.keyboard.press("Tab")
    analyst.keyboard.press("Enter")
    expect(analyst).to_have_url(re.compile(f"unit={city.night.unit}"))
    expect(analyst.get_by_role("region", name="Details").get_by_text("south-east")).to_be_visible()

    analyst.keyboard.press("Escape")
    analyst.keyboard.press("Control+k")
    palette = analyst.get_by_role("combobox", name="Name of a view, an act or a thing")
    expect(palette).to_be_focused()
    palette.fill("mill 5th")
    expect(analyst.get_by_role("option", name=CAMERA)).to_have_attribute("aria-selected", "true")
    analyst.keyboard.press("Enter")
    expect(analyst).to_have_url(re.compile(f"camera={city.night.camera}"))

    analyst.keyboard.press("Control+k")
    palette.fill("acknowledge")
    act = analyst.get_by_role("option", name=re.compile("Acknowledge"))
    expect(act).to_be_disabled()
    expect(act).to_contain_text("No alert is chosen.")
    palette.fill("hot lists")
    analyst.keyboard.press("Enter")
    expect(analyst.get_by_role("heading", name="Hot lists")).to_be_visible()


def test_an_alert_is_reviewed_and_a_unit_sent_without_leaving_the_floor(city: City, room: Room) -> None:
    unit_is_near(city)
    free(city)
    analyst = room.sits("analyst", "/floor")
    plate = city.wanted()
    analyst.locator(f"#card-{city.alert(plate, others={'ZZQ99': 0.02})}").click()
    _its_read_is_blind_too(analyst, plate)
    analyst.keyboard.press("c")
    dialog = analyst.get_by_role("dialog", name=re.compile("^Review"))
    expect(dialog.get_by_role("heading", name="1 · What do you read?")).to_be_visible()
    expect(analyst).to_have_url(re.compile("/floor"))
    analyst.keyboard.press("r")
    types(analyst, plate)
    dialog.get_by_role("heading", name="2 · Does it agree?").click()
    analyst.keyboard.press("r")
    expect(dialog).to_contain_text(re.compile("It may also be.*ZZQ99 2 %.*The reader’s record", re.DOTALL))
    dialog.get_by_label("Active: the record stands").check()
    dialog.get_by_label("The vehicle in the picture fits the entry").check()
    dialog.get_by_role("button", name="Confirm hit").click()
    expect(dialog).to_have_count(0)
    expect(analyst).to_have_url(re.compile("incident=inc_"))
    plays(analyst.get_by_role("figure", name=f"Live picture of {CAMERA}").locator("video"))

    expect(analyst.get_by_role("button", name="Send 3142…")).to_be_enabled()
    analyst.get_by_role("heading", name="What happened").click()
    analyst.keyboard.press("s")
    asks = analyst.get_by_role("dialog", name=re.compile("^Send a unit"))
    asks.get_by_role("button", name="Send 3142", exact=True).click()
    expect(asks).to_have_count(0)
    expect(analyst.get_by_role("region", name="Details").get_by_text("Sent").first).to_be_visible()
    pane = analyst.get_by_role("region", name="Map", exact=True)
    expect(pane).to_have_attribute("data-ways", "1")  # from where the unit is to the incident
    free(city)
    expect(pane).to_have_attribute("data-ways", "0")
    _an_incident_leads_to_its_read(analyst, plate)


def _its_read_is_blind_too(analyst: Page, plate: str) -> None:
    """By key and by link one comes to what the reader told, and to the review first."""
    at = analyst.url
    analyst.keyboard.press("r")
    expect(analyst.get_by_role("heading", name="The read behind the alert")).to_be_visible()
    expect(analyst.get_by_role("main")).to_contain_text("which you read from the picture yourself before")
    assert plate.replace("-", "") not in analyst.content()
    analyst.keyboard.press("Escape")
    expect(analyst).to_have_url(at)
    link = analyst.get_by_role("link", name="The read, and its reader’s record")
    expect(link).to_have_attribute("href", re.compile("^/alerts/alt_.*/reads$"))


def _an_incident_leads_to_its_read(analyst: Page, plate: str) -> None:
    """After the verdict too: picture, what else it may be with how likely, and what the reader is worth."""
    analyst.get_by_role("link", name="The read, and its reader’s record").click()
    shown = analyst.get_by_role("main")
    expect(shown).to_contain_text(plate.replace("-", ""))
    expect(shown).to_contain_text("ZZQ99 2 %")
    expect(shown.get_by_role("region", name="The reader’s record")).to_be_visible()
    picture = shown.get_by_alt_text(re.compile("^What the reader saw"))
    until(lambda: int(picture.evaluate("(i) => i.naturalWidth")) > 0, "the reader's picture")
    found = faults(analyst)
    assert not found, "\n".join(found)


def test_the_panels_are_sized_and_closed_by_keys_and_stay_so(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/floor")
    edge = analyst.get_by_role("separator", name="Width of the queue")
    queue = analyst.get_by_role("region", name="Queue")
    expect(queue).to_be_visible()
    was = queue.evaluate("(e) => e.clientWidth")
    edge.focus()
    for _ in range(3):
        analyst.keyboard.press("ArrowRight")
    assert queue.evaluate("(e) => e.clientWidth") == was + 48
    analyst.reload()
    expect(queue).to_be_visible()
    assert queue.evaluate("(e) => e.clientWidth") == was + 48
    analyst.get_by_role("button", name="Close the queue").click()
    expect(queue).to_have_count(0)
    analyst.get_by_role("button", name="Open: Queue").click()
    expect(queue).to_be_visible()
    edge.dblclick()
    until(lambda: queue.evaluate("(e) => e.clientWidth") == was, "the usual width")


def test_on_a_phone_the_parts_are_tabs_and_the_map_comes_when_asked_for(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/floor", size=PHONE)
    alert(city, analyst, city.wanted()).click()
    expect(analyst.get_by_role("tab", name="Details")).to_have_attribute("aria-selected", "true")
    expect(analyst.get_by_role("button", name="Review")).to_be_visible()
    expect(analyst.locator("canvas")).to_have_count(0)
    analyst.get_by_role("tab", name="Map").click()
    drawn(analyst)
    analyst.reload()
    expect(analyst.get_by_role("tab", name="Map")).to_have_attribute("aria-selected", "true")
    analyst.get_by_role("tab", name="Video").click()
    expect(analyst.get_by_role("button", name="Show the camera")).to_be_visible()
    assert runs_off(analyst) == []


def test_without_webgl_the_list_does_the_work_of_the_map(city: City, room: Room) -> None:
    analyst = room.sits("analyst", "/cameras")
    analyst.add_init_script(NO_WEBGL)
    analyst.goto("/floor")
    pane = analyst.get_by_role("region", name="Map", exact=True)
    expect(pane.get_by_text("This computer cannot draw the map.")).to_be_visible()
    pane.get_by_label("Find an object on the map").fill("mill")
    pane.get_by_role("button", name=re.compile(CAMERA)).click()
    expect(analyst).to_have_url(re.compile(f"camera={city.night.camera}"))
    assert barriers(analyst) == []


def test_who_has_no_work_on_the_floor_is_told_so_and_asks_for_nothing(city: City, room: Room) -> None:
    page = room.sits("administrator", "/people")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/floor")
    expect(page.get_by_text("The floor is not for your role.")).to_be_visible()
    assert not [url for url in asked if re.search("/api/v1/(alerts|incidents|units|map)", url)]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_floor_at_work_stands_without_a_barrier(city: City, room: Room, theme: str) -> None:
    with near(city, 38.6277, -90.1983) as others:
        _stands_at_work(city, room, theme, others)


def _stands_at_work(city: City, room: Room, theme: str, others: dict[str, str]) -> None:
    free(city)
    analyst = room.sits("analyst", f"/floor?incident={an_incident(city)}", theme=theme)
    drawn(analyst)
    plays(analyst.get_by_role("figure", name=f"Live picture of {CAMERA}").locator("video"))
    # What no live camera sees around it is shaded, and said beside whoever could look.
    expect(analyst.get_by_role("region", name="Map", exact=True)).to_have_attribute(
        "data-blind", re.compile("[1-9]")
    )
    expect(analyst.get_by_text("Shaded: no live camera sees it.")).to_be_visible()
    unseen = analyst.get_by_role("region", name="What no camera sees")
    expect(unseen.get_by_text("% of the open ground within 250 m")).to_be_visible()
    stand_beside(analyst, others)
    dock_by_rank(analyst, others, CAMERA)
    found = barriers(analyst)
    analyst.keyboard.press("2")  # of which something was recorded
    expect(analyst.get_by_label("Moment shown")).to_be_visible()
    found += barriers(analyst)
    analyst.keyboard.press("Escape")
    analyst.get_by_role("button", name=re.compile("in view")).click()
    found += barriers(analyst)
    analyst.keyboard.press("Control+k")
    expect(analyst.get_by_role("listbox", name="Found")).to_be_visible()
    found += [*barriers(analyst), *runs_off(analyst)]
    assert found == []


def an_incident(city: City) -> str:
    """An incident opened for a call near the camera."""
    call = city.post(
        "analyst",
        "/calls",
        {"number": f"26-{55000 + city.number()}", "type": "burglary", "priority": 2, "purpose": "stolen_vehicle",
         "place": "Mill St at 6th", "lat": 38.6277, "lon": -90.1983},
    )  # fmt: skip
    return str(city.post("analyst", "/incidents", {"call": call["id"]})["id"])


def free(city: City) -> None:
    """Nobody of the unit is on an assignment any more."""
    for assignment in city.get("officer", "/assignments/mine")["items"]:
        city.post("officer", f"/assignments/{assignment['id']}/clear")


def looks(city: City) -> list[dict[str, Any]]:
    """Every look that was allowed, the newest first."""
    entries: list[dict[str, Any]] = city.get(
        "auditor", "/audit/entries", need="camera.live", kind="decision"
    )["items"]
    return entries


def drawn(page: Page) -> Locator:
    """The map, once it is drawn."""
    pane = page.get_by_role("region", name="Map", exact=True)
    expect(pane).to_have_attribute("aria-busy", "false", timeout=60_000)
    return pane


def view(pane: Locator) -> list[float]:
    """Where the map is: latitude, longitude, zoom."""
    return [float(part) for part in (pane.get_attribute("data-view") or "").split(",")]


def id_of(card: Locator) -> str:
    """The alert of a card."""
    return (card.get_attribute("id") or "").removeprefix("card-")


def sized(figure: Locator) -> float:
    """How many points wide a picture is shown."""
    box = figure.bounding_box()
    assert box is not None
    return box["width"]
