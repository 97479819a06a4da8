"""An RTSP server that is not ours, where the system has one (GStreamer's): what our simulator and our client both misread shows here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cameras.certificates import made
from tests.cameras.clips import load
from tests.cameras.watch import watching
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.transport import Transport

# Its bindings come with the system's packages, so with the system's Python.
PYTHON = Path("/usr/bin/python3")
SERVER = Path(__file__).with_name("gst_server.py")
STREET = "street-bicycle-272p-h264.mp4"


pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="GStreamer's bindings need the system's Python")


@asynccontextmanager
async def another_server(clip: Path, login: str = "", *more: str) -> AsyncIterator[int]:
    """Serve a clip until the block ends; `more` are a PEM file to show under TLS, or `udp`. Yields the port."""
    server = await asyncio.create_subprocess_exec(
        PYTHON,
        SERVER,
        clip,
        *more,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None and server.stdout is not None and server.stderr is not None
    try:
        server.stdin.write(login.encode() + b"\n")
        port = await server.stdout.readline()
        if not port:
            why = (await server.stderr.read()).decode().strip().splitlines()[-1]
            if "ModuleNotFoundError" in why or "not available" in why:
                pytest.skip(
                    f"GStreamer's RTSP server is not here (Debian: gir1.2-gst-rtsp-server-1.0): {why}"
                )
            raise AssertionError(why)
        yield int(port)
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


async def test_the_datagrams_of_another_server_come_in_order(clips: Path) -> None:
    sent = load(clips / STREET)
    async with another_server(clips / STREET, "", "udp") as port:
        url = f"rtsp://127.0.0.1:{port}/stream"
        async with watching(url, transport=Transport.AUTO) as seen:
            await seen.until(lambda: seen.count >= 20)
            frames = seen.frames[0]
            assert frames[0].key and len(seen.runs) == 1
            assert all(a.dts < b.dts for a, b in pairwise(frames))
            assert [frame.key for frame in frames[:20]] == [packet.key for packet in sent.packets[:20]]
            assert seen.source is not None and seen.source.seen.lost == 0


async def test_another_server_is_opened_under_tls_once_its_certificate_is_known(
    clips: Path, tmp_path: Path
) -> None:
    own = made("another server")
    async with another_server(clips / STREET, "watch right-Secret9", str(own.file(tmp_path))) as port:
        url = f"rtsps://watch:right-Secret9@127.0.0.1:{port}/stream"
        async with watching(url) as seen:
            await seen.until(lambda: seen.was(CameraStatus.CERTIFICATE_REFUSED))
            assert own.fingerprint in seen.sentence_of(CameraStatus.CERTIFICATE_REFUSED)
        async with watching(url, certificate=own.fingerprint) as seen:
            await seen.until(lambda: seen.count >= 20)


@pytest.mark.parametrize(
    "clip", [STREET, "indoor-persons-432p-h264-bframes.mp4", "campus-pedestrians-1080p15-h265.mp4"]
)
async def test_every_frame_of_another_server_comes_through(clips: Path, clip: str) -> None:
    sent = load(clips / clip)
    async with another_server(clips / clip) as port, watching(f"rtsp://127.0.0.1:{port}/stream") as seen:
        await seen.until(lambda: seen.count >= 20)
        form, frames = seen.runs[0].format, seen.frames[0]
        assert (form.codec, form.width, form.height) == (sent.codec, sent.width, sent.height)
        assert frames[0].key
        assert all(a.dts < b.dts and a.captured_us < b.captured_us for a, b in pairwise(frames))
        assert [frame.key for frame in frames[:20]] == [packet.key for packet in sent.packets[:20]]


async def test_another_server_is_logged_in_to_by_digest_and_its_refusal_understood(clips: Path) -> None:
    async with another_server(clips / STREET, "watch right-Secret9") as port:
        async with watching(f"rtsp://watch:right-Secret9@127.0.0.1:{port}/stream") as seen:
            await seen.until(lambda: seen.count >= 20)
        async with watching(f"rtsp://watch:wrong-Secret9@127.0.0.1:{port}/stream") as seen:
            await seen.until(lambda: seen.was(CameraStatus.CREDENTIALS_REFUSED))
            assert not seen.runs


async def test_a_server_that_is_killed_is_noticed(clips: Path) -> None:
    async with another_server(clips / STREET) as port, watching(f"rtsp://127.0.0.1:{port}/another") as seen:
        await seen.until(lambda: seen.was(CameraStatus.UNREACHABLE))
        assert seen.said[-1].reason == "The camera has no stream of this name."
