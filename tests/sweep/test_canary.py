"""What looks at a canary say of it, whatever was seen when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from watchfloor.plates.model import ReaderId
from watchfloor.sweep.canary_model import Canary, Place, Stands, after, is_over

T = datetime(2026, 11, 29, 12, tzinfo=UTC)
ID = UUID("019acb00-0000-7000-8000-00000000beef")

# Seconds after it was planted, and where it is then.
Looks = list[tuple[int, set[Place]]]


def followed(minutes: int, looks: Looks) -> tuple[Canary, bool]:
    canary, over = Canary(ID, ReaderId(ID), Stands(minutes), "0" * 64, T), False
    for second, places in looks:
        now = T + timedelta(seconds=second)
        there: dict[Place, bool] = {place: place in places for place in ("row", "picture", "stream")}
        if not any(there.values()):
            there["files"] = "files" in places
        canary = after(canary, there, now)
        over = is_over(canary, there, now)
    return canary, over


@pytest.mark.parametrize(
    ("minutes", "looks", "words", "over"),
    [
        (3, [(0, {"stream", "picture"}), (10, {"row", "picture"}), (170, set())], None, True),
        (3, [(0, {"stream", "picture"}), (10, {"row", "picture"}), (170, {"picture"})], None, False),
        (3, [(10, {"row", "picture"}), (181, {"picture"})], "still there after 181 seconds: in the pictures.", False),
        (3, [(10, {"row"}), (181, {"files"})], "in files of the spool", False),
        (3, [(10, {"row"}), (170, {"row"}), (190, set())], "found gone only after 190 seconds", True),
        (3, [(0, {"stream"}), (150, set())], None, False),
        (3, [(0, {"stream"}), (150, set()), (181, set())], "never came where it should", True),
        (720, [(10, {"row"}), (43_000, {"row"}), (43_190, set())], None, True),
        (0, [(0, {"stream", "picture"}), (10, set())], None, False),
        (0, [(0, {"stream", "picture"}), (21, set())], None, True),
        (0, [(0, {"stream"}), (10, {"row"})], "reads that are never stored was stored", False),
        (0, [(0, {"stream"}), (181, {"stream"})], "still there after 181 seconds: in the bus.", False),
    ],
)  # fmt: skip
def test_a_canary_is_over_when_it_was_there_and_is_nowhere_and_wrong_when_it_is_late(
    minutes: int, looks: Looks, words: str | None, over: bool
) -> None:
    canary, is_it = followed(minutes, looks)
    assert is_it is over
    assert (canary.fault is None) if words is None else (canary.fault is not None and words in canary.fault)
    assert canary.plate.text not in (canary.fault or "") and len(canary.plate.text) == 12
