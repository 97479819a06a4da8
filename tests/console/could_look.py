"""Which four cameras dock at an incident, and who and what is nearest that could look where none of them sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Page, expect

from tests.console.test_stolen_car import unit_is_near
from tests.fixtures.browser import City
from watchfloor_sim.onvif.device import Device, Stream
from watchfloor_sim.onvif.server import DeviceServer
from watchfloor_sim.people import API

# Of each camera: what it is, how far north and east of the incident it is in degrees, and where it looks, how wide and how far.
_AROUND: Final[Mapping[str, tuple[str, float, float, tuple[float, float, float] | None]]] = {
    "far": ("fixed_camera", -0.0016, 0.0, (0, 90, 250)),
    "south": ("fixed_camera", -0.0009, 0.0, (0, 90, 150)),
    "west": ("fixed_camera", 0.0, -0.0007, (90, 40, 150)),
    "away": ("fixed_camera", 0.0, -0.0003, (270, 90, 150)),
    "dome": ("fixed_camera", 0.0, -0.0015, None),
    "trailer": ("mobile_trailer", 0.01, 0.0, None),
}


@contextmanager
def near(city: City, lat: float, lon: float) -> Iterator[dict[str, str]]:
    """Three cameras that look at the place, one that looks away, one that turns, a trailer, and a free unit; the names of the cameras."""
    name, block = f"Ferry {city.number()}", city.block
    device = Device([Stream("main", "Main stream", 640, 360, block.camera_url)], turns=True)
    server = city.do(DeviceServer.start(device))
    made = {}
    for kind, (technology, north, east, view) in _AROUND.items():
        looks = dict(zip(("heading_deg", "field_deg", "range_m"), view or (None, None, None), strict=True))
        body = {
            "name": f"{name} {kind}",
            "technology": technology,
            "place": "Ferry landing",
            "url": "rtsp://127.0.0.1:9/none",
        }
        where = {"lat": lat + north, "lon": lon + east}
        made[kind] = city.post("technician", "/cameras", {**body, **where, **looks})["id"]
    city.post("technician", f"/cameras/{made['dome']}/device", {"address": server.url})
    unit_is_near(city)
    try:
        yield {kind: f"{name} {kind}" for kind in made}
    finally:
        for camera in made.values():
            city.do(city.night.people["technician"].http.delete(f"{API}/cameras/{camera}"))
        city.do(server.stop())


def dock_by_rank(page: Page, named: dict[str, str], best: str) -> None:
    """The four right ones, the closest look first, each with its why; neither who looks away nor of whom nobody said where it looks."""
    docked = page.get_by_role("region", name="Video").get_by_role(
        "button", name=re.compile("^Show .* large$")
    )
    expect(docked).to_have_count(4)
    order = ((named["west"], "6."), (best, "1[01]0"), (named["south"], "100"), (named["far"], "1[78]0"))
    for one, (name, metres) in zip(docked.all(), order, strict=True):
        expect(one).to_have_accessible_name(f"Show {name} large")
        expect(one).to_have_accessible_description(re.compile(f"^It looks there from {metres} m away"))


def stand_beside(page: Page, named: dict[str, str]) -> None:
    """Who could look, each with how far it is and what to do: a camera is shown, a unit is sent."""
    unseen = page.get_by_role("region", name="What no camera sees")
    rows = unseen.get_by_role("listitem")
    for kind, says in (("trailer", "trailer.*1.1 km.*no picture yet"), ("dome", "it turns.*1[23]0 m")):
        expect(rows.filter(has_text=named[kind])).to_contain_text(re.compile(says, re.DOTALL))
    unit = rows.filter(has_text="unit")
    expect(unit).to_contain_text(re.compile("3142.* m", re.DOTALL))
    expect(unit.get_by_role("button", name="Send a unit…")).to_be_enabled()
    words = unseen.inner_text()
    assert words.index(named["dome"]) < words.index(named["trailer"]) < words.index("3142")
