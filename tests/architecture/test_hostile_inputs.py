"""The page of hostile inputs is true: its tests exist, and each sentence it quotes is one that the test of its row looks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, functions

PAGE = ROOT / "docs" / "design" / "hostile-inputs.md"
AREAS = (
    "Cameras over RTSP", "Edge boxes",
    "Cameras over ONVIF", "Plate webhook and own JSON", "Hot-list CSV", "Lists of cameras", "API requests and sockets",
    "Sign-in, sessions, second factor, invitations", "Time", "Disk full", "Engines and processes gone",
    "Files and the log tampered with", "Devices on the bus", "A microphone's own program",
    "Who asks for what is not theirs", "What the public sends",
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


@cache
def parsed(path: Path) -> ast.Module:
    """A test's file; most rows share theirs with others."""
    return ast.parse(path.read_text())


@cache
def looked_for(path: Path) -> str:
    """Every text of a test's file but its docstrings, what is put in at run time left out, a pattern's escapes too."""
    tree, texts = parsed(path), []
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in words:
                texts.append(text)
            case ast.JoinedStr(values=parts):
                said = (p.value for p in parts if isinstance(p, ast.Constant))
                texts.append("\0".join(text for text in said if isinstance(text, str)))
    return "\0".join(texts).replace("\\", "")


def unsaid(rows: Iterable[Row], root: Path) -> list[str]:
    """Quotations that no text in the test's file of their row has: the test would not see them change."""
    found = []
    for row in rows:
        test = looked_for(root / row.file)
        found += [f"{row.file}: {piece}" for piece in quoted(row.seen) if piece not in test]
    return found


def without_test(rows: Iterable[Row], root: Path) -> list[str]:
    """Rows whose test is not there."""
    found = []
    for row in rows:
        path = root / row.file
        there = bool(row.file) and path.is_file() and row.test in dict(functions(parsed(path)))
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


def test_every_sentence_that_the_page_quotes_is_looked_for_by_the_test_of_its_row() -> None:
    assert unsaid(ROWS, ROOT) == []


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


def test_a_sentence_that_the_test_does_not_look_for_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "def t():\n    'It is full now.'\n    assert x == 'The disk of ' 'the store has no room.'\n"
        "    with raises(match=r'there is \\d+ MB left\\.'): f(f'{n} rows are bad.')\n"
    )
    said = [
        Row("X", "`The disk of … has no room.`, 503, `5 rows are bad`, `MB left`, `… MB left.`", "a.py", "t"),
        Row("X", "`It is full now.`, `there are many rows`", "a.py", "t"),
    ]
    assert unsaid(said, tmp_path) == [
        "a.py: 5 rows are bad",
        "a.py: It is full now.",
        "a.py: there are many rows",
    ]
