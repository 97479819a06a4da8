"""Who has what in hand: each open console says it, colleagues see it. In memory while it is said, and in nothing that lasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.storage.tx import Tx
from watchfloor.web.feed import Item, Topic
from watchfloor.web.forms import Hand

TOPIC: Final = "hands"
NEWS: Final = "web.hands"
# A console says it every 4 s. Whoever has not been heard for this long is not shown: a dead link is no presence.
FOR_S: Final = 10.0
MOST: Final = 16
_KINDS: Final = ("alert", "incident", "camera")


@dataclass(frozen=True, slots=True)
class _Said:
    """What one console said last: the things, each with since when, and when it was heard."""

    actor: Actor
    since: dict[str, datetime]
    heard_at: datetime
    heard_s: float


class Hands:
    """The hands of this process's consoles, by connection."""

    def __init__(self, clock: Clock, stir: Callable[[str], None]) -> None:
        self._clock = clock
        self._stir = stir
        self._said: dict[object, _Said] = {}

    def say(self, connection: object, actor: Actor, things: Sequence[object]) -> None:
        """Keep what the console of this connection has open now. Raises Invalid for what is no thing of the floor."""
        if len(things) > MOST:
            raise Invalid(f"At most {MOST} things are in one person's hands.", reason="too_many")
        named = [_thing(given) for given in things]
        now, before = self._clock.now(), self._said.get(connection)
        known = before.since if before is not None else {}
        said = {name: known.get(name, now) for name in named}
        self._said[connection] = _Said(actor, said, now, self._clock.monotonic())
        if before is None or said != known:
            self._stir(NEWS)

    def gone(self, connection: object) -> None:
        """The connection ended: nothing is in its hands."""
        if self._said.pop(connection, None) is not None:
            self._stir(NEWS)

    def of(self, agency: UUID) -> list[Hand]:
        """Who of the agency has what, one for each person however many windows they have."""
        oldest = self._clock.monotonic() - FOR_S
        for connection in [key for key, said in self._said.items() if said.heard_s < oldest]:
            del self._said[connection]
        hands: dict[UUID, Hand] = {}
        for said in self._said.values():
            if said.actor.agency != agency:
                continue
            hand = hands.setdefault(said.actor.id, _empty(said))
            hand["heard_at"] = max(hand["heard_at"], said.heard_at)
            for thing, since in said.since.items():
                hand["has"][thing] = min(since, hand["has"].get(thing, since))
        return list(hands.values())


def topic(hands: Hands) -> Topic:
    """The list of them, for whoever sees the queue."""

    async def load(tx: Tx, _: Actor, __: str) -> Sequence[Item]:
        return hands.of(tx.agency)

    return Topic(TOPIC, lambda actor, _: Ask(actor, Need.ALERTS_VIEW), load, (NEWS,), form=Hand)


def _empty(said: _Said) -> Hand:
    return {
        "id": outside("person", said.actor.id),
        "name": said.actor.name or "",
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
