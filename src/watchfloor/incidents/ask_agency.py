"""The entering agency is asked to confirm a hit, and its answer kept; whose answer is late is told to the room.

Nothing here arrests or tows: it says on the incident, and to its crews, whether the hit is confirmed.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import incident_store, live_store
from watchfloor.incidents.confirmation import (
    ANSWERS_WITHIN,
    PLATE_HIT,
    AgencySays,
    Confirmation,
    ForCrew,
    Urgency,
    for_crew,
)
from watchfloor.incidents.model import Incident, IncidentState, Level
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


async def ask(door: Door, news: News, actor: Actor, incident: UUID, agency: str, urgency: Urgency) -> None:
    """Write down that the entering agency is asked now. Raises NotFound or Conflict."""
    about = About("incident", incident)
    async with door.open(Ask(actor, Need.HIT_CONFIRM, about=about, detail={"agency": agency})) as tx:
        await _of_a_hit(tx, incident)
        before = await live_store.confirmation_of(tx, incident)
        if before is not None and before.answer is None:
            raise Conflict(f"{before.agency} was asked already and owes an answer.", reason="asked")
        due = tx.now + ANSWERS_WITHIN[urgency]
        made = Confirmation(uuid7(tx.now), incident, agency, urgency, tx.actor, tx.now, due)
        await live_store.insert_confirmation(tx, made)
        said = f"{agency} is asked to confirm the hit, {urgency.value}."
        await incident_store.note(tx, incident, "confirmation", said, level=None)
        await effect(tx, "hit.confirmation_asked", about, more={"urgency": urgency.value})
        await _changed(tx, news, incident)


async def answered(
    door: Door,
    news: News,
    actor: Actor,
    incident: UUID,
    answer: AgencySays,
    *,
    spoke_with: str,
    reference: str | None,
) -> None:
    """Keep what the entering agency answered, and who there. Raises NotFound or Conflict."""
    about = About("incident", incident)
    detail = {"spoke_with": spoke_with, "reference": reference}
    async with door.open(Ask(actor, Need.HIT_CONFIRM, about=about, detail=detail)) as tx:
        await _of_a_hit(tx, incident)
        asked = await live_store.confirmation_of(tx, incident)
        if asked is None:
            raise Conflict("The entering agency was not asked yet.", reason="not_asked")
        if not await live_store.answer_confirmation(
            tx, asked.id, answer, spoke_with=spoke_with, reference=reference
        ):
            raise Conflict("Its answer is kept already; ask again if it changed.", reason="answered")
        kind, said, level = _note_of(asked.agency, answer, spoke_with, reference)
        await incident_store.note(tx, incident, kind, said, level=level)
        await effect(tx, "hit.confirmation_answered", about, more={"answer": answer.value})
        await _changed(tx, news, incident)


def _note_of(
    agency: str, answer: AgencySays, spoke_with: str, reference: str | None
) -> tuple[str, str, Level | None]:
    by = f"{agency} ({spoke_with}{f', {reference}' if reference else ''})"
    if answer is AgencySays.CONFIRMED:
        return "confirmation", f"Hit confirmed by {by}.", None
    # A warning of the incident: its crews read it before anything else.
    return "hazard", f"Not confirmed by {by}: no arrest and no tow on this hit.", Level.SERIOUS


async def hit_for_crew(tx: Tx, incident: Incident) -> ForCrew | None:
    """What whoever may arrest or tow must know of an incident's hit; None where no hit is behind it."""
    return for_crew(await live_store.confirmation_of(tx, incident.id)) if incident.kind == PLATE_HIT else None


async def remind(door: Door, agency: UUID, news: News, *, process: str = "sweep") -> list[UUID]:
    """Say on the timeline which agencies owe an answer since now; the incidents of those."""
    async with door.open(Ask(process_actor(agency, process), Need.ALERTS_ESCALATE)) as tx:
        late = await live_store.become_late(tx)
        for one in late:
            said = f"{one.agency} has not answered whether it confirms the hit: ask again."
            await incident_store.note(
                tx, one.incident, "confirmation", said, level=Level.SERIOUS, by_actor=False
            )
            await effect(tx, "hit.confirmation_late", About("incident", one.incident))
            await _changed(tx, news, one.incident)
        return [one.incident for one in late]


async def _of_a_hit(tx: Tx, incident: UUID) -> Incident:
    found = await incident_store.incident_of(tx, incident)
    if found is None:
        raise NotFound("There is no such incident.")
    if found.kind != PLATE_HIT:
        raise Conflict("No hit is behind this incident.", reason="no_hit")
    if found.state is IncidentState.CLOSED:
        raise Conflict(f"Incident {found.number} is closed.", reason="closed")
    return found


async def _changed(tx: Tx, news: News, incident: UUID) -> None:
    await incident_store.stir(tx, incident)
    tx.after_commit(partial(news, INCIDENT_CHANGED, tx.agency, incident))
