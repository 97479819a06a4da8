"""The picture that is kept of a read on video: what bounds the plate (`plates/cut`), about its line of letters. Nothing else is kept."""

from __future__ import annotations

from watchfloor.plates.cut import bounds, written
from watchfloor.plates.reading.model import Line, Picture


def box_of(line: Line, picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is kept, in pixels; it ends where the picture does."""
    high, wide = picture.shape[:2]
    return bounds(line.middle, line.width, (wide, high))


def kept(picture: Picture, line: Line) -> bytes:
    """The JPEG that is kept, at most 480 pixels along its longer side. Raises ValueError where none can be made."""
    left, top, right, bottom = box_of(line, picture)
    return written(picture[top:bottom, left:right])
