"""Pictures of reads: what we take for a JPEG, its name, and where it lies. It neither decodes nor stores one."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.storage.objects import content_key

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_PIXELS_A_SIDE: Final = 16_384
MEDIA_TYPE: Final = "image/jpeg"
FOLDER: Final = "plate-pictures"


class Shelf(StrEnum):
    """Where pictures lie, by how long they may: `brief` and `transient` are left within minutes, hits' apart in `kept` (`sweep/`)."""

    KEPT = FOLDER
    BRIEF = "brief-pictures"
    TRANSIENT = "transient-pictures"


_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Start-of-frame markers; C4, C8 and CC are other things that share their range.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def name_of(picture: bytes) -> str:
    """The picture's name: its SHA-256, hex."""
    return hashlib.sha256(picture).hexdigest()


def is_name(text: str) -> bool:
    """Whether `text` can be a picture's name."""
    return _SHA256.fullmatch(text) is not None


def folder_of(agency: UUID, shelf: Shelf = Shelf.KEPT) -> str:
    """Where the agency's pictures lie in the object store."""
    return f"{shelf.value}/{agency}"


def key_of(agency: UUID, name: str, shelf: Shelf = Shelf.KEPT) -> str:
    """Where a picture lies in the object store. Raises ValueError for what is no name."""
    if not is_name(name):
        raise ValueError("a picture is named by its SHA-256 in lower-case hex")
    return content_key(folder_of(agency, shelf), name)


def fault_of(picture: bytes) -> str | None:
    """Why these bytes are not a JPEG we keep, in a sentence; None when they are.

    Looks at the markers up to the frame's size; what a decoder makes of the rest is the viewer's business.
    """
    if len(picture) > MOST_BYTES:
        return f"a picture has at most {MOST_BYTES} bytes, this has {len(picture)}"
    if not picture.startswith(b"\xff\xd8\xff"):
        return "the picture is not a JPEG"
    size = size_of(picture)
    if size is None:
        return "the JPEG is broken: it has no frame"
    if not all(1 <= side <= MOST_PIXELS_A_SIDE for side in size):
        return f"a picture has 1 to {MOST_PIXELS_A_SIDE} pixels a side, this has {size[0]} x {size[1]}"
    return None


def size_of(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG in pixels, by its markers; None where it has no frame."""
    at = 2
    while at + 4 <= len(picture):
        if picture[at] != 0xFF:
            return None
        marker = picture[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _FRAMES:
            if at + 9 > len(picture):
                return None
            return int.from_bytes(picture[at + 7 : at + 9]), int.from_bytes(picture[at + 5 : at + 7])
        else:
            length = int.from_bytes(picture[at + 2 : at + 4])
            if length < 2 or marker == 0xDA:
                return None
            at += 2 + length
    return None
