"""What is kept of a picture with a plate on it: what bounds the plate, in measures of the plate itself. It finds none, and stores nothing.

What stands beyond the box is on no disk. Its residual, of what is read on video here: somebody who stands within a plate's width
beside the plate, or before or behind the car at that place, may be on it from the knee to the waist; a face is, only where it is
as low and as near (decision 28). Of a vendor's picture the same holds as far as its word for where the plate is (decision 46).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.plates.picture import size_of

Pixels = NDArray[np.uint8]
# Left, top, width and height, as parts of the whole picture.
Box = tuple[float, float, float, float]

# In widths of what is wide of the plate: to each side, above and below its middle.
BESIDE: Final = 1.2
ABOVE: Final = 1.0
BELOW: Final = 0.6
LONGEST_PX: Final = 480
# A device's own cut-out of a plate is kept as it came where it is no larger.
LONGEST_AS_SENT_PX: Final = 640
# What decoding a picture may need of memory: three bytes each.
MOST_PIXELS: Final = 24_000_000
_QUALITY: Final = 88
# A plate is wider than high, but for a motorcycle's seen from the side; and no reader is so near that it fills a whole scene.
_PROPORTIONS: Final = (0.8, 12.0)
_WIDEST: Final = 0.8


def bounds(middle: tuple[float, float], width: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is kept, in pixels of a picture of this width and height; it ends where that does."""
    (x, y), half = middle, width / 2 + BESIDE * width
    left, right = max(0, round(x - half)), min(size[0], round(x + half))
    top, bottom = max(0, round(y - ABOVE * width)), min(size[1], round(y + BELOW * width))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def box_in(
    picture: bytes,
    left: float,
    top: float,
    width: float,
    height: float,
    of: tuple[float, float] | None = None,
) -> Box | None:
    """Where a plate is on a JPEG, told in pixels of it or in parts of `of`; None for what is no plate's place on it.

    A box that lies elsewhere than the plate would keep somebody else's part of the street, so what cannot be one is not believed.
    """
    size = size_of(picture)
    if size is None or not all(np.isfinite((left, top, width, height))):
        return None
    wide, high = of or size
    if min(wide, high) <= 0:
        return None
    box = (left / wide, top / high, width / wide, height / high)
    proportion = box[2] * size[0] / max(box[3] * size[1], 1e-9)
    fits = box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= 1.001 and box[1] + box[3] <= 1.001
    plate = (
        box[2] > 0 and box[3] > 0 and box[2] <= _WIDEST and _PROPORTIONS[0] <= proportion <= _PROPORTIONS[1]
    )
    return box if fits and plate else None


def has_shape(picture: bytes, shape: tuple[float, float]) -> bool:
    """Whether a JPEG is as wide for its height as this is, to a twentieth: a picture of another shape shows something else."""
    size = size_of(picture)
    return size is not None and 0.95 <= size[0] * shape[1] / (size[1] * shape[0]) <= 1.05


def is_small(picture: bytes) -> bool:
    """Whether it is as small as a cut-out is kept as it came."""
    size = size_of(picture)
    return size is not None and max(size) <= LONGEST_AS_SENT_PX


def cut(picture: bytes, plate: Box | None) -> bytes:
    """The JPEG that is kept of this one: about the plate, or all of a device's own cut-out, without what stood in its head.

    Takes the processor for as long as decoding the whole takes. Raises ValueError, in words, where none can be made.
    """
    import cv2

    size = size_of(picture)
    if size is None or size[0] * size[1] > MOST_PIXELS:
        raise ValueError(f"a picture that is cut has at most {MOST_PIXELS // 1_000_000} million pixels")
    try:
        # It is cut as the pixels lie, which is what a box is told of; not as a note in its head would have it turned.
        found = cv2.imdecode(
            np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as error:
        raise ValueError("it cannot be decoded") from error
    if found is None:
        raise ValueError("it cannot be decoded")
    whole = np.asarray(found, np.uint8)
    if plate is not None:
        high, wide = whole.shape[:2]
        middle = ((plate[0] + plate[2] / 2) * wide, (plate[1] + plate[3] / 2) * high)
        left, top, right, bottom = bounds(middle, plate[2] * wide, (wide, high))
        whole = whole[top:bottom, left:right]
    return written(whole)


def written(part: Pixels) -> bytes:
    """The JPEG of these pixels (BGR), at most 480 along its longer side. Raises ValueError where none can be made."""
    import cv2

    by = LONGEST_PX / max(part.shape[:2])
    if by < 1:
        size = (max(1, round(part.shape[1] * by)), max(1, round(part.shape[0] * by)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    made, data = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not made:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()
