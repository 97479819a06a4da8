"""Anybody who has the log draws again which searches were to be reviewed, and finds a draw that was made otherwise."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.ledger.paper import OURS, Paper, entry_id, leaf
from watchfloor.governance.draw import CLOSED, DRAWN, REVIEWED, digest_of, is_drawn
from watchfloor.governance.merkle import leaf_hash
from watchfloor.governance.tiles import Rows
from watchfloor.ledger.report import Report, Verdict
from watchfloor.ledger.source import Folder
from watchfloor.ledger.verify import verify

SHARE = 100_000


def search(number: int, **said: object) -> bytes:
    return leaf(number, **{"need": "plates.search", "about": None, **said})


def effect(number: int, reason: str, **said: object) -> bytes:
    return leaf(number, kind="effect", need="look_ups.watch", result="done", reason=reason, **said)


def a_night(first: int = 0, *, searches: int = 300) -> list[bytes]:
    """Searches and other looks, and the end of their period."""
    made = [search(first + n) if n % 3 else leaf(first + n) for n in range(searches)]
    # A look at one read, a refusal and a search of another agency are drawn of by nobody here.
    made += [search(first + searches, about={"kind": "read", "id": str(UUID(int=3))})]
    made += [
        search(first + searches + 1, result="refused"),
        search(first + searches + 2, agency=str(UUID(int=2))),
    ]
    end = first + searches + 3
    made.append(effect(end, CLOSED, share_ppm=SHARE))
    return made


def drawn_of(entries: list[bytes], looked: list[int], number: int, **changed: Any) -> bytes:
    rows = Rows()
    for one in entries:
        rows.append(leaf_hash(one))
    drawn = [entry_id(n) for n in looked if is_drawn(rows.root(), entry_id(n), SHARE)]
    said: dict[str, Any] = {
        "size": len(entries), "searched": len(looked), "drawn": len(drawn), "digest": digest_of(drawn),
    } | changed  # fmt: skip
    closed = len(entries) - 1
    return effect(number, DRAWN, about={"kind": "entry", "id": str(entry_id(closed))}, **said)


def drawn_again(paper: Paper, entries: list[bytes]) -> Report:
    paper.write(entries)
    return verify(Folder(paper.root), key=OURS.key, draw_again=True)


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


SEARCHED = [n for n in range(300) if n % 3]


def test_an_honest_draw_is_found_right_and_verdicts_are_counted(paper: Paper) -> None:
    night = a_night()
    night.append(drawn_of(night, SEARCHED, 304))
    night.append(effect(305, REVIEWED, verdict="improper"))
    report = drawn_again(paper, night)
    assert report.verdict is Verdict.VERIFIED and report.draws is not None
    said = report.draws.as_json()
    assert (said["right"], said["searched"], said["waiting"], said["verdicts"]) == (
        1,
        200,
        0,
        {"improper": 1},
    )
    assert 5 <= report.draws.drawn <= 45
    assert "0 proper, 1 improper, 0 cannot tell" in report.draws.lines()[1]


@pytest.mark.parametrize(
    "changed",
    [{"searched": 199}, {"drawn": 0}, {"digest": hashlib.sha256(b"").hexdigest()}, {"size": 303}],
)
def test_a_draw_that_says_otherwise_is_found(paper: Paper, changed: dict[str, Any]) -> None:
    night = a_night()
    night.append(drawn_of(night, SEARCHED, 304, **changed))
    report = drawn_again(paper, night)
    assert report.verdict is Verdict.TAMPERED
    assert [finding.what for finding in report.findings] == ["draw_differs"]


def test_a_period_that_waits_is_no_fault_and_one_left_out_is(paper: Paper) -> None:
    night = a_night()
    waiting = drawn_again(paper, night)
    assert waiting.verdict is Verdict.VERIFIED and waiting.draws is not None and waiting.draws.waiting == 1
    twice = [*night, search(400), effect(401, CLOSED, share_ppm=SHARE)]
    report = drawn_again(paper, twice)
    assert [finding.what for finding in report.findings] == ["draw_missing"]


def test_the_share_that_is_drawn_is_the_share_that_was_said() -> None:
    root = hashlib.sha256(b"a root").digest()
    drawn = sum(is_drawn(root, UUID(int=n), 20_000) for n in range(50_000))
    assert 850 <= drawn <= 1150
    assert all(is_drawn(root, UUID(int=n), 1_000_000) for n in range(100))
    assert not any(is_drawn(root, UUID(int=n), 0) for n in range(100))
