"""Camera time is repaired where it must be and believed where it can be."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cameras.clips import H264, H265, load
from watchfloor.cameras.anchor import Anchor
from watchfloor.cameras.order import DecodingOrder
from watchfloor.cameras.restamp import Restamp, Stamp

SECOND = 90_000
Given = tuple[int | None, int, int]


def stamped(given_: list[Given]) -> tuple[list[Stamp], Restamp[int]]:
    restamp: Restamp[int] = Restamp()
    out: list[tuple[int, Stamp]] = []
    for index, (dts, pts, arrived) in enumerate(given_):
        made = restamp.push(index, dts, pts, arrived)
        assert made is not None
        out += made
    out += restamp.flush()
    assert [index for index, _ in out] == list(range(len(given_)))
    return [stamp for _, stamp in out], restamp


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", H264 + H265)
def test_decoding_times_are_found_from_the_times_of_showing(clips: Path, name: str, known: bool) -> None:
    """RTP tells when a picture is shown; when it is decoded a file of the same clip knows."""
    clip = load(clips / name, most=120)
    reorder = clip.packets[0].pts // clip.step
    order = DecodingOrder(reorder if known else None)
    stamps, restamp = stamped([(order.dts(p.pts), p.pts, p.dts) for p in clip.packets])
    assert order.depth == reorder
    if known or reorder == 0:
        assert [(s.dts, s.pts) for s in stamps] == [(p.dts, p.pts) for p in clip.packets]
        assert restamp.repaired == 0
    else:
        # Found out by looking: the first pictures pay for it, the others are right.
        assert [b.dts - a.dts for a, b in pairwise(stamps[-60:])] == [clip.step] * 59
        assert restamp.repaired < 20


def test_one_odd_time_is_nudged_and_the_rest_is_believed() -> None:
    steps = [(n * 6000, n * 6000, n * 6000) for n in range(20)]
    odd: list[Given] = [*steps[:8], (7 * 6000 - 90, 7 * 6000 - 90, 8 * 6000), *steps[9:]]
    stamps, restamp = stamped(odd)
    assert [s.dts for s in stamps[9:]] == [n * 6000 for n in range(9, 20)]
    assert restamp.repaired == 1


def test_a_clock_set_back_a_little_moves_the_timeline_by_our_own_clock() -> None:
    before: list[Given] = [(n * 6000, n * 6000, n * 6000) for n in range(20)]
    after: list[Given] = [(n * 6000 - 3 * SECOND, n * 6000 - 3 * SECOND, n * 6000) for n in range(20, 60)]
    stamps, restamp = stamped([*before, *after])
    assert restamp.repaired >= 5
    assert abs(stamps[-1].dts - 59 * 6000) < SECOND
    assert [b.dts - a.dts for a, b in pairwise(stamps[30:])] == [6000] * (len(stamps) - 31)


@pytest.mark.parametrize("jump", [-3600 * SECOND, 3600 * SECOND])
def test_a_jump_that_nobody_can_explain_begins_a_new_run(jump: int) -> None:
    restamp: Restamp[None] = Restamp()
    for n in range(10):
        assert restamp.push(None, n * 6000, n * 6000, n * 6000)
    assert restamp.push(None, 60_000 + jump, 60_000 + jump, 60_000) is None


def test_a_long_pause_that_we_saw_as_well_is_the_same_run() -> None:
    restamp: Restamp[None] = Restamp()
    for n in range(10):
        assert restamp.push(None, n * 6000, n * 6000, n * 6000)
    ((_, stamp),) = restamp.push(None, 60 * SECOND, 60 * SECOND, 60 * SECOND) or []
    assert stamp.dts == 60 * SECOND


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**40), 2**40)),
            st.integers(-(2**40), 2**40),
            st.integers(0, 5 * SECOND),
        ),
        max_size=60,
    )
)
def test_whatever_a_camera_says_decoding_times_rise(steps: list[tuple[int | None, int, int]]) -> None:
    restamp: Restamp[int] = Restamp()
    arrived, last = 0, -1
    for index, (dts, pts, passed) in enumerate(steps):
        arrived += passed
        made = restamp.push(index, dts, pts, arrived)
        if made is None:
            restamp, last = Restamp(), -1
            continue
        for _, stamp in made:
            assert stamp.dts > last and stamp.pts >= stamp.dts
            last = stamp.dts


@settings(deadline=None, max_examples=40)
@given(
    drift_ppm=st.integers(-500, 500),
    delays=st.lists(st.integers(0, 400_000), min_size=1, max_size=20),
    minutes=st.integers(1, 180),
)
def test_footage_is_dated_within_the_least_delay_however_the_camera_drifts(
    drift_ppm: int, delays: list[int], minutes: int
) -> None:
    """A camera that drifts by up to 500 ppm, over a network whose delay varies, at one frame a second."""
    began, least = 1_700_000_000_000_000, min(delays)
    anchor = Anchor(began + delays[0])
    last = 0
    for second in range(minutes * 60):
        media = int(second * 1_000_000 * (1 + drift_ppm / 1_000_000))
        truth = began + second * 1_000_000
        captured = anchor.at(media, truth + delays[second % len(delays)])
        assert captured > last
        last = captured
        if second > 20:
            # Never dated before it was taken by more than the drift of two windows, nor after the least delay by more.
            assert truth - 40_000 <= captured <= truth + least + 40_000
    if minutes > 10:
        assert abs(last - (began + (minutes * 60 - 1) * 1_000_000) - least) < 60_000


@pytest.mark.parametrize("fps", [1, 15, 60])
@pytest.mark.parametrize("late_s", [0.2, 2.0, 9.0])
@pytest.mark.parametrize("late_frames", [1, 30])
def test_frames_that_were_handled_late_at_first_are_dated_right_as_soon_as_order_allows(
    late_s: float, fps: int, late_frames: int
) -> None:
    began, step = 1_700_000_000_000_000, 1_000_000 // fps
    late_us = int(late_s * 1_000_000)
    anchor = Anchor(began + late_us)
    frames = range(late_frames + 20 * fps)
    dated = [anchor.at(n * step, began + n * step + (late_us if n < late_frames else 0)) for n in frames]
    late = [captured - began - n * step for n, captured in enumerate(dated)]
    assert dated == sorted(set(dated))
    # While they came late nobody could know; then time stands still, and no longer than it was ahead.
    soon = late_frames + late_us // step + 2
    assert late[:late_frames] == [late_us] * late_frames
    assert set(late[soon:]) == {0}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2_000_000), st.integers(0, 5_000_000)), min_size=1, max_size=60))
def test_no_frame_is_dated_later_than_any_frame_proves(steps: list[tuple[int, int]]) -> None:
    """Of frames that came any time apart and late by anything, within one window: each is as early as its order allows."""
    began = 1_700_000_000_000_000
    anchor = Anchor(began + steps[0][1])
    media, last, earliest = 0, began - 1, began + steps[0][1]
    for passed, late in steps:
        captured = anchor.at(media, began + media + late)
        earliest = min(earliest, began + late)
        assert last < captured <= max(last + 1, earliest + media)
        last, media = captured, media + passed
        if media >= 30_000_000:
            return
