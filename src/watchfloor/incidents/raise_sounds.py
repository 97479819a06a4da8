"""From what microphones locate to alerts, in one transaction: a source is told once and revised in place, however often it is told again.

It shows nothing to anybody and decides nothing. A source that falls is said to have fallen; the alert stays until a person decides it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.acoustics import pulse_store
from watchfloor.acoustics.alarm import Threshold
from watchfloor.acoustics.listen import Told
from watchfloor.acoustics.located import Located, SourceId
from watchfloor.acoustics.taken import Around, taken_for
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.incidents import incident_store, sound_record_store, sound_store
from watchfloor.incidents.model import AlertState, Level, Spot
from watchfloor.incidents.raise_alerts import ALERT_CHANGED, INCIDENT_CHANGED, News
from watchfloor.incidents.sound import (
    BUNDLED_WITHIN,
    KeptSource,
    Sound,
    SoundSource,
    beside,
    settled,
    sound_of,
)
from watchfloor.incidents.sound_card import card_of_sound, has_grown, heard_at, rounds_of, where_of
from watchfloor.incidents.sound_known import LOOKS_BACK, alarm_of, around_of, kept_back
from watchfloor.kit.canonical import Json
from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

PlaceWords = Callable[[Tx, Point], Awaitable[str]]
"""What people call a place."""
# A source's first round may turn out to be an earlier one than was told.
_AROUND: Final = timedelta(seconds=30) + BUNDLED_WITHIN
# By half of the same pulses nothing is located farther from where it was.
_SAME_WITHIN_M: Final = 3000.0
# No pulse of a round comes later: sound goes 20 km in that time.
_HEARD_WITHIN: Final = timedelta(minutes=1)
# A crew is told of a place that moved by more than this.
_MOVED_M: Final = 10.0


@dataclass(frozen=True, slots=True)
class Known:
    """What people said of sounds so far, and from which probability one is raised (None: each is)."""

    around: Around
    alarm: Threshold | None


class AlertsFromSounds:
    """What is done with what was located: a `SoundSink`."""

    def __init__(self, news: News, words: PlaceWords, *, allowed_per_shift: float | None = None) -> None:
        self._news = news
        self._words = words
        self._allowed = allowed_per_shift

    async def __call__(self, tx: Tx, told: Told, /) -> None:
        """Keep sources that are new or changed, and let their alerts say so."""
        await sound_store.hold(tx)
        account, rules = told.account, dict(told.allowed)
        begins, ends, box = (
            account.begins - _AROUND,
            account.ends + _AROUND,
            account.cover.box(_SAME_WITHIN_M),
        )
        kept = await sound_store.kept_between(tx, begins, ends, box)
        result = settled(kept, list(rules), told.withheld, account.cover, account.ears)
        if not (result.new or result.revised or result.fallen):
            return
        known = await self._known(tx)
        changed: dict[UUID, list[str]] = {}
        for before, one in result.revised:
            await sound_store.revise_source(
                tx, before.source.id, one, taken_for(one, known.around), fallen=False
            )
            await sound_store.keep_no_longer(tx, before.alert, one, rule=rules[one])
            changed.setdefault(before.alert, []).extend(_news_of(before, one))
        for before in result.fallen:
            was = before.source.located
            await sound_store.revise_source(
                tx, before.source.id, was, taken_for(was, known.around), fallen=True
            )
            changed.setdefault(before.alert, []).append(
                "With all that was heard since, nothing is located there any more."
            )
        for one in result.new:
            alert, fresh = await self._new(tx, one, kept, rules[one], known)
            kept = [*kept, KeptSource(fresh, alert)]
            if fresh.version:
                changed.setdefault(alert, []).append(
                    f"Heard again: {rounds_of(len(one.rounds))}. {where_of(one)}"
                )
        for alert, said in changed.items():
            await self._revised(tx, alert, said, known)

    async def _known(self, tx: Tx) -> Known:
        """What the room's own people said so far, and what that lets be raised."""
        past = await sound_store.past(tx, tx.now - LOOKS_BACK)
        return Known(around_of(past, tx.zone, now=tx.now), alarm_of(past, self._allowed, now=tx.now))

    async def _new(
        self, tx: Tx, one: Located, kept: list[KeptSource], rule: int, known: Known
    ) -> tuple[UUID, SoundSource]:
        """Keep a new source, of the alert beside it or of one of its own; its version is 0 where that says it already."""
        source = SourceId(uuid7(tx.now))
        near = await sound_store.answered_or_open(tx, beside(one, kept))
        if near:
            await sound_store.insert_source(tx, source, near[0], one, taken_for(one, known.around))
            await sound_store.keep_no_longer(tx, near[0], one, rule=rule)
            return near[0], SoundSource(source, 1, fallen=False, located=one)
        alert = uuid7(tx.now)
        sound = sound_of((SoundSource(source, 1, fallen=False, located=one),), known.around)
        card = card_of_sound(sound, now=tx.now)
        back = kept_back(sound, known.alarm)
        state = AlertState.KEPT_BACK if back else AlertState.WAITING
        spot = await self._spot(tx, sound)
        await sound_store.insert_alert(tx, alert, card, sound, spot, rule=rule, state=state)
        await sound_store.insert_source(tx, source, alert, one, sure(sound.sources[0].taken))
        await sound_record_store.keep_told(tx, alert, sound.surest.located.middle)
        await _keep_latency(tx, alert, one)
        more: dict[str, Json] = {"level": card.level.value, **_counts(sound)}
        if back:
            await effect(tx, "alert.kept_back", About("alert", alert), more=more)
        else:
            await effect(tx, "alert.raised", About("alert", alert), more=more)
            self._tell(tx, ALERT_CHANGED, alert)
        return alert, SoundSource(source, 0, fallen=False, located=one)

    async def _revised(self, tx: Tx, alert_id: UUID, said: list[str], known: Known) -> None:
        """Let the alert say what its sources are now. Where one was confirmed the verdict stands, and its crew hears of it; one that was
        dismissed as much less than it is waits for a verdict again, and one that was kept back is raised once it is likelier.
        """
        alert = await sound_store.locked(tx, alert_id)
        sources = await sound_store.sources_of(tx, alert_id)
        sound = sound_of(sources, known.around)
        await effect(tx, "alert.revised", About("alert", alert_id), more=_counts(sound))
        if alert.state is AlertState.DISMISSED and has_grown(sure(alert.sound), sound):
            if await sound_store.come_back(tx, alert_id):
                await effect(
                    tx, "alert.came_back", About("alert", alert_id), more={"dismissed_as": alert.reason}
                )
            alert = await sound_store.locked(tx, alert_id)
        elif alert.state is AlertState.KEPT_BACK and not kept_back(sound, known.alarm):
            if await sound_store.come_back(tx, alert_id):
                await effect(tx, "alert.raised", About("alert", alert_id), more=_counts(sound))
            alert = await sound_store.locked(tx, alert_id)
        if alert.state.is_open or alert.state is AlertState.KEPT_BACK:
            card = card_of_sound(sound, now=tx.now, raised_at=alert.raised_at, dismissed_as=alert.reason)
            await sound_store.revise_alert(tx, alert_id, card, sound, await self._spot(tx, sound))
            await sound_record_store.keep_told(tx, alert_id, sound.surest.located.middle)
            if alert.state.is_open:
                self._tell(tx, ALERT_CHANGED, alert_id)
        elif alert.incident is not None:
            await incident_store.heard_now(tx, alert.incident, heard_at(sound))
            for words in said:
                await incident_store.note(
                    tx, alert.incident, "heard_again", words, level=Level.CAUTION, by_actor=False
                )
            await incident_store.stir(tx, alert.incident)
            self._tell(tx, INCIDENT_CHANGED, alert.incident)

    async def _spot(self, tx: Tx, sound: Sound) -> Spot:
        middle = sound.surest.located.middle
        return Spot(await self._words(tx, middle), middle)

    def _tell(self, tx: Tx, news: str, thing: UUID) -> None:
        tx.after_commit(partial(self._news, news, tx.agency, thing))


async def _keep_latency(tx: Tx, alert: UUID, one: Located) -> None:
    """What went by until a sound was told first: counted from its last round, for what is told counts that one."""
    last = await pulse_store.last_of(tx, one.pulses, one.at - _HEARD_WITHIN, one.until + _HEARD_WITHIN)
    if last is not None:
        arrived, received = last
        await sound_record_store.keep_latency(
            tx, alert, fired_at=one.until, arrived_at=arrived, received_at=received
        )


def _counts(sound: Sound) -> dict[str, Json]:
    surest = sound.surest.located
    return {
        "rounds": sound.rounds,
        "sources": len(sound.standing),
        "heard": len(surest.heard),
        "should_have": len(surest.missed),
        "told_as": sound.taken_for.kind.value,
        "percent": sound.taken_for.percent,
    }


def _news_of(before: KeptSource, one: Located) -> list[str]:
    """What a crew on its way should know of a change; nothing where it is only a little more exact."""
    was = before.source.located
    moved = distance_m(was.middle, one.middle)
    said = []
    if len(was.rounds) != len(one.rounds):
        said.append(f"Now {rounds_of(len(one.rounds))} instead of {len(was.rounds)}.")
    if moved > _MOVED_M:
        said.append(f"The place moved by {moved:.0f} m. {where_of(one)}")
    return said
