"""Hot lists as they are sent: what is good is taken, what is bad is named by line and column."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.plates import import_csv
from watchfloor.plates.import_csv import BadFile, BadRow, Header, Row, Rules, read

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
RULES = Rules(
    NOW, default_for=timedelta(days=30), most_for=timedelta(days=90), default_reason="Stolen vehicle"
)


def rows(content: str | bytes) -> list[Header | Row | BadRow]:
    return list(read(content.encode() if isinstance(content, str) else content, RULES))


def one(line: str, header: str = "plate,state,reason,expires") -> Row | BadRow:
    found = rows(f"{header}\n{line}\n")[1]
    assert not isinstance(found, Header)
    return found


def good(line: str, header: str = "plate,state,reason,expires") -> Row:
    found = one(line, header)
    assert isinstance(found, Row), found
    return found


def bad(line: str, header: str = "plate,state,reason,expires") -> BadRow:
    found = one(line, header)
    assert isinstance(found, BadRow), found
    return found


def test_a_row_says_plate_state_reason_and_until_when() -> None:
    row = good("abc-123, us-mo ,Stolen  vehicle,2026-12-01T12:00:00Z")
    assert (row.line, row.plate.text, row.state, row.reason) == (2, "ABC123", "MO", "Stolen vehicle")
    assert row.expires_at == datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert row.entered_at == NOW


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("LIC,LIS,OFFENSE,VMA,VMO,VCO,NIC", "ABC123,MO,STOLEN,TOYT,CAM,SIL,V123"),
        ("License Plate;State;Reason", "ABC123;MO;Stolen"),
        ("Licence_Plate\tJurisdiction", "ABC123\tMO"),
        ("TAG NUMBER|st", "ABC123|MO"),
        ('"Plate No.","Plate-State"', '"ABC123","MO"'),
        ("reg,region,something else", "ABC123,us-mo,whatever"),
    ],
)
def test_columns_are_known_by_what_people_call_them(header: str, line: str) -> None:
    row = good(line, header)
    assert (row.plate.text, row.state) == ("ABC123", "MO")


def test_columns_that_mean_nothing_here_are_named_as_ignored() -> None:
    header = rows("plate,Favourite colour,state\n")[0]
    assert isinstance(header, Header)
    assert header.ignored == ["Favourite colour"]


def test_what_describes_the_vehicle_is_put_together() -> None:
    row = good("ABC123,2015,SIL,TOYT,CAM", "plate,year,color,make,model")
    assert row.vehicle == "2015 SIL TOYT CAM"


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("", NOW + timedelta(days=30)),
        ("2026-12-01", datetime(2026, 12, 2, tzinfo=UTC)),
        ("20261201", datetime(2026, 12, 2, tzinfo=UTC)),
        ("12/1/2026", datetime(2026, 12, 2, tzinfo=UTC)),
        ("2026-12-01 06:00:00-06:00", datetime(2026, 12, 1, 12, tzinfo=UTC)),
        ("2026-12-01T06:00:00", datetime(2026, 12, 1, 6, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2099-01-01", NOW + timedelta(days=90)),
    ],
)
def test_an_entry_ends_as_written_by_default_or_at_the_most_the_list_allows(
    text: str, expires: datetime
) -> None:
    assert good(f"ABC123,MO,x,{text}").expires_at == expires


@pytest.mark.parametrize(
    ("line", "field", "text", "says"),
    [
        (",MO,x,", "plate", "", "at least one letter or digit"),
        ("♦♦♦,MO,x,", "plate", "♦♦♦", "black diamond suit"),
        ("ABCDEFGHIJKLM,MO,x,", "plate", "ABCDEFGHIJKLM", "at most 12 characters"),
        (
            "1.23E+05,MO,x,",
            "plate",
            "1.23E+05",
            "a spreadsheet has turned this plate into a number; format the column as text",
        ),
        ("ABC123,Missouri,x,", "state", "Missouri", "two or three letters"),
        ("ABC123,MO,x,soon", "expires", "soon", "a time is 2026-11-22"),
        ("ABC123,MO,x,31/12/2026", "expires", "31/12/2026", "a time is 2026-11-22"),
        ("ABC123,MO,x,2026-02-30", "expires", "2026-02-30", "a time is 2026-11-22"),
        ("ABC123,MO,x,2026-11-21", "expires", "2026-11-21", "the entry has expired already"),
        ("ABC123,MO,x,9999-12-31T23:59:59-23:59", "expires", "9999-12-31T23:59:59-23:59", "a time is"),
        ("ABC123,MO,x,,extra,extra", None, "ABC123", "the row has 6 columns, the header 4"),
        ("ABC\x07123,MO,x,", "plate", "ABC 123", "a plate has letters"),
        ("<script>alert(1)</script>,MO,x,", "plate", "<script>alert(1)</script>", "a plate has"),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_what_is_wrong(
    line: str, field: str | None, text: str, says: str
) -> None:
    row = bad(line)
    assert (row.line, row.field, row.text) == (2, field, text)
    assert says in row.reason


def test_a_bad_row_is_named_by_the_files_own_word_for_the_column() -> None:
    assert bad("ABC123,Illinois", "LIC,LIS").field == "LIS"


def test_good_and_bad_rows_stand_side_by_side_with_their_lines() -> None:
    found = rows("plate,reason\n\nABC123,a\n♦,b\n\n   ,  \n" + '"DEF456","two\nlines"\n♥,c\nGHI789,d\n')[1:]
    assert [(type(r).__name__, r.line) for r in found if not isinstance(r, Header)] == [
        ("Row", 3), ("BadRow", 4), ("Row", 7), ("BadRow", 9), ("Row", 10),
    ]  # fmt: skip
    third = found[2]
    assert isinstance(third, Row)
    assert third.reason == "two lines"


def test_lines_are_counted_from_the_top_of_the_file_even_when_it_begins_blank() -> None:
    found = rows("\n\nplate\nABC123\n♦\n")
    assert [r.line for r in found if not isinstance(r, Header)] == [4, 5]


def test_a_short_row_leaves_the_rest_empty() -> None:
    row = good("ABC123")
    assert (row.state, row.reason) == (None, "Stolen vehicle")


def test_formulas_of_spreadsheets_are_text_like_any_other() -> None:
    assert good('ABC123,MO,"=HYPERLINK(""http://x"")",').reason == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("plate,reason\nABC123,Übergabe\n".encode(), "utf-8-sig"),
        (b"\xef\xbb\xbf" + "plate,reason\nABC123,Übergabe\n".encode(), "utf-8-sig"),
        ("plate,reason\r\nABC123,Übergabe\r\n".encode("cp1252"), "cp1252"),
        ("plate,reason\rABC123,Übergabe\r".encode(), "utf-8-sig"),
        ("plate,reason\nABC123,Übergabe\n".encode("utf-16"), "utf-16"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_has(content: bytes, encoding: str) -> None:
    row = rows(content)[1]
    assert isinstance(row, Row)
    assert row.reason == "Übergabe"
    is_utf8 = encoding == "utf-8-sig"
    assert import_csv.encoding_of(content[:100], is_utf8=is_utf8) == encoding


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"\n\n  \n", "The file is empty"),
        (b"name,colour\nABC123,red\n", "No column is called plate"),
        (b"ABC123,MO\nDEF456,MO\n", "No column is called plate"),
        (b"plate,tag\nA,B\n", "Two columns name the plate"),
        (b"PK\x03\x04" + b"\0" * 100, "a spreadsheet, not a CSV"),
        (b"\x00\x01\x02\x03plate", "not a text file"),
        (b"plate," * 300 + b"\n", "301 columns"),
        (b'plate,reason\nABC123,"never closed\n' + b"DEF456,x\n" * 20_000, "never closed"),
        (b'plate\n"ABC"123\n', "Line 2 is not CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(content: bytes, says: str) -> None:
    with pytest.raises(BadFile) as caught:
        rows(content)
    assert says in caught.value.detail


@given(st.binary(max_size=300))
def test_no_bytes_break_the_import(noise: bytes) -> None:
    for content in (noise, b"plate,state,expires\n" + noise):
        try:
            found = list(read(content, RULES))
        except BadFile:
            continue
        assert isinstance(found[0], Header)


def test_forty_thousand_rows_take_less_than_three_seconds_of_cpu() -> None:
    body = "plate,state,reason,expires\n" + "".join(
        f"AB{n:05d},MO,Stolen vehicle,2026-12-{n % 28 + 1:02d}\n" for n in range(40_000)
    )
    began = time.process_time()
    assert sum(isinstance(r, Row) for r in rows(body)) == 40_000
    assert time.process_time() - began < 3.0
