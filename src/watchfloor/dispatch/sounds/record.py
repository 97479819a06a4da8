"""What came of a sound is said, looked at a second time where that is needed, and revised; gunfire that was not alerted is entered.

What was said before is kept, whoever said it: nothing here deletes or rewrites an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.dispatch.conclude import check_may
from watchfloor.dispatch.sounds import store
from watchfloor.dispatch.sounds.model import (
    Missed,
    NewOutcome,
    Off,
    OutcomeState,
    SoundOutcome,
    SoundRecord,
    SoundSaid,
    checked,
    checked_miss,
    needs_second,
    off_by,
)
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.store import names_of
from watchfloor.incidents import incident_store, sound_store
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.kit.pages import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.places.district_store import district_at
from watchfloor.storage.tx import Tx

WORDS: Final = {
    SoundSaid.EVIDENCE: "evidence of gunfire was found",
    SoundSaid.VICTIM: "somebody was hit",
    SoundSaid.NOTHING: "nothing was found",
    SoundSaid.FALSE: "it was no gunfire",
    SoundSaid.UNDETERMINED: "it is not known what it was",
}
_FLOOR: Final = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.DETECTIVE})


@dataclass(frozen=True, slots=True)
class Sounds:
    """What these use cases need."""

    door: Door
    news: News


@dataclass(frozen=True, slots=True)
class Whole:
    """A sound with all that was said of it, the newest first; where it truly was by what stands or waits, names of people, and what other
    sources told of then and there."""

    record: SoundRecord
    outcomes: tuple[SoundOutcome, ...]
    place: Point | None
    names: dict[UUID, str]
    others: tuple[SoundRecord, ...]


class SameEyes(Refused):
    """Who said it does not look at it a second time."""

    def __init__(self) -> None:
        words = "You said it: somebody else has to look at it."
        super().__init__(
            Denied("same_person", words, next_step="Another analyst, detective or supervisor agrees or not.")
        )


async def listed(parts: Sounds, actor: Actor, extent: Extent, sought: store.Sought) -> Cut[SoundRecord]:
    """Sounds of a time, the newest first."""
    async with parts.door.open(Ask(actor, Need.OUTCOMES_VIEW)) as tx:
        return await store.sounds(tx, extent, sought)


async def look(parts: Sounds, actor: Actor, sound: UUID) -> Whole:
    """One sound. Raises NotFound."""
    async with parts.door.open(Ask(actor, Need.OUTCOMES_VIEW, about=About("sound", sound))) as tx:
        return await _whole(tx, sound)


async def say(parts: Sounds, actor: Actor, sound: UUID, new: NewOutcome) -> Whole:
    """Say what came of a sound; what was said before is replaced, at once or when somebody else agreed.

    Raises Invalid, NotFound, NotSentThere, or Conflict where one waits to be agreed with.
    """
    new = checked(new)
    async with parts.door.open(Ask(actor, Need.SOUND_OUTCOME, about=About("sound", sound))) as tx:
        before = await _held(tx, sound)
        await _check_may(tx, actor, before)
        if before.waits is not None:
            raise Conflict("What somebody said of it waits for a second person.", reason="waits")
        if before.stands is not None and new.why is None:
            raise Invalid("Say why it is said anew: what was said before stays with it.", reason="why")
        off = await _off(tx, before, new.place)
        state = OutcomeState.WAITS if needs_second(new, before.stands) else OutcomeState.STANDS
        outcome = uuid7(tx.now)
        if state is OutcomeState.STANDS:
            await store.replace(tx, sound)
        await store.insert(tx, outcome, sound, new, state, off)
        if new.place is not None:
            await store.keep_truth(tx, outcome, sound, new.place)
        more = _more(sound, new.said, state)
        await effect(tx, "sound_outcome.said", About("sound_outcome", outcome), more=more)
        words = f"Of the sound: {WORDS[new.said]}{'; a second person has to agree' if state is OutcomeState.WAITS else ''}."
        await _note(parts, tx, before, words + (f" {new.note}" if new.note else ""))
        return await _whole(tx, sound)


async def second(
    parts: Sounds, actor: Actor, sound: UUID, outcome: UUID, *, refused_why: str | None
) -> Whole:
    """Agree with what somebody else said of a sound, or say why not.

    Raises Invalid, NotFound, SameEyes, or Conflict when it does not wait any more.
    """
    async with parts.door.open(Ask(actor, Need.SOUND_OUTCOME_AGREE, about=About("sound", sound))) as tx:
        before = await _held(tx, sound)
        found = next((one for one in await store.outcomes_of(tx, [sound]) if one.id == outcome), None)
        if found is None:
            raise NotFound("There is no such outcome of this sound.")
        if found.state is not OutcomeState.WAITS:
            raise Conflict("Somebody looked at it a second time already.", reason="not_waiting")
        if found.recorded_by == tx.actor:
            raise SameEyes()
        state = OutcomeState.STANDS if refused_why is None else OutcomeState.REFUSED
        if state is OutcomeState.STANDS:
            await store.replace(tx, sound)
        await store.seconded(tx, outcome, state, refused_why)
        about, more = About("sound_outcome", outcome), _more(sound, found.said, state)
        if state is OutcomeState.STANDS:
            await effect(tx, "sound_outcome.agreed", about, more=more)
        else:
            await effect(tx, "sound_outcome.refused", about, more=more)
        agreed = refused_why is None
        words = "a second person agreed." if agreed else f"a second person did not agree: {refused_why}"
        await _note(parts, tx, before, f"Of the sound, that {WORDS[found.said]}: {words}")
        return await _whole(tx, sound)


async def miss(parts: Sounds, actor: Actor, missed: Missed) -> Whole:
    """Enter gunfire that was not alerted. Raises Invalid."""
    async with parts.door.open(Ask(actor, Need.SOUND_MISS)) as tx:
        missed = checked_miss(missed, now=tx.now)
        sound = uuid7(tx.now)
        await store.insert_miss(tx, sound, missed, await district_at(tx, missed.place))
        await effect(tx, "sound.missed", About("sound", sound), more={"how": missed.how.value})
    return await look(parts, actor, sound)


def refusal(why: str) -> str:
    """Why somebody does not agree. Raises Invalid without a reason."""
    said = why.strip()
    if not 1 <= len(said) <= 1000:
        raise Invalid("Say why, in at most 1000 characters.", reason="why")
    return said


async def _held(tx: Tx, sound: UUID) -> SoundRecord:
    if not await store.hold(tx, sound):
        raise NotFound("There is no such sound.")
    found = sure(await store.sound_of(tx, sound))
    if found.missed:
        raise Conflict("It was not alerted: what is known of it was entered with it.", reason="missed")
    return found


async def _check_may(tx: Tx, actor: Actor, record: SoundRecord) -> None:
    """An officer says what came of what their unit was sent to; the floor of every one."""
    if actor.roles & _FLOOR:
        return
    await check_may(tx, actor, record.incident or record.id)


async def _off(tx: Tx, record: SoundRecord, place: Point | None) -> Off | None:
    if place is None:
        return None
    versions = await sound_store.versions_of(tx, record.id) if record.alert_kept else ()
    if not versions:
        words = (
            "What was told of its place is past its retention: how far that was off is not known any more."
        )
        raise Conflict(words, reason="forgotten", next_step="Leave the place out.")
    standing = [one.located for one in await sound_store.sources_of(tx, record.id) if not one.fallen]
    first = [one.located for one in versions if one.version == 1]
    return off_by(standing or [versions[-1].located], first, place)


def _more(sound: UUID, said: SoundSaid, state: OutcomeState) -> dict[str, Json]:
    return {"sound": str(sound), "said": said.value, "state": state.value}


async def _note(parts: Sounds, tx: Tx, record: SoundRecord, words: str) -> None:
    if record.incident is not None:
        await incident_store.note(tx, record.incident, "sound_outcome", words)
        tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, record.incident))


async def _whole(tx: Tx, sound: UUID) -> Whole:
    record = await store.sound_of(tx, sound)
    if record is None:
        raise NotFound("There is no such sound.")
    outcomes = await store.outcomes_of(tx, [sound])
    counts = [one for one in outcomes if one.state in (OutcomeState.WAITS, OutcomeState.STANDS)]
    place = await store.truth_of(tx, counts[0].id) if counts else None
    people = {one.recorded_by for one in outcomes} | {one.second_by for one in outcomes if one.second_by}
    if record.recorded_by is not None:
        people.add(record.recorded_by)
    others = await store.told_by_others(tx, sound)
    return Whole(record, tuple(outcomes), place, await names_of(tx, list(people)), tuple(others))
