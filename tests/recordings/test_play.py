"""Timelines tell what there is and what is missing; nothing is both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.center import CenterMaker
from tests.recordings.center import Block, block
from tests.recordings.footage import NOON, Desk, frames_of, run_of, street
from tests.recordings.read import shown_at
from tests.recordings.test_index import answering, started
from watchfloor.governance.actors import process_actor
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Allowed, Ask, EntryId
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.api import under_grant
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import BREAK_FROM_US, Segment, object_path, unpack_keys
from watchfloor.recordings.play import Kept, Player, Range, Stretch, missing, ranges
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera

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
        assert begin * S <= a and b <= (begin + length) * S and b - a >= BREAK_FROM_US
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
    assert len(got) == 2 and kept == [{"bytes": 200, "video_ms": 1000, "from_ms": 0, "to_ms": 1000}]


class Meanwhile(Player):
    """A player for whom recorders do not wait: what they do just before, or after, it looks into the spool."""

    before: Callable[[], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None

    async def spooled(self, camera: UUID) -> list[Kept]:
        if self.before is not None:
            await self.before()
        found = await super().spooled(camera)
        if self.after is not None:
            await self.after()
        return found


@dataclass
class Unindexed:
    """A camera whose 250 pictures are among the objects, and whose rows wait."""

    city: Block
    player: Meanwhile
    camera: str
    why: dict[str, str]

    async def shown(self, path: str, begin: datetime) -> httpx.Response:
        """What an analyst gets of the minute that begins then."""
        analyst = await self.city.web.person("analyst")
        span = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(minutes=1))}
        answer = await analyst.get(f"/api/v1/cameras/{self.camera}/{path}", params=span, headers=self.why)
        assert answer.status_code == 200, answer.text
        return answer

    async def range(self) -> tuple[datetime, datetime]:
        """The one stretch that was recorded, as the timeline has it."""
        now = self.city.web.parts.clock.now()
        (whole,) = (await self.shown("timeline", now - timedelta(minutes=1))).json()["ranges"]
        return datetime.fromisoformat(whole["from"]), datetime.fromisoformat(whole["to"])

    async def put_into_index(self) -> None:
        await started(self.city)
        assert not list(self.city.spool.glob("*/rows/*.row"))


@pytest_asyncio.fixture
async def unindexed(
    center: CenterMaker, tmp_path: Path, sockets: Path, clips: Path, owner_dsn: str
) -> AsyncIterator[Unindexed]:
    players: list[Meanwhile] = []

    def player(objects: Objects, keystore: Keystore, spool: Path) -> Meanwhile:
        players.append(Meanwhile(objects, keystore, spool))
        return players[0]

    options = CameraOptions(limit_frames=250)
    async with (
        block(center, tmp_path, sockets, player=player) as city,
        await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4", options=options) as device,
    ):
        await city.web.authorise("fixed_camera")
        why = await city.why()
        camera = (await city.camera(device.url))["id"]
        async with answering(owner_dsn, "53100", table="segment"):
            await city.record()
            await city.until(camera, lambda seen: seen["state"]["word"] == "no answer")
            await city.stop()
        assert len(list(city.spool.glob("*/rows/*.row"))) >= 2 and not list(city.spool.rglob("*.part"))
        yield Unindexed(city, players[0], camera, why)


async def test_what_is_finished_and_not_yet_in_the_index_plays_without_a_jump(unindexed: Unindexed) -> None:
    begin, end = await unindexed.range()
    assert end - begin > timedelta(seconds=9.5)
    assert len(shown_at((await unindexed.shown("video", begin)).content)) == 250


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_segment_that_gets_into_the_index_while_somebody_looks_is_shown_once(
    unindexed: Unindexed, when: str
) -> None:
    begin, _ = await unindexed.range()
    setattr(unindexed.player, when, unindexed.put_into_index)
    assert len(shown_at((await unindexed.shown("video", begin)).content)) == 250


def stored(desk: Desk, folder: Path) -> Player:
    """A player of what the desk has recorded, which lies among the objects now."""
    for path, segment in desk.done:
        goal = folder / "objects" / object_path(segment.id, segment.label)
        goal.parent.mkdir(parents=True, exist_ok=True)
        path.rename(goal)
    return Player(Objects(ObjectSettings(), folder / "objects"), desk.keystore, desk.spool)


async def test_for_fast_playback_each_keyframe_stands_until_the_next(tmp_path: Path, clips: Path) -> None:
    desk = Desk(tmp_path)
    desk.record(street(clips), times=9)
    segments = [segment for _, segment in desk.done]
    keys = sum(len(unpack_keys(segment.keys)) for segment in segments)
    player = stored(desk, tmp_path)
    kept = player.together([], segments, NOON, NOON + 90 * S)
    stretch = await player.stretch(kept, NOON, NOON + 90 * S, keys_only=True)
    video = b"".join([part async for part in stretch.parts])
    times = shown_at(video)
    # More than the minute that whole video is given at once; every keyframe, none of the pictures between.
    assert len(times) == keys and times[0] == 0 and abs(times[-1] + 4 - 90) < 4
    whole = sum(segment.size for segment in segments)
    assert len(video) < whole / 3


async def test_a_stretch_ends_where_a_gap_begins(tmp_path: Path, clips: Path) -> None:
    """The disk was full for a while, in the middle of a run."""
    desk = Desk(tmp_path)
    clip = street(clips)
    desk.recorder.begin(run_of(clip))
    for frame in frames_of(clip, times=3):
        desk.room.is_enough = not 10 <= (frame.captured_us - NOON) / S < 20
        desk.recorder.frame(frame)
    desk.recorder.end(None)
    segments = [segment for _, segment in desk.done]
    (before, _) = ranges(segments, NOON, NOON + 30 * S)
    player = stored(desk, tmp_path)
    kept = player.together([], segments, NOON, NOON + 30 * S)
    stretch = await player.stretch(kept, NOON, NOON + 30 * S)
    video = b"".join([part async for part in stretch.parts])
    assert stretch.end_us == before.end_us
    assert abs(shown_at(video)[-1] - (before.end_us - NOON) / S) < 0.2
