"""The technician's night: one dead switch is one line, work on it is planned, and a broken device gets another in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import stands
from tests.fixtures.browser import City, Room, until
from watchfloor_sim.people import API

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def dead(city: City) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Two cameras of a switch that nothing answers behind; its name, and they."""
    switch = f"MDF-{city.number()}"
    cameras = [
        city.post(
            "technician",
            "/cameras",
            {
                "name": f"{switch} {side}", "technology": "fixed_camera", "place": "Behind a dead switch", "lat": 38.63,
                "lon": -90.2, "url": "rtsp://127.0.0.1:9/none", "network_switch": switch,
            },
        )
        for side in ("east", "west")
    ]  # fmt: skip
    yield switch, cameras
    http = city.night.people["technician"].http
    for camera in cameras:
        assert city.do(http.delete(f"{API}/cameras/{camera['id']}")).status_code == 204


def test_a_dead_switch_is_one_line_until_work_on_it_is_planned_and_its_camera_gets_another_device(
    city: City, room: Room, dead: tuple[str, list[dict[str, str]]]
) -> None:
    switch, (east, _) = dead
    until(lambda: _is_told(city, switch), "the switch is an outage", 60)
    page = room.sits("technician", "/cameras")
    outage = page.get_by_role("region", name="Outages")
    expect(outage.get_by_text(f"Switch {switch}:")).to_be_visible()
    expect(outage).to_contain_text("2 cameras")
    outage.get_by_text(f"Switch {switch}:").click()
    expect(outage.get_by_role("link", name=east["name"])).to_be_visible()
    stands(page)
    _plans_work(page, switch)
    expect(outage.get_by_text(f"Switch {switch}:")).to_have_count(0)

    page.get_by_role("link", name=east["name"]).click()
    expect(page.get_by_role("heading", name="planned work")).to_be_visible()
    expect(page.get_by_text(re.compile("^Planned work by .*: The switch is replaced$"))).to_be_visible()
    # The gap has the work as its cause, and its owner.
    expect(page.get_by_text(re.compile("gap.*: planned work by .*: The switch is replaced"))).to_be_visible()
    _replaces(page)


def test_who_answers_for_the_retention_sees_what_is_kept(room: Room) -> None:
    page = room.sits("auditor", "/authorisations")
    kept = page.get_by_role("region", name="What is kept")
    expect(
        kept.get_by_text(re.compile("Storage has not been listed yet|Nothing was kept then|since 20"))
    ).not_to_have_count(0)
    stands(page)


def _is_told(city: City, switch: str) -> bool:
    return any(
        one["title"] == f"Switch {switch}" for one in city.get("technician", "/camera-outages")["outages"]
    )


def _plans_work(page: Page, switch: str) -> None:
    page.get_by_role("button", name="Planned work").click()
    dialog = page.get_by_role("dialog", name="Planned work")
    dialog.get_by_label("Which").select_option(switch)
    dialog.get_by_label("What is done").fill("The switch is replaced")
    stands(page)
    dialog.get_by_role("button", name="Plan this work").click()
    expect(dialog.get_by_text(f"Switch {switch}", exact=True)).to_be_visible()
    expect(dialog.get_by_text("goes on now").first).to_be_visible()
    dialog.get_by_role("button", name="Close", exact=True).last.click()


def _replaces(page: Page) -> None:
    page.get_by_role("button", name="Replace the device").click()
    dialog = page.get_by_role("dialog", name=re.compile("Replace the device of"))
    dialog.get_by_label("New device").fill("Axis P3265-LVE")
    dialog.get_by_label("Why").fill("Its glass is broken")
    stands(page)
    dialog.get_by_role("button", name="Replace the device").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Replace the device").click()
    expect(page.get_by_role("list", name="Devices so far")).to_contain_text("Axis P3265-LVE, since")
