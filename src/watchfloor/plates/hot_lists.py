"""Hot lists: made, filled from files, added to by two persons, shown. What an entry may be is decided here.

A file is first only previewed: its rows are laid beside those in force. Applying it is one act in one instant.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Final, cast
from uuid import UUID

import msgspec

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
from watchfloor.kit.said import moment
from watchfloor.plates import entry_end, entry_store, hot_list_store, import_csv
from watchfloor.plates.entry_store import EntryRow
from watchfloor.plates.hot_list_store import Counts, HotListRow, Preview
from watchfloor.plates.hotlist import key_of, keys_of
from watchfloor.plates.import_csv import BadRow, Header, Row, Rules
from watchfloor.plates.model import EntryId, HotListId, ImportId, ListKind, Plate, Wanted, state_of
from watchfloor.storage.tx import Tx

KIND: Final = "hot_list_entry"
PREVIEW_FOR: Final = timedelta(hours=24)
LONGEST_DAYS: Final = 5 * 366
_CHUNK: Final = 4000
_READ_BYTES: Final = 1024 * 1024
_TECHNOLOGY: Final = TechnologyKind.PLATE_READER


async def every(door: Door, actor: Actor, extent: Extent) -> Cut[HotListRow]:
    """A part of all hot lists, by name."""
    async with door.open(Ask(actor, Need.HOT_LIST_VIEW, technology=_TECHNOLOGY)) as tx:
        return await hot_list_store.lists(tx, extent)


async def entries_of(
    door: Door, actor: Actor, list_id: HotListId, extent: Extent
) -> tuple[HotListRow, Cut[tuple[EntryRow, str | None]]]:
    """A list and a page of its entries, each with why it alerts no more. Raises NotFound."""
    async with door.open(
        Ask(actor, Need.HOT_LIST_VIEW, about=About("hot_list", list_id), technology=_TECHNOLOGY)
    ) as tx:
        found = await _list(tx, list_id)
        rows = await entry_store.entries(tx, list_id, extent)
        over = await entry_end.why_over(tx, [row.wanted for row in rows.items])
        return found, Cut(list(zip(rows.items, over, strict=True)), rows.following)


async def make_list(
    door: Door,
    actor: Actor,
    name: str,
    kind: ListKind,
    purpose: Purpose | UnknownPurpose,
    *,
    default_days: int,
    most_days: int,
) -> HotListRow:
    """A new list, empty. Raises Refused, Invalid or Conflict."""
    why = Why(purpose)
    if not 1 <= default_days <= most_days <= LONGEST_DAYS:
        raise Invalid(
            f"Days go from 1 to {LONGEST_DAYS}, and the default is no more than the most.", reason="most_days"
        )
    async with door.open(
        Ask(actor, Need.HOT_LIST_IMPORT, why, technology=_TECHNOLOGY, detail={"name": name})
    ) as tx:
        list_id = HotListId(uuid7(tx.now))
        edition = list_id if kind is ListKind.MANUAL else None
        new = HotListRow(list_id, name, kind, why.allowed, default_days, most_days, edition, None, 0, 1)
        if not await hot_list_store.insert_list(tx, new):
            raise Conflict("There is a hot list of that name.", reason="name")
        await hot_list_store.raise_version(tx)
        await effect(tx, "hot_list.made", About("hot_list", list_id), detail={"name": name})
        return new


async def import_file(door: Door, actor: Actor, list_id: HotListId, file: IO[bytes]) -> Preview:
    """Lay a file's rows beside those in force and say what applying it would do.

    Raises NotFound, Conflict for a manual list, Invalid for a file that is none or has no good row.
    """
    encoding, sha256 = await asyncio.to_thread(_looked_at, file)
    ask = Ask(actor, Need.HOT_LIST_IMPORT, about=About("hot_list", list_id), technology=_TECHNOLOGY)
    async with door.open(ask) as tx:
        found = await _list(tx, list_id)
        if found.kind is ListKind.MANUAL:
            raise Conflict("A manual list takes no files; each entry needs two persons.", reason="manual")
        rules = Rules(
            tx.now, timedelta(days=found.default_days), timedelta(days=found.most_days), found.purpose.title
        )
        await hot_list_store.take_time(tx)
        import_id = ImportId(uuid7(tx.now))
        rows = import_csv.rows_of(import_csv.text_of(file, encoding), rules)
        read = await _added(tx, import_id, found, rows)
        if not read.kept.kept:
            raise Invalid(f"No row could be used. {_first_fault(read)}", reason="file")
        preview = await _previewed(tx, import_id, found, encoding, read)
        await hot_list_store.insert_import(tx, preview, sha256=sha256)
        # Matchers load what waits, so that it is there when it is applied.
        await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {
            "rows": preview.rows,
            "good": preview.good,
            "bad": preview.bad,
            "sha256": sha256,
        }
        await effect(tx, "hot_list.imported", About("hot_list_import", import_id), more=more)
        return preview


async def _previewed(tx: Tx, import_id: ImportId, found: HotListRow, encoding: str, read: _Read) -> Preview:
    kept = read.kept
    return Preview(
        id=import_id,
        list=found.id,
        state="waiting",
        base_edition=found.edition,
        encoding=encoding,
        rows=read.good + read.bad,
        good=kept.kept,
        bad=read.bad,
        new=kept.new,
        changed=kept.changed,
        gone=await hot_list_store.size_of(tx, found.edition) - (kept.kept - kept.new),
        bad_rows=[_bad_json(row) for row in read.bad_rows],
        expires_at=tx.now + PREVIEW_FOR,
    )


async def apply_import(door: Door, actor: Actor, import_id: ImportId) -> Preview:
    """Put an import in force. Raises NotFound, Conflict when it is or another came before, Expired."""
    ask = Ask(actor, Need.HOT_LIST_IMPORT, about=About("hot_list_import", import_id), technology=_TECHNOLOGY)
    async with door.open(ask) as tx:
        preview = await hot_list_store.preview(tx, import_id)
        if preview is None:
            raise NotFound("There is no such import.")
        if preview.state == "applied":
            raise Conflict("It is applied already.", reason="applied")
        if preview.state == "expired":
            raise Expired("It waited for more than a day; import the file again.")
        if not await hot_list_store.put_in_force(tx, preview):
            raise Conflict(
                "Another file was applied since this one was looked at; import it again.", reason="base"
            )
        await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {
            "good": preview.good,
            "new": preview.new,
            "changed": preview.changed,
            "gone": preview.gone,
        }
        await effect(
            tx, "hot_list.applied", About("hot_list", preview.list), more={**more, "import": str(import_id)}
        )
        found = await hot_list_store.preview(tx, import_id)
        return found or preview


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A manual entry as proposed."""

    list: HotListId
    plate: Plate
    state: str | None
    reason: str
    vehicle: str | None
    expires_at: datetime


async def propose_entry(door: Door, actor: Actor, draft: EntryDraft, why: Why) -> Proposal:
    """Propose an entry; another person puts it into force. Raises NotFound, Conflict, Invalid."""
    detail: dict[str, Json] = {"plate": draft.plate.text, "state": draft.state, "reason": draft.reason}
    ask = Ask(
        actor,
        Need.HOT_LIST_PROPOSE,
        why,
        About("hot_list", draft.list),
        technology=_TECHNOLOGY,
        detail=detail,
    )
    async with door.open(ask) as tx:
        found = await _manual(tx, draft.list)
        if found.purpose is not why.purpose:
            raise Invalid(
                f"This list serves the purpose “{found.purpose.title}” and no other.", reason="purpose"
            )
        _check_expiry(draft, found, tx.now)
        title = f"{draft.plate.text}{f' ({draft.state})' if draft.state else ''} on “{found.name}”"
        sentence = f"Look for {title} until {moment(draft.expires_at, tx.zone)}: {draft.reason}."
        payload = _payload(draft) | {
            "purpose": why.purpose.word,
            "case": case_text(why.case) if why.case else None,
        }
        return await propose(tx, KIND, title=title, sentence=sentence, payload=payload)


async def apply_entry(tx: Tx, proposal: Proposal) -> UUID:
    """What approval does: the entry is in force, and every matcher knows within two seconds."""
    draft = _draft(cast("dict[str, str | None]", proposal.payload))
    found = await _manual(tx, draft.list)
    _check_expiry(draft, found, tx.now)
    why = why_proposed(proposal)
    case = why.case if why is not None else None
    entry = Wanted(
        id=EntryId(uuid7(tx.now)),
        list=draft.list,
        plate=draft.plate,
        state=draft.state,
        reason=draft.reason,
        purpose=found.purpose,
        expires_at=draft.expires_at,
        vehicle=draft.vehicle,
        case=case.id if case is not None and case.kind is CaseKind.CASE else None,
    )
    await entry_store.insert_entry(
        tx, entry, proposal=proposal.id, reference=None, folded_key=key_of(draft.plate.text)
    )
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {"hot_list": str(draft.list), "proposal": str(proposal.id)}
    await effect(tx, "hot_list_entry.in_force", About("hot_list_entry", entry.id), more=more)
    return entry.id


def why_proposed(proposal: Proposal) -> Why | None:
    """The purpose and the case that an entry was proposed for."""
    said = cast("dict[str, str | None]", proposal.payload)
    return why_of(said.get("purpose"), said.get("case"))


ACT: Final = TwoPersonAct(
    KIND,
    Need.HOT_LIST_APPROVE,
    _TECHNOLOGY,
    apply_entry,
    open_for=timedelta(hours=24),
    why=why_proposed,
)


async def _list(tx: Tx, list_id: HotListId) -> HotListRow:
    found = await hot_list_store.hot_list(tx, list_id)
    if found is None:
        raise NotFound("There is no such hot list.")
    return found


async def _manual(tx: Tx, list_id: HotListId) -> HotListRow:
    found = await _list(tx, list_id)
    if found.kind is not ListKind.MANUAL:
        raise Conflict(
            "This list is filled from files; an entry of its own would go with the next one.",
            reason="imported",
        )
    return found


def _check_expiry(draft: EntryDraft, found: HotListRow, now: datetime) -> None:
    if draft.expires_at <= now:
        raise Invalid("The entry would have expired already.", reason="expires_at")
    if draft.expires_at > now + timedelta(days=found.most_days):
        raise Invalid(f"An entry of this list lasts at most {found.most_days} days.", reason="expires_at")


def _payload(draft: EntryDraft) -> dict[str, Json]:
    return {
        "hot_list": outside("hot_list", draft.list),
        "plate": draft.plate.text,
        "state": draft.state,
        "reason": draft.reason,
        "vehicle": draft.vehicle,
        "expires_at": rfc3339(draft.expires_at),
    }


def _draft(payload: dict[str, str | None]) -> EntryDraft:
    return EntryDraft(
        list=HotListId(inside("hot_list", payload["hot_list"] or "")),
        plate=Plate(payload["plate"] or ""),
        state=state_of(payload["state"]),
        reason=payload["reason"] or "",
        vehicle=payload["vehicle"],
        expires_at=parse_rfc3339(payload["expires_at"] or ""),
    )


@dataclass(slots=True)
class _Read:
    """What a file had: good and bad rows, and what became of the good ones."""

    good: int
    bad: int
    bad_rows: list[BadRow]
    kept: Counts


async def _added(
    tx: Tx, edition: ImportId, found: HotListRow, rows: Iterator[Header | Row | BadRow]
) -> _Read:
    """Add every good row. Reading and checking is the work of a thread; the loop only hands texts on."""
    read = _Read(0, 0, [], Counts(0, 0, 0))
    while True:
        good, rows_json, bad, done = await asyncio.to_thread(_chunk, rows, found.id)
        if good:
            read.kept += await hot_list_store.add_rows(tx, edition, found, rows_json)
        read.good += good
        read.bad += len(bad)
        read.bad_rows += bad[: import_csv.MOST_BAD_SHOWN - len(read.bad_rows)]
        if done:
            return read


def _chunk(rows: Iterator[Header | Row | BadRow], list_id: HotListId) -> tuple[int, str, list[BadRow], bool]:
    """The next few thousand rows: how many good ones, those as JSON, the bad ones, and whether it was the end."""
    read = list(islice(rows, _CHUNK))
    good = [row for row in read if isinstance(row, Row)]
    bad = [row for row in read if isinstance(row, BadRow)]
    keys = keys_of([row.plate.text for row in good]).tolist()
    entries = [
        {
            "line": row.line,
            "id": _id_of(list_id, row),
            "plate": row.plate.text,
            "key": key,
            "state": row.state,
            "reason": row.reason,
            "vehicle": row.vehicle,
            "reference": row.reference,
            "entered_at": row.entered_at,
            "expires_at": row.expires_at,
        }
        for row, key in zip(good, keys, strict=True)
    ]
    return len(good), msgspec.json.encode(entries).decode(), bad, len(read) < _CHUNK


def _id_of(list_id: HotListId, row: Row) -> str:
    """The entry's id: the same in the next file while plate, state and reference (or reason, without one) are.

    A UUID of version 8 (RFC 9562), hex, from a hash of those.
    """
    what = f"{list_id}/{row.plate.text}/{row.state or ''}/{row.reference or row.reason}"
    digest = hashlib.sha256(what.encode()).hexdigest()
    return f"{digest[:12]}8{digest[13:16]}8{digest[17:32]}"


def _looked_at(file: IO[bytes]) -> tuple[str, str]:
    """The encoding and the hash of a file; leaves it at its beginning."""
    digest = hashlib.sha256()
    check = import_csv.Utf8Check()
    file.seek(0)
    head = file.read(_READ_BYTES)
    block = head
    while block:
        digest.update(block)
        check.see(block)
        block = file.read(_READ_BYTES)
    file.seek(0)
    return import_csv.encoding_of(head, is_utf8=check.passed()), digest.hexdigest()


def _first_fault(read: _Read) -> str:
    if not read.bad_rows:
        return "There is none below the header."
    first = read.bad_rows[0]
    return f"Line {first.line}{f', {first.field}' if first.field else ''}: {first.reason}."


def _bad_json(row: BadRow) -> dict[str, str | int | None]:
    return {"line": row.line, "field": row.field, "text": row.text, "reason": row.reason}
