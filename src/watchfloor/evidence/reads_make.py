"""Packs the plate reads of an approved export: a table, their pictures, and where all of it comes from.

It asks the door for them again, and takes each only as it was when it was asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.evidence.bag import sha256_of
from watchfloor.evidence.model import Export, ReadAsked, ReadsAsked
from watchfloor.evidence.reads import PICTURES, TABLE, hash_of, row_of, table_of
from watchfloor.governance import log_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.store import names_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import NotFound
from watchfloor.kit.sure import sure
from watchfloor.plates.search_store import Found, picture_is_kept, reads_at
from watchfloor.plates.shelves import NO_PICTURE, shelved
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

GONE: Final = "Its retention had ended, and it was forgotten."
CHANGED_SINCE: Final = "Its reader told more of this passing after it was asked for: ask for it again."
PICTURE_GONE: Final = "Its picture’s retention had ended, and it was forgotten."
PICTURE_AWAY: Final = "The store does not have its picture."


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is packed of reads: the rows, each with the file of its picture; what is missing; who made the search and when."""

    rows: tuple[Mapping[str, Json], ...]
    missing: tuple[Mapping[str, Json], ...]
    custody: tuple[Mapping[str, Json], ...]


async def gather(door: Door, objects: Objects, agency: UUID, export: Export, folder: Path) -> Gathered:
    """Write the table and the pictures into `folder`. Raises Refused where it is no longer allowed, or Unavailable."""
    asked = sure(export.of_reads, "an export of reads")
    ask = Ask(
        process_actor(agency, "sweep"), Need.EXPORT_MAKE, Why(export.purpose, export.case), About("export", export.id),
        TechnologyKind.PLATE_READER,
    )  # fmt: skip
    async with door.open(ask) as tx:
        found = await reads_at(tx, [(one.at, one.number) for one in asked.reads])
        shown = {
            place for place, one in found.items() if one.read.picture and await picture_is_kept(tx, one.read)
        }
        custody = await _custody(tx, export, asked)
    (folder / PICTURES).mkdir(parents=True)
    rows: list[Mapping[str, Json]] = []
    missing: list[Mapping[str, Json]] = []
    for number, one in enumerate(asked.reads):
        place = (one.at, one.number)
        row = _row(one, found.get(place))
        if isinstance(row, str):
            missing.append(_lacks(one, row))
            continue
        file, why_not = await _picture(objects, agency, one, folder, number, kept=place in shown)
        if why_not is not None and why_not != NO_PICTURE:
            missing.append(_lacks(one, why_not))
        rows.append({**row, "picture": file, "picture_text": why_not})
    (folder / TABLE).write_bytes(table_of(rows))
    return Gathered(tuple(rows), tuple(missing), custody)


def _row(asked: ReadAsked, found: Found | None) -> dict[str, Json] | str:
    """The row of it, or why there is none."""
    if found is None:
        return GONE
    row = row_of(found)
    return row if hash_of(row) == asked.row_sha256 else CHANGED_SINCE


async def _picture(
    objects: Objects, agency: UUID, one: ReadAsked, folder: Path, number: int, *, kept: bool
) -> tuple[str | None, str | None]:
    """The file of its picture; or why there is none."""
    if one.picture_sha256 is None:
        return None, NO_PICTURE
    if not kept:
        return None, PICTURE_GONE
    try:
        content = await shelved(objects, agency, one.picture_sha256)
    except NotFound:
        return None, PICTURE_AWAY
    if hashlib.sha256(content).hexdigest() != one.picture_sha256:
        return None, PICTURE_AWAY
    name = f"{PICTURES}/{number + 1:03}-{one.at:%Y%m%dT%H%M%SZ}.jpg"
    (folder / name).write_bytes(content)
    return name, None


def _lacks(one: ReadAsked, reason: str) -> dict[str, Json]:
    return {"read": one.id, "from": rfc3339(one.at), "to": rfc3339(one.at), "reason": reason}


async def _custody(tx: Tx, export: Export, asked: ReadsAsked) -> tuple[Mapping[str, Json], ...]:
    """Who did what with them, in order, each with its entry of the log."""
    search = sure(await log_store.entry(tx, asked.search), "the search that found them")
    approver = export.decided_by or export.asked_by
    names = await names_of(tx, [search["actor_id"], export.asked_by, approver])

    def said(what: str, at: str, who: UUID, entry: UUID | None) -> dict[str, Json]:
        by: dict[str, Json] = {"id": outside("person", who), "name": names.get(who, "")}
        return {"what": what, "at": at, "by": by, "entry": outside("entry", entry) if entry else None}

    decided_at = rfc3339(sure(export.decided_at, "when it was approved"))
    return (
        said("searched", rfc3339(search["at"]), search["actor_id"], asked.search),
        said("asked for the export", rfc3339(export.asked_at), export.asked_by, None),
        said("approved the export", decided_at, approver, export.approval_entry),
    )


def with_reads(manifest: Mapping[str, Json], gathered: Gathered, folder: Path) -> dict[str, Json]:
    """The manifest of an export of reads; `folder` holds their table."""
    table: dict[str, Json] = {"file": TABLE, "sha256": sha256_of(folder / TABLE)}
    missing: Sequence[Mapping[str, Json]] = gathered.missing
    return {
        **manifest,
        "complete": not missing,
        "reads": list(gathered.rows),
        "table": table,
        "missing": list(missing),
        "custody": list(gathered.custody),
    }
