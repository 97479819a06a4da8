"""From hits to alerts, in the transaction that keeps the hits: repeats are bundled, what was found false is lowered.

It shows nothing to anybody and decides nothing about a person. It never drops a hit: each stands behind some alert.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.incidents import alert_store, incident_store, join_store
from watchfloor.incidents.model import Alert, Card, Level
from watchfloor.incidents.review import FALSE_BINDING, DismissReason
from watchfloor.incidents.why import basis_of, binding_of, card_of, part_of
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import day
from watchfloor.plates.model import Hit
from watchfloor.storage.tx import Tx

# The same plate for the same entry within this time is one alert with a count.
BUNDLED_WITHIN: Final = timedelta(minutes=10)
ALERT_CHANGED: Final = "incidents.alert.changed"
INCIDENT_CHANGED: Final = "incidents.incident.changed"

News = Callable[[str, UUID, UUID], Awaitable[None]]


class AlertsFromHits:
    """What `sense` does with new hits: a `HitSink`."""

    def __init__(self, news: News) -> None:
        self._news = news

    async def __call__(self, tx: Tx, hits: Sequence[Hit], /) -> None:
        """Raise an alert for each hit, or put it behind the alert it belongs to."""
        # One order for every matcher: two that hold the same entries must not wait for each other.
        await join_store.hold_entries(tx, sorted({hit.answer.wanted.id for hit in hits}))
        parts = await join_store.parts_among(tx, [hit.id for hit in hits])
        new = sorted((hit for hit in hits if hit.id not in parts), key=lambda hit: hit.answer.read.at)
        sought = [_sought(hit) for hit in new]
        alerts = await join_store.to_join(tx, sought)
        false = await join_store.found_false(tx, [one.binding for one in sought])
        taken: set[tuple[UUID, str]] = set()
        async with tx.piped():
            for hit, one, known, before in zip(new, sought, alerts, false, strict=True):
                reading = (one.binding.entry_id, one.binding.read_plate)
                if reading in taken:  # it belongs to what a hit before it raised or changed
                    (known,) = await join_store.to_join(tx, [one])
                taken.add(reading)
                if known is None:
                    await self._raise(tx, hit, before)
                else:
                    await self._join(tx, hit, known)

    async def _join(self, tx: Tx, hit: Hit, known: Alert) -> None:
        at = hit.answer.read.at
        stronger = _stronger(known, hit, now=tx.now)
        await alert_store.add_part(tx, known, part_of(hit), stronger, basis_of(hit))
        await effect(tx, "alert.seen_again", About("alert", known.id), more={"hit": str(hit.id)})
        self._tell(tx, ALERT_CHANGED, known.id)
        if known.incident is not None:
            words = f"Seen again by reader {hit.reader.name}: {hit.reader.place}. Nobody has reviewed this reading."
            await incident_store.note(
                tx, known.incident, "seen_again", words, level=Level.CAUTION, at=at, by_actor=False
            )
            await incident_store.stir(tx, known.incident)
            self._tell(tx, INCIDENT_CHANGED, known.incident)

    async def _raise(self, tx: Tx, hit: Hit, before: join_store.Found | None) -> None:
        card = card_of(hit, now=tx.now, found_false=_words(before, tx.zone))
        alert = uuid7(tx.now)
        await alert_store.insert_alert(
            tx,
            alert,
            card,
            basis_of(hit),
            binding_of(hit),
            part_of(hit),
            hit.answer.wanted.purpose,
            hit.reader.technology,
            rule=hit.rule,
            lowered_by=before.id if before else None,
        )
        more = {"level": card.level.value, "hit": str(hit.id), "lowered": before is not None}
        await effect(tx, "alert.raised", About("alert", alert), more=more)
        self._tell(tx, ALERT_CHANGED, alert)

    def _tell(self, tx: Tx, news: str, thing: UUID) -> None:
        agency = tx.agency
        tx.after_commit(lambda: self._news(news, agency, thing))


def _sought(hit: Hit) -> join_store.Sought:
    at = hit.answer.read.at
    return join_store.Sought(binding_of(hit), at - BUNDLED_WITHIN, at + BUNDLED_WITHIN)


def _stronger(known: Alert, hit: Hit, *, now: datetime) -> Card | None:
    """The card of a hit that says more than the alert's first one, while nobody has looked at it yet."""
    if known.holder is not None or not known.state.is_open or known.lowered:
        return None
    card = card_of(hit, now=now)
    return card if card.level.rank > known.card.level.rank else None


def _words(before: join_store.Found | None, zone: tzinfo) -> str | None:
    if before is None:
        return None
    said = (
        FALSE_BINDING.get(DismissReason(before.reason), before.reason)
        if before.reason in list(DismissReason)
        else "the alert was wrong"
    )
    return f"On {day(before.at, zone)} a person found the same reading of this entry false: {said}."
