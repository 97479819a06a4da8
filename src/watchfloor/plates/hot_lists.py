"""Hot lists: made, shown, added to by two persons, an entry withdrawn by one. What an entry may be is decided here.

Files are taken in `take_file`, what a machine puts in `feed`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text, inside, outside, why_of
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import Proposal
from watchfloor.governance.proposals import TwoPersonAct, propose
from watchfloor.governance.words import CaseKind, Purpose, TechnologyKind, UnknownPurpose
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import moment, time_of_day
from watchfloor.plates import cap_store, entry_end, entry_store, hot_list_store
from watchfloor.plates.entry_store import EntryRow
from watchfloor.plates.file_kinds import FileKind, refuse_immigration
from watchfloor.plates.handling import Handling, handling_of
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.misuse.look_ups import ENTERED, LookUps
from watchfloor.plates.model import EntryId, HotListId, ListKind, Plate, Priority, Wanted, state_of
from watchfloor.storage.tx import Tx

KIND: Final = "hot_list_entry"
# How long what one person entered within an incident lasts without a second.
ALONE_FOR: Final = timedelta(minutes=60)
LONGEST_DAYS: Final = 5 * 366
# A list from files that says nothing else is due each day; the national extracts come twice a day.
USUAL_REFRESH_HOURS: Final = 24
TECHNOLOGY: Final = TechnologyKind.PLATE_READER


async def every(door: Door, actor: Actor, extent: Extent) -> Cut[HotListRow]:
    """A part of all hot lists, by name."""
    async with door.open(Ask(actor, Need.HOT_LIST_VIEW, technology=TECHNOLOGY)) as tx:
        return await hot_list_store.lists(tx, extent)


async def entries_of(
    door: Door, actor: Actor, list_id: HotListId, extent: Extent
) -> tuple[HotListRow, Cut[tuple[EntryRow, str | None]]]:
    """A list and a page of its entries, each with why it alerts no more. Raises NotFound."""
    async with door.open(
        Ask(actor, Need.HOT_LIST_VIEW, about=About("hot_list", list_id), technology=TECHNOLOGY)
    ) as tx:
        found = await list_of(tx, list_id)
        rows = await entry_store.entries(tx, list_id, extent)
        over = await entry_end.why_over(tx, [row.wanted for row in rows.items])
        return found, Cut(list(zip(rows.items, over, strict=True)), rows.following)


async def one(door: Door, actor: Actor, list_id: HotListId) -> HotListRow:
    """One hot list. Raises NotFound."""
    async with door.open(
        Ask(actor, Need.HOT_LIST_VIEW, about=About("hot_list", list_id), technology=TECHNOLOGY)
    ) as tx:
        return await list_of(tx, list_id)


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A list as somebody makes it: whose it is, how its entries come, how often, and how urgent they are."""

    name: str
    kind: ListKind
    purpose: Purpose | UnknownPurpose
    default_days: int
    most_days: int
    owner: str = ""
    priority: Priority = Priority.USUAL
    refresh_hours: int | None = None
    file_kind: str | None = None


async def make_list(door: Door, actor: Actor, draft: ListDraft) -> HotListRow:
    """A new list, empty. Raises Refused, Invalid or Conflict."""
    why = Why(draft.purpose)
    if not 1 <= draft.default_days <= draft.most_days <= LONGEST_DAYS:
        raise Invalid(
            f"Days go from 1 to {LONGEST_DAYS}, and the default is no more than the most.", reason="most_days"
        )
    if draft.file_kind is not None and draft.kind is not ListKind.IMPORTED:
        raise Invalid("Only a list from files is of a kind of file.", reason="file_kind")
    async with door.open(
        Ask(actor, Need.HOT_LIST_IMPORT, why, technology=TECHNOLOGY, detail={"name": draft.name})
    ) as tx:
        refuse_immigration(draft.name)
        kind = FileKind.of(draft.file_kind) if draft.file_kind is not None else None
        new = _new_list(tx, draft, why.allowed, kind)
        if not await hot_list_store.insert_list(tx, new):
            raise Conflict("There is a hot list of that name.", reason="name")
        await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {"source": draft.kind.value, "file_kind": draft.file_kind}
        await effect(tx, "hot_list.made", About("hot_list", new.id), more=more, detail={"name": draft.name})
        return new


def _new_list(tx: Tx, draft: ListDraft, purpose: Purpose, kind: FileKind | None) -> HotListRow:
    list_id = HotListId(uuid7(tx.now))
    by_hand = draft.kind is ListKind.MANUAL
    return HotListRow(
        list_id, draft.name, draft.kind, purpose, draft.default_days, draft.most_days,
        None if draft.kind is ListKind.IMPORTED else list_id, None, 0, 1,
        owner=draft.owner, priority=draft.priority, file_kind=kind.word if kind else None,
        refresh_hours=None if by_hand else draft.refresh_hours or USUAL_REFRESH_HOURS,
    )  # fmt: skip


async def withdraw(door: Door, actor: Actor, entry_id: EntryId, why: str) -> EntryRow:
    """Withdraw an entry: from this moment no read answers to it, whatever the next file says. Raises NotFound or Conflict.

    One person suffices: nobody is looked for because of it, and waiting for a second one has families stopped.
    """
    ask = Ask(
        actor,
        Need.HOT_LIST_WITHDRAW,
        about=About("hot_list_entry", entry_id),
        technology=TECHNOLOGY,
        detail={"why": why},
    )
    async with door.open(ask) as tx:
        row = await entry_store.entry_in_force(tx, entry_id)
        if row is None:
            raise NotFound("There is no such entry on a list.")
        if not await entry_store.withdraw(tx, row.wanted, why):
            raise Conflict("It was withdrawn before.", reason="withdrawn")
        await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {"hot_list": str(row.wanted.list)}
        await effect(
            tx,
            "hot_list_entry.withdrawn",
            About("hot_list_entry", entry_id),
            more=more,
            detail={"why": why},
        )
        return row


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry as a person or an alert proposes it; `reference` names the alert (`take_cap`), of a manual entry there is none."""

    list: HotListId
    plate: Plate
    state: str | None
    reason: str
    vehicle: str | None
    expires_at: datetime
    handling: tuple[Handling, ...] = ()
    agency: str | None = None
    at_once: bool = False
    reference: str | None = None


async def propose_entry(door: Door, look_ups: LookUps, actor: Actor, draft: EntryDraft, why: Why) -> Proposal:
    """Propose an entry; another person puts it into force. It is a look-up of the plate. Raises NotFound, Conflict, Invalid, Refused.

    Within an open incident it is in force `at_once`, for an hour: a second person ratifies it by then, or it dies.
    """
    if draft.at_once and (why.case is None or why.case.kind is not CaseKind.INCIDENT):
        raise Invalid(
            "One person alone may act only within an open incident: choose it, or wait for a second person.",
            reason="at_once",
        )
    detail: dict[str, Json] = {"plate": draft.plate.text, "state": draft.state, "reason": draft.reason}
    about = About("hot_list", draft.list)
    ask = Ask(actor, Need.HOT_LIST_PROPOSE, why, about, technology=TECHNOLOGY, detail=detail)
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        found = await _manual(tx, draft.list)
        if found.purpose is not why.purpose:
            raise Invalid(
                f"This list serves the purpose “{found.purpose.title}” and no other.", reason="purpose"
            )
        _check_expiry(draft, found, tx.now)
        refuse_immigration(draft.reason)
        await look_ups.looked_up(tx, way=ENTERED, why=why, plates={draft.plate.folded}, found=0)
        title = f"{draft.plate.text}{f' ({draft.state})' if draft.state else ''} on “{found.name}”"
        first = "; ".join(one.words for one in draft.handling)
        sentence = f"Look for {title} until {moment(draft.expires_at, tx.zone)}: {draft.reason}."
        sentence = f"{first}. {sentence}" if first else sentence
        payload = payload_of(draft) | {
            "purpose": why.purpose.word,
            "case": case_text(why.case) if why.case else None,
        }
        if draft.at_once:
            return await _alone(tx, draft, found, why, title=title, sentence=sentence, payload=payload)
        return await propose(tx, KIND, title=title, sentence=sentence, payload=payload)


async def _alone(
    tx: Tx,
    draft: EntryDraft,
    found: HotListRow,
    why: Why,
    *,
    title: str,
    sentence: str,
    payload: dict[str, Json],
) -> Proposal:
    """In force now, by one person, for an hour: the proposal lasts no longer than the entry."""
    entry, alone = EntryId(uuid7(tx.now)), min(draft.expires_at, tx.now + ALONE_FOR)
    until = time_of_day(tx.now + ALONE_FOR, tx.zone)
    said = f"{sentence} It is in force already, by one person, until {until}."
    named = payload | {"entry": outside("hot_list_entry", entry)}
    made = await propose(tx, KIND, title=title, sentence=said, payload=named, open_for=ALONE_FOR)
    await _enter(tx, _entry(entry, replace(draft, expires_at=alone), found, why), made.id, ratify_by=alone)
    return made


async def apply_entry(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the entry is in force, and every matcher knows within two seconds."""
    draft = _draft(cast("dict[str, str | None]", proposal.payload))
    found = await (_manual(tx, draft.list) if draft.reference is None else _of_alert(tx, draft))
    _check_expiry(draft, found, tx.now)
    why = why_proposed(proposal)
    said = cast("dict[str, str | None]", proposal.payload)
    if (changed := said.get("changes")) is not None:
        return await _change(tx, EntryId(inside("hot_list_entry", changed)), draft, proposal)
    if (alone := said.get("entry")) is not None:
        return await _ratify(tx, EntryId(inside("hot_list_entry", alone)), draft, proposal)
    entry = _entry(EntryId(uuid7(tx.now)), draft, found, why)
    await _enter(tx, entry, proposal.id, ratify_by=None, reference=draft.reference, edition=found.edition)
    return entry.id


async def enter(tx: Tx, draft: EntryDraft, found: HotListRow) -> EntryId:
    """Put in force what nobody has to see first; its id. Raises Invalid for one that would have expired."""
    _check_expiry(draft, found, tx.now)
    entry = _entry(EntryId(uuid7(tx.now)), draft, found, None)
    await _enter(tx, entry, None, ratify_by=None, reference=draft.reference, edition=found.edition)
    return entry.id


async def _of_alert(tx: Tx, draft: EntryDraft) -> HotListRow:
    """The list of an alert that is not over. Raises Conflict."""
    ended = await cap_store.ended_why(tx, draft.list, draft.reference or "")
    if ended is not None:
        raise Conflict(f"The alert is over: {ended}", reason="ended")
    return await list_of(tx, draft.list)


async def _ratify(tx: Tx, entry: EntryId, draft: EntryDraft, proposal: Proposal) -> UUID:
    """What one person entered lasts from now until the end that was proposed."""
    if not await entry_store.ratify(tx, entry, draft.expires_at):
        raise Expired("The entry has ended meanwhile; it can be proposed again.")
    more: dict[str, Json] = {"proposal": str(proposal.id)}
    await effect(tx, "hot_list_entry.ratified", About("hot_list_entry", entry), more=more)
    return entry


async def _change(tx: Tx, entry: EntryId, draft: EntryDraft, proposal: Proposal) -> UUID:
    """What a person's file says otherwise of an entry that is in force holds from now on."""
    if not await entry_store.change(tx, entry, draft.reason, draft.vehicle, draft.expires_at, proposal.id):
        raise Expired("The entry was withdrawn meanwhile.")
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {"proposal": str(proposal.id)}
    await effect(tx, "hot_list_entry.changed", About("hot_list_entry", entry), more=more)
    return entry


async def undo_entry(tx: Tx, proposal: Proposal) -> UUID | None:
    """What a refusal does to an entry that one person put in force: it ends at once."""
    alone = cast("dict[str, str | None]", proposal.payload).get("entry")
    row = await entry_store.entry_in_force(tx, EntryId(inside("hot_list_entry", alone))) if alone else None
    if row is not None and await entry_store.withdraw(tx, row.wanted, "A second person refused it."):
        await hot_list_store.raise_version(tx)
        await effect(tx, "hot_list_entry.withdrawn", About("hot_list_entry", row.wanted.id))
    return None


def _entry(entry_id: EntryId, draft: EntryDraft, found: HotListRow, why: Why | None) -> Wanted:
    case = why.case if why is not None else None
    return Wanted(
        id=entry_id,
        list=draft.list,
        plate=draft.plate,
        state=draft.state,
        reason=draft.reason,
        purpose=found.purpose,
        expires_at=draft.expires_at,
        vehicle=draft.vehicle,
        handling=tuple(one.value for one in draft.handling),
        agency=draft.agency,
        case=case.id if case is not None and case.kind is CaseKind.CASE else None,
    )


async def _enter(
    tx: Tx,
    entry: Wanted,
    proposal: UUID | None,
    *,
    ratify_by: datetime | None,
    reference: str | None = None,
    edition: UUID | None = None,
) -> None:
    key = key_of(entry.plate.text)
    await entry_store.insert_entry(
        tx,
        entry,
        proposal=proposal,
        reference=reference,
        folded_key=key,
        ratify_by=ratify_by,
        edition=edition,
    )
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {
        "hot_list": str(entry.list),
        "proposal": str(proposal) if proposal else None,
        "alone": ratify_by is not None,
    }
    await effect(tx, "hot_list_entry.in_force", About("hot_list_entry", entry.id), more=more)


def why_proposed(proposal: Proposal) -> Why | None:
    """The purpose and the case that an entry was proposed for."""
    said = cast("dict[str, str | None]", proposal.payload)
    return why_of(said.get("purpose"), said.get("case"))


ACT: Final = TwoPersonAct(
    KIND,
    Need.HOT_LIST_APPROVE,
    TECHNOLOGY,
    apply_entry,
    open_for=timedelta(hours=24),
    why=why_proposed,
    undo=undo_entry,
)


async def list_of(tx: Tx, list_id: HotListId) -> HotListRow:
    """The list. Raises NotFound."""
    found = await hot_list_store.hot_list(tx, list_id)
    if found is None:
        raise NotFound("There is no such hot list.")
    return found


async def _manual(tx: Tx, list_id: HotListId) -> HotListRow:
    found = await list_of(tx, list_id)
    if found.kind is not ListKind.MANUAL:
        raise Conflict(
            "This list is filled from files; an entry of its own would go with the next one."
            if found.kind is ListKind.IMPORTED
            else "This list is written by a machine of its owner, and by nobody else.",
            reason=found.kind.value,
        )
    return found


def _check_expiry(draft: EntryDraft, found: HotListRow, now: datetime) -> None:
    if draft.expires_at <= now:
        raise Invalid("The entry would have expired already.", reason="expires_at")
    if draft.expires_at > now + timedelta(days=found.most_days):
        raise Invalid(f"An entry of this list lasts at most {found.most_days} days.", reason="expires_at")


def payload_of(draft: EntryDraft) -> dict[str, Json]:
    """The draft as kept in a proposal."""
    of_alert: dict[str, Json] = {"reference": draft.reference} if draft.reference else {}
    return of_alert | {
        "hot_list": outside("hot_list", draft.list),
        "plate": draft.plate.text,
        "state": draft.state,
        "reason": draft.reason,
        "vehicle": draft.vehicle,
        "expires_at": rfc3339(draft.expires_at),
        "handling": ",".join(one.value for one in draft.handling) or None,
        "agency": draft.agency,
    }


def _draft(payload: dict[str, str | None]) -> EntryDraft:
    return EntryDraft(
        list=HotListId(inside("hot_list", payload["hot_list"] or "")),
        plate=Plate(payload["plate"] or ""),
        state=state_of(payload["state"]),
        reason=payload["reason"] or "",
        vehicle=payload["vehicle"],
        expires_at=parse_rfc3339(payload["expires_at"] or ""),
        handling=handling_of(payload.get("handling") or ""),
        agency=payload.get("agency"),
        reference=payload.get("reference"),
    )
