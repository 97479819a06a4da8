"""A hot list that a machine of its owner writes: the whole of it at once, entries added, entries withdrawn. Each act can be
sent again without harm.

The machine's token is for one list. It makes none, reads none and is told of no hit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.people import issue_token as new_token
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.plates import entry_store, hot_list_store, import_store
from watchfloor.plates.file_kinds import refuse_unapproved
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hot_lists import TECHNOLOGY, list_of
from watchfloor.plates.import_csv import BadRow, Row, Rules, row_of
from watchfloor.plates.import_store import Counts, Preview
from watchfloor.plates.model import EntryId, HotListId, ImportId, ListKind
from watchfloor.plates.take_file import Read, added, id_of, previewed, put, rules_of
from watchfloor.storage.tx import Tx

MOST_AT_ONCE: Final = 500_000
_Form = TypeVar("_Form", "EntriesForm", "WithdrawnForm")


class EntryForm(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One entry as a machine sends it."""

    plate: str
    state: str | None = None
    reason: str | None = None
    vehicle: str | None = None
    reference: str | None = None
    agency: str | None = None
    handling: list[str] = []
    entered_at: str | None = None
    expires_at: str | None = None


class EntriesForm(msgspec.Struct, forbid_unknown_fields=True):
    """Entries, all that the list is to have or some more."""

    entries: list[EntryForm]


class WithdrawnForm(msgspec.Struct, forbid_unknown_fields=True):
    """Entries to withdraw, each named as it was sent, and why."""

    entries: list[EntryForm]
    why: str = "withdrawn by its owner"


@dataclass(frozen=True, slots=True)
class Fed:
    """What became of an act: entries kept or withdrawn, how many of those were new, and the rows that are none."""

    done: int
    new: int
    bad: Sequence[BadRow]
    entries: int


async def issue_token(door: Door, actor: Actor, list_id: HotListId) -> str:
    """A new token for the machine that writes a list; the one before ends. Raises NotFound or Conflict."""
    async with door.open(Ask(actor, Need.DEVICES_CHANGE, about=About("hot_list", list_id))) as tx:
        found = await list_of(tx, list_id)
        if found.kind is not ListKind.API:
            raise Conflict("Only a list that a machine writes has a token.", reason=found.kind.value)
        return await new_token(tx, device=list_id, kind="hot_list")


async def put_whole(door: Door, actor: Actor, body: bytes, *, shrunk_is_meant: bool) -> Fed:
    """Make these the entries of the list, all in one instant. Raises Invalid, Refused, or Conflict where half would be gone."""
    rows = await _decoded(body, EntriesForm)
    async with door.open(_ask(actor)) as tx:
        found = await _own(tx, actor)
        await import_store.take_time(tx)
        import_id = ImportId(uuid7(tx.now))
        read = await added(tx, import_id, found, _rows(rows.entries, rules_of(found, tx.now)))
        if rows.entries and not read.kept.kept:
            raise Invalid(f"No entry could be used: {read.bad_rows[0].reason}.", reason="entries")
        preview = await previewed(tx, import_id, found, "utf-8", read)
        await import_store.insert_import(tx, preview, sha256="")
        await put(tx, preview, shrunk_is_meant=shrunk_is_meant)
        await _enter_again(tx, found, rows.entries)
        return _fed(read, preview)


def _fed(read: Read, preview: Preview) -> Fed:
    return Fed(preview.good, preview.new, read.bad_rows, preview.good)


async def add(door: Door, actor: Actor, body: bytes) -> Fed:
    """Add entries to the list, or say anew what they are. Raises Invalid or Refused."""
    rows = await _decoded(body, EntriesForm)
    async with door.open(_ask(actor)) as tx:
        found = await _own(tx, actor)
        kept, read = await _kept(tx, found, rows.entries)
        await _enter_again(tx, found, rows.entries)
        await hot_list_store.heard(tx, found.id)
        await hot_list_store.raise_version(tx)
        more: dict[str, Json] = {"kept": kept.kept, "new": kept.new, "bad": read.bad}
        await effect(tx, "hot_list.added_to", About("hot_list", found.id), more=more)
        return Fed(kept.kept, kept.new, read.bad_rows, await import_store.size_of(tx, found.edition))


async def _kept(tx: Tx, found: HotListRow, entries: Sequence[EntryForm]) -> tuple[Counts, Read]:
    """Into the edition in force itself; what was sent before is replaced by what is sent now."""
    rules = rules_of(found, tx.now)
    ids = [id_of(found.id, row) for row in _rows(entries, rules) if isinstance(row, Row)]
    before = await import_store.drop_entries(tx, found.edition, ids)
    read = await added(tx, ImportId(found.edition or found.id), found, _rows(entries, rules))
    return Counts(read.kept.kept, read.kept.kept - before, before), read


async def withdraw(door: Door, actor: Actor, body: bytes) -> Fed:
    """Withdraw entries: no read answers to them any more. What is not there was withdrawn before, or never was."""
    rows = await _decoded(body, WithdrawnForm)
    async with door.open(_ask(actor)) as tx:
        found = await _own(tx, actor)
        done, bad = 0, []
        for row in _rows(rows.entries, rules_of(found, tx.now)):
            if isinstance(row, BadRow):
                bad.append(row)
                continue
            entry = await entry_store.entry_in_force(tx, EntryId(UUID(id_of(found.id, row))))
            if entry is None or entry.wanted.list != found.id:
                continue
            if await entry_store.withdraw(tx, entry.wanted, rows.why[:200]):
                done += 1
                more: dict[str, Json] = {"hot_list": str(found.id)}
                about = About("hot_list_entry", entry.wanted.id)
                await effect(tx, "hot_list_entry.withdrawn", about, more=more, detail={"why": rows.why[:200]})
        await hot_list_store.heard(tx, found.id)
        await hot_list_store.raise_version(tx)
        return Fed(done, 0, bad, await import_store.size_of(tx, found.edition))


async def _enter_again(tx: Tx, found: HotListRow, entries: Sequence[EntryForm]) -> None:
    rules = rules_of(found, tx.now)
    ids = [EntryId(UUID(id_of(found.id, row))) for row in _rows(entries, rules) if isinstance(row, Row)]
    await entry_store.enter_again(tx, ids)


def _ask(actor: Actor) -> Ask:
    return Ask(actor, Need.HOT_LIST_FEED, about=About("hot_list", actor.id), technology=TECHNOLOGY)


async def _own(tx: Tx, actor: Actor) -> HotListRow:
    """The list of the machine's token. Raises NotFound for a device that is none."""
    found = await list_of(tx, HotListId(actor.id))
    await refuse_unapproved(tx, found.file_kind)
    return found


async def _decoded(body: bytes, form: type[_Form]) -> _Form:
    """What a machine sent. Raises Invalid with the place of what is wrong."""
    try:
        found = await asyncio.to_thread(msgspec.json.decode, body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(f"This is not what the list takes: {error}.", reason="body") from error
    if len(found.entries) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE} entries are taken at once.", reason="entries")
    return found


def _rows(entries: Sequence[EntryForm], rules: Rules) -> Iterator[Row | BadRow]:
    """Each entry judged as a row of a file is; its number counts from 1."""
    for number, entry in enumerate(entries, 1):
        cell = {
            "plate": entry.plate.strip(),
            "state": (entry.state or "").strip(),
            "reason": (entry.reason or "").strip(),
            "vehicle": (entry.vehicle or "").strip(),
            "reference": (entry.reference or "").strip(),
            "agency": (entry.agency or "").strip(),
            "handling": ",".join(entry.handling),
            "entered": (entry.entered_at or "").strip(),
            "expires": (entry.expires_at or "").strip(),
        }
        yield row_of(number, cell, ("vehicle",), rules, lambda column: column)
