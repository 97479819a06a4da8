"""The playback socket: several cameras read through one, each in one look of the log, dark for all when its leave ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.recordings.center import Block
from tests.recordings.footage import street
from tests.recordings.read import shown_at
from tests.recordings.stored import Shelf
from tests.recordings.test_check_recordings import played, the_rule
from tests.recordings.test_live import suspend
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import at

BEFORE = "2026-11-22T12:00:00Z"


@dataclass
class Heard:
    """What came of each look: its video, and how the readings and the looks ended."""

    socket: ClientConnection
    video: dict[int, bytes] = field(default_factory=dict)
    pieces: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    ends: list[tuple[int, wire.EndNote]] = field(default_factory=list)

    async def say(self, op: str, look: int, **more: object) -> None:
        await self.socket.send(json.dumps({"op": op, "look": look} | more))

    async def until(self, *, pieces: int = 0, ends: int = 0) -> None:
        """Hear on until so many have ended."""
        async with asyncio.timeout(60):
            while len(self.pieces) < pieces or len(self.ends) < ends:
                data = await self.socket.recv()
                assert isinstance(data, bytes)
                self._take(wire.head(data), data)

    def _take(self, head: wire.LiveHead, data: bytes) -> None:
        payload, before = data[wire.HEAD_SIZE :], self.video.get(head.run, b"")
        match head.kind:
            case Kind.INIT:
                self.video[head.run] = payload[1 + payload[0] :]
            case Kind.FRAGMENT:
                self.video[head.run] = before + payload
            case Kind.PIECE:
                self.pieces.append((head.run, head.seq, json.loads(payload)))
            case _:
                self.ends.append((head.run, wire.end_of(data)))


@asynccontextmanager
async def page(city: Block, who: str = "analyst") -> AsyncIterator[Heard]:
    """Somebody's page, with its playback socket."""
    person = await city.web.person(who)
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    headers = {"Cookie": cookies, "Origin": city.web.url}
    url = f"{city.web.url.replace('http', 'ws')}/api/v1/playback"
    async with connect(url, additional_headers=headers, max_size=None) as socket:
        yield Heard(socket)


async def test_cameras_are_read_through_one_socket_and_go_dark_when_their_leave_ends(
    city: Block, owner_dsn: str, clips: Path
) -> None:
    rule = await the_rule(city, owner_dsn)
    shelves = [await Shelf.make(city, owner_dsn, rule, name) for name in ("Mill St", "Dock St")]
    for shelf in shelves:
        await shelf.record(street(clips))
    why = await city.web.case()
    whole = [await played(city, shelf) for shelf in shelves]
    looks_before = await entries(city, kind="decision", need="camera.playback", result="allowed")
    async with page(city) as mine, page(city, "supervisor") as other:
        for heard in (mine, other):
            for number, shelf in enumerate(shelves, 1):
                await _reads(heard, number, shelf, why)
            await heard.until(pieces=2)
            assert sorted((look, read) for look, read, _ in heard.pieces) == [(1, 1), (2, 1)]
            assert [len(shown_at(heard.video[number])) for number in (1, 2)] == whole
        # What is not there, or cannot be, is said of that reading; the look goes on.
        await mine.say("read", 1, read=2, **{"from": BEFORE, "to": "2026-11-22T12:00:09Z"})
        await mine.say("read", 2, read=3, **{"from": BEFORE, "to": BEFORE})
        await mine.until(pieces=4)
        assert {(read, note["reason"], note["kind"]) for _, read, note in mine.pieces[2:]} == {
            (2, "gap", "not_found"),
            (3, "range", "invalid"),
        }
        await _is_answered(city, mine, outside("camera", shelves[0].camera), why)
        supervisor = await city.web.person("supervisor")
        (approved,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
        await suspend(city, approved["id"])
        await mine.until(ends=2)
        await other.until(ends=2)
        assert all("suspended" in end.detail for heard in (mine, other) for _, end in heard.ends)
        await _reads(mine, 1, shelves[0], why)
        await mine.until(ends=3)
        assert mine.ends[2][1].refused and "suspended" in mine.ends[2][1].detail
    looks = await entries(city, kind="decision", need="camera.playback", result="allowed")
    assert looks - looks_before == 4  # two people, two cameras, however much each read


async def _reads(heard: Heard, number: int, shelf: Shelf, case: str) -> None:
    """Hold a look, and read all that was recorded."""
    begin, end = (rfc3339(at(us)) for us in (shelf.segments[0].began_us, shelf.segments[-1].ended_us))
    camera = outside("camera", shelf.camera)
    await heard.say("look", number, camera=camera, at=begin, purpose="stolen_vehicle", case=case)
    await heard.say("read", number, read=1, **{"from": begin, "to": end})


async def _is_answered(city: Block, mine: Heard, camera: str, case: str) -> None:
    """Who may not look is refused by the door, and what is no ask at all is answered in words."""
    refused = await entries(city, kind="decision", need="camera.playback", result="refused")
    look: dict[str, Any] = {"camera": camera, "at": BEFORE, "purpose": "stolen_vehicle", "case": case}
    await mine.say("look", 3, **look | {"purpose": None, "case": None})
    await mine.say("look", 4, **look | {"camera": "cam_" + "0" * 25 + "7"})
    await mine.say("read", 9, read=1, **{"from": BEFORE, "to": BEFORE})  # of no look: nothing comes of it
    beyond = {"op": "look", "look": 5, "at": "9999-12-31T23:59:59Z", "camera": camera}
    rubbish = ("{", '{"op": "look"}', "[" * 100_000, json.dumps(beyond))
    for text in rubbish:
        await mine.socket.send(text)
    await mine.until(ends=2 + len(rubbish))
    said = dict(mine.ends)
    assert said[3].refused and said[3].detail == "A purpose is needed."
    assert not said[4].refused and said[4].detail == "There is no such camera."
    assert [end.reason for run, end in mine.ends if run == 0] == ["invalid"] * len(rubbish)
    assert await entries(city, kind="decision", need="camera.playback", result="refused") == refused + 1
    mine.ends.clear()


async def entries(city: Block, **asked: str) -> int:
    """How many entries of the log are so."""
    auditor = await city.web.person("auditor")
    return len((await auditor.get("/api/v1/audit/entries", params=asked)).json()["items"])
