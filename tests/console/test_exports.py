"""The whole way of an export with two persons: asked for beside a span, seen and approved, made, fetched; and one that is refused."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import pytest
from playwright.sync_api import Page, expect

from tests.console.test_every_page import barriers, runs_off
from tests.fixtures.browser import CLOCK, City, Room, until
from watchfloor.evidence.request import SETTLES_IN
from watchfloor.kit.clock import parse_rfc3339, rfc3339

SPANS: Final = 12
# What the bar of an export shows, each time that it changes.
SHARES: Final = """() => {
  window.shares = [];
  new MutationObserver(() => {
    const bar = document.querySelector('progress');
    if (bar !== null && bar.value !== shares.at(-1)) shares.push(bar.value);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_one_person_asks_another_approves_and_the_package_is_fetched(
    city: City, room: Room, tmp_path: Path
) -> None:
    camera = city.get("analyst", "/cameras")["items"][0]
    case = city.post("analyst", "/cases", {"number": f"EX-{city.number()}", "title": "Scrap metal"})
    # Before there was any camera: what is missing is said, and no minute has to be waited for.
    begin = CLOCK.now().replace(microsecond=0) - timedelta(hours=3)
    span = f"{camera['id']},{rfc3339(begin)},{rfc3339(begin + timedelta(seconds=90))}"
    asks = room.sits("analyst", f"/exports/new?span={span}")
    _for(asks, case)
    expect(asks.get_by_label("Camera")).to_have_value(camera["id"])
    asks.get_by_label("Why it is needed").press("Enter")
    asks.get_by_role("button", name="Ask for it").press("Enter")
    expect(asks.get_by_text("Say why, in a few words.")).to_be_visible()
    asks.get_by_label("Why it is needed").fill("the car leaves the lot")
    assert [*barriers(asks), *runs_off(asks)] == []
    asks.get_by_role("button", name="Ask for it").press("Enter")
    state = asks.get_by_role("status").filter(has_text="Waits for a second person.")
    expect(state).to_be_visible()
    expect(asks.get_by_role("button", name="Approve…")).to_have_accessible_description(
        "You proposed it: another person decides."
    )
    export = asks.url.rpartition("/")[2]

    _approves(room.sits("supervisor", f"/exports/{export}", theme="light"), camera["name"])
    expect(asks.get_by_role("status").filter(has_text="Ready to fetch.")).to_be_visible(timeout=60_000)
    expect(asks.get_by_role("region", name="What is missing")).to_contain_text(
        "Nothing had been recorded of it yet."
    )
    with asks.expect_download() as kept:
        asks.get_by_role("button", name="Fetch the package").press("Enter")
    kept.value.save_as(tmp_path / "package.zip")
    _is_the_package(tmp_path / "package.zip", export)
    expect(asks.get_by_role("region", name="The package")).to_contain_text("Fetched 1 time.")
    listed = room.sits("detective", "/exports").get_by_role("row").filter(has_text="the car leaves the lot")
    expect(listed).to_contain_text("Ready")
    _rises_and_has_its_clips(city, asks, camera, case, tmp_path / "clips.zip")
    _not_once_the_case_is_closed(city, asks, case)


def _for(page: Page, case: dict[str, Any]) -> None:
    page.get_by_label("Incident or case").select_option(f"case:{case['id']}")
    page.get_by_label("Purpose").select_option("stolen_vehicle")
    page.get_by_role("button", name="Export for this").press("Enter")


def _approves(page: Page, camera: str) -> None:
    """The second person, who sees what is there of it."""
    asked = page.get_by_role("region", name="What is asked for")
    expect(asked).to_contain_text(camera)
    expect(asked).to_contain_text("nothing of it was recorded here when it was asked for, with 1 gap:")
    expect(asked).to_contain_text("Nothing had been recorded of it yet.")
    assert [*barriers(page), *runs_off(page)] == []
    page.get_by_role("button", name="Approve…").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Approve").press("Enter")


def _is_the_package(path: Path, export: str) -> None:
    with zipfile.ZipFile(path) as packed:
        said = json.loads(packed.read(f"{export}/data/manifest.json"))
    assert said["clips"] == [] and said["complete"] is False and said["log"]["state"] == "included"
    assert said["asked_by"]["id"] != said["approved_by"]["id"]


def _rises_and_has_its_clips(
    city: City, page: Page, camera: dict[str, Any], case: dict[str, Any], path: Path
) -> None:
    """Of what was recorded: how far it is rises before one's eyes, and what is fetched plays."""
    begin = parse_rfc3339(city.get("analyst", f"/cameras/{camera['id']}")["state"]["since"]) + SETTLES_IN
    begin = max(begin, CLOCK.now() - 2 * SETTLES_IN) - SETTLES_IN + timedelta(seconds=1)
    until(
        lambda: CLOCK.now() > begin + timedelta(seconds=SPANS * 2) + SETTLES_IN,
        "its last minute is stored",
        120,
    )
    span: dict[str, object] = {"camera": camera["id"]}
    ends = [begin + timedelta(seconds=2 * n) for n in range(SPANS + 1)]
    spans = [span | {"from_at": rfc3339(a), "to_at": rfc3339(b)} for a, b in pairwise(ends)]
    body: dict[str, object] = {
        "reason": "the gate",
        "purpose": "stolen_vehicle",
        "case": f"case:{case['id']}",
        "spans": spans,
    }
    asked = city.post("analyst", "/exports", body)
    before = page.url
    page.goto(f"/exports/{asked['id']}")
    expect(page.get_by_text("Waits for a second person.")).to_be_visible()
    page.evaluate(SHARES)
    city.post("supervisor", f"/proposals/{asked['proposal']}/approve", {"note": "fits the case"})
    expect(page.get_by_role("status").filter(has_text="Ready to fetch.")).to_be_visible(timeout=60_000)
    shares: list[int] = page.evaluate("shares")
    assert shares == sorted(shares) and [one for one in shares if 0 < one < 100], shares
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Fetch the package").click()
    fetched.value.save_as(path)
    with zipfile.ZipFile(path) as packed:
        said = json.loads(packed.read(f"{asked['id']}/data/manifest.json"))
        clips = said["clips"]
        first = io.BytesIO(packed.read(f"{asked['id']}/{clips[0]['file']}"))
    assert said["complete"] and len(clips) == SPANS
    with av.open(first, "r") as clip:
        assert len(list(clip.decode(video=0))) == clips[0]["frames"] > 0
    page.goto(before)


def _not_once_the_case_is_closed(city: City, page: Page, case: dict[str, Any]) -> None:
    city.post("supervisor", f"/cases/{case['id']}/close")
    page.get_by_role("button", name="Fetch the package").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("was closed"))


def test_an_incident_gives_its_cameras_and_its_time(city: City, room: Room) -> None:
    place = city.get("analyst", "/cameras")["items"][0]["place"]
    call = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St", "text": ""}
    # Beside the camera: whoever presses the camera on the map chooses the camera.
    taken = city.post("analyst", "/calls", {**call, "lat": place["lat"] + 0.0008, "lon": place["lon"]})
    incident = city.post("analyst", "/incidents", {"call": taken["id"]})
    page = room.sits("analyst", f"/incidents/{incident['id']}")
    page.get_by_role("button", name="Export…").press("Enter")
    expect(page).to_have_url(re.compile(r"/exports/new\?span=cam_"))
    expect(page.get_by_text("Burglary or theft", exact=True)).to_be_visible()
    expect(page.get_by_label("Camera").first).not_to_have_value("")
