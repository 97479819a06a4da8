"""What an alert of a sound tells: its sources as they are located now, and what of them is the same as what was told before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.acoustics.kind import TakenFor, kind_of
from watchfloor.acoustics.located import Located, SourceId, same
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.kit.geo import distance_m

# What is fired from the same place within this is one alert with more rounds.
BUNDLED_WITHIN: Final = timedelta(seconds=60)
BUNDLED_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class SoundSource:
    """A source of an alert as it is told now. `fallen`: with all that was heard since, nothing is located there any more."""

    id: SourceId
    version: int
    fallen: bool
    located: Located


@dataclass(frozen=True, slots=True)
class Sound:
    """What an alert of a sound rests on: its sources, the first one first, and what they are taken for."""

    taken_for: TakenFor
    sources: tuple[SoundSource, ...]

    @property
    def standing(self) -> tuple[SoundSource, ...]:
        """Those that have not fallen."""
        return tuple(one for one in self.sources if not one.fallen)

    @property
    def surest(self) -> SoundSource:
        """The one to point at."""
        return _surest(self.sources)

    @property
    def rounds(self) -> int:
        """How many rounds, in all."""
        return sum(len(one.located.rounds) for one in self.standing or self.sources)

    @property
    def microphones(self) -> list[MicrophoneId]:
        """All that heard or should have heard any of its sources."""
        return sorted({who for one in self.sources for who in (*one.located.heard, *one.located.missed)})

    @property
    def at(self) -> datetime:
        """When the first round was fired."""
        return min(one.located.at for one in self.standing or self.sources)

    @property
    def until(self) -> datetime:
        """When the last one was."""
        return max(one.located.until for one in self.standing or self.sources)


def _surest(sources: Sequence[SoundSource]) -> SoundSource:
    """Of those that stand, where any does, the one that most speaks for."""
    standing = [one for one in sources if not one.fallen]
    return max(standing or sources, key=lambda one: one.located.log_odds)


def sound_of(sources: tuple[SoundSource, ...]) -> Sound:
    """What an alert of these sources, of which there is one at least, tells."""
    return Sound(kind_of(_surest(sources).located), sources)


@dataclass(frozen=True, slots=True)
class KeptSource:
    """A source that was told before, and of which alert."""

    source: SoundSource
    alert: UUID


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of sources: which are new, which are told anew (as what), which have fallen. What is in none stays as it is."""

    new: tuple[Located, ...]
    revised: tuple[tuple[KeptSource, Located], ...]
    fallen: tuple[KeptSource, ...]


def settled(
    kept: Sequence[KeptSource],
    told: Sequence[Located],
    withheld: Sequence[Located],
    begins: datetime,
    ends: datetime,
    ears: Collection[MicrophoneId],
) -> Settled:
    """What is told, beside what was. A source is the one that it shares most pulses with; `told` and `withheld` are all that was fired
    between the two moments, so that whatever else was said to be has fallen: but not where one that heard it is no longer among the
    `ears`. That a microphone is down, or may be listened to no more, makes nothing unheard.
    """
    pairs = sorted(
        (
            (-shared, before.source.id, n)
            for before in kept
            for n, one in enumerate((*told, *withheld))
            if (shared := same(before.source.located, one))
        ),
    )
    matched: dict[SourceId, int] = {}
    for _, source, n in pairs:
        if source not in matched and n not in matched.values():
            matched[source] = n
    taken = set(matched.values())
    revised, fallen = [], []
    for before in kept:
        at = matched.get(before.source.id)
        if at is not None and at < len(told):
            if before.source.fallen or not _says_the_same(before.source.located, told[at]):
                revised.append((before, told[at]))
        elif at is None and _may_fall(before.source, begins, ends, ears):
            fallen.append(before)
    return Settled(tuple(one for n, one in enumerate(told) if n not in taken), tuple(revised), tuple(fallen))


def _may_fall(one: SoundSource, begins: datetime, ends: datetime, ears: Collection[MicrophoneId]) -> bool:
    told = one.located
    return not one.fallen and begins <= told.at <= ends and all(heard in ears for heard in told.heard)


def _says_the_same(before: Located, now: Located) -> bool:
    """Whether nothing but how much speaks for it is another: that follows what is learnt of clutter, and is news to nobody."""
    return replace(before, log_odds=now.log_odds) == now


def beside(one: Located, kept: Sequence[KeptSource]) -> list[UUID]:
    """The alerts that a new source may belong to: of the same place, shortly before or after; the nearest first."""
    near: dict[UUID, float] = {}
    for before in kept:
        other = before.source.located
        apart = distance_m(one.middle, other.middle)
        soon = one.at - other.until <= BUNDLED_WITHIN and other.at - one.until <= BUNDLED_WITHIN
        if soon and apart <= BUNDLED_M and not before.source.fallen:
            near[before.alert] = min(apart, near.get(before.alert, apart))
    return sorted(near, key=lambda alert: (near[alert], alert))


def basis_json(sound: Sound | Located) -> dict[str, object]:
    """A sound, or one source of it, as it is kept."""
    kept: dict[str, object] = msgspec.to_builtins(sound)
    return kept


def of_basis(kept: object) -> Sound:
    """The sound of what `basis_json` kept."""
    return msgspec.convert(kept, Sound)


def source_of(kept: object) -> Located:
    """The source of what `basis_json` kept."""
    return msgspec.convert(kept, Located)
