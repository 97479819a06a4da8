"""How long each class of data that a technology brings is kept: which may be named, within which bounds, in which words.

Pure. It makes no rule and no partition; `authorise.py` does, of what was approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.storage.classes import DataClass

LONGEST_KEEPING_DAYS: Final = 3650
# The shortest time that a law names (New Hampshire, RSA 261:75-b), and what a day takes up.
SHORTEST_KEEPING_MIN: Final = 3
DAY: Final = timedelta(days=1)
_DAY_MIN: Final = 24 * 60

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
    TechnologyKind.ACOUSTIC_ARRAY: (DataClass.PULSE, DataClass.SOUND_CLIP),
}
# Matched in memory and never stored, where the law asks for that (New Hampshire's reads): 0 days. These alone may be brief too:
# kept for minutes. Hits never are: they are copied to a class of their own.
TRANSIENT: Final = frozenset({DataClass.PLATE_READ, DataClass.PLATE_PICTURE})
TITLES: Final[Mapping[DataClass, str]] = {
    DataClass.FOOTAGE: "footage",
    DataClass.PLATE_READ: "plate reads",
    DataClass.PLATE_PICTURE: "pictures of plates",
    DataClass.PLATE_HIT: "hits with their pictures and alerts",
    DataClass.PULSE: "pulses of microphones",
    DataClass.SOUND_CLIP: "sound that was pulled from microphones",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How long a class is kept; nothing for never stored."""

    data_class: DataClass
    keep_for: timedelta

    @property
    def sentence(self) -> str:
        """The length in words, to stand in a list."""
        name = TITLES[self.data_class]
        if not self.keep_for:
            return f"{name} are matched and never stored"
        return f"{name} {said(self.keep_for)}"


def is_brief(keep_for: timedelta) -> bool:
    """Whether what is kept so long is kept for minutes: forgotten by its own age, and not by its day."""
    return timedelta(0) < keep_for < DAY


def minutes_of(keep_for: timedelta) -> int:
    """A length in minutes."""
    return keep_for // timedelta(minutes=1)


def said(keep_for: timedelta) -> str:
    """A length in words: “3 minutes”, “30 days”."""
    number, word = (minutes_of(keep_for), "minute") if is_brief(keep_for) else (keep_for.days, "day")
    return f"{number} {word}{'' if number == 1 else 's'}"


def lengths(
    technology: TechnologyKind, days: int, by_class: Mapping[str, int], minutes: Mapping[str, int]
) -> tuple[Length, ...]:
    """The length of every class that the technology keeps: as named in `minutes` or `by_class` (days), else `days`.

    A picture goes no later than its read. Raises Invalid, its reason naming the field, for a class that the technology
    does not keep and for a length out of bounds.
    """
    classes = KEEPS.get(technology, ())
    _check(technology, days, by_class)
    _check_minutes(technology, by_class, minutes)
    known = {one: timedelta(days=by_class.get(one.value, days)) for one in classes}
    known |= {DataClass(word): timedelta(minutes=number) for word, number in minutes.items()}
    if DataClass.PLATE_PICTURE in known:
        read = known[DataClass.PLATE_READ]
        if DataClass.PLATE_PICTURE.value not in {*by_class, *minutes}:
            known[DataClass.PLATE_PICTURE] = min(timedelta(days=days), read)
        elif known[DataClass.PLATE_PICTURE] > read:
            field = "keep_minutes" if DataClass.PLATE_PICTURE.value in minutes else "keep_by_class"
            raise Invalid("A picture is not kept longer than the read it shows.", reason=field)
    return tuple(Length(data_class, known[data_class]) for data_class in classes)


def _words(technology: TechnologyKind) -> Mapping[str, DataClass]:
    return {data_class.value: data_class for data_class in KEEPS.get(technology, ())}


def _check(technology: TechnologyKind, days: int, by_class: Mapping[str, int]) -> None:
    if not 1 <= days <= LONGEST_KEEPING_DAYS:
        raise Invalid("Data is kept from 1 day to ten years.", reason="keep_for_days")
    words = _words(technology)
    for word, named in by_class.items():
        if word not in words:
            raise _unknown(word, words, "keep_by_class")
        least = 0 if words[word] in TRANSIENT else 1
        if not least <= named <= LONGEST_KEEPING_DAYS:
            raise Invalid(
                f"{TITLES[words[word]].capitalize()} are kept from {least} to {LONGEST_KEEPING_DAYS} days.",
                reason="keep_by_class",
            )


def _check_minutes(
    technology: TechnologyKind, by_class: Mapping[str, int], minutes: Mapping[str, int]
) -> None:
    words = _words(technology)
    for word, named in minutes.items():
        if word not in words:
            raise _unknown(word, words, "keep_minutes")
        title = TITLES[words[word]].capitalize()
        if words[word] not in TRANSIENT:
            raise Invalid(f"{title} are kept for days, never for minutes.", reason="keep_minutes")
        if word in by_class:
            raise Invalid(f"{title} have a length in days or in minutes, not both.", reason="keep_minutes")
        if not SHORTEST_KEEPING_MIN <= named < _DAY_MIN:
            raise Invalid(
                f"{title} are kept from {SHORTEST_KEEPING_MIN} to {_DAY_MIN - 1} minutes; what is kept longer has days.",
                reason="keep_minutes",
            )


def _unknown(word: str, words: Mapping[str, DataClass], field: str) -> Invalid:
    known = ", ".join(words) or "none of its own"
    return Invalid(f"{word[:40]!r} is not a class of data that this technology keeps: {known}.", reason=field)
