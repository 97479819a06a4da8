"""The simulated block of the demo: one street camera, one plate reader, as real devices on loopback."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import av

from watchfloor_sim.picture import plate_picture
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

CLIP_S = 12.0


@dataclass(frozen=True, slots=True)
class Running:
    """The block while it runs."""

    camera: RtspCamera
    camera_user: str
    camera_password: str = field(repr=False)

    @property
    def camera_url(self) -> str:
        return self.camera.url

    def reader(self, base: str, token: str) -> PlateReader:
        """The block's plate reader."""
        return PlateReader(base, token)

    def picture(self, plate: str, state: str) -> bytes:
        """The picture the reader takes, JPEG."""
        return plate_picture(plate, state)


@asynccontextmanager
async def start(*, password: str) -> AsyncIterator[Running]:
    """Start the devices; they end with the block."""
    clip = await asyncio.to_thread(scene_clip, CLIP_S)
    camera = await RtspCamera.start(clip, username="watchfloor", password=password)
    try:
        yield Running(camera, "watchfloor", password)
    finally:
        await camera.stop()


def frames_of(mp4: bytes) -> int:
    """How many video frames an MP4 decodes to."""
    with av.open(io.BytesIO(mp4), "r") as container:
        return sum(1 for _ in container.decode(video=0))
