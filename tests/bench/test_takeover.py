"""How long a camera was not recorded is read from its timeline, as whoever plays it sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchfloor.bench.takeover import recorded_again
from watchfloor.kit.clock import rfc3339

DIED = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAILED = "The recorder failed and another took over."


def timeline(gaps: list[tuple[float, float, str]], ranges: list[tuple[float, float]]) -> dict[str, Any]:
    """Gaps and ranges, in seconds after the recorder died."""

    def at(seconds: float) -> str:
        return rfc3339(DIED + timedelta(seconds=seconds))

    return {
        "gaps": [{"from": at(begin), "to": at(end), "reason": reason} for begin, end, reason in gaps],
        "ranges": [{"from": at(begin), "to": at(end)} for begin, end in ranges],
    }


@pytest.mark.parametrize(
    ("gaps", "ranges", "took"),
    [
        ([(-1, 7.5, FAILED)], [(-60, -1), (7.5, 9)], 7.5),
        # It goes on: nothing was recorded since.
        ([(-1, 5, FAILED)], [(-60, -1)], None),
        # A gap of before, or of the camera's own.
        ([(-9, -5, FAILED), (-1, 4, "The camera did not answer.")], [(-60, -9), (-5, -1), (4, 9)], None),
        ([], [(-60, 9)], None),
    ],
)
def test_a_camera_is_recorded_again_when_its_gap_has_ended(
    gaps: list[tuple[float, float, str]], ranges: list[tuple[float, float]], took: float | None
) -> None:
    assert recorded_again(timeline(gaps, ranges), DIED) == took
