"""Lends cameras of ours to a partner center, which may record them until a day: one person proposes it, another gives it, either ends it.

The door asks at each moment whether it holds: here is only who gave it, and that it could be given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners import borrowed_store
from watchfloor.cameras.partners.borrowed_store import Borrowed
from watchfloor.cameras.partners.model import OFFERED
from watchfloor.cameras.partners.offered import is_open_to
from watchfloor.governance import lending_store
from watchfloor.governance import store as governance_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.lending import LONGEST, Lending
from watchfloor.governance.lending_store import Given
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import Role
from watchfloor.identity.partner_store import partners
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import day
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

KIND: Final = "lending"
MOST_CAMERAS: Final = 500
_LEAST: Final = timedelta(hours=1)
_LEAST_WORDS: Final = 3
_LONGEST_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """Which cameras a partner may record, until when, and why."""

    partner: UUID
    cameras: Sequence[UUID]
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Lendings with the names of those who are in them: people and partners by id, cameras by theirs."""

    found: Cut[Given]
    people: Mapping[UUID, str]
    cameras: Mapping[UUID, str]


async def propose_lending(door: Door, actor: Actor, wish: Wish) -> Proposal:
    """Propose it; another clerk or supervisor gives it. Raises Invalid, Refused."""
    reason = " ".join(wish.reason.split())
    detail = {"reason": reason[:_LONGEST_WORDS]}
    async with door.open(
        Ask(actor, Need.LENDING_PROPOSE, about=About("person", wish.partner), detail=detail)
    ) as tx:
        known = await partners(tx)
        if wish.partner not in known:
            raise Invalid("There is no such partner center.", reason="partner")
        _must_end(wish.until, tx.now)
        if not _LEAST_WORDS <= len(reason) <= _LONGEST_WORDS:
            raise Invalid("Say in words why it is lent, in 3 to 500 characters.", reason="reason")
        cameras = await _lendable(tx, wish)
        what = cameras[0].name if len(cameras) == 1 else f"{len(cameras)} cameras"
        names = ", ".join(one.name for one in cameras[:5]) + (" and others" if len(cameras) > 5 else "")
        payload: dict[str, Json] = {
            "partner": outside("person", wish.partner),
            "cameras": [outside("camera", one.id) for one in cameras],
            "until": rfc3339(wish.until),
            "reason": reason,
        }
        whom = known[wish.partner]
        said = f"Let {whom} record {names} until {day(wish.until, tx.zone)}, under its own retention: {reason.rstrip('.')}."
        return await propose(tx, KIND, title=f"{what} for {whom}", sentence=said, payload=payload)


def _must_end(until: datetime, now: datetime) -> None:
    if not now + _LEAST <= until <= now + LONGEST:
        raise Invalid("It ends in an hour at the earliest, and within a year.", reason="until")


async def _lendable(tx: Tx, wish: Wish) -> list[Camera]:
    """The cameras, each of them offered to that partner at present. Raises Invalid."""
    wanted = list(dict.fromkeys(wish.cameras))
    if not 1 <= len(wanted) <= MOST_CAMERAS:
        raise Invalid(f"Choose 1 to {MOST_CAMERAS} cameras.", reason="cameras")
    found = await camera_store.cameras_of(tx, wanted)
    if len(found) < len(wanted):
        raise Invalid("One of these cameras is not in the registry.", reason="cameras")
    asker = Actor(wish.partner, ActorKind.PERSON, AgencyId(tx.agency), frozenset({Role.PARTNER}))
    approved = await governance_store.authorisations(tx, sorted(kind.value for kind in OFFERED))
    for one in found:
        if not is_open_to(asker, one, approved, tx.now):
            raise Invalid(
                f"{one.name} is not offered to partner centers, so that none can record it.",
                reason="cameras",
                next_step="What is offered is a camera of our own, in use, under an authorisation in force that names partner centers.",
            )
    return found


async def apply(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the partner may record them from now on, until the day that was proposed."""
    said = cast("dict[str, str | list[str]]", proposal.payload)
    until = parse_rfc3339(str(said["until"]))
    if until <= tx.now:
        raise Invalid("The day until which it was to be lent is past.", reason="until")
    cameras = frozenset(inside("camera", one) for one in said["cameras"])
    partner = inside("person", str(said["partner"]))
    # A proposal waits for days: it is not given for longer than it could have been.
    lent = Lending(uuid7(tx.now), partner, proposal.title, cameras, tx.now, min(until, tx.now + LONGEST))
    await lending_store.insert(tx, Given(lent, str(said["reason"]), proposal.proposed_by, tx.actor))
    await governance_store.raise_policy_version(tx)
    more: dict[str, Json] = {
        "partner": str(said["partner"]),
        "cameras": [outside("camera", one) for one in sorted(cameras)],
        "until": rfc3339(lent.until),
    }
    await effect(tx, "lending.in_force", About("lending", lent.id), more=more)
    return lent.id


ACT: Final = TwoPersonAct(KIND, Need.POLICY_APPROVE, None, apply)


async def end(door: Door, actor: Actor, lending: UUID, why: str) -> Listed:
    """End it at once: the streams that are open under it end within the act. Raises NotFound, Invalid, Conflict, Refused."""
    why, about = " ".join(why.split()), About("lending", lending)
    async with door.open(
        Ask(actor, Need.LENDING_END, about=about, detail={"why": why[:_LONGEST_WORDS]})
    ) as tx:
        if await lending_store.lending(tx, lending) is None:
            raise NotFound("There is no such lending.")
        if not _LEAST_WORDS <= len(why) <= _LONGEST_WORDS:
            raise Invalid("Say why it ends, in 3 to 500 characters.", reason="why")
        if not await lending_store.end(tx, lending, why):
            raise Conflict("It is over already.", reason="over")
        await governance_store.raise_policy_version(tx)
        tx.after_commit(partial(door.look_now, tx.agency))
        await effect(tx, "lending.ended", about, detail={"why": why})
        return await _named(tx, Cut([sure(await lending_store.lending(tx, lending))]))


async def everything(door: Door, actor: Actor, extent: Extent) -> Listed:
    """A part of all lendings, the newest first."""
    async with door.open(Ask(actor, Need.LENDINGS_VIEW)) as tx:
        return await _named(tx, await lending_store.lendings(tx, extent))


async def borrowed(door: Door, actor: Actor, extent: Extent) -> Cut[Borrowed]:
    """A part of the cameras of partner centers that are or were recorded here, the newest first."""
    async with door.open(Ask(actor, Need.LENDINGS_VIEW)) as tx:
        return await borrowed_store.borrowed(tx, extent)


async def whom(door: Door, actor: Actor) -> Mapping[UUID, str]:
    """The partner centers that have an account here, by name."""
    async with door.open(Ask(actor, Need.LENDINGS_VIEW)) as tx:
        return await partners(tx)


async def _named(tx: Tx, found: Cut[Given]) -> Listed:
    people = [
        person
        for one in found.items
        for person in (one.lending.partner, one.asked_by, one.given_by, one.ended_by)
        if person is not None
    ]
    cameras = [camera for one in found.items for camera in one.lending.cameras]
    return Listed(found, await names_of(tx, people), await camera_store.names_ever(tx, cameras))
