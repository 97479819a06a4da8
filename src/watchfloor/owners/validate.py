"""Staff decide about those who offer cameras: accept, ask, refuse with a reason; and put them on the map.

Only here are owners' names given out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity import store as identity_store
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.ids import uuid7
from watchfloor.owners import letters, outbox, store
from watchfloor.owners.model import GONE_FOR, UNDECIDED_FOR, LinkUse, Owner, OwnerState, may
from watchfloor.owners.sign_up import Owners, link
from watchfloor.storage.tx import Row, Tx

_OPEN: Final = tuple(state for state in OwnerState if state not in (OwnerState.REFUSED, OwnerState.ENDED))
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown beside owners: what became of the last letter to each, and who decided."""

    mails: Mapping[UUID, Row]
    names: Mapping[UUID, str]


async def queue(owners: Owners, actor: Actor, extent: Extent, *, over: bool) -> tuple[Cut[Owner], Beside]:
    """Owners, those who wait for a decision first; `over`: those gone too."""
    async with owners.door.open(Ask(actor, Need.OWNERS_VIEW)) as tx:
        found = await store.owners(tx, tuple(OwnerState) if over else _OPEN, extent)
        return found, await _beside(tx, found.items)


async def one(owners: Owners, actor: Actor, owner: UUID) -> tuple[Owner, Beside]:
    """One owner. Raises NotFound."""
    async with owners.door.open(Ask(actor, Need.OWNERS_VIEW, about=About("owner", owner))) as tx:
        found = await _there(tx, owner)
        return found, await _beside(tx, [found])


async def _beside(tx: Tx, found: Sequence[Owner]) -> Beside:
    names = await identity_store.names_of(tx, [owner.decided_by for owner in found if owner.decided_by])
    return Beside(await store.last_mails(tx, [owner.id for owner in found]), names)


async def accept(owners: Owners, actor: Actor, owner: UUID, version: int | None) -> None:
    """Make somebody an owner: an account whose name tells nothing, and the link to their page. Raises NotFound, Conflict, Stale."""
    async with owners.door.open(_ask(actor, owner)) as tx:
        found = await _to_decide(tx, owner, "accept", version)
        person, code = uuid7(tx.now), outside("owner", owner)[-8:]
        roles = frozenset({Role.OWNER})
        named = f"owner.{outside('owner', owner)[4:].lower()}"
        await identity_store.insert_person(tx, person, named, f"Camera owner {code}", roles, actor.id)
        await store.put_person(tx, owner, person)
        await store.put_state(tx, owner, OwnerState.ACCEPTED)
        entered = await link(owners, tx, found, LinkUse.ENTER)
        await outbox.put(tx, owners.envelope, found, letters.accepted(await store.agency_name(tx), entered))
        await effect(tx, "owner.accepted", About("owner", owner))


async def ask(owners: Owners, actor: Actor, owner: UUID, question: str, version: int | None) -> None:
    """Ask them something first. Raises NotFound, Conflict, Stale, Invalid."""
    question = _words(question, "question")
    async with owners.door.open(_ask(actor, owner)) as tx:
        found = await _to_decide(tx, owner, "ask", version)
        await store.put_state(tx, owner, OwnerState.ASKED, said=question, erase_after=tx.now + UNDECIDED_FOR)
        answered = await link(owners, tx, found, LinkUse.VERIFY)
        await outbox.put(
            tx, owners.envelope, found, letters.asked(await store.agency_name(tx), question, answered)
        )
        await effect(tx, "owner.asked", About("owner", owner))


async def refuse(owners: Owners, actor: Actor, owner: UUID, reason: str, version: int | None) -> None:
    """Do not take up the offer, and say why. Raises NotFound, Conflict, Stale, Invalid."""
    reason = _words(reason, "reason")
    async with owners.door.open(_ask(actor, owner)) as tx:
        found = await _to_decide(tx, owner, "refuse", version)
        await store.put_state(tx, owner, OwnerState.REFUSED, said=reason, erase_after=tx.now + GONE_FOR)
        if found.state is not OwnerState.UNVERIFIED:
            letter = letters.refused(await store.agency_name(tx), reason)
            await outbox.put(tx, owners.envelope, found, letter)
        await effect(tx, "owner.refused", About("owner", owner))


async def locate(owners: Owners, actor: Actor, owner: UUID, place: Point, version: int | None) -> None:
    """Say where on the map their address is: without it no area finds them. Raises NotFound, Conflict, Stale."""
    async with owners.door.open(_ask(actor, owner)) as tx:
        found = await _as_read(tx, owner, version)
        if found.state in (OwnerState.REFUSED, OwnerState.ENDED):
            raise Conflict("This sign-up is over.", reason="state")
        await store.put_place(tx, owner, place)
        # Where somebody lives is told to those who validate, and to no reader of the log: it has how far the point went, and no place.
        before = found.signed_up.place
        moved = None if before is None else round(distance_m(before, place))
        await effect(
            tx,
            "owner.located",
            About("owner", owner),
            more={"placed_before": before is not None, "moved_m": moved},
        )


async def hand_over(owners: Owners, actor: Actor, owner: UUID) -> str:
    """A new one-time link that staff hand over, where no mail server is set or the last letter was not taken.

    Raises NotFound, or Conflict when a letter brought it, or nothing waits for the owner.
    """
    async with owners.door.open(_ask(actor, owner)) as tx:
        found = await _there(tx, owner)
        last = (await store.last_mails(tx, [owner])).get(owner)
        if owners.mails and last is not None and last["sent_at"] is not None:
            raise Conflict(
                "The link went to them by mail.",
                reason="mailed",
                next_step="They can ask for another one themselves.",
            )
        if found.state not in (OwnerState.UNVERIFIED, OwnerState.ASKED, OwnerState.ACCEPTED):
            raise Conflict("Nothing waits for this owner at present.", reason="state")
        use = LinkUse.ENTER if found.state is OwnerState.ACCEPTED else LinkUse.VERIFY
        made = await link(owners, tx, found, use)
        await effect(tx, "owner.link_handed_over", About("owner", owner))
        return made


def _ask(actor: Actor, owner: UUID) -> Ask:
    return Ask(actor, Need.OWNERS_DECIDE, about=About("owner", owner))


async def _to_decide(tx: Tx, owner: UUID, act: str, version: int | None) -> Owner:
    found = await _as_read(tx, owner, version)
    why = may(found.state, act)
    if why is not None:
        raise Conflict(why, reason="state")
    await store.end_links(tx, owner)
    return found


async def _as_read(tx: Tx, owner: UUID, version: int | None) -> Owner:
    found = await _there(tx, owner, to_change=True)
    if version is not None and version != found.version:
        raise Stale("This sign-up was changed since you read it.", next_step="Read it again.")
    return found


async def _there(tx: Tx, owner: UUID, *, to_change: bool = False) -> Owner:
    found = await store.owner_of(tx, owner, to_change=to_change)
    if found is None:
        raise NotFound("There is no such owner.")
    return found


def _words(said: str, field: str) -> str:
    kept = said.strip()
    if not 3 <= len(kept) <= _LONGEST or not all(one.isprintable() or one in "\n\r" for one in kept):
        raise Invalid(f"Write it in words, 3 to {_LONGEST} characters.", reason=field)
    return kept
