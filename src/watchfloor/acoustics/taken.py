"""What a located source is taken for, with how likely each kind is, why, and what cannot be claimed. Pure.

It decides nothing: a person confirms or dismisses. What a probability here is worth nobody has measured on fireworks
(docs/design/sound-classes.md, decision 42), and each card says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final

from watchfloor.acoustics.classify import Prior, weighed
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Located
from watchfloor.acoustics.weigh import around_pieces


@dataclass(frozen=True, slots=True)
class Reason:
    """A piece of evidence as a card says it: in a sentence, for which kind it speaks most, what that rests on."""

    sentence: str
    speaks_for: SoundKind
    rests_on: str


@dataclass(frozen=True, slots=True)
class TakenFor:
    """A kind, in percent where there is a number, and the sentence that says what that rests on.

    `likely`: how likely each kind is, in all 1; empty where nothing was weighed. `reasons`: what speaks for it, the weightiest first.
    """

    kind: SoundKind
    percent: int | None
    sentence: str
    likely: Mapping[SoundKind, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    cannot: str = ""

    @property
    def gunfire(self) -> float | None:
        """How likely it is gunfire; None where nothing was weighed."""
        return self.likely.get(SoundKind.GUNFIRE)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known besides the pulses: the agency's zone, how long the place goes on, fireworks that people confirmed in each night
    before (the last one first), and what sources were here by people's verdicts."""

    zone: tzinfo
    lasts_s: float = 0.0
    nights_before: tuple[int, ...] = ()
    prior: Prior = field(default_factory=Prior)


_NAMES: Final[Mapping[SoundKind, str]] = {
    SoundKind.GUNFIRE: "gunfire",
    SoundKind.FIREWORKS: "fireworks",
    SoundKind.OTHER: "another impulsive sound",
    SoundKind.UNKNOWN: "an impulsive sound of unknown kind",
}
# A piece that is worth less than e to this between any two kinds is not said.
_SAYS_SOMETHING: Final = 0.3
_CANNOT: Final = (
    "This is reckoned from stated assumptions and has never been measured on fireworks: no recording of them whose truth is known is at"
    " hand. Nobody has listened to it."
)
_CANNOT_ONE: Final = (
    "One bang of a weapon and one of a firecracker cannot be told apart by when they arrived."
)


def taken_for(source: Located, around: Around) -> TakenFor:
    """What a source is taken for."""
    if not source.clues:
        return TakenFor(
            SoundKind.UNKNOWN,
            None,
            "Of unknown kind: nothing that was kept says what it was.",
            cannot=_CANNOT,
        )
    besides = around_pieces(around.lasts_s, source.at.astimezone(around.zone), around.nights_before)
    told = weighed((*source.clues, *besides), around.prior)
    kind = told.said
    percent = round(100 * told.likely[kind])
    others = ", ".join(
        f"{_NAMES[one]} {100 * share:.0f} %"
        for one, share in sorted(told.likely.items(), key=lambda pair: -pair[1])
        if one is not kind and share >= 0.005
    )
    likeliest = kind is not SoundKind.UNKNOWN or told.likely[kind] >= max(told.likely.values())
    said = (
        f"Taken for {_NAMES[kind]}, {percent} % ({others})."
        if likeliest
        else f"No kind is likelier than not ({others})."
    )
    reasons = tuple(
        Reason(piece.sentence, max(SoundKind, key=lambda one: piece.by[one]), piece.rests_on)
        for piece in told.pieces
        if max(piece.by.values()) - min(piece.by.values()) >= _SAYS_SOMETHING
    )
    cannot = f"{_CANNOT_ONE} {_CANNOT}" if len(source.rounds) == 1 else _CANNOT
    return TakenFor(
        kind,
        percent if likeliest else None,
        said,
        {one: round(share, 3) for one, share in told.likely.items()},
        reasons,
        cannot,
    )
