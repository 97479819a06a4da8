"""Timelines tell what there is and what is missing; nothing is both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recordings.footage import NOON, Desk, street
from watchfloor.governance.actors import process_actor
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Allowed, Ask, EntryId
from watchfloor.governance.needs import Need
from watchfloor.recordings.api import under_grant
from watchfloor.recordings.model import GAP_FROM_US, Segment
from watchfloor.recordings.play import Range, Stretch, missing, ranges

S = 1_000_000
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory, material: Path) -> list[Segment]:
    """30 s of one run in segments, then a second run after a hole of 10 s."""
    desk = Desk(tmp_path_factory.mktemp("play"))
    clip = street(material / "media")
    desk.record(clip, times=3)
    desk.record(clip, began_us=NOON + 40 * S, number=8)
    return [segment for _, segment in desk.done]


def test_segments_of_a_run_are_one_range_and_a_hole_makes_two(segments: list[Segment]) -> None:
    whole = ranges(segments, NOON - S, NOON + 100 * S)
    assert [one.run for one in whole] == [7, 8]
    assert whole[0].begin_us == NOON and whole[1].begin_us == NOON + 40 * S
    assert abs(whole[0].end_us - NOON - 30 * S) < S // 10


def test_a_range_is_cut_to_what_was_asked(segments: list[Segment]) -> None:
    (one,) = ranges(segments, NOON + 5 * S, NOON + 12 * S)
    assert (one.begin_us, one.end_us) == (NOON + 5 * S, NOON + 12 * S)
    assert ranges(segments, NOON + 32 * S, NOON + 38 * S) == []


def test_a_gap_that_was_filled_later_is_told_no_more(segments: list[Segment]) -> None:
    whole = ranges(segments, NOON, NOON + 60 * S)
    ((begin, end),) = missing(whole, NOON + 20 * S, NOON + 45 * S)
    assert begin == whole[0].end_us and end == NOON + 40 * S
    assert missing(whole, NOON + 5 * S, NOON + 25 * S) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=8),
    st.integers(0, 200),
    st.integers(0, 120),
)
def test_nothing_is_both_recorded_and_missing(
    stretches: list[tuple[int, int]], begin: int, length: int
) -> None:
    whole = [Range(at * S, (at + long) * S, index) for index, (at, long) in enumerate(stretches)]
    left = missing(whole, begin * S, (begin + length) * S)
    for a, b in left:
        assert begin * S <= a and b <= (begin + length) * S and b - a >= GAP_FROM_US
        assert all(one.end_us <= a or one.begin_us >= b for one in whole)
    for second in range(begin, begin + length):
        here = second * S + S // 2
        recorded = any(one.begin_us <= here < one.end_us for one in whole)
        told = any(a <= here < b for a, b in left)
        assert not (recorded and told)


def test_an_empty_index_has_no_ranges() -> None:
    assert ranges([], 0, 100) == []
    assert missing([], 0, 10 * S) == [(0, 10 * S)]


def test_overlapping_segments_of_two_recorders_do_not_confuse_the_timeline(segments: list[Segment]) -> None:
    late = replace(segments[0], began_us=segments[0].began_us + S, ended_us=segments[0].ended_us + S)
    whole = ranges([*segments, late], NOON, NOON + 60 * S)
    assert missing(whole, NOON, NOON + 30 * S) == []


async def test_video_on_its_way_stops_with_the_leave_and_what_was_sent_is_kept() -> None:
    kept: list[dict[str, int]] = []

    async def closed(grant: Grant, counts: Mapping[str, int]) -> None:
        kept.append(dict(counts))

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 100

    ask = Ask(process_actor(UUID(int=1), "test"), Need.CAMERA_PLAYBACK)
    allowed = Allowed("test", "It is a test.", None, None)
    grant = Grant(UUID(int=2), ask, EntryId(UUID(int=3)), NOW, allowed, closed)
    got: list[bytes] = []
    async for part in under_grant(grant, Stretch("avc1.640015", 0, S, parts())):
        got.append(part)
        if len(got) == 2:
            grant.end("The authorisation was suspended.")
    assert len(got) == 2 and kept == [{"bytes": 200}]
