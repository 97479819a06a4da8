"""What cameras do, and what becomes of it: every fault seen in the field, over a real RTSP connection."""

from __future__ import annotations

import asyncio
import logging
import secrets
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cameras.watch import watching
from watchfloor.cameras.state import CameraStatus
from watchfloor.kit.clock import SystemClock
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.samples import load_clip

STREET = "street-bicycle-272p-h264.mp4"
CAR_PARK = "carpark-432p-h264-aac.mp4"


@pytest.mark.parametrize("clip", [STREET, CAR_PARK, "campus-pedestrians-1080p15-h265.mp4"])
@pytest.mark.parametrize("sprop", [True, False])
async def test_every_frame_from_the_first_keyframe_on_comes_through(
    clips: Path, clip: str, sprop: bool
) -> None:
    options = CameraOptions(limit_frames=60, sprop=sprop)
    async with await RtspCamera.start(clips / clip, options=options) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.count == device.frames_sent == 60
        frames = seen.frames[0]
        assert frames[0].key and frames[0].dts == 0
        assert all(a.dts < b.dts and a.captured_us < b.captured_us for a, b in pairwise(frames))
        assert device.requests.count("SETUP") == 1  # audio is not asked for


async def test_frames_are_dated_by_our_clock_whatever_the_camera_says(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device:
        device.set_clock(skew_s=3600)
        async with watching(device.url) as seen:
            await seen.until(lambda: seen.count >= 60)
            now = SystemClock().now().timestamp() * 1_000_000
            assert abs(now - seen.frames[0][-1].captured_us) < 1_000_000


async def test_a_wrong_password_is_said_once_and_not_hammered(clips: Path) -> None:
    options = CameraOptions(credentials=Credentials("watch", "right"))
    async with await RtspCamera.start(clips / STREET, options=options) as device:
        async with watching(device.url.replace("://", "://watch:wrong-Secret9@")) as seen:
            await seen.until(lambda: seen.was(CameraStatus.CREDENTIALS_REFUSED))
            assert device.refused_logins <= 2
            assert seen.said[-1].reason == "The camera refuses the name and password it was given."
        assert not seen.runs
        assert "wrong-Secret9" not in repr(seen.said)


async def test_no_word_of_the_credentials_reaches_a_log(
    clips: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    options = CameraOptions(credentials=Credentials("watch", "right"))
    async with await RtspCamera.start(clips / STREET, options=options) as device:
        with_password = device.url.replace("://", "://watch:wr0ng-S3cret@")
        async with watching(with_password) as seen:
            await seen.until(lambda: seen.was(CameraStatus.CREDENTIALS_REFUSED))
    async with watching(with_password) as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
    out, err = capfd.readouterr()
    assert "wr0ng-S3cret" not in out + err + caplog.text + repr(seen.said)


async def test_a_camera_that_freezes_is_noticed_and_opened_again(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.count >= 20)
        device.hang()
        await seen.until(lambda: seen.was(CameraStatus.SILENT))
        assert seen.sentence_of(CameraStatus.SILENT) == "The camera is connected and sends no pictures."
        device.resume()
        before = seen.count
        await seen.until(lambda: len(seen.runs) >= 2 and seen.count > before + 20)
        assert seen.ends[0] is CameraStatus.SILENT
        assert seen.runs[1].number > seen.runs[0].number
        assert seen.frames[1][0].key


async def test_a_camera_is_not_called_silent_while_a_disk_holds_up_its_reader(clips: Path) -> None:
    """Seen under load: the watchdog ended a stream that was read late, and what the camera sent from then on was lost."""
    options = CameraOptions(limit_frames=60)
    async with (
        await RtspCamera.start(clips / STREET, options=options) as device,
        watching(device.url) as seen,
    ):
        await seen.until(lambda: seen.count >= 5)
        seen.disk.clear()
        sent = device.frames_sent
        await device.until(lambda: device.frames_sent > sent + 5)
        assert seen.source is not None
        seen.source.watch(SystemClock().monotonic() + 60)  # as after a minute of waiting
        await device.until(lambda: device.frames_sent == 60)
        seen.disk.set()
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.count == 60 and len(seen.runs) == 1
        assert not seen.was(CameraStatus.SILENT)


async def test_a_camera_that_breaks_the_line_is_opened_again(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.count >= 20)
        device.die()
        await seen.until(lambda: len(seen.runs) == 2 and len(seen.frames[1]) > 10)
        assert seen.sentence_of(CameraStatus.UNREACHABLE) == "The camera ended the connection."


async def test_a_camera_that_refuses_is_asked_with_growing_pauses(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device:
        await device.refuse_connections()
        async with watching(device.url) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert seen.said[-1].reason == "Nothing listens at the camera's address."
            await device.accept_connections()
            await seen.until(lambda: seen.count > 5)


async def test_a_camera_that_serves_nobody_says_so(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device:
        device.unavailable = True
        async with watching(device.url) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert seen.said[-1].reason == "The camera answered that it cannot serve this stream."
        async with watching(device.url.replace("/stream", "/another")) as other:
            await other.until(lambda: other.was(CameraStatus.UNREACHABLE))
            assert other.said[-1].reason == "The camera has no stream of this name."


async def test_garbage_on_the_line_costs_frames_and_nothing_else(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.count >= 20)
        for _ in range(5):
            device.send_garbage()
        before = seen.count
        await seen.until(lambda: seen.count > before + 60)
        for frames in seen.frames:
            assert all(a.dts < b.dts for a, b in pairwise(frames))


async def test_a_camera_that_changes_its_picture_size_begins_a_new_run(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.count >= 20)
        device.switch_to(await asyncio.to_thread(load_clip, clips / CAR_PARK, audio=False))
        await seen.until(lambda: len(seen.runs) == 2 and len(seen.frames[1]) > 20)
        assert [(run.format.width, run.format.height) for run in seen.runs] == [(640, 272), (768, 432)]
        assert seen.frames[1][0].key
        assert device.requests.count("PLAY") == 1  # on the same connection
        assert seen.ends == [None]
        # No second is lost between them.
        assert seen.frames[1][0].captured_us - seen.frames[0][-1].captured_us < 1_000_000


@pytest.mark.parametrize("first", ["h264", "h265"])
async def test_a_camera_that_changes_its_codec_in_mid_stream_is_opened_anew(clips: Path, first: str) -> None:
    """Without a word, under the description of the codec before: what it sends then is noise by the rules of that one."""
    of = {"h264": STREET, "h265": "campus-pedestrians-1080p15-h265.mp4"}
    other = "h265" if first == "h264" else "h264"
    async with await RtspCamera.start(clips / of[first]) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.count >= 20)
        await device.source.recode(await asyncio.to_thread(load_clip, clips / of[other], audio=False))
        await seen.until(lambda: len(seen.runs) == 2 and len(seen.frames[1]) > 5)
        assert [run.format.codec.value for run in seen.runs] == [first, other]
        assert seen.frames[1][0].key and seen.ends[0] is CameraStatus.BAD_STREAM
        said = seen.sentence_of(CameraStatus.BAD_STREAM)
        assert said == "The camera changed how it codes its pictures; it is opened anew."


async def test_a_camera_that_floods_costs_no_other_its_pictures(clips: Path) -> None:
    """It sends as fast as it is read, many times what a camera sends; the same thread reads both."""
    clip, options = clips / STREET, CameraOptions(limit_frames=60)
    async with (
        await RtspCamera.start(clip, realtime=False) as flood,
        await RtspCamera.start(clip, options=options) as device,
        watching(device.url) as seen,
        watching(flood.url, follower=seen.follower) as flooded,
    ):
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.count == device.frames_sent == 60 and len(seen.runs) == 1
        assert flooded.count > 10 * 60 and not flooded.was(CameraStatus.SILENT)
        # However fast its time runs, nothing is dated later than it came.
        assert flooded.frames[-1][-1].captured_us <= SystemClock().now().timestamp() * 1_000_000


async def test_stopping_tells_the_camera_goodbye(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as device:
        async with watching(device.url) as seen:
            await seen.until(lambda: seen.count >= 5)
        await device.until(lambda: len(device.teardowns) == 1)
        assert seen.ends == [CameraStatus.OFF]


NOT_UNDERSTOOD = "What the camera sends cannot be understood."
NO_VIDEO = "The camera offers no video."


class Strange:
    """A device that speaks RTSP and then does something else."""

    def __init__(self, answer: bytes, then: str = "") -> None:
        self.answer, self.then = answer, then
        self.connections = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Strange:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"rtsp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/stream"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                number = next(line for line in head.split("\r\n") if line.startswith("CSeq"))
                writer.write(self.answer.replace(b"{CSEQ}", number.encode()))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def test_a_camera_that_sends_us_elsewhere_is_not_followed(clips: Path) -> None:
    async with await RtspCamera.start(clips / STREET) as inner:
        redirect = f"RTSP/1.0 302 Moved\r\n{{CSEQ}}\r\nLocation: {inner.url}\r\n\r\n".encode()
        async with Strange(redirect) as device, watching(device.url) as seen:
            await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
            assert seen.said[-1].reason == "The camera sends us to another address; that is not followed."
        assert not seen.runs and not inner.requests


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 200 OK\r\n{CSEQ}\r\nContent-Length: 0\r\n\r\n", NOT_UNDERSTOOD),
        (
            b"RTSP/1.0 200 OK\r\n{CSEQ}\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nhello",
            NO_VIDEO,
        ),
        (b"RTSP/1.0 200 OK\r\n{CSEQ}\r\nContent-Length: 99999999999\r\n\r\n", NOT_UNDERSTOOD),
        (
            b"RTSP/1.0 200 OK\r\n{CSEQ}\r\nContent-Type: application/sdp\r\nContent-Length: 88\r\n\r\n"
            b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\na=control:track0\r\n\r\n\r\n\r\n",
            NO_VIDEO,
        ),
        (secrets.token_bytes(2000) + b"\r\n\r\n", NOT_UNDERSTOOD),
    ],
    ids=["http", "no sdp", "endless", "audio only", "noise"],
)
async def test_a_device_that_is_no_camera_is_said_to_be_none(answer: bytes, says: str) -> None:
    async with Strange(answer) as device, watching(device.url) as seen:
        await seen.until(lambda: any(s.status is not CameraStatus.CONNECTING for s in seen.said))
        assert (seen.said[-1].status, seen.said[-1].reason) == (CameraStatus.BAD_STREAM, says)
    assert not seen.runs


async def test_a_device_that_sends_past_the_connection_is_said_to() -> None:
    """Asked for TCP, it announces UDP: nothing would ever arrive where we listen."""
    sdp = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track0\r\n"
    answer = (
        b"RTSP/1.0 200 OK\r\n{CSEQ}\r\nSession: 9\r\nTransport: RTP/AVP;unicast;client_port=5000-5001\r\n"
        b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(sdp)
    )
    async with Strange(answer + sdp) as device, watching(device.url) as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        said = "The camera does not send over TCP; choose UDP, or either, as its transport."
        assert seen.said[-1].reason == said
    assert not seen.runs


async def test_a_device_that_accepts_and_says_nothing_is_said_not_to_answer() -> None:
    async with Strange(b"") as device, watching(device.url) as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.said[-1].reason == "The camera does not answer in time."
        assert device.connections == 1
    assert not seen.runs
