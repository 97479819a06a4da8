"""A shift at work on a whole center: a camera records, a reader reads, an analyst watches and reviews, an officer drives.

All of it goes through what everybody has: RTSP, HTTP, sockets. Each client behaves as a good one does when the center
is away: it asks again with the same key. What was acknowledged is remembered; `judge.py` compares it with what is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import struct
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import websockets

from tests.engines.center import CLOCK
from tests.story.center import Whole
from tests.story.footage import numbered_clip
from tests.story.insist import AGAIN_S, AnswerLost, NotNow, insist
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor_sim import story
from watchfloor_sim.officer import Route, SimOfficer
from watchfloor_sim.people import API, Answered, Person
from watchfloor_sim.picture import plate_picture
from watchfloor_sim.plates import STATE, invented_plate
from watchfloor_sim.reader import PlateReader, Refused, Sighting
from watchfloor_sim.rtsp import RtspCamera

READ_EVERY_S: Final = 0.25
DRIVE_EVERY_S: Final = 1.0
FIRST_WANTED: Final = 90_000
"""Plates from this number on are on the hot list, as many as one could see in a shift."""
WANTED: Final = 2_000
_LIVE_HEAD: Final = struct.Struct(">BBIIq")
_FRAGMENT: Final = 2
_NOT_NOW = (httpx.TransportError, websockets.WebSocketException, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Seen:
    """A wanted car that a reader saw and the center took upon itself."""

    plate: str
    at: datetime
    source_key: str


@dataclass
class Kept:
    """What the center acknowledged to its clients."""

    seen: list[Seen] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)
    """Alerts."""
    incidents: dict[str, str] = field(default_factory=dict)
    """By the alert that was confirmed."""
    reviewed_at: float = 0.0
    """When the last review ended, on the monotonic clock."""


class Shift:
    """People and devices at work."""

    def __init__(self, center: Whole, camera: RtspCamera, night: story.Night) -> None:
        self.center, self.camera, self.night = center, camera, night
        self.reader = PlateReader(center.base, night.reader_token)
        self.probe = PlateReader(
            center.base, night.reader_token, attempts=10_000, pause=lambda _: CLOCK.sleep(AGAIN_S)
        )
        """The same reader, impatient: it asks again at once, to learn when it is heard."""
        self.kept = Kept()
        self.surprises: list[str] = []
        """Whatever a client was answered that it should never be."""
        self.met: Counter[str] = Counter()
        """What the sockets met, for whoever asks why nothing came."""
        self.case = ""
        self.alerts: dict[str, dict[str, Any]] = {}
        self.queue_snapshots = 0
        self.live_at: datetime | None = None
        """When the newest picture that the analyst saw live was captured."""
        self._wanted = itertools.count(FIRST_WANTED)
        self._changed = asyncio.Event()
        self.officer = SimOfficer(center.base, night.unit, self.person("officer").http, _ROUND_TRIP)

    def person(self, name: str) -> Person:
        return self.night.people[name]

    # -- asking

    async def ask(
        self,
        name: str,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        key: str = "",
        looks: bool = False,
    ) -> Any:
        """Ask once, with purpose and case where somebody `looks`. Raises NotNow, or Answered when the center says no."""
        headers = {"Idempotency-Key": key} if key else {}
        if looks:
            headers |= {"Wf-Purpose": "stolen_vehicle", "Wf-Case": self.case}
        answer = await self._heard_from(name, method, path, body, query or {}, headers)
        return answer.json() if answer.content else None

    async def signed(self) -> int:
        """How many entries the published checkpoint speaks of; anybody may read it. Raises NotNow."""
        answer = await self._heard_from("auditor", "GET", "/ledger/checkpoint", None, {}, {})
        return int(answer.text.split("\n")[1])

    async def _heard_from(
        self,
        name: str,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        query: Mapping[str, str],
        headers: Mapping[str, str],
    ) -> httpx.Response:
        try:
            answer = await self.person(name).http.request(
                method, API + path, json=body, params=dict(query), headers=headers, timeout=5
            )
        except httpx.TransportError as error:
            raise NotNow(repr(error)) from error
        if answer.status_code == 503 or (
            answer.status_code == 409 and answer.json()["reason"] == "in_progress"
        ):
            raise NotNow(answer.text)
        if answer.status_code == 409 and answer.json()["reason"] == "answer_lost":
            raise AnswerLost(path)
        if answer.status_code >= 500:
            self.surprises.append(f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}")
            raise NotNow(answer.text)
        if not answer.is_success:
            raise Answered(f"{method} {path} was answered {answer.status_code}: {answer.text[:600]}")
        return answer

    async def do(self, name: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """POST until it is done, always with the same key; None when it was and the answer was lost with the server."""
        key = str(uuid7(CLOCK.now()))
        with contextlib.suppress(AnswerLost):
            return await insist(lambda: self.ask(name, "POST", path, body or {}, key=key))
        return None

    # -- what a shift is made of

    async def sees_wanted(self) -> Seen:
        """A car on the hot list passes the reader; returns when the center has taken it upon itself."""
        number = next(self._wanted)
        assert number < FIRST_WANTED + WANTED, "the hot list is used up"
        sighting = await self._photographed(invented_plate(number))
        await self._report(sighting)
        seen = Seen(sighting.plate, sighting.at, sighting.source_key)
        self.kept.seen.append(seen)
        return seen

    async def _photographed(self, plate: str) -> Sighting:
        picture = await asyncio.to_thread(plate_picture, plate, STATE)
        return Sighting(plate, STATE, picture=await self.reader.send_picture(picture), at=CLOCK.now())

    async def until_list_is_in_force(self) -> None:
        """A new hot list takes effect within two seconds: cars pass until one is noticed."""
        end = CLOCK.monotonic() + 30
        while not self.alerts:
            assert CLOCK.monotonic() < end, f"no car was noticed; the sockets met {dict(self.met)}"
            await self._report(await self._photographed(invented_plate(next(self._wanted))))
            await self.until_or_not(lambda: bool(self.alerts), 1.0)

    async def alert_of(self, seen: Seen, within_s: float = 60) -> str:
        """The alert on the analyst's screen that this car raised."""

        def shown() -> str | None:
            return next((key for key, a in self.alerts.items() if parse_rfc3339(a["at"]) == seen.at), None)

        await self.until(lambda: shown() is not None, f"the alert of {seen.at}", within_s)
        return shown() or ""

    async def review(self, alert: str, plate: str) -> str:
        """The analyst claims an alert, reviews it blind and confirms; the incident."""
        await self.do("analyst", f"/alerts/{alert}/acknowledge")
        self.kept.claimed.add(alert)
        self.changed()
        await self.do("analyst", f"/alerts/{alert}/review")
        await self.do("analyst", f"/alerts/{alert}/typed", {"plate": plate, "state": STATE, "vehicle": None})
        reply = {"reply": "active", "reference": "LR-1", "checked_at": rfc3339(CLOCK.now())}
        confirmed = await self.do(
            "analyst",
            f"/alerts/{alert}/confirm",
            {"live_record": reply, "vehicle_agrees": True, "note": None},
        )
        self.kept.incidents[alert] = (
            confirmed["incident"]["id"] if confirmed else await self._incident_of(alert)
        )
        self.kept.reviewed_at = CLOCK.monotonic()
        return self.kept.incidents[alert]

    async def _incident_of(self, alert: str) -> str:
        query = {"state": "closed", "limit": "500"}
        closed = await insist(lambda: self.ask("analyst", "GET", "/alerts", query=query))
        return str(next(item["incident"] for item in closed["items"] if item["id"] == alert))

    # -- waiting

    def changed(self) -> None:
        """Something that somebody may wait for has happened."""
        self._changed.set()

    async def until(self, true: Callable[[], bool], what: str, within_s: float) -> None:
        """Wait for a condition."""
        assert await self.until_or_not(true, within_s), (
            f"never came: {what}; the sockets met {dict(self.met)}"
        )

    async def until_or_not(self, true: Callable[[], bool], within_s: float) -> bool:
        """Wait for a condition, not for ever; whether it came."""
        end = CLOCK.monotonic() + within_s
        while not true():
            left = end - CLOCK.monotonic()
            if left <= 0:
                return False
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left, 0.2))
        return True

    # -- what goes on underneath

    async def work(self) -> None:
        """Go on until cancelled."""
        loops = (self._read_for_ever(), self._drive_for_ever(), self._watch_queue(), self._watch_live())
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)

    async def _read_for_ever(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in itertools.count():
                sighting = Sighting(invented_plate(number % FIRST_WANTED), STATE, at=CLOCK.now())
                group.create_task(self._report(sighting))
                await CLOCK.sleep(READ_EVERY_S)

    async def _report(self, sighting: Sighting) -> None:
        try:
            await self.reader.report([sighting])
        except Refused as refused:
            self.surprises.append(f"the reader's read: {refused}")

    async def _drive_for_ever(self) -> None:
        while True:
            if self.officer.arrived:
                self.officer.turn_to(self.officer.route.points[::-1])
            with contextlib.suppress(*_NOT_NOW, httpx.HTTPStatusError):
                await self.officer.step(DRIVE_EVERY_S, CLOCK.now())
            await CLOCK.sleep(DRIVE_EVERY_S)

    async def _watch_queue(self) -> None:
        ask = {"op": "sub", "id": "a", "topic": "alerts", "after": None}
        while True:
            async with aclosing(self._hearing("/events", ask)) as messages:
                async for text in messages:
                    if not self._heard(json.loads(text)):
                        break

    def _heard(self, said: dict[str, Any]) -> bool:
        """Take a message of the events socket; False when the subscription is over."""
        match said["op"]:
            case "snapshot":
                self.queue_snapshots += 1
                # What left the queue while the line was down is in no message: the snapshot is all there is.
                self.alerts = {item["id"]: item for item in said["items"]}
            case "put":
                self.alerts[said["item"]["id"]] = said["item"]
            case "delete":
                self.alerts.pop(said["key"], None)
            case "denied":
                self.met[f"denied: {said['detail']}"] += 1
                return False
        self.changed()
        return True

    async def _watch_live(self) -> None:
        ask = {"purpose": "stolen_vehicle", "case": self.case}
        while True:
            async for message in self._hearing(f"/live/{self.night.camera}", ask):
                self._saw(message)

    async def _hearing(self, path: str, ask: Mapping[str, object]) -> AsyncGenerator[str | bytes, None]:
        """What a socket says until it ends, however it ends; then a short pause."""
        try:
            async with self.person("analyst").socket(path) as connection:
                self.met[f"{path[:7]} open"] += 1
                await connection.send(json.dumps(ask))
                async for message in connection:
                    yield message
                self.met[f"{path[:7]} closed {connection.close_code} {connection.close_reason}"] += 1
        except _NOT_NOW as error:
            self.met[f"{path[:7]} {error!r}"] += 1
        await CLOCK.sleep(AGAIN_S)

    def live_since(self, at: datetime) -> bool:
        """Whether the analyst has seen a picture live that was captured after a moment."""
        return self.live_at is not None and self.live_at > at

    def _saw(self, message: str | bytes) -> None:
        if not isinstance(message, bytes):
            return
        kind, _, _, _, captured_us = _LIVE_HEAD.unpack_from(message)
        if kind == _FRAGMENT:
            self.live_at = datetime.fromtimestamp(0, CLOCK.now().tzinfo) + timedelta(microseconds=captured_us)
            self.changed()


_ROUND_TRIP: Final = Route([(38.6305, -90.2040), (38.6270, -90.1990), (38.6240, -90.1950)])


@asynccontextmanager
async def at_work(center: Whole) -> AsyncIterator[Shift]:
    """Start a center, let the people come and the devices begin; wait until pictures and alerts have been seen."""
    center.start()
    clip = await asyncio.to_thread(numbered_clip)
    async with await RtspCamera.start(clip, username="watchfloor", password="invented-2291") as camera:
        await center.until_up()
        shift = await _begun(center, camera)
        working = asyncio.create_task(shift.work())
        try:
            await _or_fail(working, shift.until(lambda: shift.live_at is not None, "the first picture", 60))
            await _or_fail(working, shift.until_list_is_in_force())
            yield shift
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await shift.reader.aclose()
            await shift.probe.aclose()
            for person in shift.night.people.values():
                await person.http.aclose()


async def _begun(center: Whole, camera: RtspCamera) -> Shift:
    night = await story.gather_people(center.base, center.first_link, _silent)
    await story.authorise(night, "fixed_camera", "Cameras", _silent)
    await story.authorise(night, "plate_reader", "Readers", _silent)
    block = story.Block(camera.url, "watchfloor", "invented-2291")
    await story.equip(night, block, _silent)
    await story.man_unit(night, block, _silent)
    shift = Shift(center, camera, night)
    case = await shift.do("analyst", "/cases", {"number": "26-00017", "title": "Stolen vehicles"})
    shift.case = f"case:{case['id']}"
    await _fill_hot_list(shift)
    return shift


async def _fill_hot_list(shift: Shift) -> None:
    supervisor = shift.person("supervisor")
    made = await supervisor.post(
        "/hot-lists", {"name": "River City file", "source": "imported", "purpose": "violent_crime"}
    )
    file = "plate,state,reason\n" + "".join(f"{plate},{STATE},assault\n" for plate in wanted_plates())
    preview = await supervisor.http.post(f"{API}/hot-lists/{made['id']}/imports", content=file.encode())
    assert preview.status_code == 201 and preview.json()["bad"] == 0, preview.text
    await supervisor.post(f"/hot-list-imports/{preview.json()['id']}/apply")


def wanted_plates() -> Iterator[str]:
    """Every plate on the hot list."""
    return (invented_plate(FIRST_WANTED + n) for n in range(WANTED))


async def _or_fail(working: asyncio.Task[None], wait: Coroutine[Any, Any, object]) -> None:
    """Wait, unless the shift's own work breaks first."""
    waiting = asyncio.ensure_future(wait)
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        waiting.cancel()
        working.result()
    await waiting


def _silent(step: str, facts: dict[str, object]) -> None:
    """The story's steps are told to nobody here."""
