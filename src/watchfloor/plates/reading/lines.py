"""Lines of text out of the finder's map of where text is (differentiable binarisation): the corners of each. It decides nothing."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from watchfloor.plates.reading.model import Line, Quad

# As the finder's makers set them, but for the second and third: fainter lines are taken, what they say decides.
_TEXT: Final = 0.3
_LEAST_SCORE: Final = 0.4
_LEAST_SIDE: Final = 3.0
# The map marks the core of a line: its edges lie area / perimeter times this outside.
_UNSHRINK: Final = 1.5


def lines_of(chances: NDArray[np.float32], scale: tuple[float, float]) -> list[Line]:
    """The lines on a map of chances; `scale` takes its pixels to the picture's."""
    marked = cv2.dilate((chances > _TEXT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        middle, (wide, high), angle = cv2.minAreaRect(contour)
        if min(wide, high) < _LEAST_SIDE:
            continue
        score = _score(chances, np.asarray(cv2.boxPoints((middle, (wide, high), angle)), np.float32))
        if score < _LEAST_SCORE:
            continue
        out = wide * high * _UNSHRINK / (wide + high)
        corners = cv2.boxPoints((middle, (wide + out, high + out), angle)) * np.asarray(scale)
        found.append(Line(ordered(np.asarray(corners, np.float32)), score))
    return found


def ordered(corners: Quad) -> Quad:
    """The corners clockwise from the top left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.stack([left[0], right[0], right[1], left[1]])


def _score(chances: NDArray[np.float32], corners: Quad) -> float:
    high, wide = chances.shape
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (wide - 1, high - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (wide - 1, high - 1)).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (left, top)).astype(np.int32)], [1])
    inside = chances[top : bottom + 1, left : right + 1][mask > 0]
    return float(inside.mean()) if inside.size else 0.0
