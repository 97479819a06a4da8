"""Which watches are counted as expired: those alone that reached their end in the time, as a slow count finds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.plates.misuse.looks import FOUND, IN_FORCE, OVER, Told, companions, expired

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
SINCE, UNTIL = BEGIN + timedelta(hours=40), BEGIN + timedelta(hours=80)
HOURS = st.integers(0, 120)
WATCHES = st.lists(
    st.tuples(HOURS, st.integers(1, 60), st.none() | st.tuples(HOURS, st.sampled_from(sorted(OVER)))),
    max_size=8,
)


def at(hours: int) -> datetime:
    return BEGIN + timedelta(hours=hours)


def test_one_that_was_withdrawn_or_over_with_its_case_did_not_expire() -> None:
    def told(*more: Told) -> list[Told]:
        return [Told(UUID(int=1), at(10), IN_FORCE, at(60)), *more]

    assert expired(told(), SINCE, UNTIL) == 1
    for word in OVER:
        assert expired(told(Told(UUID(int=1), at(50), word)), SINCE, UNTIL) == 0
        assert expired(told(Told(UUID(int=2), at(50), word)), SINCE, UNTIL) == 1, "another's end is another's"
        assert expired(told(Told(UUID(int=1), at(61), word)), SINCE, UNTIL) == 1, "it had ended before"
    assert expired(told(), SINCE, at(60)) == 0, "the time ends before it does"
    assert expired([Told(UUID(int=1), at(10), IN_FORCE)], SINCE, UNTIL) == 0, "whose end nothing says"


@given(WATCHES)
def test_as_a_slow_count_finds_them(watches: list[tuple[int, int, tuple[int, str] | None]]) -> None:
    told: list[Told] = []
    slow = 0
    for number, (began, lasts, over) in enumerate(watches):
        told.append(Told(UUID(int=number), at(began), IN_FORCE, at(began + lasts)))
        alive = [hour for hour in range(began, began + lasts) if over is None or hour < over[0]]
        if over is not None:
            told.append(Told(UUID(int=number), at(over[0]), over[1]))
        slow += len(alive) == lasts and SINCE <= at(began + lasts) < UNTIL
    assert expired(told, SINCE, UNTIL) == slow


def test_companions_are_those_of_the_time() -> None:
    told = [
        Told(UUID(int=n), at(hours), FOUND, companions=n) for n, hours in ((1, 39), (2, 40), (4, 79), (8, 80))
    ]
    assert companions(told, SINCE, UNTIL) == 6
