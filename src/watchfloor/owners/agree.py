"""Staff offer an agreement about a camera; its owner says yes, changes, suspends, revokes it, and answers who asks.

What it means for a picture the door decides; here it is only changed, and the door told to look at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from watchfloor.cameras import store as camera_store
from watchfloor.governance.agreement import MINUTES, Agreement, Mode, hours_words
from watchfloor.governance.agreement_store import agreements
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.store import raise_policy_version
from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.owners import agreement_store, letters, outbox, store
from watchfloor.owners.agreement_store import Request, Shared
from watchfloor.owners.model import GONE_FOR, LinkUse, Owner, OwnerState
from watchfloor.owners.sign_up import Owners, link
from watchfloor.owners.terms import Terms
from watchfloor.storage import jobs
from watchfloor.storage.tx import Tx

WITHDRAW: Final = "owner.withdraw"
"""The job that deletes what was recorded of a camera whose agreement was revoked."""
# Twice: the recorder may still have been putting its last minute away, or the database have been gone from it.
_AGAIN_AFTER: Final = (timedelta(seconds=3), timedelta(seconds=60), timedelta(minutes=20))
LEAST_M, MOST_M = 50, 5000
_MOST_WINDOWS: Final = 50
_MINUTES: Final = range(5, 1441)
REQUEST_FOR: Final = timedelta(hours=2)
_REQUESTS_AN_HOUR: Final = 6


OwnAct = Callable[[Owners, Actor, UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Own:
    """Whoever is signed in as an owner, what was offered to and agreed with them, who asked lately, and the time."""

    owner: Owner
    shared: list[Shared]
    asked: list[Request]
    now: datetime
    zone: tzinfo


def check_terms(terms: Terms, now: datetime) -> None:
    """Raises Invalid, its reason naming the field, unless this can be agreed."""
    if not LEAST_M <= terms.radius_m <= MOST_M:
        raise Invalid(f"An incident counts within {LEAST_M} to {MOST_M} metres.", reason="radius_m")
    if len(terms.windows) > _MOST_WINDOWS or not all(
        0 <= w.day <= 6 and 0 <= w.begin_min < MINUTES and 0 <= w.end_min < MINUTES for w in terms.windows
    ):
        raise Invalid(
            f"Hours are at most {_MOST_WINDOWS} stretches of a weekday, each by the clock.", reason="hours"
        )
    if terms.ends_at is not None and terms.ends_at <= now:
        raise Invalid("The agreement ends later than now.", reason="ends_at")


async def offer(owners: Owners, actor: Actor, owner: UUID, camera: UUID, terms: Terms) -> Shared:
    """Offer an agreement about a registered camera to its owner, who is written. Raises NotFound, Invalid, Conflict."""
    async with owners.door.open(Ask(actor, Need.OWNERS_DECIDE, about=About("owner", owner))) as tx:
        found, of = await store.owner_of(tx, owner), await camera_store.camera_of(tx, camera)
        if found is None:
            raise NotFound("There is no such owner.")
        if of is None:
            raise NotFound("There is no such camera.")
        if found.state is not OwnerState.ACCEPTED:
            raise Conflict("Only an owner who was accepted can agree to anything.", reason="state")
        if of.technology is not TechnologyKind.PRIVATE_CAMERA_LINK:
            raise Invalid("An owner's camera has the technology private camera link.", reason="camera")
        check_terms(terms, tx.now)
        zone = ZoneInfo(str(tx.zone))
        offered = Agreement(
            uuid7(tx.now),
            camera,
            terms.mode,
            terms.radius_m,
            terms.windows,
            zone,
            of.place,
            tx.now,
            terms.ends_at,
        )
        await agreement_store.insert(tx, offered, owner)
        entered = await link(owners, tx, found, LinkUse.ENTER)
        letter = letters.offered(await store.agency_name(tx), of.name, entered)
        await outbox.put(tx, owners.envelope, found, letter)
        await _told(tx, "agreement.offered", offered)
        return await _one(tx, offered.id)


async def own(owners: Owners, actor: Actor) -> Own:
    """What whoever is signed in sees of their agreements. Raises NotFound."""
    async with owners.door.open(Ask(actor, Need.OWN_CAMERAS_VIEW, about=About("person", actor.id))) as tx:
        owner = await owner_of(tx, actor)
        shared = await agreement_store.of_owner(tx, owner.id)
        ids = [one.agreement.id for one in shared]
        asked = await agreement_store.requests(tx, ids, tx.now - timedelta(days=1))
        return Own(owner, shared, asked, tx.now, tx.zone)


async def agree(owners: Owners, actor: Actor, agreement: UUID) -> None:
    """The owner's yes. Raises NotFound, Conflict."""
    async with owners.door.open(_change(actor, agreement)) as tx:
        shared = await _own(tx, actor, agreement)
        if shared.agreed_at is not None:
            raise Conflict("You have said yes to this already.", reason="agreed")
        await agreement_store.agree(tx, agreement)
        await _changed(owners, tx, "agreement.agreed", shared.agreement)


async def change(owners: Owners, actor: Actor, agreement: UUID, terms: Terms) -> None:
    """Other hours, another way or end, from now on. Raises NotFound, Conflict, Invalid."""
    async with owners.door.open(_change(actor, agreement)) as tx:
        shared = await _in_force(tx, actor, agreement)
        check_terms(terms, tx.now)
        changed = replace(
            shared.agreement,
            mode=terms.mode,
            radius_m=terms.radius_m,
            windows=terms.windows,
            ends_at=terms.ends_at,
        )
        await agreement_store.change(tx, changed)
        await _changed(owners, tx, "agreement.changed", changed)


async def suspend(owners: Owners, actor: Actor, agreement: UUID) -> None:
    """Dark at once, for everybody, until the owner goes on. Raises NotFound, Conflict."""
    await _put_suspended(owners, actor, agreement, on=True)


async def resume(owners: Owners, actor: Actor, agreement: UUID) -> None:
    """Go on as agreed. Raises NotFound, Conflict."""
    await _put_suspended(owners, actor, agreement, on=False)


async def _put_suspended(owners: Owners, actor: Actor, agreement: UUID, *, on: bool) -> None:
    async with owners.door.open(_change(actor, agreement)) as tx:
        shared = await _in_force(tx, actor, agreement)
        if (shared.agreement.suspended_at is not None) == on:
            raise Conflict("It is so already.", reason="suspended")
        await agreement_store.put_suspended(tx, agreement, tx.now if on else None)
        await _changed(owners, tx, "agreement.suspended" if on else "agreement.resumed", shared.agreement)


async def revoke(owners: Owners, actor: Actor, agreement: UUID) -> None:
    """Dark at once and for good; what was recorded is deleted, but for what is preserved. Raises NotFound, Conflict."""
    async with owners.door.open(_change(actor, agreement)) as tx:
        await _revoke(owners, tx, await _in_force(tx, actor, agreement))


async def withdraw(owners: Owners, actor: Actor) -> None:
    """Be no owner any more: everything agreed is revoked, and who it was is forgotten after 30 days. Raises NotFound."""
    async with owners.door.open(Ask(actor, Need.OWN_CAMERAS_CHANGE, about=About("person", actor.id))) as tx:
        owner = await owner_of(tx, actor)
        for shared in await agreement_store.of_owner(tx, owner.id):
            if shared.agreed_at is not None and shared.agreement.revoked_at is None:
                await _revoke(owners, tx, shared)
        await store.end_links(tx, owner.id)
        await store.put_state(tx, owner.id, OwnerState.ENDED, erase_after=tx.now + GONE_FOR)
        await effect(tx, "owner.withdrew", About("owner", owner.id))


async def _revoke(owners: Owners, tx: Tx, shared: Shared) -> None:
    agreement = shared.agreement
    await agreement_store.revoke(tx, agreement.id)
    payload = {"camera": str(agreement.camera), "agreement": str(agreement.id)}
    for after in _AGAIN_AFTER:
        key = f"{WITHDRAW} {agreement.id} {after}"
        await jobs.add(tx, WITHDRAW, payload, run_at=tx.now + after, key=key)
    await _changed(owners, tx, "agreement.revoked", agreement)


async def request(owners: Owners, actor: Actor, camera: UUID, why: Why | None, minutes: int) -> datetime:
    """Ask the owner of a camera for a yes; they are written, never named. When the request ends by itself.

    Raises NotFound, Invalid, Conflict.
    """
    async with owners.door.open(Ask(actor, Need.SHARING_ASK, why, About("camera", camera))) as tx:
        agreement = (await agreements(tx, [camera])).get(camera)
        if agreement is None or agreement.revoked_at is not None:
            raise NotFound("No agreement about this camera is in force.")
        if agreement.mode is not Mode.ASKED:
            raise Conflict("This owner needs not be asked each time.", reason="mode")
        if minutes not in _MINUTES:
            raise Invalid("Ask for 5 minutes to a day.", reason="minutes")
        lately = await agreement_store.requests(tx, [agreement.id], tx.now - timedelta(hours=1))
        if len(lately) >= _REQUESTS_AN_HOUR:
            raise Conflict("The owner was asked often enough within this hour.", reason="asked_often")
        shared = await _one(tx, agreement.id)
        owner = await store.owner_of(tx, shared.owner)
        made, purpose = uuid7(tx.now), why.allowed if why else Purpose.OVERSIGHT
        await agreement_store.insert_request(tx, made, agreement.id, purpose.word, minutes, REQUEST_FOR)
        if owner is not None:
            entered = await link(owners, tx, owner, LinkUse.ENTER)
            letter = letters.wanted(
                await store.agency_name(tx), shared.camera_name, purpose.title, minutes, entered
            )
            await outbox.put(tx, owners.envelope, owner, letter)
        await effect(tx, "agreement.yes_asked", About("camera", camera), more={"minutes": minutes})
        return tx.now + REQUEST_FOR


async def answer(owners: Owners, actor: Actor, request_id: UUID, minutes: int | None) -> None:
    """Yes for so many minutes, or no. Raises NotFound, Conflict, Expired, Invalid."""
    ask = Ask(actor, Need.OWN_CAMERAS_CHANGE, about=About("sharing_request", request_id))
    async with owners.door.open(ask) as tx:
        asked = await agreement_store.request_of(tx, request_id)
        if asked is None:
            raise NotFound("There is no such request.")
        shared = await _own(tx, actor, asked.agreement)
        if asked.answered_at is not None:
            raise Conflict("This was answered already.", reason="answered")
        if asked.expires_at <= tx.now:
            raise Expired("Nobody waits for this answer any more.")
        if minutes is not None and minutes not in _MINUTES:
            raise Invalid("A yes lasts 5 minutes to a day.", reason="minutes")
        until = tx.now + timedelta(minutes=minutes) if minutes is not None else None
        await agreement_store.answer(tx, request_id, until)
        await _changed(owners, tx, "agreement.yes" if until else "agreement.no", shared.agreement)


def _change(actor: Actor, agreement: UUID) -> Ask:
    return Ask(actor, Need.OWN_CAMERAS_CHANGE, about=About("agreement", agreement))


async def owner_of(tx: Tx, actor: Actor) -> Owner:
    """Whoever is signed in, as an owner. Raises NotFound."""
    owner = await store.owner_by_person(tx, actor.id)
    if owner is None or owner.state is not OwnerState.ACCEPTED:
        raise NotFound("This account is no owner's.")
    return owner


async def _own(tx: Tx, actor: Actor, agreement: UUID) -> Shared:
    """An agreement of whoever is signed in; anybody else's is not there."""
    owner, shared = await owner_of(tx, actor), await agreement_store.one(tx, agreement)
    if shared is None or shared.owner != owner.id:
        raise NotFound("There is no such agreement.")
    return shared


async def _in_force(tx: Tx, actor: Actor, agreement: UUID) -> Shared:
    shared = await _own(tx, actor, agreement)
    if shared.agreed_at is None:
        raise Conflict("You have not said yes to this.", reason="not_agreed")
    if shared.agreement.revoked_at is not None:
        raise Conflict("You have revoked this.", reason="revoked")
    return shared


async def _one(tx: Tx, agreement: UUID) -> Shared:
    shared = await agreement_store.one(tx, agreement)
    if shared is None:
        raise AssertionError("an agreement that was just written is missing")
    return shared


async def _changed(owners: Owners, tx: Tx, what: str, agreement: Agreement) -> None:
    """Every picture is judged anew: at once by this process, within half a second by the others."""
    await raise_policy_version(tx)
    tx.after_commit(partial(owners.door.look_now, tx.agency))
    await _told(tx, what, agreement)


async def _told(tx: Tx, what: str, agreement: Agreement) -> None:
    ends = rfc3339(agreement.ends_at) if agreement.ends_at else None
    more = {"mode": agreement.mode.value, "hours": hours_words(agreement.windows), "ends_at": ends}
    await effect(tx, what, About("camera", agreement.camera), more={**more, "agreement": str(agreement.id)})
