"""What the story's people hold of the recording that they play."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watchfloor_sim.story import lacking

SEEN = datetime(2026, 11, 22, 3, 0, 10, tzinfo=UTC)
FROM, TO = "2026-11-22T03:00:09.400000Z", "2026-11-22T03:00:14.000000Z"


@pytest.mark.parametrize(
    ("frames", "begin", "end", "says"),
    [
        (69, FROM, TO, None),
        (67, FROM, TO, None),
        (66, FROM, TO, "it has 66 pictures, and 67 were due"),
        (1, FROM, TO, "it has 1 pictures"),
        (69, "2026-11-22T03:00:10.100000Z", TO, "it is of 2026-11-22T03:00:10.100000Z to"),
        (60, FROM, "2026-11-22T03:00:13.400000Z", "the car was seen at 2026-11-22T03:00:10.000000Z"),
    ],
)
def test_the_recording_covers_the_moment_with_all_its_pictures_or_it_says_what_lacks(
    frames: int, begin: str, end: str, says: str | None
) -> None:
    wrong = lacking(frames, begin, end, seen_at=SEEN, fps=15)
    assert wrong is None if says is None else says in (wrong or "")
