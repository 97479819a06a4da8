"""Holds: data of a camera, reader or microphone kept past its retention for a case. One person holds for 72 hours, a second makes it last.

A hold never lapses silently: it is warned of a day ahead, and it ends with an entry, a full day after a warning at the
earliest. It never brings back what is forgotten; whoever places one is told which days are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import hold_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.hold_store import Hold
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.warn import News
from watchfloor.governance.words import CaseKind
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage import jobs
from watchfloor.storage.classes import DataClass
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

ALONE_FOR: Final = timedelta(hours=72)
WARN_BEFORE: Final = timedelta(hours=24)
LONGEST: Final = timedelta(days=10 * 366)
LONGEST_STRETCH: Final = timedelta(days=31)
WARN: Final = "hold.warn"
LAPSE: Final = "hold.lapse"
CHANGED: Final = "governance.hold.changed"
# Whether a thing is or was in this agency's registry: the slices that keep them stand above and say how to find out.
IsKnown = Callable[[Tx, UUID], Awaitable[bool]]
# What can be held, and the kind of thing it is of.
HELD: Final = {
    DataClass.FOOTAGE: "camera",
    DataClass.PLATE_READ: "reader",
    DataClass.PLATE_PICTURE: "reader",
    DataClass.PLATE_HIT: "reader",
    DataClass.PULSE: "microphone",
    DataClass.EXPORT: "export",
}
# What of these is kept for minutes lies where a crash loses it, until it is held.
_BRIEF: Final = frozenset({DataClass.PLATE_READ, DataClass.PLATE_PICTURE})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants held: data of this class, of one thing, between two times."""

    data_class: DataClass
    about: UUID
    from_at: datetime
    to_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold, and the UTC days of its time that some rule has forgotten already: perhaps not the thing's own."""

    hold: Hold
    may_be_forgotten: tuple[str, ...]


def check_wish(wish: Wish, now: datetime) -> None:
    """Raises Invalid, its reason naming the field, unless this can be held."""
    faults = (
        (
            wish.data_class not in HELD,
            "data_class",
            f"Held can be: {', '.join(sorted(c.value for c in HELD))}.",
        ),
        (wish.to_at <= wish.from_at, "to_at", "It ends after it begins."),
        (wish.to_at - wish.from_at > LONGEST_STRETCH, "to_at", "One hold covers 31 days at most."),
        (
            wish.from_at > now + timedelta(days=1),
            "from_at",
            "What lies further ahead than a day cannot be held yet.",
        ),
        (len(wish.reason.strip()) < 3, "reason", "Say why, in a few words."),
    )
    for wrong, field, words in faults:
        if wrong:
            raise Invalid(words, reason=field)


async def place(
    door: Door, actor: Actor, why: Why | None, wish: Wish, known: Mapping[str, IsKnown]
) -> Placed:
    """Hold at once, for 72 hours, for the case that `why` names. Raises Invalid, NotFound, Refused.

    `known` says of each kind of thing whether there is or was one; a hold of what never was would keep nothing.
    """
    ask = Ask(
        actor,
        Need.HOLDS_CHANGE,
        why,
        About(HELD.get(wish.data_class, "hold"), wish.about),
        detail={"reason": wish.reason},
    )
    async with door.open(ask) as tx:
        return await place_in(tx, why, wish, known)


async def place_in(tx: Tx, why: Why | None, wish: Wish, known: Mapping[str, IsKnown]) -> Placed:
    """The same within an act that does more, whose need may touch what a hold touches. Raises Invalid, NotFound."""
    check_wish(wish, tx.now)
    case = why.case if why else None
    if case is None or case.kind is not CaseKind.CASE:
        raise Invalid("A hold is for a case; open one for the call or incident first.", reason="case")
    kind = HELD[wish.data_class]
    if not await known[kind](tx, wish.about):
        raise NotFound(f"There is no such {kind}.")
    return await _held(tx, case.id, wish)


async def keep(tx: Tx, case: UUID, wish: Wish) -> Placed | None:
    """Hold by a rule, within the transaction that applies it; None where a hold of the same case keeps all of that already."""
    if await hold_store.is_held(tx, case, wish.about, wish.data_class, wish.from_at, wish.to_at):
        return None
    return await _held(tx, case, wish)


async def _held(tx: Tx, case: UUID, wish: Wish) -> Placed:
    hold = Hold(
        uuid7(tx.now), case, wish.data_class, HELD[wish.data_class], wish.about, wish.from_at, wish.to_at, wish.reason.strip(),
        tx.actor, tx.now, None, tx.now + ALONE_FOR, None,
    )  # fmt: skip
    await hold_store.insert_hold(tx, hold)
    if hold.data_class in _BRIEF:
        await hold_store.keep_held(tx, hold)
    await _plan(tx, hold)
    gone = await hold_store.forgotten_days(tx, hold)
    more = {"data_class": hold.data_class.value, "until": rfc3339(hold.ends_at)}
    await effect(tx, "hold.placed", About("hold", hold.id), more=more, detail={"reason": hold.reason})
    return Placed(hold, tuple(gone))


async def confirm(door: Door, actor: Actor, why: Why | None, hold_id: UUID, ends_at: datetime) -> Hold:
    """A second person makes it last until `ends_at`. Raises NotFound, Refused (`same_person`), Conflict, Invalid."""
    async with door.open(Ask(actor, Need.HOLDS_CHANGE, why, About("hold", hold_id))) as tx:
        hold = await _in_force(tx, hold_id)
        if hold.placed_by == actor.id:
            raise Refused(Denied("same_person", "You placed this yourself; a second person makes it last."))
        if hold.confirmed_by is not None:
            raise Conflict("This hold was confirmed already.", reason="confirmed")
        if not tx.now + WARN_BEFORE <= ends_at <= tx.now + LONGEST:
            raise Invalid("It lasts from one day to ten years from now.", reason="ends_at")
        await hold_store.confirm(tx, hold_id, ends_at)
        changed = sure(await hold_store.hold_to_change(tx, hold_id))
        await _plan(tx, changed)
        await effect(tx, "hold.confirmed", About("hold", hold_id), more={"until": rfc3339(ends_at)})
        return changed


async def end(door: Door, actor: Actor, why: Why | None, hold_id: UUID, reason: str) -> Hold:
    """End it: what is past its retention is forgotten in the next round. Whoever ends a confirmed one did not place it."""
    async with door.open(
        Ask(actor, Need.HOLDS_CHANGE, why, About("hold", hold_id), detail={"reason": reason})
    ) as tx:
        hold = await _in_force(tx, hold_id)
        if hold.confirmed_by is not None and hold.placed_by == actor.id:
            raise Refused(
                Denied(
                    "same_person", "Two persons made this last; the one who placed it does not end it alone."
                )
            )
        await hold_store.end(tx, hold_id)
        await effect(tx, "hold.ended", About("hold", hold_id), detail={"reason": reason})
        return sure(await hold_store.hold_to_change(tx, hold_id))


async def everything(door: Door, actor: Actor, extent: Extent) -> Cut[Hold]:
    """A part of all holds, those in force first."""
    async with door.open(Ask(actor, Need.POLICY_VIEW)) as tx:
        return await hold_store.holds(tx, extent)


async def _in_force(tx: Tx, hold_id: UUID) -> Hold:
    hold = await hold_store.hold_to_change(tx, hold_id)
    if hold is None:
        raise NotFound("There is no such hold.")
    if hold.ended_at is not None:
        raise Conflict("This hold has ended.", reason="ended")
    return hold


async def _plan(tx: Tx, hold: Hold) -> None:
    """Warn a day before its end. A hold that is made longer is planned anew; the earlier warning finds nothing due."""
    at = rfc3339(hold.ends_at)
    await jobs.add(
        tx,
        WARN,
        {"hold": str(hold.id), "ends_at": at},
        run_at=hold.ends_at - WARN_BEFORE,
        key=f"{WARN} {hold.id} {at}",
    )


def timers(door: Door, news: News) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of jobs of these kinds: warn, and a day after that let it lapse, with an entry each."""

    async def warn(job: Job) -> None:
        async with door.open(_of_machine(job)) as tx:
            hold = await _due(tx, job)
            if hold is not None:
                # A sweep that was down warns late: the day of grace counts from the warning.
                lapses, key = (
                    max(hold.ends_at, tx.now + WARN_BEFORE),
                    f"{LAPSE} {hold.id} {job.payload['ends_at']}",
                )
                # A job may be done twice; whoever planned the end has told of it.
                if await jobs.add(tx, LAPSE, job.payload, run_at=lapses, key=key):
                    await _tell(tx, hold, "hold.due_soon", news, lapses)

    async def lapse(job: Job) -> None:
        async with door.open(_of_machine(job)) as tx:
            hold = await _due(tx, job)
            if hold is not None:
                await hold_store.end(tx, hold.id)
                await _tell(tx, hold, "hold.lapsed", news, tx.now)

    return {WARN: warn, LAPSE: lapse}


async def _due(tx: Tx, job: Job) -> Hold | None:
    hold = await hold_store.hold_to_change(tx, UUID(job.payload["hold"]))
    if hold is None or hold.ended_at is not None or rfc3339(hold.ends_at) != job.payload["ends_at"]:
        return None
    return hold


async def _tell(tx: Tx, hold: Hold, what: str, news: News, at: datetime) -> None:
    agency = tx.agency
    await effect(
        tx, what, About("hold", hold.id), more={"lapses_at": rfc3339(at)}, detail={"reason": hold.reason}
    )
    tx.after_commit(lambda: news(CHANGED, agency, hold.id))


def _of_machine(job: Job) -> Ask:
    return Ask(process_actor(sure(job.agency, "a hold's agency"), "sweep"), Need.RETENTION_SWEEP)
