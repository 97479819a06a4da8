"""What became of a camera's pictures is said in one sentence, and what keeps it from being read comes first."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.governance.model import Allowed, Denied
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.show import state_of
from watchfloor.plates.video import SAID_FOR, Counts, Said, Video, words_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CAMERA = Reader(
    ReaderId(UUID(int=1)), "Mill St, on video", TechnologyKind.PLATE_READING_ON_VIDEO, "Mill St", Point(38.6, -90.2), None,
    retired=False, version=1, camera=UUID(int=2),
)  # fmt: skip
YES = Allowed("authorised", "Allowed.", None, None)
BUSY = Counts(pictures=200, still=60, undecodable=2, busy=86, looked=34)


def said(level: str = "normal", word: str = "reading", *, ago_s: float = 1.0) -> Said:
    return Said(level, word, "So it is.", NOW - timedelta(hours=1), NOW - timedelta(seconds=ago_s))


def test_an_operator_sees_how_many_were_read_and_why_the_others_were_not() -> None:
    assert BUSY.sentence == (
        "Read 34 of 120 moving pictures; 86 dropped since the processor was busy; beside them 60 still,"
        " 2 that could not be decoded."
    )
    assert (
        Counts(pictures=3, masked=3).sentence
        == "Read 0 of 0 moving pictures; beside them 3 covered by masks."
    )
    assert Counts().sentence == "No picture came."


@given(st.lists(st.builds(Counts, *(st.integers(0, 1000) for _ in fields(Counts))), max_size=5))
def test_counts_add_up_whatever_they_are(many: list[Counts]) -> None:
    total = sum(many, Counts())
    assert total.moving == sum(one.moving for one in many) and total.cpu_ms == sum(one.cpu_ms for one in many)


@pytest.mark.parametrize(
    ("video", "word"),
    [
        (Video(None), "not begun"),
        (Video(said(ago_s=SAID_FOR.total_seconds() + 1)), "not read"),
        (Video(said("serious", "no answer")), "no answer"),
        (Video(said("caution", "masked")), "masked"),
        (Video(said(), BUSY), "behind"),
        (Video(said(), Counts(pictures=19, busy=19)), None),
        (Video(said(), Counts(pictures=120, busy=20, looked=100)), None),
    ],
)
def test_what_keeps_a_camera_from_being_read_is_one_word(video: Video, word: str | None) -> None:
    found = words_of(video, now=NOW)
    assert (found[1] if found else None) == word


def test_on_its_page_a_refusal_comes_first_then_its_picture_then_how_it_goes() -> None:
    no = Denied("expired", "The authorisation has expired.")
    assert state_of(CAMERA, None, no, now=NOW, video=Video(said())).word == "not authorised"
    assert state_of(CAMERA, None, YES, now=NOW, video=Video(said("serious", "no answer"))).word == "no answer"
    shown = state_of(
        CAMERA, None, YES, now=NOW, video=Video(said(), Counts(pictures=120, looked=100, busy=20))
    )
    assert (shown.level, shown.word) == ("normal", "reading") and "Read 100 of 120" in shown.reason
    assert state_of(CAMERA, None, YES, now=NOW).word == "not begun"
