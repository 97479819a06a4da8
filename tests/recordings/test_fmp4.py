"""What is written plays: every picture, bit for bit the camera's, at its time, in a decoder that is not ours."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.cameras.clips import H264, H265, load
from tests.recordings.footage import frames_of, run_of
from watchfloor.recordings.fmp4 import Timed, first_apart, fragment, init_segment
from watchfloor.recordings.fmp4 import frames_of as read_back


@pytest.mark.parametrize("name", H264 + H265)
@pytest.mark.parametrize("together", [1, 12])
def test_a_clip_written_as_fragments_decodes_to_the_same_pictures(
    clips: Path, name: str, together: int
) -> None:
    clip = load(clips / name, most=60)
    frames = list(frames_of(clip))
    timed = [Timed(a, b.dts - a.dts) for a, b in pairwise(frames)] + [Timed(frames[-1], clip.step)]
    parts = [init_segment(run_of(clip).format)]
    parts += [
        fragment(n, timed[at : at + together]) for n, at in enumerate(range(0, len(timed), together), 1)
    ]
    with av.open(io.BytesIO(b"".join(parts)), "r") as ours, av.open(str(clips / name), "r") as original:
        theirs = original.decode(video=0)
        count = 0
        for index, picture in enumerate(ours.decode(video=0)):
            expected = next(theirs)
            count += 1
            assert picture.pts is not None and picture.time_base is not None
            assert round(picture.pts * picture.time_base * 90_000) in {frame.pts for frame in frames}
            if index % 20 == 0:
                assert (picture.to_ndarray() == expected.to_ndarray()).all()
        assert count == len(frames)


def test_a_fragment_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        fragment(1, [])


def test_the_first_picture_of_a_fragment_stands_apart_and_none_is_lost(clips: Path) -> None:
    frames = list(frames_of(load(clips / H264[0], most=12)))
    whole = fragment(7, [Timed(frame, 3000) for frame in frames])
    first, others = first_apart(whole)
    assert [one.frame.key for one in read_back(first)] == [True]
    assert read_back(first) + read_back(others) == read_back(whole)
    assert {part[20:24] for part in (first, others, whole)} == {(7).to_bytes(4, "big")}
    for as_it_is in (
        first,
        b"a fragment of another's, which is longer than the head of one of ours is, and says nothing",
    ):
        assert first_apart(as_it_is) == (as_it_is,)
