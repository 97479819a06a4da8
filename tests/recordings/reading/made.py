"""What tests of reading are made of: sightings without pictures, and the frames of a tap from a drawn clip."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.cameras.clips import Clip, load
from tests.recordings.footage import frames_of, run_of
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind
from watchfloor.plates.reading.model import Guess, Letter, Line, Seen
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.reading.tracks import Sighting
from watchfloor_sim.scene import render_clip

SIZE = (1280, 720)
S = 1_000_000
NOON_US = 1_795_867_200 * S


def seen(
    text: str, x: float, y: float = 400.0, *, wide: float = 120.0, sure: float = 0.99, rank: float = 0.95
) -> Seen:
    """A plate as a look tells it, its middle there, each letter so sure."""
    half, high = wide / 2, wide / 8
    quad = np.array(
        [[x - half, y - high], [x + half, y - high], [x + half, y + high], [x - half, y + high]], np.float32
    )
    letters = tuple(
        Letter(((sign, sure), ("B" if sign != "B" else "8", min((1 - sure) / 2, 0.95 * sure))))
        for sign in text
    )
    return Seen(Line(quad, 0.9), (Guess(text, sure),), letters, None, 0.0, rank, agreed=True)


def sighting(one: Seen, at_s: float, *, moved: bool = True, crop: bytes = b"") -> Sighting:
    """It on a picture that was taken so many seconds after noon."""
    return Sighting(one, NOON_US + round(at_s * S), moved, SIZE, crop)


@cache
def drawn(seconds: float, size: tuple[int, int], b_frames: int) -> Clip:
    """A drawn street, ten pictures a second and a keyframe each second."""
    with TemporaryDirectory() as folder:
        return load(render_clip(Path(folder) / "street.mp4", seconds, 10, size, "QQ7X4K", b_frames=b_frames))


def tapped(
    *,
    seconds: float = 2,
    size: tuple[int, int] = (640, 360),
    b_frames: int = 0,
    began_us: int = NOON_US,
    run: int = 1,
) -> list[bytes]:
    """A drawn street as a tap gives it: its init, then each picture."""
    clip = drawn(seconds, size, b_frames)
    of = run_of(clip, number=run, began_us=began_us)
    made = [wire.init(run, began_us, of.format.mime, init_segment(of.format))]
    for number, one in enumerate(frames_of(clip, began_us=began_us), 1):
        body = fragment(number, [Timed(one, 9000)])
        made.append(wire.frame(Kind.FRAGMENT, run, number, one.captured_us, body, key=one.key))
    return made
