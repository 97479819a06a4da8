"""The technician registers a recorder with its cameras: tries it, keeps it, and adds them by their channels."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import faults, stands
from tests.fixtures.browser import City, Room
from watchfloor_sim.onvif.device import Device, Stream
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_recorder_is_tried_registered_and_its_cameras_added_at_once(city: City, room: Room) -> None:
    name, channel = f"Depot {city.number()}", city.block.camera_url.rpartition("/")[2]
    page = room.sits("technician", "/cameras")
    page.get_by_role("button", name="Sites", exact=True).click()
    expect(page.get_by_role("heading", name="Sites")).to_be_visible()
    page.get_by_role("button", name="Register a site").click()
    _registers(page, city, name)
    _adds(page, name, channel)

    page.get_by_role("link", name=f"{name} {channel}").click()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    site = page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""
    http = city.night.people["technician"].http
    for one in city.get("technician", f"/sites/{site.rpartition('/')[2]}/cameras")["items"]:
        assert city.do(http.delete(f"{API}/cameras/{one['id']}")).status_code == 204
    page.goto(page.url.partition("/cameras/")[0] + site)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="Sites")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    _tells_of_its_cameras(page, city)


def _tells_of_its_cameras(page: Page, city: City) -> None:
    """A recorder that speaks ONVIF: no path is typed and no channel; what it has is read, looked at and added."""
    streams = [
        Stream(f"p{n}", "Main", 1920, 1080, f"rtsp://127.0.0.1:9/{n}/live", source=f"VideoSource_{n}")
        for n in (1, 2, 3)
    ]
    device = city.do(DeviceServer.start(Device(streams, media_two=True)))
    name = f"Garage {city.number()}"
    try:
        _is_asked_and_added(page, city, device, name)
    finally:
        city.do(device.stop())
    http = city.night.people["technician"].http
    for one in city.get("technician", f"/sites/{page.url.partition('?')[0].rpartition('/')[2]}/cameras")[
        "items"
    ]:
        assert city.do(http.delete(f"{API}/cameras/{one['id']}")).status_code == 204


def _is_asked_and_added(page: Page, city: City, device: DeviceServer, name: str) -> None:
    page.get_by_role("button", name="Register a site").click()
    form = page.get_by_role("dialog", name="Register a site")
    form.get_by_label("Make").select_option("Any that speaks ONVIF")
    expect(form.get_by_label("Path of a stream", exact=True)).to_have_count(0)
    for label, text in (
        ("Name", name),
        ("Place in words", "Garage"),
        ("Latitude", "38.6301"),
        ("Longitude", "-90.2102"),
        ("Its ONVIF address", device.url.replace(str(device.port), "9")),
    ):
        form.get_by_label(re.compile(f"^{label}")).fill(text)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("The device does not answer there.").first).to_be_visible()
    form.get_by_label(re.compile("^Its ONVIF address")).fill(device.url)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("It tells of 3 cameras at rtsp://127.0.0.1:9: channels 1, 2, 3.")).to_be_visible()
    assert not faults(page)
    stands(page)
    form.get_by_role("button", name="Register this site").click()
    adding = page.get_by_role("dialog", name=f"Add cameras of {name}")
    expect(adding.get_by_label("Channels")).to_have_value("1, 2, 3")
    city.do(_without(device, "VideoSource_3"))
    adding.get_by_role("button", name="Ask the recorder which it has").click()
    expect(adding.get_by_label("Channels")).to_have_value("1, 2")
    adding.get_by_role("button", name="Look at them").click()
    stands(page)
    adding.get_by_role("button", name="Add 2 cameras").click()
    expect(page.get_by_role("region", name="Table").get_by_role("link", name=f"{name} 2")).to_be_visible()


async def _without(server: DeviceServer, source: str) -> None:
    """A camera is taken off the recorder."""
    server.device.streams = [one for one in server.device.streams if one.source != source]


def _registers(page: Page, city: City, name: str) -> None:
    block = city.block
    address, _, channel = block.camera_url.rpartition("/")
    form = page.get_by_role("dialog", name="Register a site")
    form.get_by_label("Make").select_option("Hikvision and alike")
    expect(form.get_by_label("Path of a stream", exact=True)).to_have_value("/Streaming/Channels/{channel}01")
    for label, text in (
        ("Name", name),
        ("Place in words", "Bus depot, 3300 Spruce St"),
        ("Latitude", "38.6301"),
        ("Longitude", "-90.2102"),
        ("Address", address),
        ("Path of a stream", "/live"),
        ("Path of a smaller stream", ""),
        ("Path of what it recorded", ""),
        ("Its user name", block.camera_user),
        ("Its password", "mistyped"),
    ):
        form.get_by_label(re.compile(f"^{label}")).fill(text)
    form.get_by_role("button", name="Register this site").click()
    expect(form.get_by_text("It has no {channel}").first).to_be_visible()
    form.get_by_label("Path of a stream", exact=True).fill("/{channel}")
    form.get_by_label("Try channel").fill(channel)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("The camera refuses the name and password it was given.").first).to_be_visible()
    stands(page)
    form.get_by_label(re.compile("^Its password")).fill(block.camera_password)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text(f"Pictures come of channel {channel}")).to_be_visible()
    form.get_by_role("button", name="Register this site").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert block.camera_password not in page.content()


def _adds(page: Page, name: str, channel: str) -> None:
    expect(page.get_by_text("No camera is at this site yet.")).to_be_visible()
    stands(page)
    page.get_by_role("button", name="Add cameras").click()
    dialog = page.get_by_role("dialog", name=f"Add cameras of {name}")
    dialog.get_by_label("Channels").fill("9-1")
    dialog.get_by_role("button", name="Look at them").click()
    expect(dialog.get_by_text("9-1 is no run of at most 256 channels.").first).to_be_visible()
    dialog.get_by_label("Channels").fill(f"{channel}, 17")
    dialog.get_by_role("button", name="Look at them").click()
    found = dialog.get_by_role("list", name="What they come to")
    expect(found.get_by_role("listitem")).to_have_count(2)
    assert not faults(page)
    stands(page)
    dialog.get_by_role("button", name="Add 2 cameras").click()
    table = page.get_by_role("region", name="Table")
    expect(table.get_by_role("link", name=f"{name} 17")).to_be_visible()
    expect(page.get_by_role("button", name="Remove it")).to_be_disabled()
    stands(page)


def test_another_center_is_registered_and_what_it_does_not_answer_is_said(city: City, room: Room) -> None:
    name = f"County {city.number()}"
    page = room.sits("technician", "/cameras/sites?add=1")
    form = page.get_by_role("dialog", name="Register a site")
    form.get_by_label("What stands there").select_option("Another watchfloor center")
    expect(form.get_by_label("Path of a stream", exact=True)).to_have_count(0)
    for label, text in (
        ("Name", name),
        ("Place in words", "Clayton"),
        ("Address", "http://127.0.0.1:9"),
        ("Our name there", "river-city"),
        ("Our password there", "mistyped"),
    ):
        form.get_by_label(re.compile(f"^{label}")).fill(text)
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("Another center has an address, https://host.").first).to_be_visible()
    form.get_by_label(re.compile("^Address")).fill("https://127.0.0.1:9")
    form.get_by_role("button", name="Try it").click()
    expect(form.get_by_text("The other center does not answer.").first).to_be_visible()
    assert not faults(page)
    stands(page)
    form.get_by_role("button", name="Register this site").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="See what it offers").click()
    offers = page.get_by_role("dialog", name=f"What {name} offers")
    expect(offers.get_by_text(f"{name} does not answer.").first).to_be_visible()
    room.complaints.clear()  # that it was answered so is what was asked for
    stands(page)
    offers.get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="Sites")).to_be_visible()
    _lends(city, room)


def _lends(city: City, room: Room) -> None:
    """The clerk lends a camera to a partner center, the supervisor approves it, and the auditor ends it."""
    number = city.number()
    named: dict[str, object] = {"name": f"county.{number}", "full_name": f"County {number}"}
    city.post("administrator", "/people", {**named, "roles": ["partner"]})
    camera = next(
        one for one in city.get("clerk", "/cameras")["items"] if one["technology"] == "fixed_camera"
    )
    page = room.sits("clerk", "/cameras/lendings")
    page.get_by_role("button", name="Lend cameras").first.click()
    form = page.get_by_role("dialog", name="Lend cameras")
    form.get_by_label("To", exact=True).select_option(f"County {number}")
    form.get_by_label("Until the end of").fill("2027-06-01")
    form.get_by_label("Why").fill("the river front")
    form.get_by_label(re.compile("^Cameras")).first.fill(camera["name"])
    form.get_by_role("checkbox", name=camera["name"]).check()
    stands(page)
    form.get_by_role("button", name="Propose it").click()
    decides = page.get_by_role("button", name="Approve…").first
    expect(decides).to_have_accessible_description("You proposed it: another person decides.")
    expect(decides).to_have_attribute("aria-disabled", "true")
    page = room.sits("supervisor", "/cameras/lendings")
    page.get_by_role("button", name="Approve…").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_role("cell", name="in force", exact=True)).to_be_visible()
    stands(page)
    page = room.sits("auditor", "/cameras/lendings", size=(390, 844), theme="light")
    page.get_by_role("button", name=f"End: {camera['name']} for County {number}").click()
    ending = page.get_by_role("dialog")
    ending.get_by_label("Why").fill("the season is over")
    ending.get_by_role("button", name="End it now").click()
    expect(page.get_by_role("cell", name="ended", exact=True)).to_be_visible()
    assert not faults(page)
    stands(page)
