"""What an alert of a sound tells: its sources as they are located now, and what of them is the same as what was told before. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.acoustics.due import Cover
from watchfloor.acoustics.located import Heard, Located, SourceId
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.taken import Around, TakenFor, taken_for
from watchfloor.kit.geo import distance_m
from watchfloor.kit.sure import sure

# What is fired from the same place within this is one alert with more rounds.
BUNDLED_WITHIN: Final = timedelta(seconds=60)
BUNDLED_M: Final = 100.0


@dataclass(frozen=True, slots=True)
class SoundSource:
    """A source of an alert as it is told now, and what it is taken for. `fallen`: with all that was heard since, nothing is located there
    any more."""

    id: SourceId
    version: int
    fallen: bool
    located: Located
    taken: TakenFor | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """What an alert of a sound rests on: its sources, the first one first, and what it is taken for: what the source is that is likeliest
    gunfire. Crackers beside a shot do not make it crackers."""

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


def sound_of(sources: tuple[SoundSource, ...], around: Around) -> Sound:
    """What an alert of these sources, of which there is one at least, tells; all of them are of one place that goes on."""
    begun, over = min(one.located.at for one in sources), max(one.located.until for one in sources)
    there = replace(around, lasts_s=(over - begun).total_seconds())
    told = tuple(replace(one, taken=taken_for(one.located, there)) for one in sources)
    standing = [one for one in told if not one.fallen] or list(told)
    most = max(standing, key=_gunfire)
    return Sound(sure(most.taken), told)


def _gunfire(one: SoundSource) -> float:
    """What nothing is known of comes before all: it may be."""
    likely = sure(one.taken).gunfire
    return 1.0 if likely is None else likely


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
    cover: Cover,
    ears: Collection[MicrophoneId],
) -> Settled:
    """What is told, beside what was. A source is the one that it shares most pulses with, and half of the fewer at least; `told` and
    `withheld` are all that was fired where `cover` holds, so that whatever else was said to be there has fallen: but not where one that
    heard it is no longer among the `ears`. That a microphone is down, or may be listened to no more, makes nothing unheard.
    """
    matched = _matched(kept, (*told, *withheld))
    taken = set(matched.values())
    revised, fallen = [], []
    for before in kept:
        at = matched.get(before.source.id)
        if at is not None and at < len(told):
            if before.source.fallen or not _says_the_same(before.source.located, told[at]):
                revised.append((before, told[at]))
        elif at is None and _may_fall(before.source, cover, ears):
            fallen.append(before)
    return Settled(tuple(one for n, one in enumerate(told) if n not in taken), tuple(revised), tuple(fallen))


def _matched(kept: Sequence[KeptSource], told: Sequence[Located]) -> dict[SourceId, int]:
    """Which of what is told each source is. Each pulse is looked at once: on the Fourth there are thousands of sources."""
    of_pulse: defaultdict[Heard, list[int]] = defaultdict(list)
    pulses = [one.pulses for one in told]
    for n, mine in enumerate(pulses):
        for pulse in mine:
            of_pulse[pulse].append(n)
    pairs: list[tuple[int, SourceId, int]] = []
    for before in kept:
        mine = before.source.located.pulses
        for n, shared in Counter(n for pulse in mine for n in of_pulse.get(pulse, ())).items():
            # A round at the very edge of two blocks may be told in both: it makes them one source no more than an echo does.
            if 2 * shared >= min(len(mine), len(pulses[n])):
                pairs.append((-shared, before.source.id, n))
    matched: dict[SourceId, int] = {}
    taken: set[int] = set()
    for _, source, n in sorted(pairs):
        if source not in matched and n not in taken:
            matched[source] = n
            taken.add(n)
    return matched


def _may_fall(one: SoundSource, cover: Cover, ears: Collection[MicrophoneId]) -> bool:
    told = one.located
    return not one.fallen and all(heard in ears for heard in told.heard) and cover.holds(told.middle, told.at)


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
