"""What people read of a camera that does not do what it should, asked for as the cameras' page asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.recordings.center import Block
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.rtsp import RtspCamera

STREET = "street-bicycle-272p-h264.mp4"


@asynccontextmanager
async def a_web_server() -> AsyncIterator[str]:
    """Something that listens and is no camera."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    finally:
        server.close()


async def test_what_is_wrong_with_a_camera_is_shown_in_a_word_and_a_sentence(
    city: Block, clips: Path
) -> None:
    await city.web.authorise("fixed_camera")
    locked = CameraOptions(credentials=Credentials("watch", "right"))
    async with (
        await RtspCamera.start(clips / STREET, options=locked) as refusing,
        await RtspCamera.start(clips / STREET) as freezing,
        a_web_server() as elsewhere,
    ):
        expected = {
            "password refused": "The camera refuses the name and password it was given.",
            "no answer": "Nothing listens at the camera's address.",
            "no picture": "The camera is connected and sends no pictures.",
            "bad stream": "What the camera sends cannot be understood.",
        }
        urls = (refusing.url, "rtsp://127.0.0.1:9/none", freezing.url, elsewhere)
        cameras = {
            word: await city.camera(url, name=word, user="watch", password="wrong")
            for word, url in zip(expected, urls, strict=True)
        }
        await city.record()
        await city.until(cameras["no picture"]["id"], lambda seen: seen["recording"])
        freezing.hang()
        for word, sentence in expected.items():
            camera = cameras[word]["id"]
            seen = await city.until(camera, lambda seen, word=word: seen["state"]["word"] == word, 30)  # type: ignore[misc]  # bound early on purpose
            assert (seen["state"]["level"], seen["state"]["reason"]) == ("serious", sentence)
            assert not seen["recording"]
        freezing.resume()
