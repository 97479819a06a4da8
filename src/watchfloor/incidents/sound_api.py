"""Routes of alerts of sounds: a verdict on one, raising one that was kept back, and from which probability they are raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.calls.api import call_json
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.incidents import forms, near_sound, sound_forms, sound_review, sound_store
from watchfloor.incidents.in_hand import Alerts, Looked
from watchfloor.incidents.model import Incident
from watchfloor.incidents.near_sound import CALLS_WITHIN_M, READS_WITHIN_M, NearSound
from watchfloor.incidents.review import Grounds
from watchfloor.incidents.show import alert_form
from watchfloor.incidents.sound_known import LOOKS_BACK
from watchfloor.incidents.sound_show import alarm_form

Match = Annotated[str | None, Header(alias="If-Match")]
_REVIEWING = asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW)


class ConfirmSoundBody(BaseModel):
    """What a person confirms a sound as gunfire on."""

    grounds: Grounds
    note: str | None = Field(default=None, max_length=2000)


def add_routes(
    router: APIRouter,
    alerts: Alerts,
    confirmed: Callable[[Looked, Incident], forms.Confirmed],
) -> None:
    """The routes of sounds."""

    @router.post("/alerts/{alert_id}/confirm-sound", openapi_extra=_REVIEWING)
    async def confirm_sound(
        actor: Signed, alert_id: str, body: ConfirmSoundBody, if_match: Match = None
    ) -> forms.Confirmed:
        """Confirm a sound as gunfire, as it was told in the version that `If-Match` names."""
        wanted, version = inside("alert", alert_id), version_of(if_match)
        looked, opened = await sound_review.confirm(
            alerts, actor, wanted, body.grounds, body.note, version=version
        )
        return confirmed(looked, opened)

    _add_kept_back(router, alerts)


def near_form(found: NearSound) -> sound_forms.NearSound:
    """What is known near a sound."""
    return {
        "calls": [call_json(call, found.names) for call in found.calls],
        "calls_within_m": CALLS_WITHIN_M,
        "plate_reads": {
            "count": found.reads,
            "within_m": READS_WITHIN_M,
            "since": found.since,
            "until": found.until,
        },
    }


def _add_kept_back(router: APIRouter, alerts: Alerts) -> None:
    @router.post("/alerts/{alert_id}/raise", openapi_extra=_REVIEWING)
    async def raise_kept(actor: Signed, alert_id: str) -> forms.Alert:
        """Raise a sound that was kept back: it waits for a verdict like any other."""
        looked = await sound_review.raise_kept(alerts, actor, inside("alert", alert_id))
        return alert_form(looked.alert, looked.names)

    @router.get(
        "/alerts/{alert_id}/near",
        openapi_extra=asks(Need.ALERTS_VIEW, Need.ALERT_REVIEW, Need.READS_COUNT),
    )
    async def get_near(actor: Signed, alert_id: str) -> sound_forms.NearSound:
        """What else is known near a sound: calls, and how many plates were read; no read itself."""
        return near_form(await near_sound.near(alerts, actor, inside("alert", alert_id)))

    @router.get("/sound-alarm", openapi_extra=asks(Need.ALERTS_VIEW))
    async def show_alarm(actor: Signed) -> sound_forms.SoundAlarm:
        """From which probability of gunfire a sound is raised, what that follows from, and how many were kept back."""
        async with alerts.door.open(Ask(actor, Need.ALERTS_VIEW)) as tx:
            past = await sound_store.past(tx, tx.now - LOOKS_BACK)
            return alarm_form(past, alerts.false_sounds_per_shift, now=tx.now)
