"""One replay of a site as it is played: what it may take of memory, and when its place is free again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tests.recordings.footage import NOON, frames_of, run_of, street
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.stream import Frame
from watchfloor.recordings.from_site import _Play

MB = 1024 * 1024


def test_a_site_that_sends_no_second_keyframe_is_not_gathered_without_end(clips: Path) -> None:
    clip, sent = street(clips), list[int]()
    key, *_ = frames_of(clip)

    def pictures(goes_on: Callable[[int], bool]) -> Iterator[NewRun | Frame]:
        yield NewRun(run_of(clip))
        yield key
        for number in range(1, 200):
            sent.append(number)
            dts = key.dts + number * 3000
            yield replace(
                key, data=bytes(MB), key=False, dts=dts, pts=dts, captured_us=NOON + number * 33_333
            )

    play = _Play(pictures, lambda: None, NOON, keys_only=False)
    play.open()
    assert play.next_group() is None and play.next_group() is None
    assert len(sent) < 70
    play.end()


def test_the_place_of_a_replay_is_free_when_nothing_waits_for_the_site_any_more(clips: Path) -> None:
    clip, answers, went_on = street(clips), threading.Event(), list[bool]()
    places = threading.BoundedSemaphore(1)

    def pictures(goes_on: Callable[[int], bool]) -> Iterator[NewRun | Frame]:
        yield NewRun(run_of(clip))
        answers.wait(10)
        went_on.append(goes_on(0))
        yield from frames_of(clip)

    assert places.acquire(blocking=False)
    play = _Play(pictures, places.release, NOON, keys_only=False)
    opening = threading.Thread(target=play.open)
    opening.start()
    play.end()
    play.end()
    assert not places.acquire(blocking=False)
    answers.set()
    assert places.acquire(timeout=60) and went_on == [False]
    opening.join()
