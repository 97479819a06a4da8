"""What a site keeps of a camera: on the time bar, held, in an export; and the pages of one case, list, incident and request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.cameras.kept import Card, a_card
from tests.console.looking import opens_live
from tests.console.test_every_page import faults, goes, stands
from tests.fixtures.browser import CLOCK, ROOT, City, Room, until
from watchfloor.kit.clock import rfc3339
from watchfloor_sim.onvif.device import Device, Recording, Stream
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CLIP = ROOT / "src/watchfloor_sim/clips/depot-yard.mp4"


@asynccontextmanager
async def _recorder(began: datetime) -> AsyncIterator[tuple[Card, str]]:
    """A recorder that keeps ten seconds from then on, less two of them, and says so over ONVIF."""
    async with a_card(CLIP, began.timestamp()) as card:
        card.kept.forget(began.timestamp() + 3, began.timestamp() + 5)
        device = Device(
            [Stream("p1", "Channel 1", 480, 272, card.camera.url)],
            recordings=[Recording(card.kept, card.replay.url)],
        )
        async with DeviceServer.running(device) as server:
            yield card, server.url


@pytest.fixture
def kept(city: City) -> Iterator[tuple[str, str, datetime]]:
    """A camera whose footage is kept at its site; the site's name, and since when it keeps it."""
    name, began = f"Depot {city.number()}", CLOCK.now() + timedelta(seconds=2)
    recorder = _recorder(began)
    card, device = city.do(recorder.__aenter__())
    place = {"place": "Bus depot", "lat": 38.6301, "lon": -90.2102}
    body: dict[str, Any] = {
        "name": name,
        **place,
        "address": card.camera.url.rpartition("/")[0],
        "device": device,
    }
    site = city.post("technician", "/sites", body | {"stream": "/{channel}"})["id"]
    batch: dict[str, object] = {
        "channels": "stream",
        "name": f"{name} gate",
        "kind": "municipal",
        "footage_kept": "at_site",
    }
    city.post("technician", f"/sites/{site}/cameras", batch)
    camera = city.get("technician", f"/sites/{site}/cameras")["items"][0]["id"]
    try:
        yield camera, name, began
    finally:
        city.do(city.night.people["technician"].http.delete(f"{API}/cameras/{camera}"))
        city.do(recorder.__aexit__(None, None, None))


def test_what_a_site_keeps_is_on_the_bar_held_and_exported(
    city: City, room: Room, kept: tuple[str, str, datetime]
) -> None:
    camera, site, began = kept
    until(lambda: CLOCK.now() > began + timedelta(seconds=9), "it kept some seconds", 30)
    page = room.sits("analyst", f"/playback?cameras={camera}&at={rfc3339(began + timedelta(seconds=1))}")
    opens_live(page, act="Open what was recorded")
    expect(page.get_by_text(re.compile(f"Outlined: kept at the site {site}")).first).to_be_visible()
    stands(page)
    purpose: dict[str, object] = {"purpose": "stolen_vehicle", "case": city.case}
    span: dict[str, object] = {"from_at": rfc3339(began), "to_at": rfc3339(began + timedelta(seconds=8))}
    held: dict[str, object] = {
        "data_class": "footage",
        "about": camera,
        "reason": "the car leaves",
        **span,
        **purpose,
    }
    city.post("supervisor", "/holds", held)
    goes(page, f"/cameras/{camera}")
    expect(page.get_by_text("Held", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("being fetched from the site|preserved here")).first).to_be_visible()
    stands(page)
    asked = city.post(
        "analyst", "/exports", {"reason": "the car leaves", "spans": [{"camera": camera, **span}], **purpose}
    )
    goes(page, f"/exports/{asked['id']}")
    expect(page.get_by_text("kept at the camera’s site")).to_be_visible()
    stands(page)


def test_the_pages_of_one_thing_stand_without_a_barrier(city: City, room: Room) -> None:
    call: dict[str, object] = {
        "type": "Burglary",
        "priority": 2,
        "purpose": "burglary_theft",
        "place": "Mill St",
        "text": "",
    }
    taken = city.post("analyst", "/calls", {**call, "lat": 38.63, "lon": -90.2})
    incident = city.post("analyst", "/incidents", {"call": taken["id"]})["id"]
    hot_list = city.get("analyst", "/hot-lists")["items"][0]["id"]
    now = CLOCK.now()
    request: dict[str, object] = {
        "purpose": "stolen_vehicle", "case": city.case, "place": "Mill St 12", "words": "Somebody ran past your door.",
        "from_at": rfc3339(now - timedelta(hours=2)), "to_at": rfc3339(now - timedelta(hours=1)),
        "of": [{"email": f"witness{city.number()}@example.org"}],
    }  # fmt: skip
    asked = city.post("analyst", "/evidence-requests", request)["items"][0]
    page = room.sits("analyst")
    found: list[str] = []
    for path in (f"/incidents/{incident}", f"/hot-lists/{hot_list}", f"/cases/{city.case}", "/body-cameras"):
        goes(page, path)
        found += faults(page)
    assert not found, "\n".join(found)
    _the_one_who_is_asked(room, asked["link"])
    (kept,) = (
        one for one in city.get("analyst", "/evidence-requests")["items"] if one["place"] == request["place"]
    )
    assert [(one["name"], one["sha256"]) for one in kept["files"]] == [(CLIP.name, _hash(CLIP))]
    assert not kept["open"]
    # Who sees no picture of a camera and may mask it: by its aiming picture.
    technician = room.sits("technician", f"/cameras/{city.night.camera}")
    technician.get_by_role("button", name="Mask a part of the picture").click()
    expect(technician.get_by_role("button", name="Residential windows")).to_be_visible()
    stands(technician)


def _the_one_who_is_asked(room: Room, link: str) -> None:
    page: Page = room.page()
    page.goto(link)
    expect(page.get_by_text("Somebody ran past your door.")).to_be_visible()
    stands(page)
    # What is none of it is refused with its name; what breaks off on its way is sent again by itself.
    breaks: list[str] = []

    def once(route: Route) -> None:
        if route.request.method == "PUT" and not breaks:
            breaks.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/evidence/answer/files/*", once)
    files = page.get_by_label("Videos or pictures")
    note: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"It was dark."}
    files.set_input_files(note)
    sent = page.locator("#sent")
    expect(sent).to_contain_text("note.txt: not sent.")
    expect(page.get_by_role("button", name="I have sent everything")).to_be_hidden()
    files.set_input_files(CLIP)
    expect(sent).to_contain_text(f"{CLIP.name}: received, SHA-256 {_hash(CLIP)}")
    assert len(breaks) == 1
    stands(page)
    page.get_by_role("button", name="I have sent everything").click()
    expect(page.get_by_text("Thank you. What you sent is kept for this case")).to_be_visible()
    stands(page)
    page.goto(link)
    expect(page.get_by_label("Videos or pictures")).to_have_count(0)
    room.complaints.clear()  # what was cut and refused is what was asked for


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
