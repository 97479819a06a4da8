"""The picture that is kept of a read: the plate and what bounds it, in measures of the plate itself. Nothing else of a frame is kept.

What stands beyond the box is on no disk. Its residual: somebody who stands within a plate's width beside the plate, or before or behind
the car at that place, may be on it from the knee to the waist; a face is, only where it is as low and as near (decision 28).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from watchfloor.plates.reading.model import Line, Picture

# In widths of the line of letters: to each side, above and below its middle.
BESIDE: Final = 1.2
ABOVE: Final = 1.0
BELOW: Final = 0.6
LONGEST_PX: Final = 480
_QUALITY: Final = 88


def box_of(line: Line, picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is kept, in pixels; it ends where the picture does."""
    high, wide = picture.shape[:2]
    (x, y), width = line.middle, line.width
    half = width / 2 + BESIDE * width
    left, right = max(0, round(x - half)), min(wide, round(x + half))
    top, bottom = max(0, round(y - ABOVE * width)), min(high, round(y + BELOW * width))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def kept(picture: Picture, line: Line) -> bytes:
    """The JPEG that is kept, at most 480 pixels along its longer side. Raises ValueError where none can be made."""
    left, top, right, bottom = box_of(line, picture)
    part = picture[top:bottom, left:right]
    by = LONGEST_PX / max(part.shape[:2])
    if by < 1:
        size = (max(1, round(part.shape[1] * by)), max(1, round(part.shape[0] * by)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    made, data = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not made:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()
