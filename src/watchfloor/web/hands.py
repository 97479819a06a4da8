"""Who has what in hand: each open console says it, colleagues see it, those at other servers of the center too. In memory
while it is said, and in nothing that lasts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.detections.envelope import InHand, subject_of, written
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.store import names_of
from watchfloor.kit.clock import Clock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.storage.nats import Bus
from watchfloor.storage.tx import Tx
from watchfloor.web.feed import Item, Topic
from watchfloor.web.forms import Hand

TOPIC: Final = "hands"
NEWS: Final = "web.hands"
SHARED: Final = "web.hands.changed"
# A console says it every 4 s. Whoever has not been heard for this long is not shown: a dead link is no presence.
FOR_S: Final = 10.0
MOST: Final = 16
_KINDS: Final = ("alert", "incident", "camera")


Share = Callable[[UUID, InHand], None]
"""Tells the other servers of the center, best effort, what a console here has open; or that it is gone."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one console said last: the things, each with since when, and when it was heard."""

    console: UUID
    agency: UUID
    person: UUID
    name: str
    since: dict[str, datetime]
    heard_at: datetime
    heard_s: float


class Hands:
    """The hands of the center's consoles: of ours by connection, of other servers' as they tell."""

    def __init__(self, clock: Clock, stir: Callable[[str], None], share: Share | None = None) -> None:
        self._clock = clock
        self._stir = stir
        self._share = share
        self._server = uuid7(clock.now())
        self._said: dict[object, _Said] = {}

    def say(self, connection: object, actor: Actor, things: Sequence[object]) -> None:
        """Keep what the console of this connection has open now. Raises Invalid for what is no thing of the floor."""
        if len(things) > MOST:
            raise Invalid(f"At most {MOST} things are in one person's hands.", reason="too_many")
        named = [_thing(given) for given in things]
        now, before = self._clock.now(), self._said.get(connection)
        known = before.since if before is not None else {}
        said = {name: known.get(name, now) for name in named}
        console = before.console if before is not None else uuid7(now)
        kept = _Said(console, actor.agency, actor.id, actor.name, said, now, self._clock.monotonic())
        self._said[connection] = kept
        self._tell(kept, {name: rfc3339(since) for name, since in said.items()})
        if before is None or said != known:
            self._stir(NEWS)

    def gone(self, connection: object) -> None:
        """The connection ended: nothing is in its hands."""
        said = self._said.pop(connection, None)
        if said is not None:
            self._tell(said, None)
            self._stir(NEWS)

    def heard(self, agency: UUID, told: InHand) -> None:
        """Another server told of one of its consoles: it is shown as long as one of ours that fell silent then."""
        if told.id is None or told.person is None or told.server in (None, self._server):
            return
        before = self._said.pop(told.id, None)
        since: dict[str, datetime] | None = None
        if told.has is not None and len(told.has) <= MOST:
            with contextlib.suppress(Invalid, ValueError):
                since = {_thing(name): parse_rfc3339(at) for name, at in told.has.items()}
        if since is not None:
            now, heard_s = self._clock.now(), self._clock.monotonic()
            self._said[told.id] = _Said(told.id, agency, told.person, "", since, now, heard_s)
        if (before.since if before is not None else None) != since:
            self._stir(NEWS)

    def _tell(self, said: _Said, has: dict[str, str] | None) -> None:
        if self._share is not None:
            told = InHand(id=said.console, server=self._server, person=said.person, has=has)
            self._share(said.agency, told)

    def of(self, agency: UUID) -> list[Hand]:
        """Who of the agency has what, one for each person however many windows they have."""
        oldest = self._clock.monotonic() - FOR_S
        for connection in [key for key, said in self._said.items() if said.heard_s < oldest]:
            del self._said[connection]
        hands: dict[UUID, Hand] = {}
        for said in self._said.values():
            if said.agency != agency:
                continue
            hand = hands.setdefault(said.person, _empty(said))
            hand["name"] = hand["name"] or said.name
            hand["heard_at"] = max(hand["heard_at"], said.heard_at)
            for thing, since in said.since.items():
                hand["has"][thing] = min(since, hand["has"].get(thing, since))
        return list(hands.values())


def over(bus: Bus, clock: Clock) -> Share:
    """Share over the bus; while that is away each server shows its own."""

    def share(agency: UUID, told: InHand) -> None:
        now = clock.now()
        bus.tell(subject_of(agency, SHARED), written(SHARED, agency, told, at=now, now=now))

    return share


def topic(hands: Hands) -> Topic:
    """The list of them, for whoever sees the queue."""

    async def load(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
        found = {inside("person", hand["id"]): hand for hand in hands.of(tx.agency)}
        # Of another server's console no name came: the bus carries ids.
        nameless = [person for person, hand in found.items() if not hand["name"]]
        names = await names_of(tx, nameless) if nameless else {}
        return [hand | {"name": hand["name"] or names.get(person, "")} for person, hand in found.items()]

    return Topic(TOPIC, lambda actor, _: Ask(actor, Need.ALERTS_VIEW), load, (NEWS,), form=Hand)


def _empty(said: _Said) -> Hand:
    return {
        "id": outside("person", said.person),
        "name": said.name,
        "has": {},
        "heard_at": said.heard_at,
    }


def _thing(given: object) -> str:
    """`kind:id` of an alert, an incident or a camera, checked to be one."""
    kind, _, key = str(given).partition(":")
    if kind not in _KINDS:
        raise Invalid(
            f"{str(given)[:60]!r} is no thing of the floor; write kind:id with {', '.join(_KINDS)}."
        )
    return f"{kind}:{outside(kind, inside(kind, key))}"
