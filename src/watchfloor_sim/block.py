"""The simulated devices of the demo on loopback: cameras on one RTSP server, a path each, and what a reader photographs."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import av

from watchfloor_sim.camera import Camera, CameraOptions
from watchfloor_sim.city.cameras import CAMERAS, CameraSite
from watchfloor_sim.digest import Credentials
from watchfloor_sim.memory import Memory
from watchfloor_sim.picture import plate_picture
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import VIDEO_RATE, Clip, load_clip
from watchfloor_sim.source import Source

CLIPS: Final = Path(__file__).parent / "clips"
USER: Final = "watchfloor"


@dataclass(frozen=True, slots=True)
class Running:
    """The devices while they run."""

    cameras: Mapping[str, Camera]
    """By the key of their site."""
    camera_user: str
    camera_password: str = field(repr=False)
    fps: int
    """Of the first camera."""
    camera_moved: bool = False
    """Whether the port of an earlier night was taken, so that the cameras have another address now."""

    @property
    def camera(self) -> Camera:
        """The first: the one that the autopilot uses."""
        return self.cameras[CAMERAS[0].key]

    @property
    def camera_url(self) -> str:
        return self.camera.url

    def reader(self, base: str, token: str) -> PlateReader:
        """A plate reader."""
        return PlateReader(base, token)

    def picture(self, plate: str, state: str) -> bytes:
        """The picture the reader takes, JPEG."""
        return plate_picture(plate, state)


@asynccontextmanager
async def start(memory: Memory, sites: Sequence[CameraSite] = CAMERAS[:1]) -> AsyncIterator[Running]:
    """Start cameras as they were, at the port of before if that is free; they end with the block."""
    shown = [await asyncio.to_thread(load_clip, CLIPS / f"{site.clip}.mp4") for site in sites]
    before = memory.camera_port
    try:
        server = await RtspServer.start(port=before)
    except OSError:
        if not before:
            raise
        server = await RtspServer.start()
    memory.camera_port = server.port
    options = CameraOptions(credentials=Credentials(USER, memory.camera_password))
    cameras = {
        site.key: server.add_camera(f"/{site.key}", Source(clip), options)
        for site, clip in zip(sites, shown, strict=True)
    }
    moved = before not in (0, server.port)
    try:
        yield Running(cameras, USER, memory.camera_password, _fps(shown[0]), camera_moved=moved)
    finally:
        await server.stop()


def _fps(clip: Clip) -> int:
    return round(clip.frames * VIDEO_RATE / clip.length)


def frames_of(mp4: bytes) -> int:
    """How many video frames an MP4 decodes to."""
    with av.open(io.BytesIO(mp4), "r") as container:
        return sum(1 for _ in container.decode(video=0))
