"""The simulated camera against libav's client: what was sent is what came, and a refusal is a refusal."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import av
import pytest

from tests.sim.receiver import Received, receive
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera, RtspServer
from watchfloor_sim.samples import Clip, UnfitClip, load_clip
from watchfloor_sim.source import Source

B_FRAMES = "media/street-bicycle-272p-h264.mp4"
SOUND = "media/carpark-432p-h264-aac.mp4"
H265 = "media/campus-pedestrians-1080p15-h265.mp4"


@pytest.mark.material
@pytest.mark.parametrize("name", [B_FRAMES, SOUND, H265])
async def test_every_frame_of_a_real_clip_that_is_sent_arrives(material: Path, name: str) -> None:
    clip = load_clip(material / name)
    async with await RtspCamera.start(clip, loop=False, realtime=False) as camera:
        got = await asyncio.to_thread(receive, camera.url)
        assert len(got.video) == camera.frames_sent == clip.frames
        assert got.audio == camera.visits[0].audio_sent == len(clip.content) - clip.frames
        assert [gone.how for gone in camera.departures] == ["ended"]


@pytest.mark.material
async def test_time_never_steps_back_over_the_loop_point_of_a_clip_with_b_frames(material: Path) -> None:
    options = CameraOptions(limit_frames=500)
    async with await RtspCamera.start(material / B_FRAMES, realtime=False, options=options) as camera:
        got = await asyncio.to_thread(receive, camera.url, decode=True)
        assert len(got.video) == camera.frames_sent == 500
        assert len(got.decoded) == 500
        steps = {after - before for before, after in itertools.pairwise(got.dts)}
        assert steps == {3600}
        shown = sorted(pts for _, pts in got.video if pts is not None)
        assert {b - a for a, b in itertools.pairwise(shown)} == {3600}


@pytest.mark.material
async def test_a_stream_with_sound_is_in_step_after_the_loop_point(material: Path) -> None:
    options = CameraOptions(limit_frames=500)
    async with await RtspCamera.start(material / SOUND, realtime=False, options=options) as camera:
        got = await asyncio.to_thread(receive, camera.url)
        assert len(got.video) == 500
        sounds_in_500_frames = 500 / 12.5 * 48000 / 1024
        assert abs(got.audio - sounds_in_500_frames) < 8  # cut at the loop point, and at the end
        assert got.dts == sorted(set(got.dts))


@pytest.mark.material
async def test_a_clip_in_another_codec_is_refused_with_the_reason(material: Path) -> None:
    with pytest.raises(UnfitClip, match=r"no H\.264 or H\.265"):
        load_clip(material / "media/campus-pedestrians-576p-msmpeg4.avi")


async def test_the_right_password_opens_the_stream(street: Clip) -> None:
    async with await RtspCamera.start(
        street, username="viewer", password="a p@ss:w/rd", loop=False, realtime=False
    ) as camera:
        got = await asyncio.to_thread(receive, camera.url_with_credentials)
        assert len(got.video) == street.frames
        assert camera.refused_logins == 0


async def test_a_wrong_password_no_password_and_an_old_password_are_refused(street: Clip) -> None:
    async with await RtspCamera.start(street, username="viewer", password="right") as camera:
        for url in (camera.url, camera.url_with_credentials.replace("right", "wrong")):
            with pytest.raises(av.HTTPUnauthorizedError):
                await asyncio.to_thread(receive, url)
        assert camera.refused_logins == 1
        old = camera.url_with_credentials
        camera.change_password("new")
        with pytest.raises(av.HTTPUnauthorizedError):
            await asyncio.to_thread(receive, old)
        assert camera.frames_sent == 0


async def test_a_stale_nonce_is_asked_again_and_costs_no_frame(street: Clip) -> None:
    async with await RtspCamera.start(
        street, username="viewer", password="right", loop=False, realtime=False
    ) as camera:
        listening = asyncio.create_task(asyncio.to_thread(receive, camera.url_with_credentials))
        await camera.until(lambda: "SETUP" in camera.requests)
        camera.guard.expire_nonces()
        assert len((await listening).video) == street.frames


async def test_udp_is_refused_with_461(street: Clip) -> None:
    async with await RtspCamera.start(street) as camera:
        reader, writer = await asyncio.open_connection("127.0.0.1", camera.port)
        transport = "Transport: RTP/AVP;unicast;client_port=4-5"
        writer.write(f"SETUP {camera.url}/trackID=0 RTSP/1.0\r\nCSeq: 7\r\n{transport}\r\n\r\n".encode())
        assert (await reader.readline()) == b"RTSP/1.0 461 Unsupported Transport\r\n"
        assert b"CSeq: 7\r\n" in await reader.readuntil(b"\r\n\r\n")
        writer.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        b"DESCRIBE\r\n\r\n",
        b"X" * 40_000,
        b"PLAY rtsp://x/stream RTSP/1.0\r\nContent-Length: 99999999999\r\n\r\n",
        b"$\x00\x00\x05ab",
    ],
)
async def test_nonsense_ends_its_own_connection_and_no_other(street: Clip, nonsense: bytes) -> None:
    async with await RtspCamera.start(street, loop=False, realtime=False) as camera:
        reader, writer = await asyncio.open_connection("127.0.0.1", camera.port)
        writer.write(nonsense)
        writer.write_eof()
        answer = await reader.read()
        assert answer == b"" or answer.startswith(b"RTSP/1.0 400 ")
        writer.close()
        assert len((await asyncio.to_thread(receive, camera.url)).video) == street.frames


async def test_a_client_that_has_enough_says_so_and_is_counted(street: Clip) -> None:
    def enough(got: Received) -> bool:
        return len(got.video) >= 10

    async with await RtspCamera.start(street) as camera:
        await asyncio.to_thread(receive, camera.url, enough=enough)
        await camera.until(lambda: bool(camera.departures))
        assert [gone.how for gone in camera.teardowns] == ["teardown"]
        assert camera.clients == []
        assert camera.visits[0].first_frame == 0
        assert camera.visits[0].frames_sent >= 10


async def test_many_cameras_share_one_source_and_each_client_gets_its_full_number(street: Clip) -> None:
    server = await RtspServer.start()
    source = Source(street, realtime=False)
    options = CameraOptions(limit_frames=75)
    cameras = [server.add_camera(f"/cam{n:02}", source, options) for n in range(8)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.to_thread(receive, camera.url)) for camera in cameras]
    assert [len(task.result().video) for task in tasks] == [75] * 8
    assert [camera.frames_sent for camera in cameras] == [75] * 8
    assert all(task.result().keyframes[0] for task in tasks)
    await server.stop()


async def test_an_unknown_path_is_not_found(street: Clip) -> None:
    async with await RtspCamera.start(street) as camera:
        with pytest.raises(av.HTTPNotFoundError):
            await asyncio.to_thread(receive, camera.url + "x")
