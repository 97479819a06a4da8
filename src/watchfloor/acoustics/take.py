"""Taking pulses from a microphone: approved or not, believed or not, and kept before it is told so.

What is not said to be kept is the microphone's to send again: with the database away nothing is taken and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

from watchfloor.acoustics import microphone_store, pulse_store
from watchfloor.acoustics.microphone import Microphone
from watchfloor.acoustics.pulse import (
    Message,
    Refusal,
    Since,
    State,
    judged,
    minutes_of,
    with_flooded,
    with_kept,
    with_unreadable,
)
from watchfloor.acoustics.pulse_store import Under
from watchfloor.acoustics.registry import ask_for
from watchfloor.acoustics.show import minutes_up
from watchfloor.governance import lift, policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.lease import ENGINES_AWAY, Lease
from watchfloor.governance.model import Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import DataClass


@dataclass(frozen=True, slots=True)
class Intake:
    """What taking needs; `made` are the (rule, day) that have room."""

    door: Door
    clock: Clock
    made: set[tuple[int, date]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. `doubled`: those that were kept before, or came twice in it."""

    kept: int
    doubled: int
    late: int
    clock_suspect: bool
    refused: tuple[Refusal, ...]


async def take(intake: Intake, actor: Actor, message: Message, *, received_at: datetime) -> Taken:
    """Take what a microphone sent at once; which one it is its token says. Raises NotFound, Refused or Unavailable."""
    microphone = await _of(intake.door, actor)
    lease = await _leave(intake.door, actor, microphone)
    authorisation = sure(lease.authorisation)
    rule = sure(authorisation.keeping(DataClass.PULSE).rule)
    await _room(
        intake, actor, rule, {pulse.at.astimezone(UTC).date() for pulse in message.pulses}, received_at
    )
    async with intake.door.open(ask_for(actor, microphone)) as tx:
        # One message of a microphone after the other: each is judged by what the one before left.
        registered = _still(microphone, sure(await microphone_store.held(tx, microphone.id)))
        stands_since = await policy_store.stands_since(tx, authorisation.id, lift.KIND)
        if stands_since is None:
            raise Unavailable(
                "The authorisation was suspended just now.", reason="suspended", retry_after_s=2
            )
        before = await pulse_store.state(tx, microphone.id)
        minutes = minutes_of(message, received_at=received_at)
        keys = [pulse.key for pulse in message.pulses]
        known = await pulse_store.known(tx, microphone.id, keys, minutes, received_at=received_at)
        place = sure(await microphone_store.place(tx, registered.id, registered.version))
        since = Since(stands=stands_since, hangs=place.since)
        verdict = judged(message, registered, before, known, received_at=received_at, since=since)
        under = Under(registered.id, registered.version, rule, authorisation.id, received_at)
        await pulse_store.insert(tx, under, verdict)
        await pulse_store.keep_state(tx, microphone.id, with_kept(verdict))
        if more := minutes_up(before, received_at):
            await pulse_store.keep_up(tx, microphone.id, received_at.astimezone(tx.zone).date(), more)
    return Taken(
        len(verdict.pulses), verdict.doubled, len(verdict.late), verdict.clock_suspect, verdict.refused
    )


async def unreadable(intake: Intake, actor: Actor, why: str, *, received_at: datetime) -> None:
    """Say on its page that a microphone sent what cannot be read, where nobody else can be told. Raises as `take` does."""
    await _seen(intake, actor, partial(with_unreadable, why=why, received_at=received_at))


async def flooding(intake: Intake, actor: Actor, *, received_at: datetime) -> None:
    """Say on its page that more waits of a microphone than its share. Raises as `take` does."""
    await _seen(intake, actor, partial(with_flooded, received_at=received_at))


async def _seen(intake: Intake, actor: Actor, new: Callable[[State | None], State]) -> None:
    microphone = await _of(intake.door, actor)
    await _leave(intake.door, actor, microphone)
    async with intake.door.open(ask_for(actor, microphone)) as tx:
        _still(microphone, sure(await microphone_store.held(tx, microphone.id)))
        before = await pulse_store.state(tx, microphone.id)
        await pulse_store.keep_state(tx, microphone.id, new(before))


async def _of(door: Door, actor: Actor) -> Microphone:
    """The microphone of a device's token. Raises NotFound or Refused."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.MICROPHONE_STATE)) as tx:
        found = await microphone_store.microphone(tx, actor.id)
    if found is None:
        raise NotFound("This token is not a microphone's.", next_step="Issue a token for the microphone.")
    return _in_service(found)


def _in_service(found: Microphone) -> Microphone:
    if found.retired:
        words = f"The microphone “{found.name}” was taken out of service."
        raise Refused(Denied("retired", words, next_step="Register it anew."))
    return found


def _still(asked: Microphone, registered: Microphone) -> Microphone:
    """As it is registered once it is held: what was asked of the door was asked of its place. Raises Refused or Unavailable."""
    if _in_service(registered).spot.point != asked.spot.point:
        raise Unavailable("The microphone was moved just now.", reason="moved", retry_after_s=1)
    return registered


async def _leave(door: Door, actor: Actor, microphone: Microphone) -> Lease:
    (answer,) = await door.lease([ask_for(actor, microphone)])
    if isinstance(answer, Lease):
        return answer
    if answer.reason == ENGINES_AWAY:
        raise Unavailable(answer.sentence, reason="database_away", retry_after_s=2)
    raise Refused(answer)


async def _room(intake: Intake, actor: Actor, rule: int, days: set[date], received_at: datetime) -> None:
    """In a transaction of its own: making a partition locks the table. No room is made for a day that nothing is kept of."""
    near = {day for day in days if abs((day - received_at.date()).days) <= 1}
    missing = sorted(day for day in near if (rule, day) not in intake.made)
    if missing:
        actor = process_actor(actor.agency, "serve")
        async with intake.door.open(Ask(actor, Need.MACHINERY_RUN)) as tx:
            await pulse_store.ensure_days(tx, rule, missing)
        intake.made.update((rule, day) for day in missing)
