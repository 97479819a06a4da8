"""A segment survives the death of its writer at any byte, and shows any change made to it afterwards."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recordings.footage import NOON, Desk, street
from tests.recordings.read import plain, shown_at
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.model import unpack_keys
from watchfloor.recordings.seal import Altered, ChunkKind, open_sealed
from watchfloor.recordings.segment import chunks, read_file_head, recover, whole_so_far


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, material: Path) -> Desk:
    """One segment of a real street: 10 s, several groups of pictures."""
    desk = Desk(tmp_path_factory.mktemp("segment"), segment_s=60)
    desk.record(street(material / "media"))
    assert len(desk.done) == 1
    return desk


def test_a_segment_holds_every_frame_once_and_its_index_leads_to_keyframes(recorded: Desk) -> None:
    path, segment = recorded.done[0]
    assert len(shown_at(plain(path, recorded.keystore))) == segment.frames == 250
    assert segment.sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert segment.size == path.stat().st_size
    assert segment.began_us == NOON and abs(segment.ended_us - NOON - 10_000_000) < 50_000
    data = path.read_bytes()
    head, start = read_file_head(data)
    init_at, init_head = next(iter(chunks(data, start)))
    init = open_sealed(recorded.key, head.label, data[init_at : init_at + init_head.size])[1]
    keys = unpack_keys(segment.keys)
    assert len(keys) >= 3 and all(a < b for a, b in pairwise(keys))
    for offset, after_ms in keys:
        one, fragment = open_sealed(recorded.key, head.label, data[offset:])
        assert one.kind is ChunkKind.KEY
        assert (one.captured_us - NOON) // 1000 == after_ms
        # Each group of pictures decodes by itself: that is what a seek fetches.
        with av.open(io.BytesIO(init + fragment), "r") as video:
            first = next(iter(video.decode(video=0)))
        assert first.key_frame


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_writer_killed_at_any_byte_loses_only_the_chunk_at_hand(
    recorded: Desk, tmp_path: Path, data: st.DataObject
) -> None:
    path, segment = recorded.done[0]
    whole = path.read_bytes()
    length = data.draw(st.one_of(st.integers(0, len(whole)), st.sampled_from(ends_of(whole))))
    torn = tmp_path / "torn.part"
    torn.write_bytes(whole[:length])
    ends = [end for end in ends_of(whole) if end <= length]
    if length < read_file_head(whole)[1]:
        with pytest.raises(Unavailable):
            recover(torn, recorded.key)
        return
    found = recover(torn, recorded.key)
    if len(ends) < 2:  # the init alone: no picture yet
        assert found is None and not torn.exists()
        return
    assert found is not None
    assert found.size == ends[-1] == torn.stat().st_size
    assert found.sha256 == hashlib.sha256(whole[: ends[-1]]).digest()
    assert len(shown_at(plain(torn, recorded.keystore))) == found.frames <= 250
    assert segment.keys.startswith(found.keys)
    assert recover(torn, recorded.key) == found


def ends_of(whole: bytes) -> list[int]:
    """Where each chunk of the file ends; the first is the init's end."""
    _, start = read_file_head(whole)
    return [at + head.size for at, head in chunks(whole, start)]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_hole_that_a_power_cut_left_ends_what_is_believed(
    recorded: Desk, tmp_path: Path, data: st.DataObject
) -> None:
    """Blocks reach a disk in any order: a stretch of zeros in the middle, good bytes after it."""
    path, _ = recorded.done[0]
    whole = bytearray(path.read_bytes())
    start = data.draw(st.integers(read_file_head(bytes(whole))[1], len(whole) - 1))
    length = data.draw(st.integers(64, 8192))
    whole[start : start + length] = b"\x00" * len(whole[start : start + length])
    torn = tmp_path / "hole.part"
    torn.write_bytes(whole)
    found = recover(torn, recorded.key)
    if found is not None:
        assert found.size <= start
        assert len(shown_at(plain(torn, recorded.keystore))) == found.frames


def test_a_segment_altered_after_the_fact_is_refused_when_it_is_played(
    recorded: Desk, tmp_path: Path
) -> None:
    path, _ = recorded.done[0]
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    copy = tmp_path / "altered.seg"
    copy.write_bytes(whole)
    with pytest.raises(Altered):
        plain(copy, recorded.keystore)


def test_what_is_still_being_written_is_found_up_to_its_last_whole_chunk(recorded: Desk) -> None:
    path, _ = recorded.done[0]
    whole = path.read_bytes()
    ends = ends_of(whole)
    seen = whole_so_far(whole[: ends[2] + 100])
    assert seen is not None and seen.size == ends[2]
    assert whole_so_far(whole[: ends[0]]) is None
    assert whole_so_far(b"") is None


def test_a_recorder_that_lost_the_camera_keeps_what_is_from_before(recorded: Desk, tmp_path: Path) -> None:
    path, segment = recorded.done[0]
    copy = tmp_path / "lost.part"
    copy.write_bytes(path.read_bytes())
    taken_us = segment.began_us + 5_500_000
    kept = recover(copy, recorded.key, before_us=taken_us)
    assert kept is not None and segment.began_us < kept.ended_us <= taken_us
    assert recover(copy, recorded.key, before_us=segment.began_us) is None and not copy.exists()
