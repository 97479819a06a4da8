"""The page of hostile inputs is true: its tests exist, and each sentence it quotes is one of the program's or the test's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, functions, sources

PAGE = ROOT / "docs" / "design" / "hostile-inputs.md"
AREAS = (
    "Cameras over RTSP", "Plate webhook and own JSON", "Hot-list CSV", "API requests and sockets",
    "Sign-in, sessions, second factor, invitations", "Time", "Disk full", "Engines and processes gone",
    "Files and the log tampered with", "Devices on the bus", "Who asks for what is not theirs",
)  # fmt: skip
LEAST_ROWS, LEAST_IN_AN_AREA = 40, 4


@dataclass(frozen=True)
class Row:
    """A row of the page: under which heading, what is seen, the test's file and name."""

    area: str
    seen: str
    file: str
    test: str


def rows_of(text: str) -> Iterator[Row]:
    """The rows of every table; a row without a test's name has empty ones."""
    area = ""
    for line in text.splitlines():
        if line.startswith("## "):
            area = line[3:].strip()
        elif line.startswith("| ") and not line.startswith("| what comes"):
            _, seen, named = (cell.strip() for cell in line.strip("|").split(" | "))
            found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", named.strip())
            yield Row(area, seen, found[1] if found else "", found[2] if found else "")


def quoted(seen: str) -> Iterator[str]:
    """What is quoted, piece by piece: a code span of several words, cut where something varies."""
    for span in re.findall(r"`([^`]+)`", seen):
        if span.count(" ") >= 2:
            yield from (piece.strip() for piece in span.split("…") if piece.count(" ") >= 2)


def strings_of(tree: ast.AST) -> Iterator[str]:
    """Every text of a module, what is put in at run time left out."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                yield "\0".join(
                    p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)
                )


@cache
def said_by_the_program() -> str:
    console = (path.read_text() for path in files("console/src", suffixes=(".svelte", ".ts")))
    return "\0".join([*(text for source in sources("src") for text in strings_of(source.tree)), *console])


def unsaid(rows: Iterable[Row], said: str, root: Path) -> list[str]:
    """Quotations that stand neither in `said` nor in the test of their row."""
    found = []
    for row in rows:
        test = "\0".join(strings_of(ast.parse((root / row.file).read_text())))
        found += [piece for piece in quoted(row.seen) if piece not in said and piece not in test]
    return found


def without_test(rows: Iterable[Row], root: Path) -> list[str]:
    """Rows whose test is not there."""
    found = []
    for row in rows:
        path = root / row.file
        there = bool(row.file) and path.is_file() and row.test in dict(functions(ast.parse(path.read_text())))
        if not there:
            found.append(f"{row.area}: {row.file}::{row.test}")
    return found


ROWS = list(rows_of(PAGE.read_text()))


def test_every_test_that_the_page_names_is_there() -> None:
    assert without_test(ROWS, ROOT) == []


def test_the_page_has_forty_rows_and_some_in_each_area() -> None:
    assert len(ROWS) >= LEAST_ROWS
    assert {row.area for row in ROWS} == set(AREAS)
    assert [area for area in AREAS if sum(row.area == area for row in ROWS) < LEAST_IN_AN_AREA] == []


def test_every_sentence_that_the_page_quotes_is_said() -> None:
    assert unsaid(ROWS, said_by_the_program(), ROOT) == []


def test_no_row_stands_twice() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "::" in line]
    assert len(lines) == len(set(lines)) == len(ROWS)


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("`tests/a.py::test_there`", []),
        ("`tests/a.py::test_gone`", ["X: tests/a.py::test_gone"]),
        ("`tests/b.py::test_there`", ["X: tests/b.py::test_there"]),
        ("none yet", ["X: ::"]),
    ],
)
def test_a_row_without_its_test_is_found(tmp_path: Path, cell: str, wrong: list[str]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.py").write_text("async def test_there() -> None: ...\n")
    assert (
        without_test(rows_of(f"## X\n| what comes | what is seen | test |\n| a | b | {cell} |\n"), tmp_path)
        == wrong
    )


def test_a_sentence_that_nobody_says_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 'The disk of ' 'the store has no room.'\n")
    said = [
        Row("X", "`The disk of … has no room.`, 503", "a.py", "t"),
        Row("X", "`It is full now.`", "a.py", "t"),
    ]
    assert unsaid(said, "", tmp_path) == ["It is full now."]
