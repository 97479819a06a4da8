"""Microphones: registered, changed, given a token, shown roughly to everybody and exactly to few, taken out of service.

An ask about one carries no exact place: the log is read by more people than may know where it hangs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.acoustics import microphone_store as store
from watchfloor.acoustics import pulse_store
from watchfloor.acoustics.microphone import Microphone, MicrophoneId, Spot
from watchfloor.acoustics.pulse import State
from watchfloor.acoustics.show import Shown, state_of
from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Allowed, Ask, AuthorisationId, Decision, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.people import issue_token as new_token
from watchfloor.kit.errors import Conflict, NotFound, Stale
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx

TECHNOLOGY: Final = TechnologyKind.ACOUSTIC_ARRAY
KIND: Final = "microphone"
_NONE_COVERS: Final = "No authorisation of acoustic arrays is in force where it is."


@dataclass(frozen=True, slots=True)
class Registered:
    """What is registered of a microphone."""

    name: str
    spot: Spot
    clock_bound_ms: float
    noise_db: float | None


@dataclass(frozen=True, slots=True)
class ShownMicrophone:
    """A microphone as people see it, with whether it is authorised; `state` once it was heard.

    The authorisation that it works under, or would nearest, and its end are told to those who may locate: the area of one, within the
    square, can be a single roof. Whoever reads the log of others' asks is told there under which pulses were taken.
    """

    microphone: Microphone
    shown: Shown
    authorised: bool
    authorisation: AuthorisationId | None
    authorised_until: datetime | None
    state: State | None


async def every(door: Door, actor: Actor, extent: Extent) -> Cut[ShownMicrophone]:
    """A part of all microphones of the agency, by name."""
    async with door.open(Ask(actor, Need.MICROPHONES_VIEW)) as tx:
        found = await store.microphones(tx, extent)
        return Cut(await shown(tx, found.items, to=actor), found.following)


async def look(door: Door, actor: Actor, microphone: UUID) -> ShownMicrophone:
    """One microphone. Raises NotFound."""
    async with door.open(Ask(actor, Need.MICROPHONES_VIEW, about=About(KIND, microphone))) as tx:
        (one,) = await shown(tx, [_there(await store.microphone(tx, microphone))], to=actor)
        return one


async def locate(door: Door, actor: Actor, microphone: UUID) -> Microphone:
    """Where one exactly is, which the log says that this person was told. Raises NotFound or Refused."""
    async with door.open(Ask(actor, Need.MICROPHONE_LOCATE, about=About(KIND, microphone))) as tx:
        return _there(await store.microphone(tx, microphone))


async def register(door: Door, actor: Actor, new: Registered) -> ShownMicrophone:
    """Register a microphone. Raises Conflict when the name is taken."""
    async with door.open(Ask(actor, Need.MICROPHONES_CHANGE, detail={"name": new.name})) as tx:
        made = MicrophoneId(uuid7(tx.now))
        one = Microphone(made, new.name, new.spot, new.clock_bound_ms, new.noise_db, retired=False, version=1)
        if not await store.insert(tx, one):
            raise _taken(new.name)
        await effect(tx, "microphone.registered", About(KIND, made), detail={"name": new.name})
    return await look(door, actor, made)


async def change(
    door: Door, actor: Actor, microphone: UUID, to: Callable[[Registered], Registered], *, version: int | None
) -> ShownMicrophone:
    """Change what is registered. Raises NotFound, Stale or Conflict."""
    async with door.open(Ask(actor, Need.MICROPHONES_CHANGE, about=About(KIND, microphone))) as tx:
        found = _in_service(await store.held(tx, microphone))
        if version is not None and version != found.version:
            raise Stale("The microphone was changed since you read it.", next_step="Read it again.")
        was = Registered(found.name, found.spot, found.clock_bound_ms, found.noise_db)
        new = to(was)
        changed = replace(
            found, name=new.name, spot=new.spot, clock_bound_ms=new.clock_bound_ms, noise_db=new.noise_db
        )
        if not await store.change(tx, changed):
            raise _taken(new.name)
        # That it was moved is told; from where and to where stands in no log.
        await effect(
            tx,
            "microphone.changed",
            About(KIND, microphone),
            detail={"name": new.name},
            more={"moved": new.spot.hangs != was.spot.hangs},
        )
    return await look(door, actor, microphone)


async def issue_token(door: Door, actor: Actor, microphone: UUID) -> str:
    """A new token for the microphone, shown once; the one before ends. Raises NotFound or Conflict."""
    async with door.open(Ask(actor, Need.DEVICES_CHANGE, about=About(KIND, microphone))) as tx:
        _in_service(await store.microphone(tx, microphone))
        token = await new_token(tx, device=microphone, kind=KIND)
        await effect(tx, "microphone.token_issued", About(KIND, microphone))
        return token


async def retire(door: Door, actor: Actor, microphone: UUID) -> ShownMicrophone:
    """Take a microphone out of service. Raises NotFound or Conflict."""
    async with door.open(Ask(actor, Need.MICROPHONES_CHANGE, about=About(KIND, microphone))) as tx:
        _in_service(await store.held(tx, microphone))
        await store.retire(tx, microphone)
        await effect(tx, "microphone.retired", About(KIND, microphone))
    return await look(door, actor, microphone)


async def shown(tx: Tx, microphones: Sequence[Microphone], *, to: Actor) -> list[ShownMicrophone]:
    """These microphones as this person sees them."""
    facts = Facts(await governance_store.authorisations(tx, [TECHNOLOGY.value]), None, False, zone=tx.zone)
    machine = process_actor(tx.agency, "sense")
    states = await pulse_store.states(tx, [one.id for one in microphones])
    which = bool(to.roles & Need.MICROPHONE_LOCATE.roles)
    return [
        _shown(
            one, states.get(one.id), decide(ask_for(machine, one), facts, now=tx.now), which=which, now=tx.now
        )
        for one in microphones
    ]


def ask_for(actor: Actor, microphone: Microphone) -> Ask:
    """The ask under which this microphone's pulses are taken."""
    return Ask(
        actor,
        Need.PULSES_INGEST,
        about=About(KIND, microphone.id),
        technology=TECHNOLOGY,
        place=microphone.spot.point,
    )


def _shown(
    one: Microphone, state: State | None, leave: Decision, *, which: bool, now: datetime
) -> ShownMicrophone:
    """By the decision that its pulses will meet; `which` authorisation that is of is told to few."""
    allowed = isinstance(leave, Allowed)
    if isinstance(leave, Denied) and not which:
        leave = replace(leave, sentence=_NONE_COVERS, nearest=None)
    under = leave.authorisation if isinstance(leave, Allowed) and which else None
    nearest = leave.nearest if isinstance(leave, Denied) else None
    return ShownMicrophone(
        one,
        state_of(one, leave, state, now=now),
        allowed,
        under.id if under else nearest,
        under.expires_at if under else None,
        state,
    )


def _there(found: Microphone | None) -> Microphone:
    if found is None:
        raise NotFound("There is no such microphone.")
    return found


def _in_service(found: Microphone | None) -> Microphone:
    one = _there(found)
    if one.retired:
        raise Conflict("The microphone was taken out of service.", reason="retired")
    return one


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a microphone called “{name}”.", reason="name")
