"""The simulated block of the demo: one street camera, one plate reader, as real devices on loopback."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import av

from watchfloor_sim.picture import plate_picture
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

CLIP_S = 12.0
FPS: Final = 15
USER: Final = "watchfloor"
# The car before the camera is nobody's concern: the one that is looked for passes the reader.
PARKED: Final = "QZ1-2088"


@dataclass(slots=True)
class Memory:
    """What the devices keep from one night to the next: the secrets they were set up with, and what the center calls
    them. It lies in a file of the user's own."""

    camera_port: int = 0
    camera_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    reader_token: str = field(default="", repr=False)
    camera: str = ""
    reader: str = ""
    unit: str = ""
    hot_list: str = ""
    wanted_until: str = ""
    settled: bool = False
    """Whether the first night came as far as everything standing."""

    def keep(self, path: Path) -> None:
        """Write it, all or nothing."""
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file, indent=1)
        fresh.replace(path)

    @classmethod
    def of(cls, path: Path) -> Memory | None:
        """What was kept; None when nothing was."""
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class Running:
    """The block while it runs."""

    camera: RtspCamera
    camera_user: str
    camera_password: str = field(repr=False)
    camera_moved: bool = False
    """Whether the port of an earlier night was taken, so that the camera has another address now."""

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
async def start(memory: Memory) -> AsyncIterator[Running]:
    """Start the devices as they were, the camera at its port of before if that is free; they end with the block."""
    clip = await asyncio.to_thread(partial(scene_clip, CLIP_S, FPS, plate=PARKED))
    before = memory.camera_port
    try:
        camera = await RtspCamera.start(clip, username=USER, password=memory.camera_password, port=before)
    except OSError:
        if not before:
            raise
        camera = await RtspCamera.start(clip, username=USER, password=memory.camera_password)
    memory.camera_port = camera.port
    try:
        yield Running(camera, USER, memory.camera_password, camera_moved=before not in (0, camera.port))
    finally:
        await camera.stop()


def frames_of(mp4: bytes) -> int:
    """How many video frames an MP4 decodes to."""
    with av.open(io.BytesIO(mp4), "r") as container:
        return sum(1 for _ in container.decode(video=0))
