"""A camera is recorded from its first frame to its last, under leave, and played back: over real sockets and engines."""

from __future__ import annotations

import io
import socket
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest

from tests.recordings.center import Block, until
from tests.recordings.read import decoded_frames, plain, shown_at, stored_segments
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.model import GapReason, at
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.samples import load_clip

CLIPS = [
    "street-bicycle-272p-h264.mp4",
    "indoor-persons-432p-h264-bframes.mp4",
    "carpark-432p-h264-aac.mp4",
    "campus-pedestrians-1080p15-h264-aac.mp4",
    "campus-pedestrians-1080p15-h265.mp4",
]


@pytest.mark.parametrize("clip", CLIPS)
async def test_every_frame_the_camera_sent_is_in_the_stored_files(
    city: Block, clips: Path, clip: str
) -> None:
    await city.web.authorise("fixed_camera")
    options = CameraOptions(credentials=Credentials("watch", "s3cret/@:x"), limit_frames=120)
    async with await RtspCamera.start(clips / clip, options=options) as device:
        camera = await city.camera(device.url, user="watch", password="s3cret/@:x")
        await city.record()
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "live")
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "no answer")
        await city.stop()
        sent = device.frames_sent
    assert sent == 120
    segments = stored_segments(city)
    assert sum(decoded_frames(city, path) for path in segments) == sent
    assert all(size > 1000 for size in (path.stat().st_size for path in segments))
    assert {kinds(city, path) for path in segments} == {("video",)}


@pytest.mark.parametrize("authorised", [False, True])
async def test_no_sound_reaches_the_disk_though_the_camera_sends_it_unasked(
    city: Block, clips: Path, authorised: bool
) -> None:
    """Without leave for sound it must not; with leave it is not recorded either."""
    await city.web.authorise("fixed_camera", audio=authorised)
    clip = load_clip(clips / "campus-pedestrians-1080p15-h264-aac.mp4")
    options = CameraOptions(limit_frames=60, sound_unasked=True)
    async with await RtspCamera.start(clip, options=options) as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "no answer")
        await city.stop()
        (visit,) = device.visits
    assert visit.audio_sent > 30 and device.requests.count("SETUP") == 1
    segments = stored_segments(city)
    assert sum(decoded_frames(city, path) for path in segments) == 60
    sounds = [sample.data for sample in clip.content if sample.audio and len(sample.data) > 64]
    assert len(sounds) > visit.audio_sent
    for path in segments:
        assert kinds(city, path) == ("video",)
        content = plain(path, city.keystore)
        assert not any(sound in content for sound in sounds)


def kinds(city: Block, path: Path) -> tuple[str, ...]:
    """What tracks a segment has, as another program sees it."""
    with av.open(io.BytesIO(plain(path, city.keystore)), "r") as container:
        return tuple(stream.type for stream in container.streams)


@pytest.mark.usefixtures("unpartitioned")
async def test_the_last_minutes_play_from_the_picture_that_was_asked_for(city: Block, clips: Path) -> None:
    await city.web.authorise("fixed_camera")
    async with await RtspCamera.start(clips / "street-bicycle-272p-h264.mp4") as device:
        camera = await city.camera(device.url)
        await city.record()
        analyst, why = await city.web.person("analyst"), await city.why()
        now = city.web.parts.clock.now()
        params = {"from": rfc3339(now - timedelta(minutes=1)), "to": rfc3339(now + timedelta(minutes=1))}

        async def timeline() -> dict[str, list[dict[str, str]]]:
            answer = await analyst.get(f"/api/v1/cameras/{camera['id']}/timeline", params=params, headers=why)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

        def long(seen: dict[str, list[dict[str, str]]]) -> bool:
            return bool(seen["ranges"]) and _seconds(seen["ranges"][0]) > 7

        seen = await until(timeline, long)
        begin = datetime.fromisoformat(seen["ranges"][0]["from"])
        asked = begin + timedelta(seconds=3)
        answer = await analyst.get(
            f"/api/v1/cameras/{camera['id']}/video",
            params={"from": rfc3339(asked), "to": rfc3339(asked + timedelta(seconds=3))},
            headers=why,
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == 'video/mp4; codecs="avc1.640015"'
        first = datetime.fromisoformat(answer.headers["wf-from"])
        assert first <= asked < first + timedelta(seconds=3)
        shown = shown_at(answer.content)
        assert shown[0] < 0.2
        # What was asked for is inside what came.
        assert first + timedelta(seconds=shown[-1]) >= asked + timedelta(seconds=2.5)


def _seconds(stretch: dict[str, str]) -> float:
    return (datetime.fromisoformat(stretch["to"]) - datetime.fromisoformat(stretch["from"])).total_seconds()


async def test_a_recorder_that_died_before_anything_was_whole_leaves_a_gap_from_when_it_had_the_camera(
    city: Block,
) -> None:
    """Of a camera of which nothing was ever stored."""
    await city.web.authorise("fixed_camera")
    with closing(socket.create_server(("127.0.0.1", 0))) as slow:  # it takes the connection, and its time
        seen = await city.camera(f"rtsp://127.0.0.1:{slow.getsockname()[1]}/slow")
        camera = inside("camera", seen["id"])
        doomed = city.process("doomed")
        await doomed.begin()
        await doomed._assign()
        assert doomed.posts[camera].recorder.last_us is None  # nobody had it before
        doomed.spool.close()  # as the end of its process does
        heir = city.process("heir")
        await heir.begin()
        await heir._bring()
        taken = heir.posts[camera].recorder
        assert taken.last_us is not None and taken._why_missing is GapReason.TAKEN_OVER
        assert abs(at(taken.last_us) - city.web.parts.clock.now()) < timedelta(minutes=1)
    for one in (doomed, heir):
        await one.end()
    heir.spool.close()
