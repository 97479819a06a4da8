"""Cuts lines out of a picture, upright, and lays them out as the networks want them. It reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from watchfloor.plates.reading.model import Chances, Line, Picture, Quad

HIGH: Final = 48
WIDE: Final = 320
_LEAST_PADDING: Final = 24


def cut(picture: Picture, quad: Quad) -> Picture:
    """What lies between the corners, upright and at its own size."""
    wide = max(4, round(float(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])))))
    high = max(4, round(float(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])))))
    to = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    turn = cv2.getPerspectiveTransform(np.ascontiguousarray(quad, np.float32), to)
    flat = cv2.warpPerspective(
        picture, turn, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.uint8)


def grown(line: Line, along: float, across: float) -> Quad:
    """The line's corners, moved outwards by these parts of its height."""
    quad, high = line.quad, line.height
    right = (quad[1] - quad[0]) / max(float(np.linalg.norm(quad[1] - quad[0])), 1.0) * high * along
    down = (quad[3] - quad[0]) / max(float(np.linalg.norm(quad[3] - quad[0])), 1.0) * high * across
    return np.stack(
        [quad[0] - right - down, quad[1] + right - down, quad[2] + right + down, quad[3] - right + down]
    )


def padded(strips: Sequence[Picture], wide: int = WIDE) -> Chances:
    """Strips 48 high, the rest of each zero: without the padding one plate in ten is read worse.

    `wide` is how wide they become; where one needs nearly all of that they are 320.
    """
    needed = [max(8, int(np.ceil(HIGH * strip.shape[1] / strip.shape[0]))) for strip in strips]
    wide = wide if max(needed, default=0) <= wide - _LEAST_PADDING else WIDE
    out = np.zeros((len(strips), 3, HIGH, wide), np.float32)
    for number, (strip, need) in enumerate(zip(strips, needed, strict=True)):
        small = cv2.resize(strip, (min(wide, need), HIGH), interpolation=cv2.INTER_LINEAR)
        out[number, :, :, : small.shape[1]] = (small.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
    return out
