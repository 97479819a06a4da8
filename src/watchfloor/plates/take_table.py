"""Taking reads in a table, whose columns are said by the reader's own mapping: of its folder, or over HTTP with its token.

It reads no table itself (`ingest/columns.py`), and takes its rows as a reader's messages are taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from watchfloor.governance.model import Actor
from watchfloor.kit.errors import Invalid
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.adapters import Adapter
from watchfloor.plates.ingest.claim import MOST_READS, Claim, Rejected
from watchfloor.plates.model import Reader
from watchfloor.plates.take import Intake, Taken, admit, sentence_of, take_reads

CSV: Final = "csv"
MOST_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class TakenTable:
    """What became of a table, and what was wrong with its rows, in words."""

    taken: Taken
    wrong: str


async def take_table(intake: Intake, actor: Actor, body: bytes) -> Taken:
    """Take a table of a reader. Raises Invalid when nothing of it can be read, Refused, Full, Unavailable: then it is sent again, and
    what was taken of it already is not doubled.
    """
    reader, _ = await admit(intake, actor)
    parsed = columns.parse(body, mapping_of(reader), lambda name: None)
    if isinstance(parsed, Rejected):
        return await take_reads(intake, actor, _already((parsed,)), b"", {})
    found = await take_rows(intake, actor, parsed)
    if not found.taken.accepted + found.taken.duplicates and found.wrong:
        raise Invalid(found.wrong, reason="table")
    return found.taken


async def take_rows(intake: Intake, actor: Actor, parsed: Sequence[Claim | Rejected]) -> TakenTable:
    """Take the rows of a table in parts of as many reads as one message has. Raises Refused, Full, Unavailable."""
    wrong: list[str] = []
    accepted = duplicates = 0
    rejected: list[Rejected] = []
    notes: dict[str, None] = {}
    for start in range(0, max(len(parsed), 1), MOST_READS):
        part = tuple(parsed[start : start + MOST_READS])
        try:
            taken = await take_reads(intake, actor, _already(part), b"", {})
        except Invalid as error:
            wrong.append(error.detail)
            rejected += [one for one in part if isinstance(one, Rejected)]
        else:
            wrong += [sentence_of(taken.rejected)] if taken.rejected else []
            accepted, duplicates = accepted + taken.accepted, duplicates + taken.duplicates
            rejected += taken.rejected
            notes |= dict.fromkeys(taken.notes)
    more = len(rejected) - MOST_TOLD
    said = [*notes][:MOST_TOLD] + ([f"{more} more rows were not taken."] if more > 0 else [])
    return TakenTable(Taken(accepted, duplicates, tuple(rejected[:MOST_TOLD]), tuple(said)), "\n".join(wrong))


def mapping_of(reader: Reader) -> columns.Mapping | None:
    """The mapping that was saved for a reader; None where its headings are our own words. Raises Invalid."""
    return None if reader.csv_mapping is None else _read(reader.csv_mapping)


@lru_cache(maxsize=256)
def _read(document: str) -> columns.Mapping:
    mapping = columns.mapping_of(document.encode())
    if isinstance(mapping, Rejected):
        raise Invalid(sentence_of([mapping]), reason="mapping")
    return mapping


def _already(part: tuple[Claim | Rejected, ...]) -> Adapter:
    """What was parsed before, as an adapter."""
    return Adapter(CSV, lambda body, headers: part, columns.MOST_BYTES, "CSV")
