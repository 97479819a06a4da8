"""What was fetched of a gap is written from the keyframe before it on, named for when it was fetched; what never reached it is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.recordings.footage import CAMERA, NOON, TERMS, Desk, frames_of, run_of, street
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.rtsp.replay import Span
from watchfloor.cameras.stream import FETCHED
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.sure import sure
from watchfloor.recordings.model import GapReason, us
from watchfloor.recordings.write import Recorder
from watchfloor.recordings.write_fetched import Unwritten, Written

S = 1_000_000


def test_what_ended_before_its_time_is_not_written_and_raises_nothing(tmp_path: Path, clips: Path) -> None:
    desk, clip = Desk(tmp_path), street(clips)
    desk.room.is_enough = False  # nor could it be
    written = Written(desk.recorder, Span(NOON + 60 * S, NOON + 90 * S))
    for _ in range(2):
        written.take(NewRun(run_of(clip)))
        for frame in frames_of(clip):
            written.take(frame)
    assert written.end() == 0 and not desk.done
    written = Written(desk.recorder, Span(NOON + 5 * S, NOON + 90 * S))
    written.take(NewRun(run_of(clip)))
    with pytest.raises(Unwritten) as refused:
        for frame in frames_of(clip):
            written.take(frame)
    assert refused.value.reason is GapReason.NO_ROOM and written.end() == 0


def test_a_segment_of_what_was_fetched_is_named_for_when_it_was(tmp_path: Path, clips: Path) -> None:
    desk, clip = Desk(tmp_path), street(clips)
    # Ids of this process never go back: one made for when it was taken would be of now, and no later.
    fetched_at = SystemClock().now() + timedelta(milliseconds=100)
    recorder = Recorder(
        CAMERA, desk.spool, desk.keystore, desk.room, segment_us=60 * S, finished=desk._finish, missed=desk.gaps.append,
        fetched_us=us(fetched_at),
    )  # fmt: skip
    recorder.terms = TERMS
    written = Written(recorder, Span(NOON + 5 * S, NOON + 90 * S))
    written.take(NewRun(run_of(clip, number=FETCHED + 1)))
    for frame in frames_of(clip):
        written.take(frame)
    assert written.end() > 4 * S
    ((_, segment),) = desk.done
    assert sure(segment.fetched_at) >= fetched_at - timedelta(milliseconds=1)
    assert segment.began_us < NOON + 5 * S
