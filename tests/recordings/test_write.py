"""The recorder sink: where segments are cut, what is missing and why, and what a full disk does to it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.recordings.footage import CAMERA, NOON, TERMS, Desk, frames_of, run_of, street
from tests.recordings.read import plain, shown_at
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import Frame
from watchfloor.recordings.model import GapReason, by_days, us
from watchfloor.recordings.segment import chunks, read_file_head


def test_segments_follow_each_other_without_a_hole(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path, segment_s=4)
    sent = desk.record(street(clips), times=3)
    segments = [segment for _, segment in desk.done]
    assert len(segments) >= 5
    assert sum(segment.frames for segment in segments) == sent == 750
    for before, after in pairwise(segments):
        assert abs(after.began_us - before.ended_us) < 1000
    assert sum(len(shown_at(plain(path, desk.keystore))) for path, _ in desk.done) == sent
    assert not desk.gaps


def test_the_timeline_of_a_run_goes_on_over_its_segments(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path, segment_s=4)
    desk.record(street(clips), times=2)
    times = [time for path, _ in desk.done for time in shown_at(plain(path, desk.keystore))]
    assert times == sorted(set(times)) and times[-1] - times[0] > 19


def test_midnight_begins_a_new_segment_under_the_new_days_key(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path, segment_s=60)
    before_midnight = us(datetime(2026, 11, 22, 23, 59, 55, tzinfo=UTC))
    desk.record(street(clips), began_us=before_midnight)
    days = [segment.label.day for _, segment in desk.done]
    assert days == [date(2026, 11, 22), date(2026, 11, 23)]
    keys = {desk.keystore.find(CAMERA, TERMS.rule, day) for day in days}
    assert len(keys) == 2


def test_another_retention_rule_begins_a_new_segment_at_the_next_keyframe(
    tmp_path: Path, clips: Path
) -> None:
    desk = Desk(tmp_path, segment_s=60)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for index, frame in enumerate(frames_of(clip)):
        if index == 100:
            desk.recorder.terms = replace(TERMS, rule=4)
        desk.recorder.frame(frame)
    desk.recorder.end(None)
    assert [segment.label.rule for _, segment in desk.done] == [3, 4]
    assert sum(segment.frames for _, segment in desk.done) == 250


def test_without_terms_nothing_is_written_and_the_gap_says_why(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path, segment_s=60)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for index, frame in enumerate(frames_of(clip, times=2)):
        if index == 100:
            desk.recorder.terms = None
        if index == 300:
            desk.recorder.terms = TERMS
        desk.recorder.frame(frame)
    desk.recorder.end(None)
    assert len(desk.done) == 2
    (gap,) = desk.gaps
    assert gap.reason is GapReason.NO_AUTHORISATION
    assert (gap.began_us, gap.ended_us) == (desk.done[0][1].ended_us, desk.done[1][1].began_us)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (CameraStatus.UNREACHABLE, GapReason.CAMERA_UNREACHABLE),
        (CameraStatus.SILENT, GapReason.CAMERA_SILENT),
        (CameraStatus.CREDENTIALS_REFUSED, GapReason.CREDENTIALS_REFUSED),
        (CameraStatus.BAD_STREAM, GapReason.BAD_STREAM),
    ],
)
def test_a_camera_that_was_away_leaves_a_gap_with_its_reason(
    tmp_path: Path, clips: Path, status: CameraStatus, reason: GapReason
) -> None:
    desk = Desk(tmp_path)
    clip = street(clips)
    for run, began_us in ((1, NOON), (2, NOON + 60_000_000)):
        desk.recorder.begin(run_of(clip, number=run, began_us=began_us))
        for frame in frames_of(clip, began_us=began_us):
            desk.recorder.frame(frame)
        desk.recorder.end(status)
    (gap,) = desk.gaps
    assert gap.reason is reason and gap.ended_us == NOON + 60_000_000
    assert abs(gap.began_us - NOON - 10_000_000) < 50_000


def test_a_recorder_that_was_away_for_a_second_leaves_a_gap_and_a_late_frame_none(
    tmp_path: Path, clips: Path
) -> None:
    desk = Desk(tmp_path)
    clip = street(clips)
    desk.recorder.explain(NOON - 1_100_000, GapReason.RECORDER_DOWN)
    desk.recorder.begin(run_of(clip, began_us=NOON))
    for frame in frames_of(clip, began_us=NOON):
        late = 1_900_000 if frame.dts >= 5 * 90_000 else 0
        desk.recorder.frame(replace(frame, captured_us=frame.captured_us + late))
    desk.recorder.end(None)
    (gap,) = desk.gaps
    assert (gap.reason, gap.began_us, gap.ended_us) == (GapReason.RECORDER_DOWN, NOON - 1_100_000, NOON)


def test_a_stream_that_was_opened_again_for_silence_leaves_a_gap_however_short(
    tmp_path: Path, clips: Path
) -> None:
    """The same second within a run is a late frame: here the stream was closed, and pictures are missing."""
    desk = Desk(tmp_path)
    clip = street(clips)
    desk.record(clip)
    desk.recorder.end(CameraStatus.SILENT)
    until = desk.recorder.last_us
    assert until is not None
    desk.record(clip, began_us=until + 1_200_000, number=8)
    (gap,) = desk.gaps
    assert (gap.reason, gap.began_us, gap.ended_us) == (GapReason.CAMERA_SILENT, until, until + 1_200_000)


@pytest.mark.parametrize(
    ("segment_s", "left_out", "reason"),
    [(60, False, GapReason.CAMERA_SILENT), (60, True, GapReason.LEFT_OUT), (4, True, GapReason.LEFT_OUT)],
)
def test_a_camera_that_pauses_within_a_run_leaves_a_gap_too(
    tmp_path: Path, clips: Path, segment_s: int, left_out: bool, reason: GapReason
) -> None:
    desk = Desk(tmp_path, segment_s=segment_s)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for frame in frames_of(clip, times=2):
        late = 5 if frame.dts >= 10 * 90_000 else 0
        if left_out and late:
            desk.recorder.left_out()
            left_out = False
        desk.recorder.frame(
            Frame(
                frame.data,
                frame.key,
                frame.dts + late * 90_000,
                frame.pts + late * 90_000,
                frame.captured_us + late * 1_000_000,
            )
        )
    desk.recorder.end(None)
    (gap,) = desk.gaps
    assert gap.reason is reason and 2_900_000 < gap.ended_us - gap.began_us <= 5_100_000


def test_a_group_of_pictures_without_end_is_written_in_parts(tmp_path: Path, clips: Path) -> None:
    """A camera with a keyframe a minute: memory stays bounded, and a crash loses seconds."""
    desk = Desk(tmp_path, segment_s=60)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for index, frame in enumerate(frames_of(clip)):
        desk.recorder.frame(replace(frame, key=index == 0))
    desk.recorder.end(None)
    ((path, segment),) = desk.done
    data = path.read_bytes()
    heads = [head for _, head in chunks(data, read_file_head(data)[1])]
    assert [head.kind.name for head in heads] == ["INIT", "KEY", "MORE", "MORE"]
    assert max(head.duration for head in heads) <= 4.2 * 90_000
    assert len(shown_at(plain(path, desk.keystore))) == segment.frames == 250


def test_recording_stops_before_the_disk_is_full_and_goes_on_when_there_is_room(
    tmp_path: Path, clips: Path
) -> None:
    desk = Desk(tmp_path, segment_s=60)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for index, frame in enumerate(frames_of(clip, times=3)):
        desk.room.is_enough = not 250 <= index < 500
        desk.recorder.frame(frame)
        if index == 400:
            assert desk.recorder.trouble is GapReason.NO_ROOM and not desk.recorder.writing
    desk.recorder.end(None)
    assert desk.recorder.trouble is None
    (gap,) = desk.gaps
    assert gap.reason is GapReason.NO_ROOM
    assert sum(len(shown_at(plain(path, desk.keystore))) for path, _ in desk.done) == 500


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to write beyond `size` bytes of any file, part of the way through a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_breaks_off_leaves_a_file_of_whole_chunks(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path, segment_s=60)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    with files_of_at_most(150_000):
        for frame in frames_of(clip):
            desk.recorder.frame(frame)
        assert desk.recorder.trouble in {GapReason.NO_ROOM, None}
        desk.recorder.end(None)
    assert desk.done
    for path, segment in desk.done:
        assert path.stat().st_size == segment.size <= 150_000
        assert len(shown_at(plain(path, desk.keystore))) == segment.frames
    assert 0 < sum(segment.frames for _, segment in desk.done) < 250


def test_what_is_known_of_a_gap_of_days_goes_day_by_day_as_footage_does() -> None:
    day, noon = 86_400 * 1_000_000, 43_200 * 1_000_000
    assert by_days(noon, noon + day) == [(noon, noon + day)]
    assert by_days(noon, 2 * day + noon) == [(noon, day), (day, 2 * day), (2 * day, 2 * day + noon)]
    assert by_days(0, 2 * day) == [(0, day), (day, 2 * day)]
