"""A person confirms a sound as gunfire: an incident is opened; or raises one that was kept back. Dismissing one is as of any alert
(`answer.py`)."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from watchfloor.acoustics.kind import SoundKind
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor
from watchfloor.incidents import (
    alert_store,
    incident_store,
    preserve,
    review_store,
    sound_record_store,
    sound_store,
)
from watchfloor.incidents.in_hand import Alerts, Looked, ask_of, held_for, looked_now, own_review
from watchfloor.incidents.model import Alert, AlertState, Incident, IncidentId
from watchfloor.incidents.queue import Move
from watchfloor.incidents.raise_alerts import ALERT_CHANGED, INCIDENT_CHANGED
from watchfloor.incidents.review import Grounds, HeardVerdict, Review, is_hasty
from watchfloor.incidents.sound_card import card_of_sound
from watchfloor.incidents.sound_verdict import (
    check_sound_confirmable,
    heard_note,
    incident_from_sound,
    notes_of,
)
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, NotFound, Stale
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx


async def confirm(
    alerts: Alerts, actor: Actor, alert: UUID, grounds: Grounds, note: str | None, *, version: int | None
) -> tuple[Looked, Incident]:
    """Confirm a sound as gunfire, as it was told in this version of its alert.

    Raises Stale when it was revised since, or without a version; NotConfirmable, NotInReview, OtherKind, AlreadyReviewed, HeldByAnother or
    NotFound.
    """
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await held_for(tx, actor, alert, Move.CONFIRM, version, of_sound=True)
        review = await own_review(tx, alert)
        if version is None:
            raise Stale("Say in `If-Match` which version of the alert you confirm.", reason="if_match")
        check_sound_confirmable(held)
        opened = await _confirmed(tx, held, review, grounds, note)
        tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
        tx.after_commit(partial(alerts.news, INCIDENT_CHANGED, tx.agency, opened.id))
        return await looked_now(tx, alert), opened


class NotKeptBack(Conflict):
    """It is in the queue, or was decided."""

    def __init__(self) -> None:
        super().__init__("This alert was not kept back.", reason="not_kept_back")


async def raise_kept(alerts: Alerts, actor: Actor, alert: UUID) -> Looked:
    """Raise a sound that was kept back: it waits for a verdict from now. Raises NotKeptBack or NotFound."""
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await alert_store.locked(tx, alert)
        if held is None:
            raise NotFound("There is no such alert.")
        if held.state is not AlertState.KEPT_BACK:
            raise NotKeptBack()
        await sound_store.come_back(tx, alert)
        sound = sure(held.sound)
        card = card_of_sound(sound, now=tx.now, raised_at=tx.now)
        await sound_store.revise_alert(tx, alert, card, sound, held.spot)
        await sound_record_store.keep_told(tx, alert, sound.surest.located.middle)
        await effect(tx, "alert.raised_by_hand", About("alert", alert))
        tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
        return await looked_now(tx, alert)


async def _confirmed(tx: Tx, alert: Alert, review: Review, grounds: Grounds, note: str | None) -> Incident:
    hasty = is_hasty(review, now=tx.now)
    told = sure(alert.sound).taken_for.kind
    await review_store.keep_heard(tx, review.id, HeardVerdict(told, SoundKind.GUNFIRE, grounds))
    await review_store.close_review(
        tx, review.id, "confirmed", record=None, vehicle_agrees=None, reason=None, note=note, hasty=hasty
    )
    new = incident_from_sound(IncidentId(uuid7(tx.now)), alert, review, grounds, by=tx.actor, now=tx.now)
    if not await incident_store.insert_incident(tx, new):
        raise AssertionError("an alert that was open had an incident already")
    await alert_store.decide(tx, alert.id, AlertState.CONFIRMED, reason=None, note=note, incident=new.id)
    await sound_record_store.keep_record(tx, alert.id)
    for one in sure(alert.sound).standing:
        said = heard_note(one.located, tx.zone)
        await incident_store.note(tx, new.id, "heard", said, at=one.located.at, by_actor=False)
    for kind, text, level in notes_of(alert, grounds, note, hasty=hasty):
        await incident_store.note(tx, new.id, kind, text, level=level)
    more: dict[str, Json] = {
        "incident": str(new.id),
        "hasty": hasty,
        "told": told.value,
        "grounds": grounds.value,
    }
    await effect(tx, "alert.confirmed", About("alert", alert.id), more=more)
    await preserve.plan(tx, new.id)
    await effect(tx, "incident.opened", About("incident", new.id), more={"origin": new.origin.value})
    return sure(await incident_store.incident_of(tx, new.id))
