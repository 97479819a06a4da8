"""What a device kept is fetched with its own times; what it says of them is not believed when it cannot be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from tests.cameras.kept import Card, a_card
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.rtsp.replay import NotReplayed, Patience, Span, written
from watchfloor.cameras.stream import FETCHED, Frame
from watchfloor.cameras.timed import fetched
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.kept import ReplayFault

NOON_S = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
NOON = int(NOON_S * 1_000_000)
STREET = "street-bicycle-272p-h264.mp4"
CAMERA = UUID(int=0xCA)
QUICK = Patience(open_within_s=2.0, silent_after_s=0.3)


async def fetch(
    card: Card,
    begin_s: float,
    end_s: float,
    *,
    ahead_s: float = 0.0,
    url: str | None = None,
    onvif: bool = True,
) -> list[NewRun | Frame]:
    """What is fetched of so many seconds after noon, by our clock."""
    span = Span(NOON + int(begin_s * 1_000_000), NOON + int(end_s * 1_000_000))
    place = card.place if url is None else card.at(url)

    def all_of_it() -> list[NewRun | Frame]:
        return list(
            fetched(
                place,
                span,
                SystemClock(),
                camera=CAMERA,
                ahead_us=int(ahead_s * 1_000_000),
                onvif=onvif,
                patience=QUICK,
            )
        )

    return await asyncio.to_thread(all_of_it)


def frames_of(found: list[NewRun | Frame]) -> list[Frame]:
    return [one for one in found if isinstance(one, Frame)]


@pytest.mark.parametrize("clip", [STREET, "campus-pedestrians-1080p15-h265.mp4"])
async def test_what_a_device_kept_comes_whole_and_with_the_times_at_which_it_was_taken(
    clips: Path, clip: str
) -> None:
    async with a_card(clips / clip, NOON_S) as card:
        found = await fetch(card, -1.0, 60.0)
        await card.replay.until(lambda: "TEARDOWN" in card.replay.requests)
    frames = frames_of(found)
    assert len(frames) == card.clip.frames and frames[0].key
    assert all(a.dts < b.dts and a.captured_us < b.captured_us for a, b in pairwise(frames))
    first = min(sample.pts for sample in card.clip.content)
    assert abs(frames[0].captured_us - NOON - first * 100 // 9) < 50_000
    (run,) = (one.run for one in found if isinstance(one, NewRun))
    assert run.number >= FETCHED and run.began_us == frames[0].captured_us


async def test_of_a_part_it_comes_from_the_keyframe_before_until_its_end(clips: Path) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        frames = frames_of(await fetch(card, 4.0, 6.0))
    assert frames[0].key and frames[0].captured_us <= NOON + 4_000_000
    assert NOON + 5_800_000 < frames[-1].captured_us < NOON + 6_100_000


async def test_a_device_whose_clock_is_wrong_is_asked_by_its_clock_and_its_pictures_dated_by_ours(
    clips: Path,
) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        card.camera.set_clock(skew_s=7200.0)
        frames = frames_of(await fetch(card, 0.0, 3.0, ahead_s=7200.0))
        (asked,) = card.replay.asked
    assert abs(asked[0] - NOON_S - 7200.0) < 0.01
    assert frames and all(NOON - 100_000 <= frame.captured_us < NOON + 3_100_000 for frame in frames)


async def test_a_hole_in_what_was_kept_begins_another_run(clips: Path) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        keys = [one.at_s for one in card.kept.pictures if one.sample.keyframe]
        card.kept.forget(keys[1], keys[2])
        found = await fetch(card, 0.0, 60.0)
    frames = frames_of(found)
    assert len(frames) == len(card.kept.pictures)
    apart = max(b.captured_us - a.captured_us for a, b in pairwise(frames))
    assert abs(apart - (keys[2] - keys[1]) * 1_000_000) < 200_000


async def test_without_onvif_the_time_stands_in_the_address_and_its_begin_in_the_answer(clips: Path) -> None:
    async with a_card(clips / STREET, NOON_S, onvif=False) as card:
        url = f"{card.replay.url}?clock={written(NOON + 1_000_000)}-{written(NOON + 5_000_000)}"
        frames = frames_of(await fetch(card, 1.0, 5.0, url=url, onvif=False))
    assert frames[0].key and abs(frames[0].captured_us - NOON) < 100_000
    assert NOON + 4_800_000 < frames[-1].captured_us < NOON + 5_100_000


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (ReplayFault.NOTHING, "The device has nothing of that time."),
        (ReplayFault.REFUSES, "The device has no footage of that time."),
        (ReplayFault.ANOTHER_TIME, "The device gave pictures of another time than was asked for."),
        (ReplayFault.BACKWARDS, "The times of the device’s pictures do not rise."),
        (ReplayFault.NO_TIMES, "The device does not say when its pictures were taken."),
        (ReplayFault.GARBAGE, "What the device sends as a replay cannot be understood."),
    ],
)
async def test_what_a_device_gives_that_cannot_be_is_refused_in_words(
    clips: Path, fault: ReplayFault, says: str
) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        card.kept.faults.add(fault)
        with pytest.raises(NotReplayed) as refused:
            await fetch(card, 0.0, 60.0)
    assert refused.value.why == says


@pytest.mark.parametrize("fault", [ReplayFault.LESS, ReplayFault.STOPS, ReplayFault.BREAKS])
async def test_what_a_device_gives_before_it_stops_is_kept(clips: Path, fault: ReplayFault) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        card.kept.faults.add(fault)
        frames = frames_of(await fetch(card, 0.0, 60.0))
    assert abs(len(frames) - card.clip.frames // 2) <= 1


async def test_a_replay_without_end_ends_where_it_was_asked_to(clips: Path) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        card.kept.faults.add(ReplayFault.WITHOUT_END)
        frames = frames_of(await fetch(card, 0.0, 15.0))
    assert NOON + 14_000_000 < frames[-1].captured_us < NOON + 15_100_000


async def test_whoever_fetches_ends_it_when_it_is_enough(clips: Path) -> None:
    async with a_card(clips / STREET, NOON_S) as card:
        span = Span(NOON, NOON + 10_000_000)
        told: list[int] = []

        def enough(sent: int) -> bool:
            told.append(sent)
            return len(told) < 3

        def some() -> list[NewRun | Frame]:
            return list(fetched(card.place, span, SystemClock(), camera=CAMERA, ahead_us=0, goes_on=enough))

        found = await asyncio.to_thread(some)
    assert len(told) == 3 and sum(told) > 0
    assert 0 < len(frames_of(found)) < card.clip.frames
