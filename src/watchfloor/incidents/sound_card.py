"""What an alert of a sound says: how many rounds, where and how exactly, who heard it, what is not known. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Located, ring
from watchfloor.incidents.model import Card, HeardAt, Level, Sure
from watchfloor.incidents.sound import Sound
from watchfloor.incidents.why import DEADLINE
from watchfloor.kit.geo import Point, distance_m

_WORDS: Final = {
    SoundKind.GUNFIRE: "Likely gunfire",
    SoundKind.FIREWORKS: "Likely fireworks",
    SoundKind.OTHER: "Likely no gunfire",
    SoundKind.UNKNOWN: "Impulsive sound of unknown kind",
}
_LEVEL: Final = {
    SoundKind.GUNFIRE: Level.CRITICAL,
    SoundKind.FIREWORKS: Level.CAUTION,
    SoundKind.OTHER: Level.CAUTION,
    SoundKind.UNKNOWN: Level.CRITICAL,
}
# Told so long after it was fired, a crew finds what is left of it.
_LATE_AFTER: Final = timedelta(minutes=2)
# What was dismissed is worth another look when it is of so many times the rounds, and of so many more at least.
_GROWN_TIMES: Final = 2
_GROWN_BY: Final = 3


def card_of_sound(
    sound: Sound, *, now: datetime, raised_at: datetime | None = None, dismissed_as: str | None = None
) -> Card:
    """The card of what is located now; an alert that was raised before keeps counting from then. `dismissed_as`: the reason for which it
    was dismissed when less was heard."""
    level = level_of(sound)
    wait = DEADLINE[level]
    surest = sound.surest.located
    fallen = not sound.standing
    return Card(
        level=level,
        title=f"{_WORDS[sound.taken_for.kind]}: {rounds_of(sound.rounds)}",
        why=" ".join([*_before(dismissed_as), *_why(sound, surest)]),
        sure=Sure(None, "fallen" if fallen else "located" if surest.point is not None else "an area only"),
        unknown=_unknown(sound, surest, raised_at or now),
        deadline_at=(raised_at or now) + wait if wait is not None else None,
    )


def has_grown(told: Sound, now: Sound) -> bool:
    """Whether a sound is so much more than it was told to be when it was dismissed that it has to be looked at again: it is located again,
    it is taken for gunfire, or it has many more rounds.
    """
    if not now.standing:
        return False
    gunfire = SoundKind.GUNFIRE
    return (
        not told.standing
        or (now.taken_for.kind is gunfire and told.taken_for.kind is not gunfire)
        or now.rounds >= max(_GROWN_TIMES * told.rounds, told.rounds + _GROWN_BY)
    )


def level_of(sound: Sound) -> Level:
    """As urgent as what it is taken for, a step lower where there is an area alone; what has fallen waits."""
    if not sound.standing:
        return Level.CAUTION
    level = _LEVEL[sound.taken_for.kind]
    return level if sound.surest.located.point is not None else level.lowered(1)


def heard_at(sound: Sound) -> HeardAt:
    """Where a sound came from, for whoever goes there."""
    standing = [one.located for one in sound.standing or sound.sources]
    return HeardAt(
        sound.rounds,
        where_of(sound.surest.located),
        tuple(part for one in standing for part in one.region or (ring(one.middle, one.most),)),
        tuple(ring(one.middle, one.half) for one in standing if one.point is not None),
    )


def rounds_of(count: int) -> str:
    """“1 round”, “3 rounds”"""
    return "1 round" if count == 1 else f"{count} rounds"


def where_of(one: Located) -> str:
    """How exactly the place is known, in a sentence."""
    if one.region is None:
        return f"In 95 of 100 cases it is within {ceil(one.most.major_m)} m by {ceil(one.most.minor_m)} m of there."
    across = max(_across(ring) for ring in one.region)
    parts = "one of these areas" if len(one.region) > 1 else "an area"
    return f"It is somewhere in {parts} up to {across:.0f} m across: there is no point to rely on."


def _across(ring: tuple[Point, ...]) -> float:
    lats, lons = [p.lat for p in ring], [p.lon for p in ring]
    return distance_m(Point(min(lats), min(lons)), Point(max(lats), max(lons)))


def _before(dismissed_as: str | None) -> list[str]:
    if dismissed_as is None:
        return []
    return [f"It was dismissed ({dismissed_as.replace('_', ' ')}), and much more of it was heard since."]


def _why(sound: Sound, surest: Located) -> list[str]:
    if not sound.standing:
        return ["With all that was heard since, nothing is located there any more."]
    heard, missed = len(surest.heard), len(surest.missed)
    besides = f"{missed} more should have heard it and did not" if missed else "all that should have did"
    said = [f"Heard by {heard} microphones; {besides}."]
    if len(sound.standing) > 1:
        said = [f"Located {len(sound.standing)} times within {_lasting(sound)}; the surest: {said[0]}"]
    return [sound.taken_for.sentence, *said, where_of(surest)]


def _lasting(sound: Sound) -> str:
    return f"{max((sound.until - sound.at).total_seconds(), 1):.0f} s"


def _unknown(sound: Sound, surest: Located, told_at: datetime) -> tuple[str, ...]:
    late = told_at - sound.until
    widens_m = surest.aired.widens_m if surest.aired is not None else 0.0
    facts = (
        (sound.taken_for.kind is SoundKind.UNKNOWN, "What it was: gunfire, fireworks or something else."),
        (
            sound.taken_for.kind is not SoundKind.UNKNOWN,
            "What it truly was: that is reckoned; nobody here has seen or heard it.",
        ),
        (surest.region is not None, "Where it was: an area is known, no point."),
        (widens_m >= 1, f"How the air was: for that the ellipse is {widens_m:.0f} m longer."),
        (
            late > _LATE_AFTER,
            f"What is there now: this was told {late.total_seconds() / 60:.0f} minutes later.",
        ),
        (True, "Whether anybody is hurt."),
        (True, "Who or what made it."),
    )
    return tuple(words for holds, words in facts if holds)
