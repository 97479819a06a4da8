"""A sample of a reader's table: what its columns seem to say, and what would be taken of its rows and what not. Pure; it takes nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec

from watchfloor.plates.import_csv import COLUMNS, delimiter_of
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.claim import Claim, Rejected
from watchfloor.plates.ingest.columns import FIELDS, Mapping

MOST_CHARACTERS: Final = 512 * 1024
MOST_SHOWN: Final = 8
MOST_READS_SHOWN: Final = 20
MOST_REFUSED_SHOWN: Final = 100
_MOST_CELL: Final = 60
_MOST_HEADINGS: Final = 200

# What the columns are called by those who send such tables; compared without case, spaces, dots, dashes, underscores.
_CALLED: Final[MappingOf[str, frozenset[str]]] = {
    "plate": COLUMNS["plate"] | {"tagno", "platetext", "plateread", "ocr"},
    "state": COLUMNS["state"],
    **{
        name: frozenset(said.split())
        for name, said in (
            (
                "at",
                "at time timestamp datetime capturetime capturedat readtime readat eventtime utc timeutc passtime",
            ),
            ("date", "date day readdate capturedate eventdate"),
            ("id", "id readid uuid guid eventid recordid passageid serial"),
            ("confidence", "confidence score conf ocrscore platescore certainty accuracy"),
            ("lat", "lat latitude y gpslat"),
            ("lon", "lon lng long longitude x gpslon gpslong"),
            ("heading", "heading direction bearing course traveldirection"),
            ("lane", "lane camera cameraname cameraid channel device source"),
            ("picture", "picture image photo file filename imagefile jpeg imagename"),
        )
    },
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample has, and what comes of it by a mapping. `fault`: why the mapping is none; without one, what each row comes to."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: Mapping | None
    proposed: MappingOf[str, str]
    separator: str
    fault: str | None
    good: int = 0
    reads: tuple[Claim, ...] = ()
    bad: int = 0
    refused: tuple[Rejected, ...] = ()


def looked(sample: str, mapping: Mapping | None) -> Sample:
    """What a table comes to by this mapping, or by what its headings seem to say."""
    text = sample.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = mapping.separator if mapping is not None else delimiter_of(first)
    headings, rows = _cells(text, separator)
    proposed = mapping.columns if mapping is not None else proposed_of(headings)
    found, fault = (mapping, None) if mapping is not None else _made(proposed, separator)
    empty = Sample(headings, rows, found, proposed, separator, fault)
    if found is None:
        return empty
    parsed = columns.parse(text.encode("utf-8", "replace"), found, lambda name: None)
    if isinstance(parsed, Rejected):
        return Sample(headings, rows, found, proposed, separator, parsed.detail)
    reads = [one for one in parsed if isinstance(one, Claim)]
    refused = [one for one in parsed if isinstance(one, Rejected)]
    return Sample(
        headings, rows, found, proposed, separator, None,
        len(reads), tuple(reads[:MOST_READS_SHOWN]), len(refused), tuple(refused[:MOST_REFUSED_SHOWN]),
    )  # fmt: skip


def proposed_of(headings: Sequence[str]) -> dict[str, str]:
    """Which heading seems to say what, each once: the first of those that are called so."""
    plain = {heading: re.sub(r"[\W_]+", "", heading).lower() for heading in headings}
    found: dict[str, str] = {}
    for name in FIELDS:
        said = next(
            (one for one, word in plain.items() if word in _CALLED[name] and one not in found.values()), None
        )
        if said is not None:
            found[name] = said
    if "date" in found and "at" not in found:
        # A day with its time of day in one column.
        found["at"] = found.pop("date")
    if ("lat" in found) != ("lon" in found):
        found.pop("lat", None)
        found.pop("lon", None)
    return found


def _made(proposed: MappingOf[str, str], separator: str) -> tuple[Mapping | None, str | None]:
    if "plate" not in proposed:
        return None, "No column seems to have the plates: choose it."
    made = columns.mapping_of(msgspec.json.encode({**proposed, "separator": separator}))
    return (None, f"{made.detail}.") if isinstance(made, Rejected) else (made, None)


def _cells(text: str, separator: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The headings and the first rows, as far as they can be told apart."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        found = list(islice((row for row in reader if any(cell.strip() for cell in row)), MOST_SHOWN + 1))
    except csv.Error:
        return (), ()
    short = [tuple(cell.strip()[:_MOST_CELL] for cell in row[:_MOST_HEADINGS]) for row in found]
    return (short[0], tuple(short[1:])) if short else ((), ())
