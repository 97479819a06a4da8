"""Footage that cannot be written, was changed, or is gone: what a person sees at the camera, on the timeline, in the player."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.recordings.center import Block, until
from tests.recordings.read import stored_segments
from watchfloor.kit.clock import rfc3339
from watchfloor.recordings.segment import chunks, read_file_head
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.rtsp import RtspCamera

STREET = "street-bicycle-272p-h264.mp4"
NO_ROOM = "There is no room left to record to."


@dataclass
class Kept:
    """A camera that was recorded, and how an analyst looks at it."""

    city: Block
    camera: str
    why: dict[str, str]

    async def timeline(self) -> dict[str, Any]:
        analyst, now = await self.city.web.person("analyst"), self.city.web.parts.clock.now()
        answer = await analyst.get(
            f"/api/v1/cameras/{self.camera}/timeline",
            params={"from": rfc3339(now - timedelta(minutes=5)), "to": rfc3339(now)},
            headers=self.why,
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def video(self) -> httpx.Response:
        """What the timeline says is there, as a player asks for it."""
        async with self.playing() as answer:
            await answer.aread()
            return answer

    async def parts(self) -> AsyncIterator[bytes]:
        """The video piece by piece, as it comes."""
        async with self.playing() as answer:
            async for part in answer.aiter_raw():
                yield part

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[httpx.Response]:
        begin = datetime.fromisoformat((await self.timeline())["ranges"][0]["from"])
        analyst = await self.city.web.person("analyst")
        params = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=30))}
        path = f"/api/v1/cameras/{self.camera}/video"
        async with analyst.stream("GET", path, params=params, headers=self.why) as answer:
            yield answer


@pytest_asyncio.fixture
async def kept(city: Block, clips: Path) -> AsyncIterator[Kept]:
    """Four seconds of a real street, recorded and closed."""
    await city.web.authorise("fixed_camera")
    why = await city.why()
    async with await RtspCamera.start(clips / STREET, options=CameraOptions(limit_frames=100)) as device:
        camera = await city.camera(device.url)
        await city.record()
        await city.until(camera["id"], lambda seen: seen["state"]["word"] == "no answer")
        await city.stop()
    made = Kept(city, camera["id"], why)
    # Nobody has played it yet: of what was read whole once, the head is remembered.
    assert (await made.timeline())["ranges"]
    yield made


async def test_with_no_room_the_camera_says_so_and_so_does_the_timeline(kept: Kept, clips: Path) -> None:
    city = kept.city
    before = stored_segments(city)
    async with await RtspCamera.start(clips / STREET) as device:
        technician = await city.web.person("technician")
        moved = await technician.patch(f"/api/v1/cameras/{kept.camera}", json={"url": device.url})
        assert moved.status_code == 200, moved.text
        await city.record(least_free=2**60)
        seen = await city.until(kept.camera, lambda seen: seen["state"]["word"] == "disk full")
        assert (seen["state"]["level"], seen["recording"]) == ("critical", False)
        assert seen["state"]["reason"] == NO_ROOM

        def told(timeline: dict[str, Any]) -> bool:
            return NO_ROOM in {gap["reason"] for gap in timeline["gaps"]}

        await until(kept.timeline, told)
        assert stored_segments(city) == before


def alter(path: Path, at: int) -> None:
    """Change one bit of a file, as somebody would who may write there."""
    whole = bytearray(path.read_bytes())
    whole[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(whole)


async def test_footage_changed_on_the_disk_is_not_shown_and_the_viewer_is_told(kept: Kept) -> None:
    alter(stored_segments(kept.city)[0], 700)
    answer = await kept.video()
    assert (answer.status_code, answer.json()["kind"]) == (503, "unavailable")
    assert answer.json()["detail"] == "Footage was altered, or lies where it does not belong."


async def test_a_video_breaks_off_before_the_first_picture_that_was_changed(kept: Kept) -> None:
    good = (await kept.video()).content
    path = stored_segments(kept.city)[0]
    data = path.read_bytes()
    _, (first, head), *_ = chunks(data, read_file_head(data)[1])
    alter(path, first + head.size + 500)
    came = b""
    with pytest.raises(httpx.RemoteProtocolError):
        async for part in kept.parts():
            came += part
    assert len(came) < len(good) and good.startswith(came)


async def test_footage_that_is_gone_is_said_to_be_gone(kept: Kept) -> None:
    for path in stored_segments(kept.city):
        path.unlink()
    answer = await kept.video()
    assert (answer.status_code, answer.json()["reason"]) == (404, "footage_gone")
    assert answer.json()["detail"] == "The index lists footage of this time, and the store does not have it."
    assert "footage/" not in answer.text


async def test_footage_whose_key_is_gone_is_shown_to_nobody(kept: Kept) -> None:
    for path in (kept.city.data / "keystore").rglob("*"):
        if path.is_file():
            path.unlink()
    answer = await kept.video()
    assert (answer.status_code, answer.json()["kind"]) == (503, "unavailable")
    assert answer.json()["detail"].startswith("There is no key for the footage of 20")
