"""The faults of real cameras, each as a client of another make sees it."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable

import av
import pytest

from tests.sim.receiver import Received, receive
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.samples import Clip


async def test_a_camera_that_dies_ends_the_stream_and_answers_again(street: Clip) -> None:
    async with await RtspCamera.start(street) as camera:
        listening = asyncio.create_task(asyncio.to_thread(_whatever_comes, camera.url))
        await camera.until(lambda: camera.frames_sent >= 5)
        camera.die()
        await listening
        assert [gone.how for gone in camera.departures] == ["died"]
        await asyncio.to_thread(receive, camera.url, enough=lambda got: len(got.video) >= 2)
        assert len(camera.visits) == 2


async def test_a_camera_that_hangs_keeps_its_connections_and_goes_on_at_a_keyframe(street: Clip) -> None:
    async with await RtspCamera.start(street, realtime=False) as camera:
        listening = asyncio.create_task(
            asyncio.to_thread(receive, camera.url, enough=lambda got: len(got.video) >= 2000)
        )
        await camera.until(lambda: camera.frames_sent >= 30)
        camera.hang()
        sent = camera.frames_sent
        reader, writer = await asyncio.open_connection("127.0.0.1", camera.port)
        writer.write(f"DESCRIBE {camera.url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        await camera.until(lambda: camera.requests.count("DESCRIBE") == 2)
        answer = asyncio.create_task(reader.read(4))
        assert (camera.frames_sent, len(camera.clients), answer.done()) == (sent, 1, False)
        camera.resume()
        assert await answer == b"RTSP"
        await listening
        await camera.until(lambda: bool(camera.departures))
        assert camera.departures[0].how != "died"
        writer.close()


async def test_a_closed_port_refuses_and_an_opened_one_answers_at_the_same_address(street: Clip) -> None:
    async with await RtspCamera.start(street, loop=False, realtime=False) as camera:
        await camera.refuse_connections()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(receive, camera.url)
        await camera.accept_connections()
        assert len((await asyncio.to_thread(receive, camera.url)).video) == street.frames


async def test_a_camera_may_answer_and_still_be_unavailable(street: Clip) -> None:
    async with await RtspCamera.start(street) as camera:
        camera.unavailable = True
        with pytest.raises(av.HTTPServerError):
            await asyncio.to_thread(receive, camera.url)


async def test_garbage_between_frames_reaches_the_client_and_the_camera_goes_on(street: Clip) -> None:
    async with await RtspCamera.start(street, realtime=False) as camera:
        listening = asyncio.create_task(
            asyncio.to_thread(_whatever_comes, camera.url, enough=lambda got: len(got.video) >= 100)
        )
        await camera.until(lambda: camera.frames_sent >= 20)
        camera.send_garbage()
        await listening
        await camera.until(lambda: bool(camera.departures))


async def test_a_stream_without_parameter_sets_in_its_description_still_decodes(street: Clip) -> None:
    options = CameraOptions(sprop=False)
    async with await RtspCamera.start(street, loop=False, realtime=False, options=options) as camera:
        got = await asyncio.to_thread(receive, camera.url, decode=True)
        assert len(got.decoded) == street.frames


async def test_the_size_changes_in_mid_stream_without_a_word_and_without_a_lost_frame(
    street: Clip, small_street: Clip
) -> None:
    options = CameraOptions(limit_frames=150)
    async with await RtspCamera.start(street, realtime=False, options=options) as camera:
        listening = asyncio.create_task(asyncio.to_thread(receive, camera.url, decode=True))
        await camera.until(lambda: camera.frames_sent >= 10)
        camera.switch_to(small_street)
        got = await listening
        assert len(got.decoded) == 150
        assert [size for size, _ in itertools.groupby(got.decoded)] == [(640, 360), (320, 192)]
        assert got.dts == sorted(set(got.dts))


async def test_a_slower_camera_sends_frames_further_apart(street: Clip) -> None:
    options = CameraOptions(limit_frames=100)
    async with await RtspCamera.start(street, realtime=False, options=options) as camera:
        listening = asyncio.create_task(asyncio.to_thread(receive, camera.url))
        await camera.until(lambda: camera.frames_sent >= 10)
        camera.slow_down(2.0)
        steps = [b - a for a, b in itertools.pairwise((await listening).dts)]
        assert [step for step, _ in itertools.groupby(steps)] == [6000, 12000]


async def test_the_receiver_learns_how_wrong_the_clock_of_the_camera_is(street: Clip) -> None:
    options = CameraOptions(limit_frames=20)
    async with await RtspCamera.start(street, realtime=False, options=options) as camera:
        camera.set_clock(skew_s=3600.0)
        got = await asyncio.to_thread(receive, camera.url)
        said_s = [us / 1e6 - camera.source.started_wall_s for us in got.camera_wall_us]
        assert said_s == pytest.approx([3600 + frame / 15 for frame in range(20)], abs=0.002)


async def test_a_client_that_does_not_read_loses_whole_frames_and_no_connection(street: Clip) -> None:
    async with await RtspCamera.start(street, options=CameraOptions(buffer_cap=20_000)) as camera:
        camera.slow_down(0.01)  # a hundred times as fast: the buffer is full in no time
        client = await _play_without_reading(camera)
        await camera.until(lambda: camera.visits[0].frames_dropped > 100)
        assert camera.departures == []
        client.close()


async def _play_without_reading(camera: RtspCamera) -> socket.socket:
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", camera.port))
    transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
    await loop.sock_sendall(
        client, f"SETUP {camera.url}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\n{transport}\r\n\r\n".encode()
    )
    await loop.sock_recv(client, 4096)
    play = f"PLAY {camera.url} RTSP/1.0\r\nCSeq: 2\r\nSession: {camera.visits[0].session}\r\n\r\n"
    await loop.sock_sendall(client, play.encode())
    return client


def _whatever_comes(url: str, enough: Callable[[Received], bool] | None = None) -> Received | None:
    """What a client gets of a stream that breaks off; how libav calls the break is not our matter."""
    try:
        return receive(url, enough=enough)
    except (av.FFmpegError, OSError):
        return None


async def test_a_frozen_camera_can_be_stopped_while_somebody_waits_for_it(street: Clip) -> None:
    camera = await RtspCamera.start(street)
    camera.hang()
    listening = asyncio.create_task(asyncio.to_thread(_whatever_comes, camera.url))
    await camera.until(lambda: "DESCRIBE" in camera.requests)
    await camera.stop()
    assert await listening is None
