"""Staff ask an owner or a witness for evidence, remind them, withdraw it, and fetch what came. It takes in no file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from watchfloor.evidence import asked_letters, asked_store, unfinished
from watchfloor.evidence.asked import OPEN_FOR, Asked, File, check_times
from watchfloor.evidence.sealed import ExportKeys, object_path, opened
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask, Case, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind, Purpose
from watchfloor.identity.model import hash_of, new_token
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.owners import outbox, seal_store
from watchfloor.owners import store as owner_store
from watchfloor.owners.model import OwnerState
from watchfloor.owners.sign_up import Owners
from watchfloor.owners.uses import case_words
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
# However many cases need it: nobody is written more often than this within a day.
_MOST_A_DAY: Final = 5
_REMIND_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asking:
    """What the use cases need: owners' letters and links, and where what comes is kept."""

    owners: Owners
    objects: Objects
    keys: ExportKeys
    parts: Path
    """Where a file lies, sealed, until all of it has come."""
    most_bytes: int
    keeping: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Of each file that is being kept now: one at a time does that."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: of one owner, of the owner of a camera, or of a witness at an address."""

    place: str
    from_at: datetime
    to_at: datetime
    words: str
    owner: UUID | None = None
    camera: UUID | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, and the link where no mail server brings it."""

    asked: Asked
    link: str | None


async def ask_for(parts: Asking, actor: Actor, why: Why | None, wanted: Sequence[Wanted]) -> list[Sent]:
    """Ask each of these, in one act. Raises Invalid, NotFound, Conflict; then nobody is asked."""
    detail: dict[str, Json] = {"words": wanted[0].words if wanted else ""}
    addresses = [one.email.casefold() for one in wanted if one.email is not None]
    if len(set(addresses)) < len(addresses):
        raise Invalid("Ask each witness once in one act.", reason="email")
    async with parts.owners.door.open(Ask(actor, Need.EVIDENCE_ASK, why, detail=detail)) as tx:
        return [await ask_one(parts, tx, why, one) for one in wanted]


async def ask_one(parts: Asking, tx: Tx, why: Why | None, wanted: Wanted) -> Sent:
    """Ask one of them within an act that may do more. Raises Invalid, NotFound, Conflict."""
    case = _case(why)
    check_times(wanted.from_at, wanted.to_at, tx.now)
    if not 3 <= len(wanted.words.strip()) <= 1000 or not 3 <= len(wanted.place.strip()) <= 200:
        raise Invalid("Say in words what is asked for, and where.", reason="words")
    owner = await _owner(tx, wanted)
    token, purpose = new_token(), sure(why).allowed
    asked = Asked(
        uuid7(tx.now), case.id, "", purpose, owner, wanted.camera, wanted.place.strip(), wanted.from_at, wanted.to_at,
        wanted.words.strip(), tx.actor, tx.now, tx.now + OPEN_FOR, None, None, None, None, None, None,
    )  # fmt: skip
    await asked_store.insert(tx, asked, hash_of(token))
    if owner is None:
        await asked_store.insert_contact(tx, asked.id, sure(wanted.email))
    link = await _written(parts, tx, asked, token, again=False)
    more: dict[str, Json] = {"for_case": f"case:{case.id}", "witness": owner is None}
    await effect(tx, "evidence.asked", About("evidence_request", asked.id), more=more)
    return Sent(sure(await asked_store.one(tx, asked.id)), link)


async def _owner(tx: Tx, wanted: Wanted) -> UUID | None:
    """Who is asked; None for a witness at an address."""
    if [wanted.owner, wanted.camera, wanted.email].count(None) != 2:
        raise Invalid("Ask an owner, the owner of a camera, or a witness: one of them.", reason="whom")
    if wanted.email is not None:
        if len(wanted.email) > 254 or not _EMAIL.fullmatch(wanted.email):
            raise Invalid("Write an e-mail address, as name@example.org.", reason="email")
        if await asked_store.written_lately(tx, wanted.email, tx.now - timedelta(days=1)) >= _MOST_A_DAY:
            raise Conflict("This witness was asked often enough within a day.", reason="asked_often")
        return None
    owner = wanted.owner or await seal_store.owner_then(tx, sure(wanted.camera), tx.now)
    found = await owner_store.owner_of(tx, owner) if owner else None
    if found is None or found.state is not OwnerState.ACCEPTED:
        raise NotFound("There is no owner who can be asked about this.")
    if await asked_store.lately(tx, found.id, tx.now - timedelta(days=1)) >= _MOST_A_DAY:
        raise Conflict("This owner was asked often enough within a day.", reason="asked_often")
    return found.id


async def remind(parts: Asking, actor: Actor, request: UUID) -> Sent:
    """Write once more, with a new link; once a day at most. Raises NotFound, Conflict."""
    async with parts.owners.door.open(_change(actor, request)) as tx:
        found = await _open(tx, request)
        if found.asked_at + _REMIND_AFTER > tx.now or (
            found.reminded_at is not None and found.reminded_at + _REMIND_AFTER > tx.now
        ):
            raise Conflict("A reminder goes out once a day at most.", reason="reminded")
        token = new_token()
        await asked_store.new_link(tx, request, hash_of(token), reminded=True)
        link = await _written(parts, tx, found, token, again=True)
        await effect(tx, "evidence.reminded", About("evidence_request", request))
        return Sent(sure(await asked_store.one(tx, request)), link)


async def hand_over(parts: Asking, actor: Actor, request: UUID) -> str:
    """A new link to hand over where no mail server brings it. Raises NotFound, Conflict."""
    async with parts.owners.door.open(_change(actor, request)) as tx:
        if parts.owners.mails:
            raise Conflict("The link went to them by mail.", reason="mailed", next_step="Send a reminder.")
        await _open(tx, request)
        token = new_token()
        await asked_store.new_link(tx, request, hash_of(token), reminded=False)
        await effect(tx, "evidence.link_handed_over", About("evidence_request", request))
        return _link(parts, tx, token)


async def withdraw(parts: Asking, actor: Actor, request: UUID) -> Asked:
    """It is not needed any more: the link opens nothing from now on. Raises NotFound, Conflict."""
    async with parts.owners.door.open(_change(actor, request)) as tx:
        await _open(tx, request)
        await asked_store.withdrawn(tx, request)
        await unfinished.drop(tx, parts.parts, parts.keys, request)
        await effect(tx, "evidence.withdrawn", About("evidence_request", request))
        return sure(await asked_store.one(tx, request))


async def everything(parts: Asking, actor: Actor, case: UUID | None, extent: Extent) -> Cut[Asked]:
    """A part of all requests, the newest first; of one case, where it is named."""
    async with parts.owners.door.open(Ask(actor, Need.EVIDENCE_VIEW)) as tx:
        return await asked_store.requests(tx, case, extent)


@dataclass(frozen=True, slots=True)
class Content:
    """A file on its way out."""

    file: File
    pieces: AsyncIterator[bytes]


async def hand_out(parts: Asking, actor: Actor, why: Why | None, file: UUID) -> Content:
    """What was sent, for the case that it was asked for. Raises NotFound, Refused."""
    async with parts.owners.door.open(
        Ask(actor, Need.EVIDENCE_FETCH, why, About("received_file", file))
    ) as tx:
        found = await asked_store.of_file(tx, file)
        kept = next((one for one in found.files if one.id == file and one.sha256), None) if found else None
        if found is None or kept is None:
            raise NotFound("There is no such file.")
        if why is None or why.case != Case(CaseKind.CASE, found.case):
            raise Refused(Denied("other_case", "A file is fetched for the case that it was asked for."))
        await effect(tx, "evidence.fetched", About("received_file", file), more={"sha256": kept.sha256})
    key = await asyncio.to_thread(parts.keys.find, file)
    return Content(kept, opened(parts.objects, object_path(actor.agency, file), key, file, kept.size))


async def _written(parts: Asking, tx: Tx, asked: Asked, token: str, *, again: bool) -> str | None:
    """The letter with the link; the link itself where no mail server brings it."""
    link = _link(parts, tx, token)
    letter = asked_letters.wanted(
        await owner_store.agency_name(tx), case_words(asked.purpose.word), asked.place, moment(asked.from_at, tx.zone),
        moment(asked.to_at, tx.zone), asked.words, link, moment(asked.expires_at, tx.zone), again=again,
    )  # fmt: skip
    if asked.owner is not None:
        owner = await owner_store.owner_of(tx, asked.owner)
        if owner is not None:
            await outbox.put(tx, parts.owners.envelope, owner, letter)
    else:
        email = await asked_store.contact(tx, asked.id)
        await outbox.put_to(tx, parts.owners.envelope, sure(email), letter)
    return None if parts.owners.mails else link


def _link(parts: Asking, tx: Tx, token: str) -> str:
    return f"{parts.owners.url}/evidence/answer?agency={outside('agency', tx.agency)}&token={token}"


def _case(why: Why | None) -> Case:
    case = why.case if why else None
    if case is None or case.kind is not CaseKind.CASE:
        raise Invalid("Evidence is asked for a case; open one for the call or incident first.", reason="case")
    return case


def _change(actor: Actor, request: UUID) -> Ask:
    return Ask(actor, Need.EVIDENCE_CHANGE, about=About("evidence_request", request))


async def _open(tx: Tx, request: UUID) -> Asked:
    found = await asked_store.one(tx, request)
    if found is None:
        raise NotFound("There is no such request.")
    if not found.is_open(tx.now):
        raise Conflict("This request is over.", reason=found.state(tx.now))
    return found


def class_of(purpose: Purpose) -> str:
    """“burglary or theft”: what whoever is asked reads of the case."""
    return case_words(purpose.word)
