"""What a sound may be taken for, and a piece of evidence for it: the words alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SoundKind(StrEnum):
    """What a sound may be taken for: by the machine, and by a person."""

    GUNFIRE = "gunfire"
    FIREWORKS = "fireworks"
    OTHER = "other_impulsive"
    UNKNOWN = "unknown_impulsive"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: what it says for each kind (log-likelihoods, their mean 0), in a sentence, and what that rests on."""

    name: str
    by: Mapping[SoundKind, float]
    sentence: str
    rests_on: str
