"""Somebody offers a camera: signs up, and proves that the address is theirs. Nobody learns here whether an address is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.model import hash_of, new_token
from watchfloor.kit.clock import Clock
from watchfloor.kit.envelope import Envelope
from watchfloor.kit.errors import Expired, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.owners import letters, outbox, store
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.model import (
    ENTER_WITHIN,
    GONE_FOR,
    UNPROVED_FOR,
    VERIFY_WITHIN,
    Faulty,
    LinkUse,
    Owner,
    OwnerState,
    sign_up_of,
)
from watchfloor.settings import OwnerSettings
from watchfloor.storage.tx import Tx

# However often somebody asks in somebody else's name, that person gets no more letters a day than these.
_LETTERS_A_DAY: Final = 5
LONGEST_ANSWER: Final = 1000
_WITHIN: Final = {
    LinkUse.VERIFY: VERIFY_WITHIN,
    LinkUse.ENTER: ENTER_WITHIN,
    LinkUse.WITHDRAW: VERIFY_WITHIN,
}
_PATHS: Final = {
    LinkUse.VERIFY: "/owners/verify",
    LinkUse.ENTER: "/owners/enter",
    LinkUse.WITHDRAW: "/owners/withdraw",
}
# Who a link is for: once staff have decided it opens nothing.
_MAY_USE: Final = {
    LinkUse.VERIFY: (OwnerState.UNVERIFIED, OwnerState.ASKED),
    LinkUse.ENTER: (OwnerState.ACCEPTED,),
    LinkUse.WITHDRAW: (OwnerState.WAITING, OwnerState.ASKED),
}


@dataclass(frozen=True, slots=True)
class Owners:
    """What the use cases of owners need. `url` is where people reach the center; `mails` whether a mail server is set."""

    door: Door
    clock: Clock
    envelope: Envelope
    url: str
    settings: OwnerSettings
    allowance: Allowance
    agencies: tuple[UUID, ...]
    mails: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The agency that somebody deals with, as its pages name it."""

    id: UUID
    name: str


async def agency_of(owners: Owners, word: str | None) -> Known | list[Known]:
    """The agency that is meant; where none is named, the only one, or all that can be chosen. Raises NotFound."""
    wanted = inside("agency", word) if word else None
    found = [await _known(owners, agency) for agency in owners.agencies if wanted in (None, agency)]
    if not found:
        raise NotFound("There is no such agency here.")
    return found[0] if len(found) == 1 else found


async def _known(owners: Owners, agency: UUID) -> Known:
    async with owners.door.open(Ask(process_actor(agency, "serve"), Need.SESSION_LOOK_UP)) as tx:
        return Known(agency, await store.agency_name(tx))


async def sign_up(owners: Owners, agency: UUID, form: Mapping[str, str], source: str) -> Faulty | None:
    """Take a sign-up; what is wrong with it, or None. Raises TooMany.

    Somebody who is known, or was written to too often, is answered the same as anybody else.
    """
    said = sign_up_of(form)
    if isinstance(said, Faulty):
        return said
    owners.allowance.take(source)
    if form.get("website"):  # a field that no person sees: whoever fills it in is a program
        return None
    async with owners.door.open(_ask(agency)) as tx:
        known = await store.owner_with(tx, said.email)
        if known is None:
            owner = uuid7(tx.now)
            await store.insert_owner(tx, owner, said, owners.settings.terms_version, tx.now + UNPROVED_FOR)
            known = sure(await store.owner_of(tx, owner))
            await effect(tx, "owner.signed_up", About("owner", owner), more={"shares": said.shares.value})
            await write(owners, tx, known, LinkUse.VERIFY)
        elif known.state is OwnerState.UNVERIFIED:
            # Whoever filled in an earlier form proved nothing: what is confirmed is what was written last.
            await store.offer_anew(tx, known.id, said, owners.settings.terms_version)
            await write(owners, tx, known, LinkUse.VERIFY)
        else:
            await write(owners, tx, known, None)
    return None


async def write(owners: Owners, tx: Tx, owner: Owner, use: LinkUse | None) -> None:
    """Write to an owner on the public's asking: the link for this use, or that they are known. Not oftener than is bearable."""
    if await store.mailed_since(tx, owner.id, tx.now - timedelta(days=1)) >= _LETTERS_A_DAY:
        return
    name = await store.agency_name(tx)
    if use is None:
        page = f"{owners.url}/owners/enter?agency={outside('agency', tx.agency)}"
        letter = letters.known(name, page, await link(owners, tx, owner, LinkUse.WITHDRAW))
    else:
        wording = letters.verify if use is LinkUse.VERIFY else letters.enter
        letter = wording(name, await link(owners, tx, owner, use))
    await outbox.put(tx, owners.envelope, owner, letter)


async def link(owners: Owners, tx: Tx, owner: Owner, use: LinkUse) -> str:
    """A new one-time link, of which only the hash is kept; earlier ones for the same end."""
    token = new_token()
    await store.insert_link(tx, hash_of(token), owner.id, use, tx.now + _WITHIN[use])
    return f"{owners.url}{_PATHS[use]}?agency={outside('agency', tx.agency)}&token={token}"


async def found_by(owners: Owners, agency: UUID, token: str, use: LinkUse) -> Owner:
    """Whose link it is, if it could be used now. Looking uses nothing up and writes nothing down: anybody can look, and mail programs
    do. Raises LinkOver.
    """
    async with owners.door.open(Ask(process_actor(agency, "serve"), Need.OWNERS_LOOK_UP)) as tx:
        hashed = hash_of(token)
        owner = await store.owner_of_link(tx, hashed) if await store.link_stands(tx, hashed, use) else None
    if owner is None or owner.state not in _MAY_USE[use]:
        raise LinkOver
    return owner


async def verify(owners: Owners, agency: UUID, token: str, answer: str) -> Owner:
    """The address is theirs, or this is what they answer; the owner as it was. Raises LinkOver, Invalid."""
    said = answer.strip()
    if len(said) > LONGEST_ANSWER or not all(one.isprintable() or one in "\r\n" for one in said):
        raise Invalid(
            f"An answer has at most {LONGEST_ANSWER} characters that can be printed.", reason="answer"
        )
    asked = (await found_by(owners, agency, token, LinkUse.VERIFY)).state is OwnerState.ASKED
    if asked and not said:
        raise Invalid("Write an answer first.", reason="answer", next_step="Go back and write it.")
    async with owners.door.open(_ask(agency)) as tx:
        owner = await _used(tx, token, LinkUse.VERIFY)
        if owner.state is OwnerState.ASKED:
            await store.answer(tx, owner.id, said)
            await effect(tx, "owner.answered", About("owner", owner.id))
        else:
            await store.verified(tx, owner.id)
            await effect(tx, "owner.verified", About("owner", owner.id))
        return owner


async def withdraw(owners: Owners, agency: UUID, token: str) -> None:
    """Take an offer back before it is accepted: it is forgotten after 30 days. Raises LinkOver."""
    await found_by(owners, agency, token, LinkUse.WITHDRAW)
    async with owners.door.open(_ask(agency)) as tx:
        owner = await _used(tx, token, LinkUse.WITHDRAW)
        await store.end_links(tx, owner.id)
        await store.put_state(tx, owner.id, OwnerState.ENDED, erase_after=tx.now + GONE_FOR)
        await effect(tx, "owner.withdrew", About("owner", owner.id))


async def ask_to_enter(owners: Owners, agency: UUID, email: str, source: str) -> None:
    """Whoever asks for the link to an owner's page is answered alike; it goes to the owner's address alone. Raises TooMany."""
    owners.allowance.take(source)
    wanted = email.strip().lower()[:254]
    async with owners.door.open(Ask(process_actor(agency, "serve"), Need.OWNERS_LOOK_UP)) as tx:
        owner = await store.owner_with(tx, wanted)
    if owner is None or owner.state is not OwnerState.ACCEPTED:
        return
    async with owners.door.open(_ask(agency)) as tx:
        await write(owners, tx, owner, LinkUse.ENTER)
        await effect(tx, "owner.link_asked", About("owner", owner.id))


async def entered(owners: Owners, agency: UUID, token: str) -> UUID:
    """Use the link to an owner's page up; the account that it opens. Raises LinkOver."""
    await found_by(owners, agency, token, LinkUse.ENTER)
    async with owners.door.open(_ask(agency)) as tx:
        owner = await _used(tx, token, LinkUse.ENTER)
        if owner.person is None:
            raise LinkOver
        return owner.person


async def _used(tx: Tx, token: str, use: LinkUse) -> Owner:
    """Whose link is used up by this. Raises LinkOver when another request was first, or staff decided meanwhile."""
    owner = await store.use_link(tx, hash_of(token), use)
    if owner is None or owner.state not in _MAY_USE[use]:
        raise LinkOver
    return owner


class LinkOver(Expired):
    """A one-time link that cannot be used: nobody is told which of the reasons it is."""

    def __init__(self) -> None:
        super().__init__(
            "This link was used already, or its time is over.",
            reason="link_over",
            next_step="Ask for a new one.",
        )


def _ask(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "serve"), Need.OWNERS_SIGN_UP, about=About("owner"))
