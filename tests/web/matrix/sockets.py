"""The sockets of the center, asked as a browser does: what one is told at first, or how one is turned away."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

import websockets

from tests.fixtures import document
from tests.web.matrix.ask import Who
from watchfloor.cameras.wire import Kind, end_of
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.route import BASE
from watchfloor.web.feed import Topic

# Which thing the key of a topic names.
KEYS: Final = {"incident": "incident"}
KNOWN: Final = frozenset(
    {"SOCKET /api/v1/events", "SOCKET /api/v1/live/{camera_id}", "SOCKET /api/v1/playback"}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody was told first of a topic or a camera."""

    who: Who
    what: str
    need: Need | None
    reason: str | None
    """Why not; None where it was given."""
    text: str

    def __str__(self) -> str:
        return f"{self.who.name}: {self.what} -> {self.reason or 'given'} {self.text[:160]}"


def need_of(topic: Topic, key: str) -> Need:
    """The need that a topic asks for."""
    return topic.ask(process_actor(NO_AGENCY, "matrix"), key).need


def is_keyed(topic: Topic) -> bool:
    """Whether it is about one thing, which its name has to say."""
    try:
        need_of(topic, "")
    except WatchfloorError:
        return True
    return False


async def topic(url: str, who: Who, name: str, need: Need | None) -> Told:
    """Subscribe."""
    async with _connected(url, f"{BASE}/events", who) as socket:
        try:
            await socket.send(json.dumps({"op": "sub", "id": "a", "topic": name}))
            while (said := json.loads(await _next(socket)))["op"] == "beat":
                pass
        except websockets.ConnectionClosed as closed:
            return Told(who, name, need, f"closed {closed.rcvd.code if closed.rcvd else None}", "")
    document.hold_event(said, name.partition(":")[0])
    return Told(who, name, need, said["reason"] if said["op"] == "denied" else None, json.dumps(said))


async def live(url: str, who: Who, camera: str, purpose: dict[str, Any]) -> Told:
    """Ask to watch a camera."""
    try:
        async with _connected(url, f"{BASE}/live/{camera}", who) as socket:
            await socket.send(json.dumps(purpose))
            frame = await _next(socket)
    except websockets.InvalidStatus as turned_away:
        return Told(who, "live", Need.CAMERA_LIVE, f"status {turned_away.response.status_code}", "")
    assert isinstance(frame, bytes)
    reason = end_of(frame).reason if frame[0] == Kind.END else None
    return Told(who, "live", Need.CAMERA_LIVE, reason, frame.decode("latin-1"))


async def playback(url: str, who: Who, camera: str, purpose: dict[str, Any]) -> Told:
    """Ask for what a camera recorded. Whoever may look is told that there is nothing: nobody recorded it."""
    look = {"op": "look", "look": 1, "camera": camera, "at": "2026-11-22T12:00:00Z"} | purpose
    read = {"op": "read", "look": 1, "read": 2, "from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:00:09Z"}
    try:
        async with _connected(url, f"{BASE}/playback", who) as socket:
            await socket.send(json.dumps(look))
            await socket.send(json.dumps(read))
            frame = await _next(socket)
    except websockets.InvalidStatus as turned_away:
        return Told(who, "playback", Need.CAMERA_PLAYBACK, f"status {turned_away.response.status_code}", "")
    assert isinstance(frame, bytes)
    reason = end_of(frame).reason if frame[0] == Kind.END else None
    return Told(who, "playback", Need.CAMERA_PLAYBACK, reason, frame.decode("latin-1"))


def _connected(url: str, path: str, who: Who) -> websockets.connect:
    return websockets.connect(
        url.replace("http", "ws") + path,
        additional_headers=dict(who.bears),
        origin=url,  # type: ignore[arg-type]  # any text is an origin to a liar
    )


async def _next(socket: websockets.ClientConnection) -> str | bytes:
    async with asyncio.timeout(60):
        return await socket.recv()
