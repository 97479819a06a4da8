"""The demo as a newcomer meets it: started, looked at as each role, ended, started again, and its center dying."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import pytest

from tests.engines.center import CLOCK, runs, until
from watchfloor.engines.endpoints import Endpoints
from watchfloor_sim.fleet import POSTS
from watchfloor_sim.officer import metres
from watchfloor_sim.people import API

pytestmark = pytest.mark.timeout(400)
UNIT: Final = "3142"
"""The one on which the officer's guest rides along."""
PASSWORD: Final = "what a guest would choose"
WITHIN_S: Final = 180.0
# What each role opens first, and what it is refused.
SEES: Final = {
    "analyst": ("/alerts", "/people"),
    "detective": ("/cases", "/alerts"),
    "supervisor": ("/units", "/street-maps"),
    "officer": ("/assignments/mine", "/alerts"),
    "clerk": ("/authorisations", "/alerts"),
    "auditor": ("/audit/entries", "/alerts"),
    "technician": ("/cameras", "/incidents"),
    "administrator": ("/people", "/alerts"),
}


class Run:
    """One run of `watchfloor demo`. What it says goes to files, so that it belongs to no event loop of a test."""

    def __init__(self, data: Path, name: str, *more: str) -> None:
        self._out, self._err = data.parent / f"{name}.out", data.parent / f"{name}.err"
        command = [sys.executable, "-m", "watchfloor", "demo", "--data", str(data), "--json", *more]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )

    def told(self, step: str) -> list[dict[str, Any]]:
        """What was told of that step."""
        whole, _, _ = self._out.read_text().rpartition("\n")
        return [said for line in whole.splitlines() if (said := json.loads(line))["step"] == step]

    @property
    def complaint(self) -> str:
        return self._err.read_text()

    async def until_told(self, step: str) -> dict[str, Any]:
        """Wait until it tells that; the run's own complaint when it ends first."""
        await until(lambda: bool(self.told(step)) or self.process.poll() is not None, step, WITHIN_S)
        assert self.told(step), self.complaint
        return self.told(step)[-1]

    def kill(self) -> None:
        """Kill it, where it still runs; its center ends with it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    async def ended(self) -> int:
        """Its exit status."""
        await until(lambda: self.process.poll() is not None, "the end of the demo", WITHIN_S)
        return int(self.process.returncode)


@dataclass
class Evening:
    """What happened, in the order in which it did."""

    guests: list[dict[str, Any]]
    furnished: dict[str, Any]
    fleet: list[dict[str, Any]]
    cameras: list[dict[str, Any]]
    on_video: list[dict[str, Any]]
    first_picture_s: float
    statuses: dict[str, tuple[int, int]]
    secrets: dict[str, Any]
    secrets_mode: int
    secrets_in_center: list[str]
    drove: list[dict[str, Any]]
    sent: dict[str, Any]
    closer_m: list[float]
    ended: int
    left: list[str]
    ports_free: bool
    rival: Run
    second: Run
    second_guests: list[dict[str, Any]]
    left_to_guest: dict[str, Any]
    names_after: list[str]
    fell: int
    left_after_fall: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def evening() -> Iterator[Evening]:
    """One evening with the demo; every test looks at another hour of it."""
    with tempfile.TemporaryDirectory(prefix="wfd-") as folder:
        Path(folder).chmod(0o711)  # the database's own user passes through
        runs: list[Run] = []
        try:
            yield asyncio.run(_evening(Path(folder) / "center", runs))
        finally:
            for run in runs:
                run.kill()


async def _evening(data: Path, started: list[Run]) -> Evening:
    def starts(name: str, *more: str) -> Run:
        started.append(Run(data, name, *more))
        return started[-1]

    await _cut_off_early(starts("cut off"), data)
    first, rival = starts("first"), starts("rival")
    if await _until_one_ended(first, rival) is first:
        first, rival = rival, first
    guests = (await first.until_told("guests"))["people"]
    base = Endpoints.read(data).http
    people = {guest["role"]: await _opens(base, guest) for guest in guests}
    statuses = {role: await _looks(people[role], *SEES[role]) for role in people}
    secrets_at = data.with_name("center-block") / "devices.json"
    secrets = json.loads(secrets_at.read_text())
    drove = await _drives(people["supervisor"])
    furnished = await first.until_told("furnished")
    fleet = await _all_drive(people["supervisor"])
    cameras = await _all_live(people["technician"])
    sent, closer = await _goes_where_it_is_sent(first, people)
    on_video = await _read_on_video(first, people)
    first.process.send_signal(signal.SIGINT)
    ended, left = await first.ended(), _left(data)
    ports = (httpx.URL(base).port or 0, int(secrets["camera_port"]))
    free = all(_is_free(port) for port in ports)
    with socket.create_server(("127.0.0.1", ports[1])):
        second = starts("second", "--story", "misread")
        again = (await second.until_told("guests"))["people"]
        base = Endpoints.read(data).http
        names = await _names(base)
        taken = await _takes_the_alert(second, await _signs_in(base, "guest-analyst"))
        os.kill(Endpoints.read(data).pids["up"], signal.SIGKILL)
        fell = await second.ended()
    await until(lambda: not _left(data), "the end of what a dead center started", 60)
    return Evening(
        guests, furnished, fleet, cameras, on_video, first.told("live")[0]["after_s"], statuses, secrets,
        stat.S_IMODE(secrets_at.stat().st_mode), _holding(data, secrets["camera_password"]), drove, sent, closer, ended, left, free,
        rival, second, again, taken, names, fell, _left(data),
    )  # fmt: skip


async def _cut_off_early(run: Run, data: Path) -> None:
    """A first start that is killed before it is done; the next one begins anew."""
    await run.until_told("people")
    run.kill()
    await until(lambda: not _left(data), "the end of a center whose demo was killed", 60)


async def _until_one_ended(*runs: Run) -> Run:
    """The run that ended, of several that were started at once."""
    await until(lambda: any(run.process.poll() is not None for run in runs), "the end of one start", WITHIN_S)
    return next(run for run in runs if run.process.poll() is not None)


async def _opens(base: str, guest: dict[str, Any]) -> httpx.AsyncClient:
    """Follow the link, choose a password, and sign in with it as one does the next day."""
    async with httpx.AsyncClient(base_url=base, headers={"Origin": base}, timeout=30) as new:
        body = {"token": guest["link"].partition("#")[2], "password": PASSWORD}
        accepted = await new.post(f"{API}/invitations/accept", json=body)
        assert accepted.status_code == 200, accepted.text
    return await _signs_in(base, guest["name"])


async def _signs_in(base: str, name: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=base, headers={"Origin": base}, timeout=30)
    answer = await client.post(f"{API}/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


async def _looks(person: httpx.AsyncClient, *paths: str) -> tuple[int, int]:
    first, second = [(await person.get(API + path)).status_code for path in paths]
    return first, second


async def _takes_the_alert(run: Run, analyst: httpx.AsyncClient) -> dict[str, Any]:
    """The guest acknowledges the alert of the story; what the demo says then."""
    alert = (await run.until_told("misread"))["alert"]
    taken = await analyst.post(f"{API}/alerts/{alert}/acknowledge", json={})
    assert taken.status_code == 200, taken.text
    await analyst.aclose()
    return await run.until_told("left")


async def _drives(supervisor: httpx.AsyncClient, times: int = 2) -> list[dict[str, Any]]:
    """Where the unit is, again and again, each time somewhere else."""
    seen: list[dict[str, Any]] = []
    end = CLOCK.monotonic() + WITHIN_S
    while len(seen) < times:
        assert CLOCK.monotonic() < end, f"the unit stands at {seen}"
        units = (await supervisor.get(f"{API}/units")).json()["items"]
        (unit,) = (unit for unit in units if unit["call_sign"] == UNIT)
        if unit["place"] is not None and unit["place"] not in seen:
            seen.append(unit["place"])
        await CLOCK.sleep(0.1)
    return seen


async def _all_drive(supervisor: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every unit, when each has said where it is and that it moves."""
    end = CLOCK.monotonic() + WITHIN_S
    while True:
        units: list[dict[str, Any]] = (await supervisor.get(f"{API}/units")).json()["items"]
        if all(unit["speed_mps"] and unit["heading_deg"] is not None for unit in units):
            return units
        assert CLOCK.monotonic() < end, f"not every unit drives: {units}"
        await CLOCK.sleep(0.2)


async def _all_live(technician: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every camera, when those that may show a picture do."""
    end = CLOCK.monotonic() + WITHIN_S
    while True:
        cameras: list[dict[str, Any]] = (await technician.get(f"{API}/cameras")).json()["items"]
        if all(one["state"]["word"] == "live" or one["technology"] == "mobile_trailer" for one in cameras):
            return cameras
        assert CLOCK.monotonic() < end, [(one["name"], one["state"]) for one in cameras]
        await CLOCK.sleep(0.2)


async def _read_on_video(run: Run, people: dict[str, httpx.AsyncClient]) -> list[dict[str, Any]]:
    """The readers that are cameras, once a plate has been read there; what the people look at last."""
    await run.until_told("read_on_video")
    readers = (await people["technician"].get(f"{API}/readers")).json()["items"]
    for person in people.values():
        await person.aclose()
    return [one for one in readers if one["camera"] is not None]


async def _goes_where_it_is_sent(
    run: Run, people: dict[str, httpx.AsyncClient]
) -> tuple[dict[str, Any], list[float]]:
    """The analyst sends the unit to a call, the officer's guest says it is on its way; how far it is, again and again."""
    analyst, officer = people["analyst"], people["officer"]
    lat, lon = 38.6322, -90.1940
    call = {
        "type": "Burglary",
        "priority": 2,
        "purpose": "burglary_theft",
        "place": "Quay St 9",
        "lat": lat,
        "lon": lon,
    }
    taken = (await analyst.post(f"{API}/calls", json=call)).json()
    incident = (await analyst.post(f"{API}/incidents", json={"call": taken["id"]})).json()
    proposed = (await analyst.get(f"{API}/incidents/{incident['id']}/proposals")).json()["items"]
    guests = next(one["unit"] for one in proposed if one["unit"]["call_sign"] == UNIT)
    body = {"unit": guests["id"], "warning": None, "message": None}
    made = (await analyst.post(f"{API}/incidents/{incident['id']}/assignments", json=body)).json()
    for step in ("accept", "en-route"):
        said = {"warning_heard": False} if step == "accept" else {}
        answer = await officer.post(f"{API}/assignments/{made['id']}/{step}", json=said)
        assert answer.status_code == 200, answer.text
    sent = await run.until_told("sent")
    places = await _drives(people["supervisor"], 8)
    return sent, [metres((place["lat"], place["lon"]), (lat, lon)) for place in places]


async def _names(base: str) -> list[str]:
    admin = await _signs_in(base, "guest-administrator")
    names = [person["name"] for person in (await admin.get(f"{API}/people")).json()["items"]]
    await admin.aclose()
    return names


def _left(data: Path) -> list[str]:
    """Command lines of processes that still work on the data directory, other than demos."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(data) in line and runs(process.info["pid"]):
            found.append(line)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holding(folder: Path, secret: str) -> list[str]:
    """Files of the center's own in which that text stands."""
    return [
        str(path) for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
    ]


def test_each_role_has_a_link_that_opens_once_and_shows_what_that_role_may_see(evening: Evening) -> None:
    assert [guest["role"] for guest in evening.guests] == list(SEES)
    assert evening.statuses == dict.fromkeys(SEES, (200, 403))


def test_plates_are_read_on_the_video_of_one_camera(evening: Evening) -> None:
    (reader,) = evening.on_video
    assert (reader["name"], reader["video"]["stream"]) == ("Northgate, on video", "main")
    assert reader["reads"] >= 1, reader["video"]


def test_the_first_live_picture_is_told_with_its_time(evening: Evening) -> None:
    assert 0 < evening.first_picture_s < WITHIN_S


def test_what_the_devices_know_lies_in_a_file_of_the_users_own_and_nowhere_in_the_center(
    evening: Evening,
) -> None:
    assert evening.secrets_mode == 0o600
    assert evening.secrets["camera_password"] and evening.secrets["reader_token"]
    assert evening.secrets_in_center == []


def test_of_two_starts_at_once_one_is_told_who_has_the_demo(evening: Evening) -> None:
    assert evening.rival.process.returncode == 1
    assert "/center is in use by watchfloor demo, process " in evening.rival.complaint
    assert "Traceback" not in evening.rival.complaint
    assert evening.rival.told("up") == []


def test_the_whole_city_stands_and_moves(evening: Evening) -> None:
    assert {name: evening.furnished[name] for name in ("cameras", "readers", "units")} == {
        "cameras": 12, "readers": 6, "units": 10,
    }  # fmt: skip
    assert sorted(unit["call_sign"] for unit in evening.fleet) == sorted(post.call_sign for post in POSTS)
    assert all(unit["state"] != "off" for unit in evening.fleet)
    assert {
        one["name"]: one["state"]["word"] for one in evening.cameras if one["state"]["word"] != "live"
    } == {"Trailer 2": "not authorised"}
    assert len(evening.cameras) == 12


def test_what_a_guest_takes_the_simulated_people_leave_to_them(evening: Evening) -> None:
    assert evening.left_to_guest["who"] == "Guest (analyst)"
    assert evening.second.told("found_out") == []


def test_the_unit_drives_and_goes_where_it_is_sent(evening: Evening) -> None:
    first, second = evening.drove
    assert (first["lat"], first["lon"]) != (second["lat"], second["lon"])
    assert evening.sent["unit"] == UNIT
    # By road, so not always nearer from one look to the next.
    assert evening.closer_m[-1] < evening.closer_m[0]


def test_ctrl_c_ends_everything_and_frees_the_ports(evening: Evening) -> None:
    assert (evening.ended, evening.left, evening.ports_free) == (0, [], True)


def test_a_second_start_finds_the_center_again_and_invites_nobody_twice(evening: Evening) -> None:
    assert [told["people"] for told in evening.second.told("back")] == [7]
    for step in ("people", "authorised", "camera", "streets", "unit", "wanted"):
        assert evening.second.told(step) == [], step
    assert [guest["link"] for guest in evening.second_guests] == [None] * len(SEES)
    staff = [name for name in evening.names_after if not name.startswith("owner.")]
    assert len(staff) == len(set(staff)) == 7 + len(POSTS) - 1 + len(SEES)


def test_a_camera_whose_port_was_taken_comes_back_at_another(evening: Evening) -> None:
    assert len(evening.second.told("moved")) == 1
    assert len(evening.second.told("live")) == 1


def test_a_center_that_dies_ends_the_demo_with_a_sentence(evening: Evening) -> None:
    assert evening.fell == 1
    assert "The center has ended by itself (status -9)." in evening.second.complaint
    assert "Traceback" not in evening.second.complaint
    assert evening.left_after_fall == []
