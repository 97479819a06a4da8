"""The doorkeeper of the bus: answers its server whether a device may come in, and has those put out that may not stay.

The server asks of everybody whom its configuration does not name (auth callout), and lets in nobody whom nobody speaks for: while no
doorkeeper answers, those who are in stay, and nobody comes in. Who may is decided elsewhere. No password is logged or kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import msgspec

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.nats import Bus
from watchfloor.storage.nkeys import Issuer, Request, request_of
from watchfloor.storage.shares import Shares

ACCOUNT: Final = "CENTER"
"""Where devices are put: that of the center itself."""
SIGN_INS: Final = "$SYS.REQ.USER.AUTH"
_CONNECTIONS: Final = "$SYS.REQ.SERVER.PING.CONNZ"
_LOOK_EVERY_S: Final = 5.0
_ANSWER_WITHIN_S: Final = 4.0
"""A second less than the server waits."""
# A city that comes back at one moment takes its turns; it leaves people most of the connections to the database.
_AT_ONCE: Final = 8
_MOST_WAITING: Final = 2000
_PAGE: Final = 1000
# A token says how long its bearer may stay whatever becomes of us; spread, so that they do not all come back at one moment.
# Longer than what they send may wait: with the database away those who are in stay. Who may not stay is put out by `look`.
_STAYS: Final = timedelta(hours=30)
_SPREAD: Final = timedelta(hours=4)

_log = logger("doorkeeper")


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody who wants to come in."""

    name: str
    password: str = field(repr=False)
    host: str
    over_mqtt: bool
    client_id: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Come in: as `name`, to publish on these subjects, to hear one where there is one, and do nothing else."""

    name: str
    publishes: tuple[str, ...]
    hears: str | None = None


@dataclass(frozen=True, slots=True)
class Turned:
    """Turned away, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Inside:
    """A connection over MQTT, by the name that it was let in under."""

    server: str
    number: int
    name: str
    sent: int = 0

    @property
    def device(self) -> str:
        """Whose it is, whatever it came in by."""
        return self.name.partition(".")[0]


Decides = Callable[[Knock], Awaitable[Leave | Turned]]
MayStay = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of these names may stay. Raises Unavailable where nobody can tell: then all do."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """That what waits is no one device's: how many bytes wait, and how a device is told that it sent more than its share. Both may raise
    Unavailable: then it is looked, or told, the next time."""

    waits: Callable[[], Awaitable[int]]
    tells: Callable[[str], Awaitable[None]]
    shares: Shares = field(default_factory=Shares)


class Doorkeeper:
    """Answers while it runs. `asked` hears the server's questions, `looks` sees who is in and puts them out."""

    def __init__(
        self,
        asked: Bus,
        looks: Bus,
        issuer: Issuer,
        clock: Clock,
        *,
        decides: Decides,
        may_stay: MayStay,
        ready: Callable[[], Awaitable[None]],
        sharing: Sharing | None = None,
    ) -> None:
        """`ready` makes sure that what devices send is kept; nobody comes in before, nor while it raises Unavailable."""
        self._sharing = sharing
        self._too_much: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._asked = asked
        self._looks = looks
        self._issuer = issuer
        self._clock = clock
        self._decides = decides
        self._may_stay = may_stay
        self._ready = ready
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def run(self) -> None:
        """Answer, and look who is in, until cancelled."""
        while True:
            try:
                await self.begin()
                _log.info("devices are let in")
                break
            except WatchfloorError:
                await self._clock.sleep(0.5)
        while True:
            await self._clock.sleep(_LOOK_EVERY_S)
            try:
                await self.look()
            except Unavailable:
                continue  # nobody can tell who may stay: those who are in do
            except (WatchfloorError, msgspec.MsgspecError) as error:
                _log.error("nobody could look who is in", alarm=True, why=str(error)[:200])

    async def begin(self) -> None:
        """Answer from now on. Raises Unavailable before the bus was there."""
        await self._asked.answer(SIGN_INS, self._answer)

    async def look(self) -> None:
        """Put out who may not stay, and who sent more than its share of what waits. Raises Unavailable."""
        inside = await self._inside()
        await self._share(inside)
        over = [one for one in inside if one.device in self._too_much]
        for one in over:
            await self._put_out(one)
        left = [one for one in inside if one not in over]
        stays = await self._may_stay({one.name for one in left}) if left else ()
        for one in left:
            if one.name not in stays:
                await self._put_out(one)

    async def _put_out(self, one: Inside) -> None:
        await self._looks.ask(f"$SYS.REQ.SERVER.{one.server}.KICK", msgspec.json.encode({"cid": one.number}))
        _log.info("put out", name=one.name)

    async def _share(self, inside: Sequence[Inside]) -> None:
        if self._sharing is None:
            return
        waiting = await self._sharing.waits()
        sent = {(one.server, one.number): (one.device, one.sent) for one in inside}
        self._too_much = self._sharing.shares.looked(waiting, sent)
        self._told &= self._too_much
        for device in sorted(self._too_much - self._told):
            with contextlib.suppress(Unavailable):
                await self._sharing.tells(device)
                self._told.add(device)
                _log.error("a device sent more than may wait of one", alarm=True, device=device)

    async def _answer(self, question: bytes) -> bytes | None:
        try:
            request = request_of(question)
        except ValueError:
            _log.error("a question that cannot be read; the server's version may have changed it")
            return None
        if self._waiting >= _MOST_WAITING:
            return self._said(request, Turned("busy"))
        self._waiting += 1
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S), self._at_once:
                await self._ready()
                given, client = request.connect_opts, request.client_info
                knock = Knock(given.user, given.password, client.host, client.type == "mqtt", client.mqtt_id)
                verdict = await self._decides(knock)
                if isinstance(verdict, Leave) and verdict.name.partition(".")[0] in self._too_much:
                    verdict = Turned("too_much")
                # The server does not hold it to that itself (2.15).
                return self._said(request, verdict if knock.over_mqtt else Turned("not_mqtt"))
        except (WatchfloorError, TimeoutError):
            return self._said(request, Turned("away"))
        finally:
            self._waiting -= 1

    def _said(self, request: Request, verdict: Leave | Turned) -> bytes:
        now = self._clock.now()
        answer: dict[str, object] = {"type": "authorization_response", "version": 2}
        if isinstance(verdict, Turned):
            answer["error"] = verdict.why
        else:
            until = now + _STAYS - secrets.randbelow(1000) / 1000 * _SPREAD
            answer["jwt"] = self._issuer.signed(
                {
                    "sub": request.user_nkey,
                    "aud": ACCOUNT,
                    "name": verdict.name,
                    "exp": int(until.timestamp()),
                    "nats": _rights(verdict),
                },
                now=now,
            )
        return self._issuer.signed(
            {"sub": request.user_nkey, "aud": request.server_id.id, "nats": answer}, now=now
        ).encode()

    async def _inside(self) -> Sequence[Inside]:
        found: list[Inside] = []
        while True:
            wanted = {"auth": True, "acc": ACCOUNT, "limit": _PAGE, "offset": len(found)}
            said = await self._looks.ask(_CONNECTIONS, msgspec.json.encode(wanted))
            page = msgspec.json.decode(said, type=_Connections)
            found += [
                Inside(
                    page.server.id, one.cid, one.authorized_user if one.type == "mqtt" else "", one.in_bytes
                )
                for one in page.data.connections
            ]
            if len(page.data.connections) < _PAGE:
                return [one for one in found if one.name]


def _rights(leave: Leave) -> dict[str, object]:
    # Of the server's own subjects of MQTT it needs none: they are opened by the server.
    return {
        "pub": {"allow": list(leave.publishes)},
        "sub": {"allow": [leave.hears]} if leave.hears else {"deny": [">"]},
        "subs": -1,
        "data": -1,
        "payload": -1,
        "allowed_connection_types": ["MQTT"],
        "type": "user",
        "version": 2,
    }


class _Server(msgspec.Struct):
    id: str


class _Connection(msgspec.Struct):
    cid: int
    type: str = ""
    authorized_user: str = ""
    in_bytes: int = 0


class _Page(msgspec.Struct):
    connections: list[_Connection]


class _Connections(msgspec.Struct):
    server: _Server
    data: _Page
