"""Which microphone may come in over MQTT, as what, and which of those that are in may stay. It takes no pulse.

Name and client id are the microphone's id, the password its token. Whatever cannot be told at the moment is a no for those who come, and
no change for those who are in.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from hmac import compare_digest
from typing import Final, Literal
from uuid import UUID

from watchfloor.acoustics import microphone_store
from watchfloor.acoustics.registry import KIND
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.devices import device_now, live_tokens
from watchfloor.identity.model import hash_of
from watchfloor.identity.sign_in import Identity
from watchfloor.identity.wrong_tries import WrongTries
from watchfloor.kit.errors import Invalid, Unauthenticated, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.kit.remember import Remembered
from watchfloor.storage.doorkeeper import Knock, Leave, Turned

PULSES: Final = "pulses"
"""What the subject of each microphone begins with."""
PULLS: Final = "pulls"
"""Where a microphone is asked for a few seconds of sound, and"""
CLIPS: Final = "clips"
"""where it answers: no stream keeps either."""
Outcome = Literal["let_in", "wrong", "retired", "client_id", "not_mqtt", "too_often", "away"]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "let_in",
    "wrong",
    "retired",
    "client_id",
    "not_mqtt",
    "too_often",
    "away",
)
_MOST_SIGNS: Final = 200
# Of those who try too often no token is looked up; those that are live are read so often at most.
_LIVE_FOR_S: Final = 5.0
_SAY_EVERY_S: Final = 10.0

_log = logger("acoustics")


class Admission:
    """Decides who comes in. `outcomes` counts what became of those who tried."""

    def __init__(self, identity: Identity, agencies: Sequence[UUID]) -> None:
        self._identity = identity
        self._agencies = agencies
        self._tries = WrongTries(identity.clock)
        self._tokens: Remembered[dict[UUID, bytes]] = Remembered(_LIVE_FOR_S)
        self._said_at = -_SAY_EVERY_S
        self.outcomes: Counter[Outcome] = Counter()

    async def decides(self, knock: Knock) -> Leave | Turned:
        """Whether a microphone comes in."""
        outcome, microphone = await self._outcome(knock)
        self.outcomes[outcome] += 1
        if outcome == "let_in" and microphone is not None:
            self._tries.right(knock.name, knock.host)
            _log.info("a microphone came in", microphone=knock.name)
            name = named(microphone, hash_of(knock.password))
            own = outside(KIND, microphone)
            return Leave(name, (f"{PULSES}.{own}", f"{CLIPS}.{own}"), hears=f"{PULLS}.{own}")
        if outcome in ("wrong", "client_id", "not_mqtt"):
            self._tries.wrong(knock.name if microphone else "", knock.host)
        self._say(outcome, knock, microphone)
        return Turned(outcome)

    async def may_stay(self, names: Collection[str]) -> set[str]:
        """Those of these names whose token is still the live one of a microphone in service. Raises Unavailable."""
        there = {id for id in map(_microphone_of, names) if id is not None}
        stays: set[str] = set()
        for agency in self._agencies:
            asked = sorted(there)
            async with self._identity.door.open(
                Ask(process_actor(agency, "serve"), Need.MICROPHONE_STATE)
            ) as tx:
                in_service = await microphone_store.in_service(tx, asked)
            tokens = await live_tokens(self._identity, agency, asked)
            stays |= {named(id, tokens[id]) for id in in_service & tokens.keys()}
        return stays & set(names)

    async def _outcome(self, knock: Knock) -> tuple[Outcome, UUID | None]:
        microphone = _written(knock.name)
        too_many = self._tries.too_many(knock.name if microphone else "", knock.host)
        readable = microphone is not None and 0 < len(knock.password) <= _MOST_SIGNS
        if microphone is None or not readable:
            return ("too_often" if too_many else "wrong"), microphone
        try:
            if too_many and not await self._is_live(microphone, knock.password):
                return "too_often", microphone
            device = await device_now(self._identity, knock.password)
            if device.id != microphone or device.name != KIND:
                return "wrong", microphone
            if device.agency not in self._agencies:  # of one that this process has yet to hear of
                return "away", microphone
            async with self._identity.door.open(
                Ask(process_actor(device.agency, "serve"), Need.MICROPHONE_STATE)
            ) as tx:
                if not await microphone_store.in_service(tx, [microphone]):
                    return "retired", microphone
        except Unauthenticated:
            return "wrong", microphone
        except Unavailable:
            return "away", microphone
        # Told to those alone whose token is right: whoever has another's client id would end that one's connection.
        if not knock.over_mqtt:
            return "not_mqtt", microphone
        return ("let_in" if knock.client_id == knock.name else "client_id"), microphone

    async def _is_live(self, microphone: UUID, password: str) -> bool:
        """Whether this was its token some seconds ago: whoever guesses from where it stands does not keep it out, and nobody looks it up.
        Raises Unavailable."""
        tokens = await self._tokens.of(self._live, self._identity.clock)
        return compare_digest(tokens.get(microphone, b""), hash_of(password))

    async def _live(self) -> dict[UUID, bytes]:
        found: dict[UUID, bytes] = {}
        for agency in self._agencies:
            async with self._identity.door.open(
                Ask(process_actor(agency, "serve"), Need.MICROPHONE_STATE)
            ) as tx:
                there = await microphone_store.all_in_service(tx)
            found |= await live_tokens(self._identity, agency, there)
        return found

    def _say(self, outcome: Outcome, knock: Knock, microphone: UUID | None) -> None:
        """What is no id may be a token that somebody put into the wrong field: it is not written down."""
        now = self._identity.clock.monotonic()
        if now - self._said_at >= _SAY_EVERY_S:
            self._said_at = now
            name = outside(KIND, microphone) if microphone else None
            _log.warning("a microphone was not let in", why=outcome, microphone=name, host=knock.host)


def named(microphone: UUID, token_hash: bytes) -> str:
    """What a connection is called on the bus: whose it is and by which token, so that whoever looks at it knows whether it may stay."""
    return f"{outside(KIND, microphone)}.{hashlib.sha256(token_hash).hexdigest()[:16]}"


def _microphone_of(name: str) -> UUID | None:
    return _written(name.partition(".")[0])


def _written(name: str) -> UUID | None:
    """The microphone of an id, where that is written as it is: one microphone, one subject."""
    try:
        found = inside(KIND, name)
    except Invalid:
        return None
    return found if outside(KIND, found) == name else None
