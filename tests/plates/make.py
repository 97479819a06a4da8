"""What the tests of plates make again and again: a small JPEG that is one, and JSON of reads."""

from __future__ import annotations

import io
import json
from typing import Final

import numpy as np
from PIL import Image

from watchfloor.plates.cut import ABOVE, BELOW, BESIDE

RED: Final = (250, 0, 0)


def jpeg(width: int = 640, height: int = 480, *, tail: bytes = b"") -> bytes:
    """Markers of a baseline JPEG: enough for what looks at the frame, nothing to be seen."""
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    frame = b"\xff\xc0\x00\x0b\x08" + size + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00" + tail + b"\xff\xd9"


def street(plate: tuple[int, int, int, int], size: tuple[int, int] = (1280, 720)) -> bytes:
    """A JPEG of this width and height, red all over but for what may be kept about a plate at this left, top, width and height: grey."""
    left, top, width, height = plate
    scene = np.full((size[1], size[0], 3), RED, np.uint8)
    x, y = left + width / 2, top + height / 2
    beside = (BESIDE + 0.5) * width
    # A pixel more on each side: half a pixel is rounded to either.
    rows = slice(max(0, round(y - ABOVE * width) - 1), round(y + BELOW * width) + 1)
    scene[rows, max(0, round(x - beside) - 1) : round(x + beside) + 1] = 90
    with io.BytesIO() as made:
        Image.fromarray(scene).save(made, "JPEG", quality=95, subsampling=0)
        return made.getvalue()


def reddest(kept: bytes) -> int:
    """How much redder than green a JPEG is where it is so most: hardly at all, where none of the street is on it."""
    with Image.open(io.BytesIO(kept)) as shown:
        seen = np.asarray(shown.convert("RGB"), np.int64)
    return int((seen[..., 0] - seen[..., 1]).max())


def reads_json(*reads: dict[str, object]) -> bytes:
    """The body of a batch."""
    return json.dumps({"reads": list(reads)}).encode()
