"""What a located source is taken for, with how likely each kind is and why: the log-odds of every piece of evidence, added up. Pure.

What a probability here is worth cannot be proven yet: no recordings of fireworks whose truth is known are at hand. It is a plain
reckoning of stated judgement, until a center's own verdicts say better (docs/design/sound-classes.md, decision 42). A person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from watchfloor.acoustics.evidence import Evidence
from watchfloor.acoustics.kind import Piece, SoundKind
from watchfloor.acoustics.weigh import pieces
from watchfloor.kit.errors import Invalid

# What a source is before anything is known of it, in verdicts of people: so much they are believed as if they had been given here.
# Of alerts elsewhere 50 % were confirmed gunfire and 34 % confirmed false in one audit, 13 % confirmed and 82 % undecided in another.
ASSUMED: Final[Mapping[SoundKind, float]] = {
    SoundKind.GUNFIRE: 8.0,
    SoundKind.FIREWORKS: 6.0,
    SoundKind.OTHER: 4.0,
    SoundKind.UNKNOWN: 2.0,
}
# Beneath this the likeliest kind is no more than a guess, and unknown is said.
SAID_FROM: Final = 0.5


@dataclass(frozen=True, slots=True)
class Prior:
    """What sources were at this center, by the verdicts of people; with what is assumed of every center."""

    verdicts: Mapping[SoundKind, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises Invalid for fewer verdicts than none."""
        if any(count < 0 for count in self.verdicts.values()):
            raise Invalid("There cannot be fewer verdicts of a kind than none.")

    def share(self, kind: SoundKind) -> float:
        """How many of this center's sources are of a kind."""
        whole = sum(ASSUMED.values()) + sum(self.verdicts.values())
        return (ASSUMED[kind] + self.verdicts.get(kind, 0)) / whole


@dataclass(frozen=True, slots=True)
class Classified:
    """How likely each kind is (sums to 1), and each piece of evidence that it rests on, the weightiest first."""

    likely: Mapping[SoundKind, float]
    pieces: tuple[Piece, ...]

    @property
    def said(self) -> SoundKind:
        """What is said of it: the likeliest kind, or unknown where that is a guess."""
        most = max(SoundKind, key=lambda kind: self.likely[kind])
        return most if self.likely[most] >= SAID_FROM else SoundKind.UNKNOWN

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences of the pieces that weigh something, the weightiest first."""
        return tuple(piece.sentence for piece in self.pieces if any(piece.by.values()))


def classified(evidence: Evidence, prior: Prior | None = None) -> Classified:
    """What a source is taken for, by what is known of it."""
    return weighed(pieces(evidence), prior)


def weighed(told: Sequence[Piece], prior: Prior | None = None) -> Classified:
    """What a source is taken for by these pieces of evidence."""
    before = prior or Prior()
    each = [np.log(before.share(kind)) + sum(piece.by[kind] for piece in told) for kind in SoundKind]
    shares = np.exp(np.array(each) - np.logaddexp.reduce(each)).tolist()
    order = sorted(told, key=lambda piece: -max(abs(value) for value in piece.by.values()))
    return Classified(dict(zip(SoundKind, shares, strict=True)), tuple(order))
