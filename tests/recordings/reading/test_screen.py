"""A stream is decoded, its masks are painted before anything is looked at, and what breaks it costs one group of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.recordings.reading.made import NOON_US, tapped
from watchfloor.cameras import wire
from watchfloor.cameras.cover import OPEN, Cover, always
from watchfloor.cameras.masks import WHOLE, Shape
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.recordings.reading.screen import Screen, Shot

# All of the near car's way, and the road beside it.
CARS: Shape = ((0.0, 0.35), (1.0, 0.35), (1.0, 1.0), (0.0, 1.0))


def screened(
    frames: list[bytes], cover: Cover = OPEN, *, apart_us: int = 0, ends: bool = True
) -> tuple[list[Shot], Counts]:
    """What comes of a tap's frames, one by one."""
    screen, shots, counts = Screen(apart_us), [], NOTHING
    for data in frames:
        if wire.head(data).kind is wire.Kind.INIT:
            screen.begin(wire.segment_of(data))
            continue
        made = screen.take([data], cover, ends=ends)
        counts += made.counts
        shots += [made.shot] if made.shot is not None else []
    return shots, counts


def keys_of(frames: list[bytes]) -> list[bytes]:
    return [one for one in frames if wire.head(one).kind is wire.Kind.INIT or wire.head(one).key]


def test_each_picture_is_judged_and_has_the_time_at_which_it_was_taken() -> None:
    frames = tapped()
    shots, counts = screened(frames, ends=False)
    assert counts.pictures == 20 and counts.undecodable == 0 and len(shots) == 20
    assert [one.at_us for one in shots] == [wire.head(data).captured_us for data in frames[1:]]
    assert shots[0].picture.shape == (360, 640, 3)


@pytest.mark.parametrize("b_frames", [0, 2])
def test_of_keyframes_alone_each_comes_out_at_once(b_frames: int) -> None:
    keys = keys_of(tapped(seconds=3, b_frames=b_frames))
    shots, counts = screened(keys)
    assert counts.pictures == len(shots) == 3
    assert all(np.std(one.picture) > 10 for one in shots)


def test_pictures_nearer_than_asked_are_passed_over() -> None:
    shots, counts = screened(tapped(), apart_us=500_000, ends=False)
    assert counts.pictures == len(shots) == 4


def test_of_several_that_moved_in_one_go_the_newest_is_looked_at_and_the_others_are_counted() -> None:
    frames, screen = tapped(), Screen(0)
    screen.begin(wire.segment_of(frames[0]))
    made = screen.take(frames[1:], OPEN, ends=False)
    assert made.shot is not None and made.shot.at_us == wire.head(frames[-1]).captured_us
    assert made.counts == Counts(pictures=20, busy=19)


def test_where_the_masks_cover_all_that_moves_nothing_is_looked_at() -> None:
    shots, counts = screened(tapped(), always([CARS]), ends=False)
    assert len(shots) == 1, "the first picture alone: nothing is known before it"
    assert counts.still == 19
    below = shots[0].picture[int(360 * 0.36) :]
    assert (below == below[0, 0]).all(), "and on it nothing of the cars is left"


def test_a_picture_that_is_covered_as_a_whole_is_never_looked_at() -> None:
    shots, counts = screened(tapped(), always([WHOLE]), ends=False)
    assert shots == [] and counts == Counts(pictures=20, masked=20)


def test_the_mask_of_the_moment_at_which_a_picture_was_taken_holds() -> None:
    later = Cover(((NOON_US + 1_000_000, (WHOLE,)), (2**62, ())))
    shots, counts = screened(tapped(), later, ends=False)
    assert counts.masked == 10 and min(one.at_us for one in shots) >= NOON_US + 1_000_000


def test_a_picture_that_breaks_costs_its_group_and_no_other() -> None:
    frames = tapped(seconds=3)
    head = frames[13][: wire.HEAD_SIZE]
    for broken in (
        head,
        head + b"\x00" * 40,
        frames[13][:-900],
        b"".join((frames[13][:200], b"\xff" * (len(frames[13]) - 200))),
    ):
        shots, counts = screened([*frames[:13], broken, *frames[14:]], ends=False)
        assert counts.undecodable >= 1, "it is counted"
        assert {one.at_us for one in shots} >= {wire.head(data).captured_us for data in frames[21:]}, (
            "the next group is read"
        )


def test_a_stream_that_changes_its_size_goes_on() -> None:
    small = tapped(seconds=1)
    large = tapped(seconds=1, size=(640, 480), began_us=NOON_US + 1_000_000, run=2)
    shots, counts = screened([*small, *large], always([CARS]), ends=False)
    assert counts.undecodable == 0
    assert {one.picture.shape[:2] for one in shots} == {(360, 640), (480, 640)}


def test_what_comes_before_a_run_has_begun_is_no_picture() -> None:
    frames = tapped()
    assert screened(frames[1:]) == ([], NOTHING)
    shots, counts = screened([frames[0], *frames[5:]], ends=False)
    assert counts.pictures == len(shots) == 10, "and a group without its keyframe is waited out"


def test_a_codec_that_is_not_decoded_here_is_said() -> None:
    with pytest.raises(ValueError, match="no init segment of ours"):
        Screen(0).begin(b"\x00" * 64)
