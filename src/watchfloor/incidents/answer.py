"""What a person does with an alert, step by step: claim it, look, type, confirm, dismiss. Each a use case of its own.

Rules are in `queue.py` and `review.py`; this opens the door, asks the store, and writes down what was decided. It sends
nobody anywhere.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor
from watchfloor.incidents import (
    alert_store,
    incident_store,
    judged,
    live_record,
    live_store,
    preserve,
    review_store,
    sound_record_store,
    sound_verdict,
)
from watchfloor.incidents.entry_now import entry_now
from watchfloor.incidents.in_hand import Alerts, Looked, ask_of, held_for, looked_now, own_review
from watchfloor.incidents.model import Alert, AlertState, Incident, IncidentId
from watchfloor.incidents.open import incident_from_alert, opening_notes, seen_note
from watchfloor.incidents.queue import Move, NotInReview
from watchfloor.incidents.raise_alerts import ALERT_CHANGED, INCIDENT_CHANGED
from watchfloor.incidents.record_system import Answered
from watchfloor.incidents.review import (
    FALSE_BINDING,
    AlreadyTyped,
    DismissReason,
    LiveRecord,
    NoPicture,
    NotConfirmable,
    Review,
    Typed,
    check_confirmable,
    check_dismissal,
    compare,
    is_hasty,
)
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates import reader_store
from watchfloor.plates.model import ReaderId
from watchfloor.plates.picture import key_of
from watchfloor.plates.shelves import picture_gone
from watchfloor.storage.tx import Tx


async def acknowledge(alerts: Alerts, actor: Actor, alert: UUID, *, version: int | None = None) -> Looked:
    """Claim an alert: the actor holds it. Raises AlreadyReviewed, HeldByAnother, Stale or NotFound."""
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await held_for(tx, actor, alert, Move.ACKNOWLEDGE, version)
        if held.holder != actor.id or held.state is not AlertState.ACKNOWLEDGED:
            await alert_store.hold(tx, alert, AlertState.ACKNOWLEDGED)
            await effect(tx, "alert.acknowledged", About("alert", alert))
            tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
        return await looked_now(tx, alert)


async def open_review(alerts: Alerts, actor: Actor, alert: UUID, *, version: int | None = None) -> Looked:
    """Open the actor's review, or come back to it: the picture alone, or as far as it has come.

    A colleague's review that was left, or that a supervisor takes over, ends; the new one is blind again. Whoever gave
    the verdict sees it again. One's own alert that was given back meanwhile is held again.
    Raises AlreadyReviewed, HeldByAnother, Stale or NotFound.
    """
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        shown = await looked_now(tx, alert)
        if not shown.alert.state.is_open and shown.alert.decided_by == actor.id:
            return shown
        held = await held_for(tx, actor, alert, Move.OPEN, version)
        review = await review_store.open_review(tx, alert)
        if review is not None and review.reviewer == actor.id:
            await _show_anew(tx, held, review)
            if held.state is AlertState.IN_REVIEW and held.holder == actor.id:
                return await looked_now(tx, alert)
        else:
            await _begin_blind(tx, alert, review)
        await alert_store.hold(tx, alert, AlertState.IN_REVIEW)
        await effect(tx, "alert.review_opened", About("alert", alert))
        tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
        return await looked_now(tx, alert)


async def _begin_blind(tx: Tx, alert: UUID, left: Review | None) -> None:
    """A review from the picture alone, in place of a colleague's that was left."""
    if left is not None:
        await review_store.hand_over(tx, left.id)
        await effect(tx, "alert.taken_over", About("alert", alert), more={"from": str(left.reviewer)})
    await review_store.insert_review(tx, uuid7(tx.now), alert)


async def _show_anew(tx: Tx, alert: Alert, review: Review) -> None:
    """Show the entry as it is now to a reviewer who comes back to it after it was changed."""
    if review.typed is None or review.entry is None:
        return
    entry = await entry_now(tx, alert)
    agreement, differences = compare(review.typed, entry, now=tx.now, zone=tx.zone)
    if (entry, agreement) != (review.entry, review.agreement):
        await review_store.keep_entry(tx, review.id, entry, agreement, differences)
        await effect(tx, "alert.entry_shown", About("alert", alert.id), more={"entry_version": entry.version})


async def type_seen(alerts: Alerts, actor: Actor, alert: UUID, typed: Typed) -> Looked:
    """Keep what the reviewer reads in the picture; only now the entry is shown. Raises AlreadyTyped, NotInReview, ..."""
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await held_for(tx, actor, alert, Move.TYPE, None)
        review = await own_review(tx, alert)
        if review.typed is not None:
            if review.typed == typed:
                return await looked_now(tx, alert)
            raise AlreadyTyped()
        if typed.plate is not None and not (await looked_now(tx, alert)).pictures:
            raise NoPicture()
        entry = await entry_now(tx, held)
        agreement, differences = compare(typed, entry, now=tx.now, zone=tx.zone)
        await review_store.keep_typed(tx, review.id, typed, entry, agreement, differences)
        detail = {"plate": typed.plate, "state": typed.state, "vehicle": typed.vehicle}
        more = {"agreement": agreement.value}
        await effect(tx, "alert.typed", About("alert", alert), more=more, detail=detail)
        return await looked_now(tx, alert)


async def tell_record(
    alerts: Alerts, actor: Actor, alert: UUID, answered: Answered, asked_at: datetime
) -> Looked:
    """Keep what the reviewer says that the live record replied. Raises NotInReview, Conflict or Invalid."""
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        await held_for(tx, actor, alert, Move.CONFIRM, None)
        await live_record.keep_told(tx, await own_review(tx, alert), answered, asked_at)
        return await looked_now(tx, alert)


async def ask_record(alerts: Alerts, actor: Actor, alert: UUID) -> Looked:
    """Ask the configured record system for the reviewer. Raises NoAdapter, NotInReview or Conflict.

    It is asked between two transactions: nobody waits for it with the alert in hand.
    """
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        await held_for(tx, actor, alert, Move.CONFIRM, None)
        # Whether there is one is told to those who may ask it.
        if alerts.system is None:
            raise live_record.NoAdapter()
        asked, asked_at = live_record.asked_of(await own_review(tx, alert)), tx.now
    answered = await alerts.system.ask(asked)
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        await held_for(tx, actor, alert, Move.CONFIRM, None)
        await live_record.keep_adapter(tx, await own_review(tx, alert), alerts.system, answered, asked_at)
        return await looked_now(tx, alert)


async def confirm(
    alerts: Alerts,
    actor: Actor,
    alert: UUID,
    said: LiveRecord | None,
    *,
    vehicle_agrees: bool,
    note: str | None,
) -> tuple[Looked, Incident]:
    """Confirm: an incident is opened. Raises NotConfirmable with what is missing (the try is kept), and as above.

    `said` is the live record's reply, where it was not kept before: then the last one of this review counts.
    """
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await held_for(tx, actor, alert, Move.CONFIRM, None)
        review = await own_review(tx, alert)
        record = await _record(tx, actor, review, said)
        refused = await _refused(tx, held, review, record, vehicle_agrees=vehicle_agrees)
        if refused is None:
            opened = await _confirmed(tx, held, review, record, note)
            tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
            tx.after_commit(partial(alerts.news, INCIDENT_CHANGED, tx.agency, opened.id))
            return await looked_now(tx, alert), opened
    raise refused


async def _record(tx: Tx, actor: Actor, review: Review, said: LiveRecord | None) -> LiveRecord:
    """The reply that a confirmation rests on: kept as a query like any other when it comes with the confirmation."""
    if said is None:
        kept = live_record.latest(await live_store.queries(tx, review.alert), review, actor)
        if kept is None:
            raise NotConfirmable(
                "record_not_asked", "The live record was not asked yet.", "Ask it, and say what it replied."
            )
        return kept.record
    if review.typed is not None and review.typed.plate is not None and said.checked_at <= tx.now:
        await live_record.keep_told(tx, review, Answered(said.reply, said.reference), said.checked_at)
    return said


async def _refused(
    tx: Tx, alert: Alert, review: Review, record: LiveRecord, *, vehicle_agrees: bool
) -> NotConfirmable | None:
    """What the confirmation lacks; the live record's reply is kept with the review all the same."""
    try:
        check_confirmable(
            review,
            await entry_now(tx, alert),
            record,
            vehicle_agrees=vehicle_agrees,
            now=tx.now,
            zone=tx.zone,
        )
    except NotConfirmable as error:
        await review_store.keep_record(tx, review.id, record, vehicle_agrees=vehicle_agrees)
        more = {"why": error.reason, "reply": record.reply.value}
        await effect(tx, "alert.not_confirmed", About("alert", alert.id), more=more)
        return error
    return None


async def _confirmed(tx: Tx, alert: Alert, review: Review, record: LiveRecord, note: str | None) -> Incident:
    hasty = is_hasty(review, now=tx.now)
    await review_store.close_review(
        tx, review.id, "confirmed", record=record, vehicle_agrees=True, reason=None, note=note, hasty=hasty
    )
    opened = incident_from_alert(IncidentId(uuid7(tx.now)), alert, review, by=tx.actor, now=tx.now)
    if not await incident_store.insert_incident(tx, opened):
        raise AssertionError("an alert that was open had an incident already")
    await alert_store.decide(tx, alert.id, AlertState.CONFIRMED, reason=None, note=note, incident=opened.id)
    await judged.keep(tx, alert, review, None)
    parts = await alert_store.parts_of(tx, alert.id)
    readers = {reader.id: reader.name for reader in (await reader_store.readers(tx)).items}
    for part in parts:
        said = seen_note(part, readers.get(ReaderId(part.device)))
        await incident_store.note(tx, opened.id, "seen", said, at=part.at, by_actor=False)
    for kind, text, level in opening_notes(alert, record, note, hasty=hasty):
        await incident_store.note(tx, opened.id, kind, text, level=level)
    more: dict[str, Json] = {"incident": str(opened.id), "hasty": hasty, "reply": record.reply.value}
    await effect(
        tx, "alert.confirmed", About("alert", alert.id), more=more, detail={"reference": record.reference}
    )
    await preserve.plan(tx, opened.id)
    await effect(tx, "incident.opened", About("incident", opened.id), more={"origin": opened.origin.value})
    kept = await incident_store.incident_of(tx, opened.id)
    if kept is None:
        raise AssertionError("an incident was opened and is not there")
    return kept


async def dismiss(
    alerts: Alerts,
    actor: Actor,
    alert: UUID,
    reason: DismissReason,
    note: str | None,
    *,
    version: int | None = None,
) -> Looked:
    """Dismiss, with a reason of the list. Raises Invalid, AlreadyReviewed, HeldByAnother, Stale or NotFound."""
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        held = await held_for(tx, actor, alert, Move.DISMISS, version)
        review = await review_store.open_review(tx, alert)
        check_dismissal(reason, note, review, of_sound=held.sound is not None)
        hasty = review is not None and is_hasty(review, now=tx.now)
        if review is not None:
            await sound_verdict.keep_dismissed(tx, held, review, reason)
            await review_store.close_review(
                tx,
                review.id,
                "dismissed",
                record=review.record,
                vehicle_agrees=review.vehicle_agrees,
                reason=reason.value,
                note=note,
                hasty=hasty,
            )
        await alert_store.decide(
            tx, alert, AlertState.DISMISSED, reason=reason.value, note=note, incident=None
        )
        await sound_record_store.keep_record(tx, alert)
        await judged.keep(tx, held, review, reason)
        seen = review is not None and review.typed is not None
        if seen and reason in FALSE_BINDING:
            until = sure(held.basis).wanted_expires_at
            await alert_store.bind_false(tx, uuid7(tx.now), held, reason.value, until)
        more: dict[str, Json] = {"why": reason.value, "hasty": hasty, "reviewed": seen}
        await effect(tx, "alert.dismissed", About("alert", alert), more=more, detail={"note": note})
        tx.after_commit(partial(alerts.news, ALERT_CHANGED, tx.agency, alert))
        return await looked_now(tx, alert)


async def picture(alerts: Alerts, actor: Actor, alert: UUID, number: int) -> bytes:
    """The picture of the alert's hit of that number, from 0, to whoever reviews it or after the verdict.

    Raises NotFound (reason `no_picture`), or NotInReview.
    """
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        shown = await looked_now(tx, alert)
        review = shown.review
        if shown.alert.state.is_open and (review is None or review.reviewer != actor.id):
            raise NotInReview()
        await effect(tx, "alert.picture_shown", About("alert", alert), more={"number": number})
    if not 0 <= number < len(shown.pictures):
        raise NotFound("The reader sent no such picture.", reason="no_picture")
    try:
        return await alerts.objects.get(key_of(actor.agency, shown.pictures[number]))
    except NotFound as error:
        raise picture_gone() from error
