"""Extracts of national records: what is whole is taken, what was cut, shifted or is of the wrong kind says so by its line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.plates.file_kinds import FileKind, ImmigrationFile, names_immigration
from watchfloor.plates.handling import Handling, handling_of
from watchfloor.plates.import_csv import BadFile, BadRow, Row, Rules
from watchfloor.plates.import_ncic import LAYOUT, WIDTH, rows_of

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
RULES = Rules(NOW, timedelta(days=30), timedelta(days=90), "Stolen vehicles")
HEADER = "HDRVH20261122"


def record(**said: str) -> str:
    """A record of the layout, every field at its place."""
    fields = {
        "kind": "VH",
        "plate": "QZ04417",
        "state": "MO",
        "reference": "V123456789",
        "agency": "MO0960000",
    }
    fields |= said
    return "".join(fields.get(name, "").ljust(width) for name, width in LAYOUT)


def extract(*records: str, header: str = HEADER, count: int | None = None) -> list[str]:
    trailer = f"TRL{count if count is not None else len(records):09d}"
    return [f"{line}\r\n" for line in (header, *records, trailer)]


def read(lines: Iterable[str], kind: FileKind = FileKind.STOLEN_VEHICLE) -> list[Row | BadRow]:
    return list(rows_of(lines, RULES, kind))


def one(**said: str) -> Row | BadRow:
    (found,) = read(extract(record(**said)))
    return found


def test_a_record_says_plate_vehicle_who_entered_it_and_how_to_handle_it() -> None:
    row = one(
        year="2015", colour="BLU", make="HOND", model="CIV", entered="20261101", cautions="7000", watch_only="W",
        reason="CARJACKING",
    )  # fmt: skip
    assert isinstance(row, Row)
    assert (row.plate.text, row.state, row.reason, row.vehicle) == (
        "QZ04417", "MO", "CARJACKING", "2015 BLU HOND CIV",
    )  # fmt: skip
    assert (row.reference, row.agency) == ("V123456789", "MO0960000")
    assert row.entered_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert row.handling == (Handling.DO_NOT_STOP, Handling.ARMED, Handling.SUICIDAL), (
        "what forbids comes first"
    )


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "The first line is no header"),
        (["plate,state\n", "QZ04417,MO\n"], "The first line is no header"),
        (
            extract(record(), header="HDRWP20261122"),
            "This is a file of the kind “Wanted persons”; the list takes",
        ),
        (extract(record(), header="HDRXX20261122"), "a kind that nobody knows"),
        (extract(record())[:-1], "ends after 1 records without its trailer: it was cut"),
        (extract(record(), count=2), "The trailer counts 000000002, the file has 1 records"),
        ([*extract(record()), record()], "comes after the trailer: two files were put together"),
        (extract(record()[1:]), f"The first record has {WIDTH - 1} characters, the layout {WIDTH}"),
    ],
)
def test_a_file_that_was_cut_shifted_or_sent_to_the_wrong_list_is_refused_as_a_whole(
    lines: list[str], says: str
) -> None:
    with pytest.raises(BadFile, match="") as caught:
        read(lines)
    assert says in caught.value.detail


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        (record()[:-3], None, f"the record has {WIDTH - 3} characters, the layout {WIDTH}"),
        (record(plate="QZ 0é417"), None, "plain ASCII"),
        (record(kind="LP"), "kind", "no record of the kind VH"),
        (record(entered="2026110"), "entered", "a time is"),
        (" " + record(entered="20261101")[:-1], "kind", "no record of the kind VH"),
        (record(cautions="99"), "handling", "no such handling"),
        (record(watch_only="X"), "watch_only", "may be shifted"),
        (record(state="1O"), "state", "two or three letters"),
        (record(plate=""), "plate", "at least one letter"),
        (record(expires="20260101"), "expires", "expired already"),
        (record(agency="MO09600 0", entered="x0261101"), "entered", "may be shifted"),
    ],
)
def test_a_bad_record_is_named_by_line_and_field_and_the_others_are_taken(
    line: str, field: str | None, says: str
) -> None:
    good, bad = read(extract(record(), line))
    assert isinstance(good, Row) and isinstance(bad, BadRow)
    assert (bad.line, bad.field) == (3, field)
    assert says in bad.reason


@pytest.mark.parametrize(
    "lines", [extract(record(), header="HDRIV20261122"), extract(record(), record(kind="IV"))]
)
def test_the_immigration_violator_file_is_refused_by_its_kind_and_by_any_record_of_it(
    lines: list[str],
) -> None:
    with pytest.raises(ImmigrationFile):
        read(lines)


def test_it_is_known_by_its_names_and_nothing_else_is() -> None:
    for name in (
        "immigration_violator",
        "Immigration Violator File",
        "IMMIGRATION",
        "ICE detainer",
        "deported felon",
    ):
        assert names_immigration(name), name
        with pytest.raises(ImmigrationFile):
            FileKind.of(name)
    for name in (
        "stolen at the Immigration Street garage",
        "device detained",
        "service removal",
        "price hold",
    ):
        assert not names_immigration(name), name


def test_a_word_of_handling_that_is_none_is_not_passed_over() -> None:
    assert handling_of("Armed and dangerous; watch only") == (Handling.DO_NOT_STOP, Handling.ARMED)
    with pytest.raises(ValueError, match="careful"):
        handling_of("armed, careful")
