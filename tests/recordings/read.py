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


def decoded_frames(city: Block, path: Path) -> int:
    """How many pictures a decoder makes of a segment; their times must rise."""
    with av.open(io.BytesIO(plain(path, city.keystore))) as video:
        times = [frame.pts for frame in video.decode(video=0)]
    assert times == sorted(set(times))
    return len(times)
