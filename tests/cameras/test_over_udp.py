"""Cameras that send datagrams: their pictures come whole and in order, only from them, and what the line loses is told."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from tests.cameras.watch import watching
from watchfloor.cameras.source import LOSES
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtp import goodbye
from watchfloor_sim.rtsp import RtspCamera

STREET = "street-bicycle-272p-h264.mp4"
UDP = Transport.UDP


class Ahead(SystemClock):
    """A clock that can be made to run ahead."""

    jump = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.jump


async def camera(clips: Path, options: CameraOptions) -> RtspCamera:
    """A camera that sends several times as fast as its film was taken."""
    made = await RtspCamera.start(clips / STREET, options=options)
    made.slow_down(0.2)
    return made


async def test_every_frame_arrives_though_packets_overtake_each_other(clips: Path) -> None:
    options = CameraOptions(limit_frames=60, transports=("udp",))
    async with await camera(clips, options) as device:
        device.line.swaps = True
        async with watching(device.url, transport=UDP) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert seen.count == device.frames_sent == 60 and len(seen.runs) == 1
            assert seen.frames[0][0].key
            # It said goodbye, and was told how its packets came.
            assert seen.said[-1].reason == "The camera ended the connection."
            await device.until(lambda: device.visits[0].beside[False].reports > 0)


async def test_what_the_line_loses_is_missing_and_told_and_the_session_is_kept_alive(clips: Path) -> None:
    options, clock = CameraOptions(transports=("udp",), names_source=False), Ahead()
    async with (
        await camera(clips, options) as device,
        watching(device.url, transport=UDP, clock=clock) as seen,
    ):
        await seen.until(lambda: seen.count >= 10)
        device.line.loses = 3
        await seen.until(lambda: device.line.loses == 0)
        count = seen.count
        await seen.until(lambda: seen.count >= count + 10)
        clock.jump = 31.0
        await seen.until(lambda: any(said.reason == LOSES.format(3) for said in seen.said))
        (told,) = (said for said in seen.said if said.reason == LOSES.format(3))
        assert told.status is CameraStatus.LIVE and told.width > 0
        await device.until(lambda: "GET_PARAMETER" in device.requests)
        await device.until(lambda: device.visits[0].beside[False].reports > 1)
        clock.jump = 62.0
        await seen.until(lambda: seen.said[-1].reason == SENTENCES[CameraStatus.LIVE])
        assert len(device.visits) == 1


async def test_nobody_else_is_believed_neither_beside_the_camera_nor_through_its_port(clips: Path) -> None:
    options = CameraOptions(transports=("udp", "tcp"))
    async with await camera(clips, options) as device, watching(device.url, transport=UDP) as seen:
        await seen.until(lambda: seen.count >= 5)
        sent, source = device.visits[0].beside[False], device.source.video_ssrc
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(3):
                stranger.sendto(goodbye(source), sent.there[1])
                stranger.sendto(struct.pack(">BBHII", 0x80, 0xE0, 7, 7, source) + b"\x41x", sent.there[0])
        # Through the camera's own ports, of a source that it never named.
        sent.send([struct.pack(">BBHII", 0x80, 0xE0, 7, 7, source ^ 1) + b"\x41x"])
        sent.report(goodbye(source ^ 1))
        count = seen.count
        await seen.until(lambda: seen.count >= count + 20)
        assert len(device.visits) == len(seen.runs) == 1 and seen.frames[0][-1].dts > 0
        assert seen.source is not None and seen.source.seen.lost == 0


async def test_a_camera_that_refuses_the_connection_sends_datagrams_where_either_will_do(clips: Path) -> None:
    async with await camera(clips, CameraOptions(transports=("udp",))) as device:
        async with watching(device.url, transport=Transport.AUTO) as seen:
            await seen.until(lambda: seen.count >= 5)
            assert device.requests.count("SETUP") == 2 and device.visits[0].beside
        async with watching(device.url) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert (
                seen.said[-1].reason
                == "The camera does not send over TCP; choose UDP, or either, as its transport."
            )
    async with await camera(clips, CameraOptions()) as device:
        async with watching(device.url, transport=Transport.AUTO) as seen:
            await seen.until(lambda: seen.count >= 5)
            assert not device.visits[0].beside
        async with watching(device.url, transport=UDP) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert seen.said[-1].reason == "The camera does not send over UDP; choose TCP as its transport."


async def test_a_camera_whose_datagrams_stop_is_noticed_and_opened_again(clips: Path) -> None:
    options = CameraOptions(transports=("udp",))
    async with (
        await camera(clips, options) as device,
        watching(device.url, transport=UDP, stall_after_s=0.5) as seen,
    ):
        await seen.until(lambda: seen.count >= 5)
        device.hang()
        await seen.until(lambda: seen.was(CameraStatus.SILENT))
        device.resume()
        await seen.until(lambda: len(seen.runs) == 2 and len(seen.frames[1]) > 5)
