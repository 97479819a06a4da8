"""The playback socket: what cameras recorded, for all players of a page. Translate in, play, translate out.

Whoever has recorded pictures of a camera before them holds a look at it here, so that its end reaches them at once: what a browser still
has in hand is not shown on. The frames are those of live video (`cameras/wire.py`); `run` is the number of the look.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from watchfloor.cameras import wire
from watchfloor.cameras.wire import EndNote, Kind
from watchfloor.governance.forms import inside, why_of
from watchfloor.governance.model import Actor, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Full, Invalid, WatchfloorError
from watchfloor.kit.route import Stated
from watchfloor.recordings.api import Elsewhere, RecordingRoutes, stretch_of
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.fmp4 import first_apart
from watchfloor.recordings.looks import Look, Looks
from watchfloor.recordings.model import at, us
from watchfloor.recordings.turns import FirstPictures

MOST_LOOKS: Final = 32
_NOT_UNDERSTOOD: Final = (
    "Not understood: a message is {op, look} in JSON, with look, read or leave as its op."
)
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
# Of no other years is anything recorded; near the ends of time nothing can be reckoned.
_YEARS: Final = range(1970, 2200)


class LookAsk(msgspec.Struct, frozen=True, tag_field="op", tag="look"):
    """Hold a look at what a camera recorded at that time; `look` is its number on this socket."""

    look: int
    camera: str
    at: _Moment
    purpose: str | None = None
    case: str | None = None

    def __post_init__(self) -> None:
        _refuse_beyond(self.at)


class ReadAsk(msgspec.Struct, frozen=True, tag_field="op", tag="read"):
    """Send the video of a time, as `GET /cameras/{id}/video` does. What was being sent of the look ends."""

    look: int
    read: int
    begin: _Moment = msgspec.field(name="from")
    end: _Moment = msgspec.field(name="to")
    pictures: Literal["all", "keyframes"] = "all"

    def __post_init__(self) -> None:
        _refuse_beyond(self.begin, self.end)


class LeaveAsk(msgspec.Struct, frozen=True, tag_field="op", tag="leave"):
    """Let go of a look."""

    look: int


class PieceNote(msgspec.Struct, frozen=True):
    """What was read is whole up to `to`; or why it is not, as in a problem."""

    to: str | None = None
    kind: str | None = None
    reason: str | None = None
    detail: str | None = None
    next_step: str | None = None
    retry_after_s: int | None = None


PLAYBACK: Final[Mapping[str, type[msgspec.Struct]]] = {
    "look": LookAsk,
    "read": ReadAsk,
    "leave": LeaveAsk,
    "piece": PieceNote,
    "end": EndNote,
}
_said = msgspec.json.Decoder(LookAsk | ReadAsk | LeaveAsk)


def routes(parts: RecordingRoutes, looks: Looks) -> APIRouter:
    """The socket."""
    router = APIRouter(tags=["recordings"], route_class=Stated)

    @router.websocket("/playback")
    async def playback(socket: WebSocket, actor: Signed) -> None:
        """Play what cameras recorded."""
        await socket.accept()
        channel = _Channel(parts, looks, socket, actor)
        try:
            while (message := await socket.receive())["type"] != "websocket.disconnect":
                await channel.hear(message.get("text") or "")  # bytes are no ask
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            await channel.close()

    return router


def _refuse_beyond(*moments: datetime) -> None:
    if any(moment.year not in _YEARS for moment in moments):
        raise ValueError("a time at which nothing was recorded")


@dataclass(slots=True)
class _Player:
    """One look of a page: what it asks for, and the task that serves it."""

    asked: asyncio.Queue[ReadAsk] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None


class _Channel:
    """One page's socket."""

    def __init__(self, parts: RecordingRoutes, looks: Looks, socket: WebSocket, actor: Actor) -> None:
        self.parts, self.looks = parts, looks
        self._socket, self._actor = socket, actor
        self._players: dict[int, _Player] = {}
        self._sending = asyncio.Lock()
        self.first = FirstPictures()

    async def hear(self, text: str) -> None:
        try:
            said = _said.decode(text)
        except (msgspec.DecodeError, RecursionError):  # msgspec gives up on what is nested too deeply
            await self._end(0, EndNote("invalid", _NOT_UNDERSTOOD))
            return
        match said:
            case LookAsk():
                await self._leave(said.look)
                await self._begin(said)
            case ReadAsk() if said.look in self._players:
                self.first.asked(said.look)
                self._players[said.look].asked.put_nowait(said)
            case LeaveAsk():
                await self._leave(said.look)

    async def close(self) -> None:
        """Nobody is there any more."""
        for number in list(self._players):
            await self._leave(number)

    async def _begin(self, said: LookAsk) -> None:
        if len(self._players) >= MOST_LOOKS:
            await self._end(said.look, _note(Full(f"At most {MOST_LOOKS} looks on one connection.")))
            return
        player = self._players[said.look] = _Player()
        player.task = asyncio.create_task(self._serve(said, player.asked), name="playback")

    async def _leave(self, number: int) -> None:
        player = self._players.pop(number, None)
        if player is not None and player.task is not None:
            player.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await player.task

    async def _serve(self, said: LookAsk, asked: asyncio.Queue[ReadAsk]) -> None:
        """Read what is asked for until the look ends, which is said, or is let go."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            try:
                camera, why = inside("camera", said.camera), why_of(said.purpose, said.case)
                look = await self.hold(camera, why, said.at)
                await _Looking(self, said.look, camera, why, look).run(asked)
            except WatchfloorError as error:
                await self._end(said.look, _note(error))
            finally:
                self._players.pop(said.look, None)
                self.first.gone(said.look)

    async def _end(self, number: int, note: EndNote) -> None:
        await self.send(wire.frame(Kind.END, number, 0, 0, msgspec.json.encode(note)))

    async def send(self, data: bytes) -> None:
        async with self._sending:
            await self._socket.send_bytes(data)

    async def hold(self, camera: UUID, why: Why | None, moment: datetime) -> Look:
        """The look under which what was recorded at that moment may be shown. Raises Refused, NotFound, Unavailable."""
        door = self.parts.door
        return await self.looks.hold(
            await ask_of_then(door, self._actor, camera, Need.CAMERA_PLAYBACK, why, moment)
        )


class _Looking:
    """One look while it is held: what is read in it, one piece at a time."""

    def __init__(self, channel: _Channel, number: int, camera: UUID, why: Why | None, look: Look) -> None:
        self._channel, self._number, self._camera, self._why = channel, number, camera, why
        self._look = look
        self._moved = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def run(self, asked: asyncio.Queue[ReadAsk]) -> None:
        """Until the leave ends. Raises what it ended for."""
        try:
            while True:
                said = await self._next(asked)
                while not asked.empty():  # somebody who drags along the bar wants the last
                    said = asked.get_nowait()
                await self._stop()
                self._reading = asyncio.create_task(self._read(said))
        finally:
            self._channel.looks.let_go(self._look)
            await self._stop()

    async def _next(self, asked: asyncio.Queue[ReadAsk]) -> ReadAsk:
        following = asyncio.create_task(asked.get())
        try:
            while True:
                self._moved.clear()
                look, moved = self._look, asyncio.create_task(self._moved.wait())
                ended = asyncio.create_task(look.grant.ended.wait())
                try:
                    await asyncio.wait({ended, moved, following}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    ended.cancel()
                    moved.cancel()
                if look is self._look and look.grant.ended.is_set():
                    raise _Ended(look.grant.end_reason)
                if following.done():
                    return following.result()
        finally:
            following.cancel()

    async def _stop(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _read(self, said: ReadAsk) -> None:
        try:
            if said.end <= said.begin:
                raise Invalid("`from` is before `to`.", reason="range")
            try:
                to = await self._send(said)
            except Elsewhere:
                other = await self._channel.hold(self._camera, self._why, said.begin)
                self._channel.looks.let_go(self._look)
                self._look = other
                self._moved.set()
                to = await self._send(said)
            note = PieceNote(to=to)
        except WatchfloorError as error:
            self._channel.first.gone(self._number)
            note = PieceNote(
                None, error.kind.word, error.reason, error.detail, error.next_step, error.retry_after_s
            )
        await self._channel.send(self._frame(Kind.PIECE, said, 0, msgspec.json.encode(note)))

    async def _send(self, said: ReadAsk) -> str:
        """Send what was recorded then; until when that goes. Raises Elsewhere where the camera stood elsewhere."""
        look, keys_only = self._look, said.pictures == "keyframes"
        stretch = await stretch_of(
            self._channel.parts, look.grant, self._camera, us(said.begin), us(said.end), keys_only=keys_only
        )
        look.shows(stretch.begin_us, stretch.end_us)
        codec = stretch.mime.encode("ascii")
        kind, head = Kind.INIT, bytes((len(codec),)) + codec
        async for part in _first_before_others(stretch.parts, self._channel.first, self._number):
            if look.grant.ended.is_set():
                raise _Ended(look.grant.end_reason)
            look.counts["bytes"] += len(part)
            await self._channel.send(self._frame(kind, said, stretch.begin_us, head + part))
            kind, head = Kind.FRAGMENT, b""
        return rfc3339(at(stretch.end_us))

    def _frame(self, kind: Kind, said: ReadAsk, at_us: int, payload: bytes) -> bytes:
        return wire.frame(kind, self._number, said.read, at_us, payload)


async def _first_before_others(
    parts: AsyncIterator[bytes], first: FirstPictures, look: int
) -> AsyncIterator[bytes]:
    """The init segment and the first picture at once; the other pictures once every look of the page has its first."""
    begun, others = False, list[bytes]()
    try:
        async for part in parts:
            if not begun:
                begun = True
                yield part
                continue
            picture, *others = first_apart(part)
            yield picture
            break
    finally:
        first.gone(look)
    await first.others()
    for part in others:
        yield part
    async for part in parts:
        yield part


class _Ended(WatchfloorError):
    """The leave has ended meanwhile."""

    kind = Refused.kind

    def __init__(self, why: str | None) -> None:
        super().__init__(
            why or "The leave to watch has ended.",
            reason="grant_ended",
            next_step="Ask again when it is allowed again.",
        )


def _note(error: WatchfloorError) -> EndNote:
    return EndNote(error.reason, error.detail, error.next_step, refused=isinstance(error, Refused))
