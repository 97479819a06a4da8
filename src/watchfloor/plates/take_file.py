"""A hot list from a file: looked at first, its rows laid beside those in force; applied in one instant, or not at all.

Whatever goes wrong leaves the list as it was. What a file of national records needs beside that is in `file_kinds`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import IO, Final

import msgspec

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Expired, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.plates import hot_list_store, import_csv, import_ncic, import_store
from watchfloor.plates.file_kinds import FileKind, refuse_immigration, refuse_unapproved
from watchfloor.plates.hot_list_store import HotListRow
from watchfloor.plates.hot_lists import TECHNOLOGY, list_of
from watchfloor.plates.hotlist import keys_of
from watchfloor.plates.import_csv import BadRow, Header, Row, Rules
from watchfloor.plates.import_store import Counts, Preview
from watchfloor.plates.model import HotListId, ImportId, ListKind
from watchfloor.storage.tx import Tx

PREVIEW_FOR: Final = timedelta(hours=24)
# A list of fewer may halve by chance; from here on half of it gone asks a person.
SHRINKS_FROM: Final = 10
_CHUNK: Final = 4000
_READ_BYTES: Final = 1024 * 1024
Rows = Iterator[Header | Row | BadRow]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is that is being read: rows so far, since when."""

    rows: int
    since: datetime


@dataclass(slots=True)
class Reading:
    """The files that this process reads now, by their list: for whoever waits. Nothing rests on it."""

    now: dict[HotListId, Progress] = field(default_factory=dict)


async def import_file(
    door: Door, actor: Actor, list_id: HotListId, file: IO[bytes], *, name: str = "", reading: Reading
) -> Preview:
    """Lay a file's rows beside those in force and say what applying it would do.

    Raises NotFound, Refused for a kind that is not allowed, Conflict for a list that takes no files, Invalid for a file
    that is none or has no good row: the list then says so, and what was in force stays.
    """
    ask = Ask(actor, Need.HOT_LIST_IMPORT, about=About("hot_list", list_id), technology=TECHNOLOGY)
    async with door.open(ask) as tx:
        found = await list_of(tx, list_id)
        _check_source(found)
        refuse_immigration(name)
        await refuse_unapproved(tx, found.file_kind)
        await import_store.take_time(tx)
        import_id = ImportId(uuid7(tx.now))
        reading.now[list_id] = Progress(0, tx.now)
        try:
            return await _looked(tx, import_id, found, file, reading)
        except Invalid as error:
            failed = error
        finally:
            reading.now.pop(list_id, None)
        await import_store.drop_edition(tx, import_id)
        await import_store.note_failure(tx, list_id, failed.detail)
        await effect(tx, "hot_list.not_imported", About("hot_list", list_id), more={"why": failed.reason})
    raise failed


def _check_source(found: HotListRow) -> None:
    if found.kind is ListKind.MANUAL:
        raise Conflict("A manual list takes no files; each entry needs two persons.", reason="manual")
    if found.kind is ListKind.API:
        raise Conflict("This list is written by a machine of its owner; it takes no files.", reason="api")


async def _looked(
    tx: Tx, import_id: ImportId, found: HotListRow, file: IO[bytes], reading: Reading
) -> Preview:
    encoding, sha256 = await asyncio.to_thread(_looked_at, file)
    read = await added(tx, import_id, found, _rows(file, encoding, found, tx.now), reading)
    if not read.kept.kept:
        raise Invalid(f"No row could be used. {_first_fault(read)}", reason="file")
    preview = await previewed(tx, import_id, found, encoding, read)
    await import_store.insert_import(tx, preview, sha256=sha256)
    # Matchers load what waits, so that it is there when it is applied.
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {
        "rows": preview.rows,
        "good": preview.good,
        "bad": preview.bad,
        "sha256": sha256,
        "shrunk": preview.shrunk,
    }
    await effect(tx, "hot_list.imported", About("hot_list_import", import_id), more=more)
    return preview


def _rows(file: IO[bytes], encoding: str, found: HotListRow, now: datetime) -> Rows:
    """The file's rows: an extract of national records where it begins as one, else CSV."""
    kind = FileKind.of(found.file_kind) if found.file_kind is not None else None
    rules = rules_of(found, now)
    lines = import_csv.text_of(file, encoding)
    first = next(lines, "")
    whole = chain([first], lines)
    if not import_ncic.is_extract(first):
        return import_csv.rows_of(whole, rules)
    if kind is None:
        raise import_csv.BadFile(
            "This is an extract of national records, and the list is of no kind of those.",
            next_step="Make a list for its kind, under an approval of that kind.",
        )
    return import_ncic.rows_of(whole, rules, kind)


def rules_of(found: HotListRow, now: datetime) -> Rules:
    """What the list asks of its entries."""
    kind = FileKind.of(found.file_kind).title if found.file_kind is not None else None
    return Rules(
        now,
        timedelta(days=found.default_days),
        timedelta(days=found.most_days),
        kind or found.purpose.title,
    )


async def previewed(tx: Tx, import_id: ImportId, found: HotListRow, encoding: str, read: Read) -> Preview:
    """What applying an edition would do, beside the one in force."""
    kept = read.kept
    before = await import_store.size_of(tx, found.edition)
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
        gone=before - (kept.kept - kept.new),
        bad_rows=[_bad_json(row) for row in read.bad_rows],
        expires_at=tx.now + PREVIEW_FOR,
        shrunk=has_shrunk(before, kept.kept - kept.new),
        withdrawn=await import_store.still_withdrawn(tx, import_id, found.id),
        file_kind=found.file_kind,
    )


def has_shrunk(before: int, stay: int) -> bool:
    """Whether so much of a list would be gone that the file may have been cut: half of it, and more."""
    return before >= SHRINKS_FROM and stay * 2 < before


async def apply_import(
    door: Door, actor: Actor, import_id: ImportId, *, shrunk_is_meant: bool = False
) -> Preview:
    """Put an import in force. Raises NotFound, Conflict when it is or another came before, or when it would take half of
    the list away and nobody says that this is meant, Expired, Refused for a kind that is allowed no longer.
    """
    ask = Ask(actor, Need.HOT_LIST_IMPORT, about=About("hot_list_import", import_id), technology=TECHNOLOGY)
    async with door.open(ask) as tx:
        preview = await import_store.preview(tx, import_id)
        if preview is None:
            raise NotFound("There is no such import.")
        if preview.state == "applied":
            raise Conflict("It is applied already.", reason="applied")
        if preview.state == "expired":
            raise Expired("It waited for more than a day; import the file again.")
        await refuse_unapproved(tx, preview.file_kind)
        await put(tx, preview, shrunk_is_meant=shrunk_is_meant)
        found = await import_store.preview(tx, import_id)
        return found or preview


async def put(tx: Tx, preview: Preview, *, shrunk_is_meant: bool) -> None:
    """Point the list at an edition, and say so. Raises Conflict."""
    if preview.shrunk and not shrunk_is_meant:
        raise Conflict(
            f"{preview.gone} entries of the list in force would be gone, more than half of it: the file may have been cut.",
            reason="shrunk",
            next_step="Ask its owner. If it is meant, say so and apply it.",
        )
    if not await import_store.put_in_force(tx, preview):
        raise Conflict(
            "Another file was applied since this one was looked at; import it again.", reason="base"
        )
    await hot_list_store.raise_version(tx)
    more: dict[str, Json] = {
        "good": preview.good,
        "new": preview.new,
        "changed": preview.changed,
        "gone": preview.gone,
        "shrunk": preview.shrunk,
        "import": str(preview.id),
    }
    await effect(tx, "hot_list.applied", About("hot_list", preview.list), more=more)


async def imports_of(door: Door, actor: Actor, list_id: HotListId, extent: Extent) -> Cut[Preview]:
    """The imports of a list, the latest first. Raises NotFound."""
    ask = Ask(actor, Need.HOT_LIST_VIEW, about=About("hot_list", list_id), technology=TECHNOLOGY)
    async with door.open(ask) as tx:
        await list_of(tx, list_id)
        return await import_store.imports(tx, list_id, extent)


@dataclass(slots=True)
class Read:
    """What a file had: good and bad rows, and what became of the good ones."""

    good: int
    bad: int
    bad_rows: list[BadRow]
    kept: Counts


async def added(
    tx: Tx, edition: ImportId, found: HotListRow, rows: Rows, reading: Reading | None = None
) -> Read:
    """Add every good row. Reading and checking is the work of a thread; the loop only hands texts on."""
    read = Read(0, 0, [], Counts(0, 0, 0))
    while True:
        good, rows_json, bad, done = await asyncio.to_thread(_chunk, rows, found.id)
        if good:
            read.kept += await import_store.add_rows(tx, edition, found, rows_json)
        read.good += good
        read.bad += len(bad)
        read.bad_rows += bad[: import_csv.MOST_BAD_SHOWN - len(read.bad_rows)]
        if reading is not None and found.id in reading.now:
            reading.now[found.id] = Progress(read.good + read.bad, reading.now[found.id].since)
        if done:
            return read


def _chunk(rows: Rows, list_id: HotListId) -> tuple[int, str, list[BadRow], bool]:
    """The next few thousand rows: how many good ones, those as JSON, the bad ones, and whether it was the end."""
    read = list(islice(rows, _CHUNK))
    good = [row for row in read if isinstance(row, Row)]
    bad = [row for row in read if isinstance(row, BadRow)]
    keys = keys_of([row.plate.text for row in good]).tolist()
    entries = [
        {
            "line": row.line,
            "id": id_of(list_id, row),
            "plate": row.plate.text,
            "key": key,
            "state": row.state,
            "reason": row.reason,
            "vehicle": row.vehicle,
            "reference": row.reference,
            "entered_at": row.entered_at,
            "expires_at": row.expires_at,
            "handling": row.handling,
            "agency": row.agency,
        }
        for row, key in zip(good, keys, strict=True)
    ]
    return len(good), msgspec.json.encode(entries).decode(), bad, len(read) < _CHUNK


def id_of(list_id: HotListId, row: Row) -> str:
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


def _first_fault(read: Read) -> str:
    if not read.bad_rows:
        return "There is none below the header."
    first = read.bad_rows[0]
    return f"Line {first.line}{f', {first.field}' if first.field else ''}: {first.reason}."


def _bad_json(row: BadRow) -> dict[str, str | int | None]:
    return {"line": row.line, "field": row.field, "text": row.text, "reason": row.reason}
