"""Accounts: who is invited, with which roles, and whose account is closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.store import raise_policy_version
from watchfloor.governance.words import Role
from watchfloor.identity import device_store, store
from watchfloor.identity.model import INVITATION_FOR, Person, hash_of, new_token
from watchfloor.identity.sign_in import Identity, ended
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# Nobody may both run the machines and see what they hold, nor both act and audit.
_APART: Final = (
    (
        frozenset({Role.ADMINISTRATOR}),
        frozenset({Role.ANALYST, Role.DETECTIVE, Role.SUPERVISOR, Role.OFFICER, Role.AUDITOR}),
    ),
    (frozenset({Role.AUDITOR}), frozenset(Role) - {Role.AUDITOR}),
    # A partner is another center, no person of this one.
    (frozenset({Role.PARTNER}), frozenset(Role) - {Role.PARTNER}),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link's secret, shown once, and when it ends."""

    token: str
    expires_at: datetime


async def everybody(door: Door, actor: Actor, extent: Extent) -> Cut[Person]:
    """A part of everybody of the agency, by name."""
    async with door.open(Ask(actor, Need.PEOPLE_VIEW)) as tx:
        return await store.people(tx, extent)


async def invite(
    door: Door, actor: Actor, name: str, full_name: str, roles: frozenset[Role]
) -> tuple[Person, Invitation]:
    """Create an account and its one-time link. Raises Invalid, or Conflict when the name is taken."""
    check_account(name, full_name, roles)
    async with door.open(Ask(actor, Need.PEOPLE_CHANGE, detail={"name": name})) as tx:
        person_id = uuid7(tx.now)
        if not await store.insert_person(tx, person_id, name, full_name.strip(), roles, actor.id):
            raise Conflict(f"The name {name} is taken.", reason="name_taken")
        invitation = await make_invitation(tx, person_id)
        granted = ",".join(sorted(roles))
        await effect(
            tx, "person.invited", About("person", person_id), detail={"name": name}, more={"roles": granted}
        )
        return sure(await store.person(tx, person_id)), invitation


async def invite_again(door: Door, actor: Actor, person_id: UUID) -> Invitation:
    """A new one-time link: for a lost one, a forgotten password, a lost second factor."""
    async with door.open(Ask(actor, Need.PEOPLE_CHANGE, about=About("person", person_id))) as tx:
        person = await store.person(tx, person_id)
        if person is None:
            raise NotFound("There is no such person.")
        if person.state == "suspended":
            raise Conflict("This account is suspended.", reason="suspended")
        invitation = await make_invitation(tx, person_id)
        await effect(tx, "person.invited_again", About("person", person_id))
        return invitation


async def suspend(identity: Identity, actor: Actor, person_id: UUID, reason: str) -> Person:
    """Close an account: sessions, and all they hold open, end at once; in other processes within two seconds."""
    if person_id == actor.id:
        raise Invalid("Nobody suspends their own account.", next_step="Ask another administrator.")
    ask = Ask(actor, Need.PEOPLE_CHANGE, about=About("person", person_id), detail={"reason": reason})
    async with identity.door.open(ask) as tx:
        if await store.person(tx, person_id) is None:
            raise NotFound("There is no such person.")
        if not await store.suspend_person(tx, person_id):
            raise Conflict("This account is suspended already.", reason="suspended")
        await store.end_sign_ins(tx, person_id, "the account was suspended")
        await raise_policy_version(tx)
        tx.after_commit(partial(ended, identity, person_id, "This account is suspended."))
        await effect(tx, "person.suspended", About("person", person_id), detail={"reason": reason})
        return sure(await store.person(tx, person_id))


async def change_roles(
    identity: Identity, actor: Actor, person_id: UUID, roles: frozenset[Role], *, version: int | None = None
) -> Person:
    """Give somebody other roles. Their sessions, and all they hold open, end: nothing goes on under the former ones.

    Raises NotFound, Conflict, Invalid, or Stale when the account was changed since it was read.
    """
    if person_id == actor.id:
        raise Invalid(
            "Nobody changes their own roles.", reason="roles", next_step="Ask another administrator."
        )
    async with identity.door.open(Ask(actor, Need.PEOPLE_CHANGE, about=About("person", person_id))) as tx:
        before = await store.person(tx, person_id)
        if before is None:
            raise NotFound("There is no such person.")
        if before.state == "suspended":
            raise Conflict("This account is suspended.", reason="suspended")
        if version is not None and version != before.version:
            raise Stale("The account was changed since you read it.", next_step="Read it again.")
        check_account(before.name, before.full_name, roles)
        if roles == before.roles:
            return before
        await store.set_roles(tx, person_id, roles, actor.id)
        await store.end_sign_ins(tx, person_id, "the roles were changed")
        await raise_policy_version(tx)
        tx.after_commit(partial(ended, identity, person_id, "Your roles were changed: sign in again."))
        more = {"roles": ",".join(sorted(roles)), "before": ",".join(sorted(before.roles))}
        await effect(tx, "person.roles_changed", About("person", person_id), more=more)
        return sure(await store.person(tx, person_id))


async def make_invitation(tx: Tx, person_id: UUID) -> Invitation:
    """Keep a new invitation in this transaction."""
    token = new_token()
    until = tx.now + INVITATION_FOR
    await store.insert_invitation(tx, hash_of(token), person_id, until)
    return Invitation(token, until)


async def issue_token(tx: Tx, *, device: UUID, kind: str) -> str:
    """A new token for a device, shown once; its earlier one is revoked. The caller's need must permit CREDENTIAL."""
    token = new_token()
    await device_store.insert_device_token(tx, hash_of(token), device, kind)
    await effect(tx, "device.token_issued", About(kind, device))
    return token


def check_account(name: str, full_name: str, roles: frozenset[Role]) -> None:
    """Raises Invalid, naming the field, unless an account may be called that and hold those roles together."""
    if not _NAME.fullmatch(name):
        raise Invalid(
            "A name has 2 to 64 small letters, digits, dots, dashes and underscores.", reason="name"
        )
    if not 1 <= len(full_name.strip()) <= 120:
        raise Invalid("A full name has 1 to 120 characters.", reason="full_name")
    if not roles:
        raise Invalid("At least one role is needed.", reason="roles")
    if Role.MACHINE in roles:
        raise Invalid("The role of a machine is for no person.", reason="roles")
    for one, others in _APART:
        if roles & one and (roles - one) & others:
            kept = ", ".join(sorted(role.value for role in roles))
            raise Invalid(f"These roles may not be held together: {kept}.", reason="roles")
