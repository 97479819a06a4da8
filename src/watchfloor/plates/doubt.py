"""Which characters of a read its reader doubted: only there may a hot-list entry differ from what was read.

Pure. A reader shows doubt by a low confidence in a character, by other characters that it saw there, or by other readings
of the whole plate that are one step away. A reader that tells none of it doubts nothing, however low its confidence in
all: that would open every place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchfloor.plates.model import PlateRead

# A character read with less confidence than this is doubted.
SURE_FROM: Final = 0.9
# Of other readings of the whole plate the first ones are looked at; the later ones differ in what nobody doubts.
_MOST_READINGS: Final = 5


def doubted_places(read: PlateRead) -> int:
    """A bit for each doubted character, the first one the lowest."""
    if not read.characters and not read.alternatives:
        return 0
    places = 0
    for place, character in enumerate(read.characters):
        if character.others or (character.confidence is not None and character.confidence < SURE_FROM):
            places |= 1 << place
    for other in read.alternatives[:_MOST_READINGS]:
        for place, _ in step_to(read.plate.text, other.plate.text):
            places |= 1 << place
    return places


def step_to(read: str, other: str) -> Iterator[tuple[int, str]]:
    """Where `read` has to be doubted for `other` to be right, and what stands there then ("" for nothing).

    Nothing when more than one step lies between them. Of one character more it is the place before that is doubted.
    """
    if read == other:
        return
    start = 0
    for mine, theirs in zip(read, other, strict=False):
        if mine != theirs:
            break
        start += 1
    if len(read) == len(other):
        if read[start + 1 :] == other[start + 1 :]:
            yield start, other[start]
    elif len(read) == len(other) + 1:
        if read[start + 1 :] == other[start:]:
            yield start, ""
    elif len(read) + 1 == len(other) and read[start:] == other[start + 1 :]:
        yield max(0, start - 1), read[max(0, start - 1)]
