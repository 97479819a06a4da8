"""The live picture of a partner's camera: its own live socket, read while somebody here watches. What comes is another's word.

It has the form of a recorder's tap (`cameras/tap.py`), so that whoever watches gets it as any other picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

from watchfloor.cameras import wire
from watchfloor.cameras.partners.model import Far, line, refusal
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk, address_of, away, looked_up, unreached
from watchfloor.cameras.partners.trust import trust
from watchfloor.cameras.wire import Kind, StateNote
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, Invalid, Unavailable, WatchfloorError

OF_PARTNER: Final = "partner"
_CONNECT_S: Final = 6.0
_ALIVE_EVERY_S: Final = 60.0
# While pictures are missing the partner says why; whether it is there at all, its answers to these.
_PING_EVERY_S: Final = 5.0
_PONG_WITHIN_S: Final = 10.0
# A partner that said no is asked again by itself, seldom: each time stands in its log.
_AGAIN_S: Final = 15.0
_AGAIN_AWAY_S: Final = 3.0
_LARGEST_FRAME: Final = 16 * 1024 * 1024
_LONGEST_MIME: Final = 80
_MOST_AT_ONCE: Final = 64
# We write four seconds of pictures into one fragment at most.
MOST_SAMPLES: Final = 600
# Where `trun` stands in a fragment of ours.
_TRUN_AT: Final = 68
_LEVELS: Final = frozenset({"normal", "standby", "caution", "serious", "critical", "off"})


class _Connect(connect):
    """No redirect is followed: it would lead wherever somebody else likes."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass(slots=True)
class Relays:
    """The live pictures of partners in this process: so many at once, and whom to ask again not before when."""

    reach: Reach
    clock: Clock
    sessions: Sessions = field(default_factory=Sessions)
    open: int = 0
    not_before: dict[Far, float] = field(default_factory=dict)
    closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def tap(self, far: Far, *, sub: bool) -> PartnerTap:
        """Ask for it. Raises Unavailable (`partner`) with what the partner says, Full."""
        if self.open >= _MOST_AT_ONCE:
            raise Full("Live pictures of partners are at their limit.", reason="partners_full")
        wait = self.not_before.pop(far, 0.0) - self.clock.monotonic()
        if wait > 0:
            await self.clock.sleep(wait)
        self.open += 1
        with contextlib.ExitStack() as failed:
            failed.callback(self.give)
            try:
                tap = await PartnerTap.open(far, self, sub=sub)
            except WatchfloorError as error:
                raise self.refused(far, error) from error
            failed.pop_all()
        return tap

    def give(self) -> None:
        """One less is open."""
        self.open -= 1

    def refused(self, far: Far, error: WatchfloorError) -> Unavailable:
        """The same, for whoever watches; and nobody asks for it again at once."""
        if len(self.not_before) > 1000:
            self.not_before.clear()
        pause = _AGAIN_AWAY_S if error.reason == "no_answer" else _AGAIN_S
        self.not_before[far] = self.clock.monotonic() + pause
        said = f"{error.detail} {error.next_step or ''}".strip()
        return Unavailable(said, reason=OF_PARTNER)


class PartnerTap:
    """A live socket of a partner."""

    def __init__(self, far: Far, relays: Relays, socket: ClientConnection) -> None:
        self._far, self._relays, self._socket = far, relays, socket
        self._alive = asyncio.create_task(self._stays_signed_in())
        self._closed = False

    @classmethod
    async def open(cls, far: Far, relays: Relays, *, sub: bool) -> Self:
        """Connect and say why. A session that is over is begun anew, once. Raises Unavailable, NotFound."""
        talk = Talk(far.partner, relays.reach, relays.sessions)
        for again in (True, False):
            cookie = await talk.session()
            try:
                socket = await _connected(far, relays.reach, cookie)
            except websockets.InvalidStatus as error:
                status, body = error.response.status_code, error.response.body
                if status in (401, 403) and again:
                    relays.sessions.forget(far.partner, cookie)
                    continue
                raise refusal(status, bytes(body or b""), far.partner.name) from error
            told = {
                "purpose": far.purpose,
                "case": far.case,
                "asked_for": far.asked_for,
                "stream": "sub" if sub else "main",
            }
            try:
                await socket.send(msgspec.json.encode(told).decode())
            except (websockets.WebSocketException, OSError) as error:
                raise away(f"{far.partner.name} does not answer.") from error
            return cls(far, relays, socket)
        raise AssertionError("a loop that returns or raises")

    async def next(self) -> bytes:
        """The next live frame. Raises Unavailable when the partner ends it, or sends none."""
        while True:
            try:
                data = await self._socket.recv()
            except (websockets.WebSocketException, OSError) as error:
                raise self._over(away(f"{self._far.partner.name} sends no pictures any more.")) from error
            try:
                shown = judged(data, self._far.partner.name)
            except Unavailable as error:
                raise self._over(error) from error
            if shown is not None:
                return shown

    def renew(self, camera: UUID, token: str, *, sub: bool = False) -> None:
        """The partner's own door renews what it gave; here is nothing to show."""

    def close(self) -> None:
        """Leave: the partner's look ends, and its log has it."""
        if not self._closed:
            self._closed = True
            self._relays.give()
            self._alive.cancel()
            task = asyncio.create_task(self._close())
            self._relays.closing.add(task)
            task.add_done_callback(self._relays.closing.discard)

    async def _close(self) -> None:
        with contextlib.suppress(websockets.WebSocketException, OSError):
            await self._socket.close()

    def _over(self, error: WatchfloorError) -> Unavailable:
        return self._relays.refused(self._far, error)

    async def _stays_signed_in(self) -> None:
        """A session that asks for nothing counts as left alone, and what it watches would end."""
        talk = Talk(self._far.partner, self._relays.reach, self._relays.sessions)
        while True:
            await self._relays.clock.sleep(_ALIVE_EVERY_S)
            with contextlib.suppress(WatchfloorError):
                await talk.asks("/session", {})


async def _connected(far: Far, reach: Reach, cookie: str) -> ClientConnection:
    partner, address = far.partner, address_of(far.partner)
    ip = await looked_up(partner, reach)
    uri = f"wss{partner.address.removeprefix('https')}/api/v1/live/{far.camera}"
    try:
        async with asyncio.timeout(_CONNECT_S):
            return await _Connect(
                uri,
                additional_headers={"Cookie": cookie},
                origin=websockets.Origin(partner.address),
                compression=None,
                proxy=None,
                max_size=_LARGEST_FRAME,
                max_queue=64,
                ping_interval=_PING_EVERY_S,
                ping_timeout=_PONG_WITHIN_S,
                ssl=trust(partner.login.authority),
                server_hostname=address.host,
                host=str(ip),
                port=address.port,
            )
    except websockets.InvalidStatus:
        raise
    except TimeoutError as error:
        raise away(f"{partner.name} does not answer in time.") from error
    except (websockets.WebSocketException, OSError, ValueError) as error:
        raise unreached(partner.name, error) from error


def judged(data: str | bytes, partner: str) -> bytes | None:
    """A partner's frame as it may be handed on; None for what is for us alone. Pure. Raises Unavailable where it ends, or lies."""
    if isinstance(data, str):
        raise _nonsense(partner)
    try:
        head = wire.head(data)
        match head.kind:
            case Kind.INIT:
                _must_be_init(data)
                return data
            case Kind.FRAGMENT if is_fragment(data[wire.HEAD_SIZE :]):
                return data
            case Kind.STATE:
                said = wire.state_of(data)
                level = said.level if said.level in _LEVELS else "caution"
                return wire.note(Kind.STATE, StateNote(level, line(said.word, 40), line(said.reason)))
            case Kind.END:
                end = wire.end_of(data)
                raise Unavailable(
                    f"{partner} says: {line(end.detail)}",
                    reason=line(end.reason, 40),
                    next_step=line(end.next_step or "") or None,
                )
            case Kind.DROP | Kind.STREAM:
                return None
            case _:
                raise _nonsense(partner)
    except Invalid as error:
        raise _nonsense(partner) from error


def is_fragment(data: bytes) -> bool:
    """Whether it is one fragment as we write them ourselves, with as much in it as it says and no empty picture: it may be taken apart.
    Pure.
    """
    try:
        moof, kind = struct.unpack_from(">I4s", data)
        trun, name, _, count = struct.unpack_from(">I4sII", data, _TRUN_AT)
        mdat, body = struct.unpack_from(">I4s", data, moof)
        whole = trun == 20 + 16 * count and moof == _TRUN_AT + trun and moof + mdat == len(data)
        if (kind, name, body) != (b"moof", b"trun", b"mdat") or not whole or not 0 < count <= MOST_SAMPLES:
            return False
        sizes = [struct.unpack_from(">I", data, _TRUN_AT + 24 + 16 * number)[0] for number in range(count)]
        return all(sizes) and sum(sizes) == mdat - 8
    except struct.error:
        return False


def _must_be_init(data: bytes) -> None:
    """Raises Invalid."""
    at = wire.HEAD_SIZE
    size = data[at] if len(data) > at else 0
    mime = data[at + 1 : at + 1 + size]
    if not 0 < size <= _LONGEST_MIME or not mime.isascii() or not mime.decode("ascii").isprintable():
        raise Invalid("no init")
    if wire.segment_of(data)[4:8] != b"ftyp":
        raise Invalid("no init")


def _nonsense(partner: str) -> Unavailable:
    return Unavailable(
        f"What {partner} sends is no live picture as we know it.",
        reason="other_version",
        next_step="Compare the versions of both centers.",
    )
