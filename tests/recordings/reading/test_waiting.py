"""The newest picture of each camera waits alone, each camera has its turn, and the budget of CPU holds."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.recordings.reading.sharing import is_mine
from watchfloor.recordings.reading.waiting import Budget, Waiting

CAMERAS = [UUID(int=number) for number in range(1, 9)]


def test_the_newest_takes_the_place_of_the_older_which_is_told() -> None:
    waiting: Waiting[int] = Waiting()
    assert [waiting.offer(CAMERAS[0], 1), waiting.offer(CAMERAS[0], 2), waiting.offer(CAMERAS[1], 3)] == [
        False,
        True,
        False,
    ]
    assert {waiting.take(), waiting.take()} == {(CAMERAS[0], 2), (CAMERAS[1], 3)}
    assert waiting.take() is None


def test_a_camera_that_is_stopped_waits_no_more() -> None:
    waiting: Waiting[int] = Waiting()
    waiting.offer(CAMERAS[0], 1)
    assert waiting.drop(CAMERAS[0]) and not waiting.drop(CAMERAS[0]) and not len(waiting)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=8), st.integers(20, 120))
def test_of_cameras_that_always_have_one_none_has_two_turns_more_than_another(
    rates: list[int], turns: int
) -> None:
    """One that sends thirty times as many pictures has no more turns for it."""
    waiting: Waiting[int] = Waiting()
    had: Counter[UUID] = Counter()
    for _ in range(turns):
        for camera, rate in zip(CAMERAS, rates, strict=False):
            for number in range(rate):
                waiting.offer(camera, number)
        taken = waiting.take()
        assert taken is not None
        had[taken[0]] += 1
    shares = [had[camera] for camera in CAMERAS[: len(rates)]]
    assert max(shares) - min(shares) <= 1


@given(st.lists(st.floats(0.01, 2.0), min_size=5, max_size=60), st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_looking_takes_no_more_than_its_budget_on_the_average(looks: list[float], cores: float) -> None:
    budget, now, spent = Budget(cores), 100.0, 0.0
    for cpu_s in looks:
        now += budget.wait_s(now)
        begun = now
        now += cpu_s
        budget.spent(cpu_s, now)
        spent += cpu_s
        assert budget.wait_s(now) <= 10.0, f"a look that began at {begun} costs a pause of no end"
    now += budget.wait_s(now)
    assert spent <= cores * (now - 100.0) + 1e-6 or cores >= 1


def test_time_that_was_not_used_is_not_saved_up() -> None:
    budget = Budget(0.5)
    budget.spent(1.0, 1000.0)
    assert budget.wait_s(1000.0) == pytest.approx(1.0)
    assert budget.wait_s(2000.0) == 0
    budget.spent(1.0, 2001.0)
    assert budget.wait_s(2001.0) == pytest.approx(1.0)


def test_each_camera_is_read_by_one_process_and_few_change_hands_when_another_comes() -> None:
    cameras = [UUID(int=number) for number in range(1000, 1200)]
    three = [UUID(int=number) for number in (7, 8, 9)]
    shares = {me: {camera for camera in cameras if is_mine(camera, me, three)} for me in three}
    assert sum(len(share) for share in shares.values()) == len(cameras)
    assert all(30 < len(share) < 110 for share in shares.values())
    four = [*three, UUID(int=10)]
    moved = {camera for me in three for camera in shares[me] if not is_mine(camera, me, four)}
    assert moved == {camera for camera in cameras if is_mine(camera, four[3], four)}


def test_a_process_that_is_not_listed_yet_takes_its_share_all_the_same() -> None:
    assert is_mine(UUID(int=1), UUID(int=5), [])
