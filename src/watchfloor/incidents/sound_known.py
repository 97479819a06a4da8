"""What the room's own people said of sounds so far: it moves what a sound is taken for, and from which probability on one is raised. Pure.

Nobody sets that probability: it follows from how many false alerts a shift may bring (decisions 27, 42, 51).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from watchfloor.acoustics.alarm import Sounded, Threshold, threshold_of
from watchfloor.acoustics.classify import Prior
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.nights import evening_of
from watchfloor.acoustics.taken import Around
from watchfloor.incidents.model import AlertState
from watchfloor.incidents.review import OF_SOUNDS, DismissReason
from watchfloor.incidents.sound import Sound

LOOKS_BACK: Final = timedelta(days=28)
"""What is older says nothing of tonight."""
_NIGHTS: Final = 7


@dataclass(frozen=True, slots=True)
class Past:
    """An alert of a sound as it stands: when it was, how likely it was said to be gunfire (None: nothing was said), and what became of
    it."""

    at: datetime
    gunfire: float | None
    state: AlertState
    reason: str | None

    @property
    def taken(self) -> SoundKind | None:
        """What a person took it for; None where nobody said, or for a reason that says nothing of what it was."""
        if self.state is AlertState.CONFIRMED:
            return SoundKind.GUNFIRE
        if self.state is not AlertState.DISMISSED or self.reason is None:
            return None
        return OF_SOUNDS.get(DismissReason(self.reason))


def around_of(past: Sequence[Past], zone: tzinfo, *, now: datetime) -> Around:
    """What is known besides the pulses, by what people said: what sounds were here, and fireworks of the nights before."""
    judged = [(one, one.taken) for one in past if one.taken is not None]
    verdicts = Counter(kind for _, kind in judged)
    if not judged:
        return Around(zone)
    tonight = evening_of(now.astimezone(zone))
    first = min(evening_of(one.at.astimezone(zone)) for one, _ in judged)
    fireworks = Counter(
        evening_of(one.at.astimezone(zone)) for one, kind in judged if kind is SoundKind.FIREWORKS
    )
    nights = [tonight - timedelta(days=n) for n in range(1, _NIGHTS + 1)]
    counts = tuple(fireworks[night] for night in nights if night >= first)
    return Around(zone, 0.0, counts, Prior(verdicts))


def alarm_of(past: Sequence[Past], allowed: float | None, *, now: datetime) -> Threshold | None:
    """From which probability of gunfire a sound is raised; None where every sound is."""
    if allowed is None:
        return None
    said = [
        Sounded(one.gunfire, None if one.taken is None else one.taken is SoundKind.GUNFIRE)
        for one in past
        if one.gunfire is not None
    ]
    covered = now - min((one.at for one in past), default=now)
    return threshold_of(said, allowed_per_shift=allowed, covered=max(covered, timedelta(0)))


def kept_back(sound: Sound, alarm: Threshold | None) -> bool:
    """Whether a sound is so unlikely gunfire that it is kept and counted, and raised to nobody. What nothing is known of is raised."""
    gunfire = sound.taken_for.gunfire
    return alarm is not None and gunfire is not None and gunfire < alarm.probability
