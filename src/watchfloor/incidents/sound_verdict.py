"""What a verdict on a sound keeps: what it was told to be, what the person takes it for, on what grounds. And the incident it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Located
from watchfloor.incidents import review_store
from watchfloor.incidents.model import (
    SAYS_NOT_OF_SOUNDS,
    Alert,
    Incident,
    IncidentId,
    IncidentState,
    Level,
    Origin,
    Sure,
)
from watchfloor.incidents.review import (
    OF_SOUNDS,
    DismissReason,
    Grounds,
    HeardVerdict,
    NotConfirmable,
    Review,
)
from watchfloor.incidents.sound_card import heard_at, rounds_of, where_of
from watchfloor.kit.said import time_of_day
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

SAID_OF: Final = {
    Grounds.CALL: "callers report it",
    Grounds.CAMERA: "it is seen on a camera",
    Grounds.OFFICER: "an officer heard or saw it",
    Grounds.PATTERN: "by the number of rounds, their rhythm and who heard them; nobody saw it",
}


def check_sound_confirmable(alert: Alert) -> None:
    """Raises NotConfirmable where there is nothing left to confirm."""
    if not sure(alert.sound).standing:
        raise NotConfirmable("fallen", "With all that was heard since, nothing is located there any more.")


async def keep_dismissed(tx: Tx, alert: Alert, review: Review, reason: DismissReason) -> None:
    """Keep what a sound that is dismissed was told to be, and is taken for; of plates nothing."""
    if alert.sound is None:
        return
    told = alert.sound.taken_for.kind
    await review_store.keep_heard(tx, review.id, HeardVerdict(told, OF_SOUNDS.get(reason, told), None))


def incident_from_sound(
    new: IncidentId, alert: Alert, review: Review, grounds: Grounds, *, by: UUID, now: datetime
) -> Incident:
    """The incident of a sound that this review confirms as gunfire; its number is given when it is kept."""
    sound = sure(alert.sound)
    surest = sound.surest.located
    return Incident(
        id=new,
        number="",
        origin=Origin.ALERT,
        kind="impulse",
        level=Level.CRITICAL,
        title=f"{alert.purpose.title}: {rounds_of(sound.rounds)}",
        spot=alert.spot,
        at=sound.until,
        opened_by=by,
        opened_at=now,
        state=IncidentState.OPEN,
        closed_at=None,
        why=f"{len(surest.heard)} microphones heard {rounds_of(sound.rounds)}. {where_of(surest)}"
        f" A person takes it for gunfire: {SAID_OF[grounds]}.",
        sure=Sure(None, "confirmed by a person"),
        unknown=tuple(
            words
            for words in alert.card.unknown
            if not words.startswith(("What it was", "What it truly was"))
        ),
        says=SAYS_NOT_OF_SOUNDS,
        purpose=alert.purpose,
        alert=alert.id,
        review=review.id,
        sound=heard_at(sound),
    )


def heard_note(one: Located, zone: tzinfo) -> str:
    """A source as the timeline tells it, at the time of its first round: the microphones are its source, nobody's verdict."""
    times = ", ".join(time_of_day(fired.at, zone) for fired in one.rounds[:8])
    more = "" if len(one.rounds) <= 8 else f" and {len(one.rounds) - 8} more"
    return f"Heard: {rounds_of(len(one.rounds))} at {times}{more}. {where_of(one)}"


def notes_of(
    alert: Alert, grounds: Grounds, note: str | None, *, hasty: bool
) -> Iterator[tuple[str, str, Level | None]]:
    """What the reviewer adds to the timeline of a confirmed sound's incident: kind, text, level."""
    told = _KINDS[sure(alert.sound).taken_for.kind]
    yield "confirmed", f"Confirmed as gunfire: {SAID_OF[grounds]}. It was told as {told}.", None
    if hasty:
        yield "hasty", "The review took less than two seconds; it is reported.", Level.CAUTION
    if note:
        yield "note", note, None


_KINDS: Final = {
    SoundKind.GUNFIRE: "gunfire",
    SoundKind.FIREWORKS: "fireworks",
    SoundKind.OTHER: "an impulsive sound of another kind",
    SoundKind.UNKNOWN: "an impulsive sound of unknown kind",
}
