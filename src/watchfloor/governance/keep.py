"""How long each class of data that a technology brings is kept: which may be named, within which bounds, in which words.

Pure. It makes no rule and no partition; `authorise.py` does, of what was approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.storage.classes import DataClass

LONGEST_KEEPING_DAYS: Final = 3650

_VIDEO: Final = (DataClass.FOOTAGE,)
_PLATES: Final = (DataClass.PLATE_READ, DataClass.PLATE_PICTURE, DataClass.PLATE_HIT)
# What each technology keeps by rule. What is made of it later has an end of its own: an alert that of its hit.
KEEPS: Final[Mapping[TechnologyKind, tuple[DataClass, ...]]] = {
    TechnologyKind.FIXED_CAMERA: _VIDEO,
    TechnologyKind.MOBILE_TRAILER: _VIDEO,
    TechnologyKind.PRIVATE_CAMERA_LINK: _VIDEO,
    TechnologyKind.BODY_CAMERA: _VIDEO,
    TechnologyKind.PLATE_READER: _PLATES,
    TechnologyKind.PLATE_READING_ON_VIDEO: _PLATES,
}
# Matched in memory and never stored, where the law asks for that (New Hampshire's reads): 0 days.
TRANSIENT: Final = frozenset({DataClass.PLATE_READ, DataClass.PLATE_PICTURE})
TITLES: Final[Mapping[DataClass, str]] = {
    DataClass.FOOTAGE: "footage",
    DataClass.PLATE_READ: "plate reads",
    DataClass.PLATE_PICTURE: "pictures of plates",
    DataClass.PLATE_HIT: "hits with their pictures and alerts",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How many days a class is kept; 0 for never stored."""

    data_class: DataClass
    days: int

    @property
    def sentence(self) -> str:
        """The length in words, to stand in a list."""
        name = TITLES[self.data_class]
        if self.days == 0:
            return f"{name} are matched and never stored"
        return f"{name} {self.days} day{'' if self.days == 1 else 's'}"


def lengths(technology: TechnologyKind, days: int, by_class: Mapping[str, int]) -> tuple[Length, ...]:
    """The length of every class that the technology keeps: as named in `by_class`, else `days`.

    A picture goes no later than its read. Raises Invalid, its reason naming the field, for a class that the technology
    does not keep and for a length out of bounds.
    """
    classes = KEEPS.get(technology, ())
    _check(technology, days, by_class)
    known = {data_class: by_class.get(data_class.value, days) for data_class in classes}
    if DataClass.PLATE_PICTURE in known:
        read = known[DataClass.PLATE_READ]
        if DataClass.PLATE_PICTURE.value not in by_class:
            known[DataClass.PLATE_PICTURE] = min(days, read)
        elif known[DataClass.PLATE_PICTURE] > read:
            raise Invalid("A picture is not kept longer than the read it shows.", reason="keep_by_class")
    return tuple(Length(data_class, known[data_class]) for data_class in classes)


def _check(technology: TechnologyKind, days: int, by_class: Mapping[str, int]) -> None:
    if not 1 <= days <= LONGEST_KEEPING_DAYS:
        raise Invalid("Data is kept from 1 day to ten years.", reason="keep_for_days")
    words = {data_class.value: data_class for data_class in KEEPS.get(technology, ())}
    for word, named in by_class.items():
        if word not in words:
            known = ", ".join(words) or "none of its own"
            raise Invalid(
                f"{word[:40]!r} is not a class of data that this technology keeps: {known}.",
                reason="keep_by_class",
            )
        least = 0 if words[word] in TRANSIENT else 1
        if not least <= named <= LONGEST_KEEPING_DAYS:
            raise Invalid(
                f"{TITLES[words[word]].capitalize()} are kept from {least} to {LONGEST_KEEPING_DAYS} days.",
                reason="keep_by_class",
            )
