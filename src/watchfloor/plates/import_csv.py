"""Hot lists as people have them: CSV of any writing, its header in any words. Pure; what is wrong is said by line and
column, and no bad row is guessed into a good one.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import IO, Final, Protocol

from watchfloor.kit.errors import Invalid
from watchfloor.plates.file_kinds import refuse_immigration
from watchfloor.plates.handling import Handling, handling_of
from watchfloor.plates.ingest.claim import words
from watchfloor.plates.model import BadPlate, BadState, Plate, state_of

MOST_ROWS: Final = 6_000_000
MOST_BAD_SHOWN: Final = 100
MOST_TEXT: Final = 40
MOST_REASON: Final = 200
MOST_COLUMNS: Final = 200

# What the columns are called by those who send such files; compared without case, spaces, dots, dashes, underscores.
COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    column: frozenset(called.split())
    for column, called in (
        (
            "plate",
            "plate platenumber plateno licenseplate licenceplate lic license tag tagnumber registration reg vrm",
        ),
        ("state", "state st platestate licensestate lis jurisdiction region issuingstate"),
        ("reason", "reason offense offence type category wantedfor alert alerttype"),
        ("vehicle", "vehicle vehicledescription description"),
        ("colour", "colour color vco"),
        ("make", "make vma"),
        ("model", "model vmo"),
        ("year", "year vyr"),
        ("reference", "reference ref case casenumber caseno nic oca recordid id incident"),
        ("entered", "entered enteredat entrydate dateentered created date"),
        ("handling", "handling caution cautions cmc warning warnings officersafety"),
        ("agency", "agency ori enteringagency enteredby"),
        ("expires", "expires expiresat expiry expirydate expiration expirationdate validuntil purgedate"),
    )
}
_DELIMITERS: Final = ",;\t|"
# A spreadsheet's way of writing 12E4 or 1234567890123.
_AS_NUMBER: Final = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_DAY: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4})")


class BadFile(Invalid):
    """The file is no list of plates; the detail says why."""

    def __init__(self, detail: str, *, next_step: str | None = None) -> None:
        super().__init__(detail, reason="file", next_step=next_step)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the list asks of its entries: they last `default_for` unless they say, and never longer than `most_for`."""

    now: datetime
    default_for: timedelta
    most_for: timedelta
    default_reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One good row."""

    line: int
    plate: Plate
    state: str | None
    reason: str
    vehicle: str | None
    reference: str | None
    entered_at: datetime
    expires_at: datetime
    handling: tuple[Handling, ...] = ()
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """One bad row: its line in the file, the column as the file calls it, what stands there, what is wrong."""

    line: int
    field: str | None
    text: str
    reason: str


@dataclass(slots=True)
class Header:
    """Which column holds what, by number and by the file's own name; `ignored` are the others."""

    at: dict[str, int]
    names: list[str]
    ignored: list[str] = field(default_factory=list)

    @property
    def describes(self) -> tuple[str, ...]:
        """The columns that are put together to describe the vehicle, in the order in which that is said."""
        return tuple(c for c in ("year", "colour", "make", "model", "vehicle") if c in self.at)


class _Reader(Protocol):
    line_num: int

    def __next__(self) -> list[str]: ...

    def __iter__(self) -> Iterator[list[str]]: ...


class _Bad(ValueError):
    def __init__(self, column: str, text: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.text = text
        self.reason = reason


def encoding_of(head: bytes, *, is_utf8: bool) -> str:
    """The encoding of a file, from its first bytes and whether all of it is UTF-8. Raises BadFile for no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadFile(
            "This is a spreadsheet, not a CSV file.", next_step="Save it as CSV (comma separated) first."
        )
    if b"\x00" in head:
        raise BadFile("This is not a text file.", next_step="Send a CSV file in UTF-8.")
    return "utf-8-sig" if is_utf8 else "cp1252"


def delimiter_of(first_line: str) -> str:
    """What separates the columns: whichever of comma, semicolon, tab and bar the header has most of."""
    return max(_DELIMITERS, key=first_line.count)


def header_of(names: Sequence[str]) -> Header:
    """Which column is which. Raises BadFile when there is none for the plate, or two for the same thing."""
    if len(names) > MOST_COLUMNS:
        raise BadFile(f"The header has {len(names)} columns; at most {MOST_COLUMNS} are taken.")
    at: dict[str, int] = {}
    ignored = []
    for number, name in enumerate(names):
        plain = re.sub(r"[\W_]+", "", name).lower()
        known = next((column for column, called in COLUMNS.items() if plain in called), None)
        if known is None:
            ignored.append(name.strip()[:MOST_TEXT])
        elif known in at:
            raise BadFile(f"Two columns name the {known}: “{names[at[known]].strip()}” and “{name.strip()}”.")
        else:
            at[known] = number
    if "plate" not in at:
        shown = ", ".join(f"“{name.strip()[:MOST_TEXT]}”" for name in names[:10])
        raise BadFile(
            f"No column is called plate, license plate or the like; the first line has {shown}.",
            next_step="Give the file a first line with the columns' names.",
        )
    return Header(at, [name.strip() for name in names], ignored)


def rows_of(text: Iterable[str], rules: Rules) -> Iterator[Header | Row | BadRow]:
    """The header, then every row as it comes, good or bad. Raises BadFile where the file as a whole makes no sense."""
    lines = iter(text)
    blank, first = 0, next(lines, None)
    while first is not None and not first.strip():
        blank, first = blank + 1, next(lines, None)
    if first is None:
        raise BadFile("The file is empty.")
    reader = csv.reader(_with_first(first, lines), delimiter=delimiter_of(first), strict=True)
    header = header_of(_next(reader, blank) or [])
    yield header
    describes = header.describes
    count = 0
    while True:
        line = blank + reader.line_num + 1
        cells = _next(reader, blank)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise BadFile(
                f"The file has more than {MOST_ROWS} rows.", next_step="Split it over several lists."
            )
        yield _row(line, cells, header, describes, rules)


class Utf8Check:
    """Whether bytes that come in blocks are UTF-8."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._good = True

    def see(self, block: bytes) -> None:
        """The next block."""
        self._good = self._good and self._decodes(block, final=False)

    def passed(self) -> bool:
        """Whether all of it was; there comes no more."""
        return self._good and self._decodes(b"", final=True)

    def _decodes(self, block: bytes, *, final: bool) -> bool:
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            return False
        return True


def text_of(file: IO[bytes], encoding: str) -> Iterator[str]:
    """The lines of a file; a byte that its encoding lacks becomes a character that no plate has."""
    return iter(io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=""))


def read(content: bytes, rules: Rules) -> Iterator[Header | Row | BadRow]:
    """`rows_of` for a file that is in memory."""
    check = Utf8Check()
    check.see(content)
    encoding = encoding_of(content[:4096], is_utf8=check.passed())
    return rows_of(text_of(io.BytesIO(content), encoding), rules)


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _next(reader: _Reader, blank: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        line = blank + reader.line_num
        if "field larger" in str(error) or "unexpected end" in str(error):
            raise BadFile(f"A quote that opened before line {line} is never closed.") from error
        raise BadFile(f"Line {line} is not CSV: {error}.") from error
    except UnicodeError as error:
        raise BadFile("The file breaks off in the middle of a character.") from error


def _row(
    line: int, cells: Sequence[str], header: Header, describes: Sequence[str], rules: Rules
) -> Row | BadRow:
    if len(cells) > len(header.names):
        return BadRow(
            line, None, _short(cells[0]), f"the row has {len(cells)} columns, the header {len(header.names)}"
        )

    # Five million rows pass here: columns that the file lacks cost nothing.
    cell = {column: cells[number].strip() for column, number in header.at.items() if number < len(cells)}

    def called(column: str) -> str:
        return header.names[header.at[column]] if column in header.at else column

    return row_of(line, cell, describes, rules, called)


def row_of(
    line: int,
    cell: Mapping[str, str],
    describes: Sequence[str],
    rules: Rules,
    called: Callable[[str], str],
) -> Row | BadRow:
    """One row from its cells by our own names; `called` says what the file calls a column. Raises ImmigrationFile."""
    try:
        return _good(line, cell, describes, rules)
    except _Bad as bad:
        return BadRow(line, called(bad.column)[:MOST_TEXT], _short(bad.text), bad.reason)


def _good(line: int, cell: Mapping[str, str], describes: Sequence[str], rules: Rules) -> Row:
    said = cell.get
    return Row(
        line=line,
        plate=_plate(said("plate", "")),
        state=_state(said("state", "")),
        reason=_reason(said("reason", "")) or rules.default_reason,
        vehicle=words(" ".join(said(column, "") for column in describes)) if describes else None,
        reference=words(said("reference")),
        entered_at=_entered(said("entered", ""), rules),
        expires_at=_expires(said("expires", ""), rules),
        handling=_handling(said("handling", "")),
        agency=words(said("agency")),
    )


@lru_cache(maxsize=1024)
def _handling(text: str) -> tuple[Handling, ...]:
    try:
        return handling_of(text) if text else ()
    except ValueError as error:
        words = ", ".join(one.value for one in Handling)
        raise _Bad("handling", str(error), f"no such handling; it is one of {words}") from error


def _plate(text: str) -> Plate:
    if _AS_NUMBER.fullmatch(text):
        raise _Bad(
            "plate", text, "a spreadsheet has turned this plate into a number; format the column as text"
        )
    try:
        return Plate.of(text)
    except BadPlate as error:
        raise _Bad("plate", text, error.detail) from error


@lru_cache(maxsize=256)
def _state(text: str) -> str | None:
    try:
        return state_of(text)
    except BadState as error:
        raise _Bad("state", text, error.detail) from error


def _entered(text: str, rules: Rules) -> datetime:
    if not text:
        return rules.now
    entered = _time("entered", text)
    if entered > rules.now + timedelta(days=1):
        raise _Bad("entered", text, "the entry is from the future")
    return min(entered, rules.now)


def _expires(text: str, rules: Rules) -> datetime:
    """The end of the entry: as written, but never later than the list allows, counted from now."""
    if not text:
        return rules.now + rules.default_for
    expires = _time("expires", text)
    if len(text) <= 10:
        expires += timedelta(days=1)  # a day without a time lasts to its end
    if expires <= rules.now:
        raise _Bad("expires", text, "the entry has expired already")
    return min(expires, rules.now + rules.most_for)


def _time(column: str, text: str) -> datetime:
    found = _parsed(text)
    if found is None:
        raise _Bad(column, text, "a time is 2026-11-22, 20261122, 11/22/2026 or RFC 3339")
    return found


@lru_cache(maxsize=4096)
def _parsed(text: str) -> datetime | None:
    """A day at its beginning, or a time; without a zone it is UTC."""
    try:
        day = _DAY.fullmatch(text)
        if day is None:
            at = datetime.fromisoformat(text) if len(text) > 10 else None
            return at if at is None else at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        year, month, of_month = (day[1], day[2], day[3]) if day[1] else (day[6], day[4], day[5])
        return datetime(int(year), int(month), int(of_month), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def _line(text: str) -> str | None:
    """Free text as one printable line."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:MOST_REASON] or None
    return (
        " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * MOST_REASON]).split())[
            :MOST_REASON
        ]
        or None
    )


@lru_cache(maxsize=1024)
def _reason(text: str) -> str | None:
    """What it is wanted for. Raises ImmigrationFile for what is never taken."""
    said = _line(text)
    refuse_immigration(said or "")
    return said


def _short(text: str) -> str:
    return (_line(text) or "")[:MOST_TEXT]
