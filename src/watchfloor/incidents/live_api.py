"""Routes of what is asked outside about a hit: the live record in its review, the entering agency for its incident."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.incidents import answer, ask_agency, forms, live_store
from watchfloor.incidents.confirmation import AgencySays, Urgency
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.record_system import Answered
from watchfloor.incidents.review import Reply
from watchfloor.incidents.show import confirmation_form, people_asked, review_form
from watchfloor.kit.errors import NotFound
from watchfloor.kit.instant import Instant


class ToldBody(BaseModel):
    """What the live record replied to whoever reviews, asked on their own terminal."""

    reply: Reply
    reference: str | None = Field(default=None, max_length=120)
    said: str | None = Field(default=None, max_length=400)
    asked_at: Instant


class EnteringAgencyBody(BaseModel):
    """The agency that is asked to confirm a hit."""

    agency: str = Field(min_length=2, max_length=80)
    urgency: Urgency


class AgencyAnswerBody(BaseModel):
    """What it answered, and who there."""

    answer: AgencySays
    spoke_with: str = Field(min_length=2, max_length=80)
    reference: str | None = Field(default=None, max_length=80)


def add_routes(router: APIRouter, alerts: Alerts) -> None:
    """The routes."""
    _add_live_records(router, alerts)
    _add_confirmation(router, alerts)


def _add_live_records(router: APIRouter, alerts: Alerts) -> None:
    asks_record = alerts.system is not None

    @router.post("/alerts/{alert_id}/live-records", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW))
    async def tell_live_record(actor: Signed, alert_id: str, body: ToldBody) -> forms.Review:
        """Keep what the live record replied, with who asked and when."""
        answered = Answered(body.reply, body.reference, body.said)
        looked = await answer.tell_record(alerts, actor, inside("alert", alert_id), answered, body.asked_at)
        return review_form(looked, asks_record=asks_record)

    @router.post(
        "/alerts/{alert_id}/live-records/ask", openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW)
    )
    async def ask_live_record(actor: Signed, alert_id: str) -> forms.Review:
        """Ask the configured record system for what was read in the picture, and keep its answer."""
        looked = await answer.ask_record(alerts, actor, inside("alert", alert_id))
        return review_form(looked, asks_record=asks_record)


def _add_confirmation(router: APIRouter, alerts: Alerts) -> None:
    @router.post(
        "/incidents/{incident_id}/hit-confirmation", openapi_extra=asks(Need.HIT_CONFIRM, Need.INCIDENTS_VIEW)
    )
    async def ask_agency_to_confirm(
        actor: Signed, incident_id: str, body: EnteringAgencyBody
    ) -> forms.HitConfirmation:
        """Write down that the entering agency is asked to confirm the hit."""
        wanted = inside("incident", incident_id)
        await ask_agency.ask(alerts.door, alerts.news, actor, wanted, body.agency.strip(), body.urgency)
        return await _now(alerts, actor, wanted)

    @router.post(
        "/incidents/{incident_id}/hit-confirmation/answer",
        openapi_extra=asks(Need.HIT_CONFIRM, Need.INCIDENTS_VIEW),
    )
    async def answer_confirmation(
        actor: Signed, incident_id: str, body: AgencyAnswerBody
    ) -> forms.HitConfirmation:
        """Keep what the entering agency answered, and who there."""
        wanted = inside("incident", incident_id)
        await ask_agency.answered(
            alerts.door,
            alerts.news,
            actor,
            wanted,
            body.answer,
            spoke_with=body.spoke_with.strip(),
            reference=(body.reference or "").strip() or None,
        )
        return await _now(alerts, actor, wanted)


async def _now(alerts: Alerts, actor: Actor, incident: UUID) -> forms.HitConfirmation:
    async with alerts.door.open(Ask(actor, Need.INCIDENTS_VIEW, about=About("incident", incident))) as tx:
        found = await live_store.confirmation_of(tx, incident)
        if found is None:
            raise NotFound("The entering agency was not asked.")
        return confirmation_form(found, await names_of(tx, people_asked(found)), tx.now)
