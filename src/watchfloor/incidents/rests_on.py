"""Reads what an incident rests on and makes it answerable, each time somebody is about to be sent."""

from __future__ import annotations

from watchfloor.calls import store as call_store
from watchfloor.incidents import review_store
from watchfloor.incidents.answerable import (
    Answerable,
    NotAnswerable,
    call_taken,
    confirmed,
    officer_emergency,
)
from watchfloor.incidents.model import Incident, Origin
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store


async def answerable_of(tx: Tx, incident: Incident) -> Answerable:
    """The incident with the review, call or unit it rests on. Raises NotAnswerable when that is not there or not whole."""
    match incident.origin:
        case Origin.ALERT:
            review = await review_store.review_of(tx, incident.review) if incident.review else None
            if review is not None:
                return confirmed(incident, review)
        case Origin.CALL:
            call = await call_store.call_of(tx, incident.call) if incident.call else None
            if call is not None:
                return call_taken(incident, call)
        case Origin.OFFICER:
            unit = await unit_store.unit_of(tx, incident.unit) if incident.unit else None
            if unit is not None:
                return officer_emergency(incident, unit)
    raise NotAnswerable(f"What incident {incident.number} rests on is not there.", "rests_on_nothing")
