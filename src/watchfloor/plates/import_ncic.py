"""Extracts of national records as states hand them on: one fixed-width line a record, between a header and a trailer.

The layout is written down in docs/operate/hot-lists.md; whoever has another converts it. Pure. What is wrong is said by line
and field, and a file that was cut or shifted is refused as a whole: half a file would take cars off the list that are wanted.
Names and what else such records know of people are not in the layout, and so never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from watchfloor.plates.file_kinds import IMMIGRATION_CODE, FileKind, ImmigrationFile
from watchfloor.plates.import_csv import MOST_ROWS, MOST_TEXT, BadFile, BadRow, Row, Rules, row_of
from watchfloor.plates.ingest.claim import words

HEADER: Final = "HDR"
TRAILER: Final = "TRL"
# Field -> width, in their order on the line.
LAYOUT: Final = (
    ("kind", 2),
    ("plate", 10),
    ("state", 2),
    ("plate_year", 4),
    ("plate_type", 2),
    ("vin", 20),
    ("year", 4),
    ("make", 4),
    ("model", 3),
    ("style", 2),
    ("colour", 7),
    ("reference", 10),
    ("agency", 9),
    ("entered", 8),
    ("expires", 8),
    ("cautions", 10),
    ("watch_only", 1),
    ("reason", 24),
)
WIDTH: Final = sum(width for _, width in LAYOUT)
_SPANS: Final = tuple(
    (name, sum(width for _, width in LAYOUT[:n]), sum(width for _, width in LAYOUT[: n + 1]))
    for n, (name, _) in enumerate(LAYOUT)
)


def is_extract(head: str) -> bool:
    """Whether a file begins as an extract does."""
    return head.startswith(HEADER)


def rows_of(text: Iterable[str], rules: Rules, kind: FileKind) -> Iterator[Row | BadRow]:
    """Every record, good or bad. Raises BadFile where the file makes no sense, ImmigrationFile for what is never taken."""
    lines = (line.rstrip("\r\n") for line in text)
    _check_header(next(lines, ""), kind)
    count, trailer = 0, None
    for number, line in enumerate(lines, 2):
        if trailer is not None:
            if line.strip():
                raise BadFile(f"Line {number} comes after the trailer: two files were put together.")
            continue
        if line.startswith(TRAILER):
            trailer = line
            continue
        count += 1
        if count > MOST_ROWS:
            raise BadFile(f"The file has more than {MOST_ROWS} records.")
        if count == 1 and len(line) != WIDTH:
            raise BadFile(
                f"The first record has {len(line)} characters, the layout {WIDTH}: a field is cut or shifted.",
                next_step="Compare it with the layout in the operator's guide.",
            )
        yield _record(number, line, rules, kind)
    _check_trailer(trailer, count)


def _check_header(line: str, kind: FileKind) -> None:
    """`HDR`, the kind's code, the day the file is of."""
    code, day = line[3:5], line[5:13]
    if code == IMMIGRATION_CODE:
        raise ImmigrationFile()
    if not line.startswith(HEADER) or not (len(day) == 8 and day.isdigit()):
        raise BadFile("The first line is no header: `HDR`, two letters of the kind, a day as 20261122.")
    if code != kind.code:
        found = next((one.title for one in FileKind if one.code == code), None)
        raise BadFile(
            f"This is a file of {f'the kind “{found}”' if found else 'a kind that nobody knows'}; the list takes “{kind.title}”.",
            next_step="Send it to the list of its own kind.",
        )


def _check_trailer(line: str | None, count: int) -> None:
    if line is None:
        raise BadFile(
            f"The file ends after {count} records without its trailer: it was cut on the way.",
            next_step="Fetch the file again. The list in force stays.",
        )
    said = line[3:12].strip()
    if not said.isdigit() or int(said) != count:
        raise BadFile(
            f"The trailer counts {said or 'nothing'}, the file has {count} records: some are missing or doubled.",
            next_step="Fetch the file again. The list in force stays.",
        )


def _record(number: int, line: str, rules: Rules, kind: FileKind) -> Row | BadRow:
    code = line[:2]
    if code == IMMIGRATION_CODE:
        raise ImmigrationFile()
    if len(line) != WIDTH:
        return BadRow(
            number, None, _shown(line), f"the record has {len(line)} characters, the layout {WIDTH}"
        )
    if not line.isascii():
        return BadRow(
            number, None, _shown(line), "a record is plain ASCII; this one was sent in another encoding"
        )
    if code != kind.code:
        return BadRow(number, "kind", code, f"this is no record of the kind {kind.code}")
    cell = {name: line[start:end].strip() for name, start, end in _SPANS}
    for name in ("entered", "expires"):
        if cell[name] and not cell[name].isdigit():
            return BadRow(number, name, cell[name], "a day is 20261122; the record may be shifted")
    cautions = [cell["cautions"][at : at + 2] for at in range(0, len(cell["cautions"]), 2)]
    if cell["watch_only"] not in ("", "W"):
        return BadRow(number, "watch_only", cell["watch_only"], "`W` or nothing; the record may be shifted")
    cell["handling"] = ",".join([*cautions, *(["do_not_stop"] if cell["watch_only"] else [])])
    return row_of(number, cell, ("year", "colour", "make", "model"), rules, lambda name: name)


def _shown(line: str) -> str:
    return (words(line[:MOST_TEXT]) or "")[:MOST_TEXT]
