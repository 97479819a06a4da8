"""One picture out of coded video as a JPEG, with what it is of written beneath it, never over it. It decides nothing.

Decoding is work for a thread; nothing here waits for anything but the processor.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.recordings import lettering

Picture = NDArray[np.uint8]

_ROUNDING_US: Final = 2_000
_INK: Final = 235
_PAPER: Final = 16
_LONGEST_COMMENT: Final = 60_000


@dataclass(frozen=True, slots=True)
class Still:
    """A decoded picture and when it was captured (µs)."""

    picture: Picture
    at_us: int


def still(video: bytes, begin_us: int, at_us: int) -> Still:
    """The last picture of this fMP4 that was captured by `at_us`; `begin_us` is when its media time 0 was.

    Raises NotFound when there is none, Unavailable when it cannot be decoded.
    """
    import av  # a tenth of a second of every start, for what few ask for

    found: Still | None = None
    try:
        with av.open(io.BytesIO(video), "r") as container:
            for frame in container.decode(video=0):
                captured = begin_us + int((frame.time or 0.0) * 1_000_000)
                if found is not None and captured > at_us + _ROUNDING_US:
                    break
                found = Still(frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False), captured)
    except av.FFmpegError as error:
        raise Unavailable("The picture cannot be decoded.", reason="bad_picture") from error
    if found is None:
        raise NotFound(
            "There is no picture of that moment.", reason="gap", next_step="Choose another moment."
        )
    return found


def beside(picture: Picture, words: Sequence[str]) -> Picture:
    """The picture with the words on a strip beneath it."""
    width = picture.shape[1]
    scale = max(1, width // 640)
    lines = lettering.wrapped(list(words), max(1, (width // scale - 8) // lettering.WIDE))
    high = lettering.HIGH * scale
    strip = np.full((high * len(lines) + 6 * scale, width, 3), _PAPER, np.uint8)
    for number, text in enumerate(lines):
        mask = lettering.line(text).repeat(scale, axis=0).repeat(scale, axis=1)[:, : width - 4 * scale]
        top = 3 * scale + number * high
        strip[top : top + high, 4 * scale : 4 * scale + mask.shape[1]][mask] = _INK
    whole = np.concatenate([picture, strip])
    # The coder wants even sides; a point of paper more changes no picture.
    return np.pad(whole, ((0, whole.shape[0] % 2), (0, width % 2), (0, 0)), mode="edge")


def smaller(picture: Picture, width: int) -> Picture:
    """The picture at that width, its sides even; one that is as small stays as it is."""
    import av

    high, wide = picture.shape[:2]
    if wide <= width:
        return picture[: high & ~1, : wide & ~1]
    size = {"width": width & ~1, "height": max(2, round(high * width / wide) & ~1)}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(**size)
    return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def jpeg(picture: Picture, facts: Mapping[str, str], *, quality: int = 2) -> bytes:
    """The picture as a JPEG whose comment has the facts, whole and in UTF-8; `quality` is the coder's, 2 its best."""
    import av

    height, width = picture.shape[:2]
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt = width, height, "yuvj420p"
    coder.options = {"qmin": str(quality), "qmax": str(quality)}
    coder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
    coded = b"".join(bytes(packet) for packet in (*coder.encode(frame), *coder.encode(None)))
    comment = json.dumps(dict(facts), ensure_ascii=False).encode()[:_LONGEST_COMMENT]
    return b"".join((coded[:2], b"\xff\xfe", (len(comment) + 2).to_bytes(2, "big"), comment, coded[2:]))
