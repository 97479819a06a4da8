"""Reads stored footage back with nothing but the keys and a decoder: what a test believes instead of the program's counts."""

from __future__ import annotations

import io
from pathlib import Path

import av

from tests.recordings.center import Block
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.seal import open_sealed
from watchfloor.recordings.segment import chunks, read_file_head
from watchfloor_sim.rtsp import RtspCamera

LONGEST_GOP = 61
"""Of the clip of a street, in pictures."""


def stored_segments(city: Block) -> list[Path]:
    """Every finished segment, oldest first."""
    return sorted((city.data / "objects" / "footage").rglob("*.seg"), key=lambda path: path.name)


def files_of(city: Block) -> dict[str, int]:
    """Every file where footage is written or kept, with its size."""
    folders = (city.spool, city.data / "objects")
    return {str(p): p.stat().st_size for folder in folders for p in folder.rglob("*") if p.is_file()}


async def written_while(city: Block, device: RtspCamera, pictures: int) -> dict[str, int]:
    """What of the files changed while so many pictures went by in front of the camera, whoever looked or not."""
    clock = city.web.parts.clock
    ends = clock.monotonic() + 30
    while list(city.spool.rglob("*.part")) or list(city.spool.rglob("*.row")):
        assert clock.monotonic() < ends, "what was begun is not finished"
        await clock.sleep(0.05)
    before, until = files_of(city), device.source.frames + pictures
    while device.source.frames < until:
        await clock.sleep(0.05)
    return {name: size for name, size in files_of(city).items() if before.get(name) != size}


def plain(path: Path, keystore: Keystore) -> bytes:
    """The whole segment as fMP4."""
    data = path.read_bytes()
    head, start = read_file_head(data)
    key = keystore.find(head.camera, head.rule, head.day)
    return b"".join(
        open_sealed(key, head.label, data[at : at + one.size])[1] for at, one in chunks(data, start)
    )


def shown_at(video: bytes) -> list[float]:
    """When each picture that a decoder makes is shown, in seconds; the times must rise."""
    times: list[float] = []
    with av.open(io.BytesIO(video), "r") as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None and frame.time_base is not None
            times.append(float(frame.pts * frame.time_base))
    assert times == sorted(set(times))
    return times


def decoded_frames(city: Block, path: Path) -> int:
    """How many pictures a decoder makes of a segment."""
    return len(shown_at(plain(path, city.keystore)))
