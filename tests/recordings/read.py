"""Reads stored footage back with nothing but the keys and a decoder: what a test believes instead of the program's counts."""

from __future__ import annotations

import io
from pathlib import Path

import av

from tests.recordings.center import Block
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.seal import open_sealed
from watchfloor.recordings.segment import chunks, read_file_head


def stored_segments(city: Block) -> list[Path]:
    """Every finished segment, oldest first."""
    return sorted((city.data / "objects" / "footage").rglob("*.seg"), key=lambda path: path.name)


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
