"""What came of an incident is kept and closes it; a wrong alert is fed back to the reading that raised it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.dispatch import store
from watchfloor.dispatch.model import NewOutcome, Outcome, Result, checked, reported
from watchfloor.dispatch.send import ASSIGNMENT_CHANGED, Dispatch
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.incidents import alert_store, incident_store, preserve
from watchfloor.incidents.ask_agency import hit_for_crew
from watchfloor.incidents.model import KEPT_AFTER_CLOSING, Incident, IncidentState, Level
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx
from watchfloor.units import store as unit_store

_SAID: Final = {
    Result.ARREST: "arrest",
    Result.FORCE_USED: "force was used",
    Result.VEHICLE_RECOVERED: "vehicle recovered",
    Result.PERSON_HELPED: "person helped",
    Result.NOTHING_FOUND: "nothing found",
    Result.WRONG_ALERT: "the alert was wrong",
}


class NotSentThere(Refused):
    """An officer reports on what their unit was sent to."""

    def __init__(self) -> None:
        who = "Whoever was sent, or the floor, records what came of it."
        super().__init__(Denied("not_sent_there", "Your unit was not sent to this incident.", next_step=who))


async def conclude(
    parts: Dispatch, actor: Actor, incident: UUID, outcome: NewOutcome, *, said_at: datetime | None = None
) -> Outcome:
    """Keep the outcome and close the incident; units still there stay assigned until they are clear.

    Raises Invalid, NotFound, NotSentThere, or Conflict when it is closed already.
    """
    outcome = checked(outcome)
    async with parts.door.open(Ask(actor, Need.OUTCOME_RECORD, about=About("incident", incident))) as tx:
        found = await incident_store.locked(tx, incident)
        if found is None:
            raise NotFound("There is no such incident.")
        await check_may(tx, actor, incident)
        outcome_id = uuid7(tx.now)
        closed = found.state is IncidentState.CLOSED
        if closed or not await store.insert_outcome(tx, outcome_id, incident, outcome):
            raise Conflict(f"Incident {found.number} is closed already.", reason="closed")
        report = reported(said_at, after=found.opened_at, now=tx.now)
        unconfirmed = await _unconfirmed(tx, found, outcome)
        said = _sentence(outcome, report.late, unconfirmed=unconfirmed)
        level = Level.SERIOUS if unconfirmed else None
        await incident_store.note(tx, incident, "outcome", said, level=level, at=report.at)
        await incident_store.set_state(tx, incident, IncidentState.CLOSED)
        await alert_store.end_with_incident(tx, incident, tx.now + KEPT_AFTER_CLOSING)
        await preserve.plan(tx, incident, sorted(result.value for result in outcome.results))
        if Result.WRONG_ALERT in outcome.results:
            await _feed_back(tx, found)
        await _log(tx, outcome_id, incident, outcome, unconfirmed=unconfirmed)
        tx.after_commit(partial(parts.news, INCIDENT_CHANGED, tx.agency, incident))
        for assignment in await store.of_incident(tx, incident):
            tx.after_commit(partial(parts.news, ASSIGNMENT_CHANGED, tx.agency, assignment.id))
        kept = await store.outcome_of(tx, incident)
        if kept is None:
            raise AssertionError("an outcome was kept and is not there")
        return kept


async def _log(tx: Tx, kept: UUID, incident: UUID, outcome: NewOutcome, *, unconfirmed: bool) -> None:
    more: dict[str, Json] = {
        "incident": str(incident),
        "results": sorted(result.value for result in outcome.results),
        "arrests": outcome.arrests,
    }
    if unconfirmed:
        more["unconfirmed_hit"] = True
    detail: dict[str, Json] = {"charges": list(outcome.charges), "note": outcome.note}
    await effect(tx, "outcome.recorded", About("outcome", kept), more=more, detail=detail)


async def _unconfirmed(tx: Tx, incident: Incident, outcome: NewOutcome) -> bool:
    """Whether somebody was arrested or a car taken on a hit that the entering agency had not confirmed: it is kept, and told."""
    if not outcome.results & {Result.ARREST, Result.VEHICLE_RECOVERED}:
        return False
    hit = await hit_for_crew(tx, incident)
    return hit is not None and not hit.confirmed


async def _feed_back(tx: Tx, incident: Incident) -> None:
    """The next alert of the same reading of the same entry is lower, and shows this; it ends with the entry."""
    alert = await alert_store.alert_of(tx, incident.alert) if incident.alert else None
    if alert is not None:
        if alert.basis is not None:
            until = alert.basis.wanted_expires_at
            await alert_store.bind_false(tx, uuid7(tx.now), alert, "wrong_alert", until)
        await effect(tx, "alert.found_wrong", About("alert", alert.id), more={"incident": str(incident.id)})


async def check_may(tx: Tx, actor: Actor, incident: UUID) -> None:
    """Raises NotSentThere where the actor is neither of the floor nor of a crew that was sent to the incident."""
    if actor.roles & {Role.ANALYST, Role.SUPERVISOR, Role.DETECTIVE}:
        return
    unit = await unit_store.unit_of_person(tx, actor.id)
    sent = {assignment.unit for assignment in await store.of_incident(tx, incident)}
    if unit is None or unit.id not in sent:
        raise NotSentThere()


def _sentence(outcome: NewOutcome, late: str, *, unconfirmed: bool) -> str:
    said = ", ".join(_SAID[result] for result in Result if result in outcome.results)
    charges = f" Charges: {'; '.join(outcome.charges)}." if outcome.charges else ""
    note = f" {outcome.note}" if outcome.note else ""
    before = " The entering agency had not confirmed the hit." if unconfirmed else ""
    return f"Outcome: {said}{late}.{before}{charges}{note}"
