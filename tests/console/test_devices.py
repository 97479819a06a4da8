"""The technician finds a camera on the network and adds it; the analyst turns it, by pointer and by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.console.looking import opens_live
from tests.console.test_every_page import faults
from tests.fixtures.browser import City, Room, until
from watchfloor_sim.digest import Credentials
from watchfloor_sim.onvif.device import Device, Look, Stream
from watchfloor_sim.onvif.discovery import PORT, Responder
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def dome(city: City) -> Iterator[Device]:
    """A device on this machine that turns, and hears probes where devices do."""
    block = city.block
    login = Credentials(block.camera_user, block.camera_password)
    streams = [
        Stream("main", "Main stream", 640, 360, block.camera_url),
        Stream("sub", "Small", 320, 180, block.camera_url),
    ]
    device = Device(streams, login, turns=True, presets={"7": ("Gate", Look(0.5, 0, 0.3))})

    async def begin() -> tuple[DeviceServer, Responder]:
        server = await DeviceServer.start(device)
        return server, await Responder.start(server.url, port=PORT)

    server, ear = city.do(begin())
    yield device

    async def end() -> None:
        ear.stop()
        await server.stop()

    city.do(end())


def test_a_camera_is_found_on_the_network_added_and_turned(city: City, room: Room, dome: Device) -> None:
    name = f"Dome {city.number()}"
    page = room.sits("technician", "/cameras")
    page.get_by_role("button", name="Find on the network").click()
    _searches(page)
    ask = page.get_by_role("region", name="Ask a device")
    ask.get_by_label("Its user name").fill(city.block.camera_user)
    ask.get_by_label("Its password").fill("mistyped")
    ask.get_by_role("button", name="Ask the device").click()
    expect(page.get_by_text("The device refuses the name and password.")).to_be_visible()
    assert not faults(page)
    ask.get_by_label("Its password").fill(city.block.camera_password)
    ask.get_by_role("button", name="Ask the device").click()
    expect(page.get_by_role("heading", name="River Optics RO-20 dome")).to_be_visible()
    add = page.get_by_role("form", name="Add this camera")
    expect(add.get_by_label("Stream to record")).to_have_value("main")
    expect(add.get_by_label("Stream for small pictures")).to_have_value("sub")
    for label, text in (
        ("Name", name),
        ("Place in words", "By the weir"),
        ("Latitude", "38.6402"),
        ("Longitude", "-90.1871"),
    ):
        add.get_by_label(label, exact=True).fill(text)
    assert not faults(page)
    add.get_by_role("button", name="Add this camera").click()
    expect(page.get_by_text("is registered. It records")).to_be_visible()
    assert city.block.camera_password not in page.content()
    page.get_by_role("status").get_by_role("link", name=name).click()
    expect(page.get_by_role("region", name="Its device")).to_contain_text("RO20-000117")
    camera = page.url.rpartition("/")[2]
    _turns(city, room, dome, camera)
    _is_masked_where_it_stands(room, camera)
    city.do(city.night.people["technician"].http.delete(f"{API}/cameras/{camera}"))


def _searches(page: Any) -> None:
    """Where nobody is, and where the device is."""
    network = page.get_by_label("Network")
    network.fill("127.0.0.77")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Nobody answered.")).to_be_visible()
    network.fill("127.0.0.1")
    page.get_by_role("button", name="Search", exact=True).click()
    row = page.get_by_role("row").filter(has_text="River Optics")
    expect(row).to_contain_text("127.0.0.1")
    row.get_by_role("button", name="Ask it: 127.0.0.1").click()


def _last_of_turning(dome: Device) -> str:
    """Beside it the device is asked other things."""
    return [one for one in dome.asked if one == "Stop" or one.startswith("move ")][-1]


def _turns(city: City, room: Room, dome: Device, camera: str) -> None:
    page: Any = room.sits("analyst", f"/cameras/{camera}")
    opens_live(page)
    panel = page.get_by_role("region", name="Turn the camera")
    expect(panel.get_by_text("Nobody turns it.")).to_be_visible()
    page.get_by_role("group", name=re.compile("arrow keys turn it")).focus()
    page.keyboard.down("ArrowRight")
    until(lambda: "move 0.5 0 0 for PT5S" in dome.asked, "it turns to the right")
    page.keyboard.up("ArrowRight")
    until(lambda: _last_of_turning(dome) == "Stop", "it stops when the key is let go")
    expect(panel.get_by_text("You turn it.")).to_be_visible()
    panel.get_by_role("button", name="Nearer").hover()
    page.mouse.down()
    until(lambda: "move 0 0 0.5 for PT5S" in dome.asked, "it zooms while it is pressed")
    page.mouse.up()
    until(lambda: _last_of_turning(dome) == "Stop", "it stops at the release")
    panel.get_by_role("button", name="Gate").click()
    until(lambda: "preset 7" in dome.asked, "it looks at the gate")
    assert not faults(page)
    panel.get_by_role("button", name="Let others turn it").click()
    expect(panel.get_by_text("Nobody turns it.")).to_be_visible()


def _is_masked_where_it_stands(room: Room, camera: str) -> None:
    page: Any = room.sits("supervisor", f"/cameras/{camera}")
    opens_live(page)
    panel = page.get_by_role("region", name="Masks of")
    panel.get_by_role("button", name="Mask a part of the picture").click()
    expect(panel.get_by_label("only where it stands now, at “Gate”")).to_be_checked()
    panel.get_by_role("button", name="Nothing to mask here").click()
    expect(panel.get_by_text("only at Gate")).to_contain_text("nothing is masked there")
    assert not faults(page)
