"""The live record is asked, and each time is kept: by whom, when, what was asked, what was answered, under which number.

A person asks it on their own terminal and says what it replied, or the configured adapter asks it. Neither confirms a hit.
"""

from __future__ import annotations

from datetime import datetime

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor
from watchfloor.incidents import live_store, review_store
from watchfloor.incidents.record_system import Answered, Asked, Query, RecordSystem
from watchfloor.incidents.review import CLOCKS_DIFFER_BY, Review
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


class NoAdapter(Conflict):
    """There is nothing that could ask it for the reviewer."""

    def __init__(self) -> None:
        super().__init__(
            "No record system is configured here.",
            reason="no_adapter",
            next_step="Ask it on your terminal, and say here what it replied.",
        )


def asked_of(review: Review) -> Asked:
    """What is asked: the plate that the reviewer read, with the state they read."""
    if review.typed is None or review.typed.plate is None or review.entry is None:
        raise Conflict(
            "The live record is asked for what you read in the picture; nothing was typed yet.",
            reason="not_typed",
        )
    return Asked(review.typed.plate, review.typed.state or review.entry.state)


async def keep_told(tx: Tx, review: Review, answered: Answered, asked_at: datetime) -> Query:
    """Keep what a person says that it replied. Raises Invalid for a time to come."""
    if asked_at > tx.now + CLOCKS_DIFFER_BY:
        raise Invalid("The live record cannot have been asked in the future.", reason="asked_at")
    at = min(asked_at, tx.now)
    return await _keep(
        tx, review, Query(uuid7(tx.now), asked_of(review), answered, tx.actor, None, at, at, review.id)
    )


async def keep_adapter(
    tx: Tx, review: Review, system: RecordSystem, answered: Answered, asked_at: datetime
) -> Query:
    """Keep what the adapter was answered."""
    made = Query(
        uuid7(tx.now), asked_of(review), answered, tx.actor, system.name, asked_at, tx.now, review.id
    )
    return await _keep(tx, review, made)


async def _keep(tx: Tx, review: Review, made: Query) -> Query:
    await live_store.insert_query(tx, review.alert, made)
    agrees = review.vehicle_agrees is True
    await review_store.keep_record(tx, review.id, made.record, vehicle_agrees=agrees)
    more = {"reply": made.answered.reply.value, "adapter": made.adapter}
    detail = {"plate": made.asked.plate, "state": made.asked.state, "reference": made.answered.reference}
    await effect(tx, "alert.record_asked", About("alert", review.alert), more=more, detail=detail)
    return made


def latest(queries: tuple[Query, ...], review: Review, by: Actor) -> Query | None:
    """The last time that it was asked in this review, by whoever reviews it."""
    own = [one for one in queries if one.review == review.id and one.asked_by == by.id]
    return max(own, key=lambda one: one.answered_at, default=None)
