"""Which picture of a read is kept: a wide one only where it is said where on it the plate is, else the reader's cut-out of the plate.

Pure: it reads a JPEG's markers and decodes nothing; `plates/cut.py` cuts.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from watchfloor.plates import picture
from watchfloor.plates.cut import Box, box_in
from watchfloor.plates.ingest.claim import MALFORMED
from watchfloor.plates.ingest.envelope import Part

T = TypeVar("T")

UNTOLD: Final = "picture left out: it shows more than the plate, and where on it the plate is was not said"

# Where the plate is on the picture it is given; None where that cannot be.
Locate = Callable[[bytes], Box | None]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that came with a read, bytes or base64. `plate` finds it on one that shows more; None is: the plate's own cut-out."""

    content: bytes | str | None = field(repr=False)
    plate: Locate | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The picture that is kept, and where on it the plate is; None is: it is the plate's own cut-out, or there is none."""

    crop: bytes | None = field(default=None, repr=False)
    plate: Box | None = None


def nowhere(content: bytes) -> Box | None:
    """Of a picture that shows more than a plate, where nobody says where."""
    return None


def spot(
    left: float | None,
    top: float | None,
    width: float | None,
    height: float | None,
    of: tuple[float, float] | None = None,
) -> Locate:
    """The place of a plate in pixels of its picture, or in parts of `of`; nowhere, where one of the four was not told."""
    if left is None or top is None or width is None or height is None:
        return nowhere
    return lambda content: box_in(content, left, top, width, height, of)


def corners(four: list[float] | None, of: tuple[float, float] | None = None) -> Locate:
    """The same by left, top, right and bottom."""
    if four is None or len(four) != 4:
        return nowhere
    left, top, right, bottom = four
    return spot(left, top, right - left, bottom - top, of)


def told(raw: msgspec.Raw, form: type[T]) -> T | None:
    """What a message says of a place, in this form; None where it says none: a box that is off costs a picture, not the read."""
    try:
        return msgspec.json.decode(raw, type=form, strict=False) if bytes(raw) else None
    except MALFORMED:
        return None


def kept_of(offered: Iterable[Shot], notes: list[str]) -> Kept:
    """The first in this order that may be kept; what was wrong with those before it goes into the notes."""
    untold, before = False, len(notes)
    for shot in offered:
        if not shot.content:
            continue
        if shot.plate is nowhere:
            untold = True
            continue
        content = shot.content
        fault, crop = _decoded(content) if isinstance(content, str) else (picture.fault_of(content), content)
        if fault is not None:
            notes.append(f"picture left out: {fault}")
        elif shot.plate is None:
            return Kept(crop)
        elif (box := shot.plate(crop)) is not None:
            return Kept(crop, box)
        else:
            untold = True
    if untold and len(notes) == before:
        notes.append(UNTOLD)
    return Kept()


def named(pictures: Iterable[Part], *words: str) -> tuple[bytes, ...]:
    """The pictures beside a document that have one of these words in their names; without words all of them."""
    return tuple(
        part.content
        for part in pictures
        if part.content and (not words or any(word.lower() in part.name.lower() for word in words))
    )


def _decoded(said: str) -> tuple[str | None, bytes]:
    if said.startswith("data:"):
        said = said.partition(",")[2]
    if len(said) > picture.MOST_BYTES * 4 // 3 + 4:
        return f"a picture has at most {picture.MOST_BYTES} bytes", b""
    try:
        crop = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return "it is not base64", b""
    return picture.fault_of(crop), crop
