"""The routes of sound that is pulled: translate in, call, translate out."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.registry import KIND as MICROPHONE
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.incidents import pull_sound, sound_forms
from watchfloor.incidents.clip import SoundClip, drawn, wav
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.pull_sound import KIND, NotReached, Pulled, Pulling
from watchfloor.kit.route import BYTES
from watchfloor.kit.sure import sure

MEDIA_TYPE: Final = "audio/wav"


class PullBody(BaseModel):
    """Which microphone is asked: one of those that heard it."""

    microphone: Annotated[str, Field(max_length=64)]


def add_routes(router: APIRouter, alerts: Alerts, pulling: Pulling | None) -> None:
    """The routes of an alert's sound; without `pulling` nobody can be asked."""
    _add_pulls(router, alerts, pulling)
    _add_sound(router, alerts)


def _add_pulls(router: APIRouter, alerts: Alerts, pulling: Pulling | None) -> None:
    @router.post(
        "/alerts/{alert_id}/sound-clips",
        status_code=201,
        openapi_extra=asks(Need.ALERTS_VIEW, Need.SOUND_PULL),
    )
    async def pull_sound_clip(actor: Signed, alert_id: str, body: PullBody) -> sound_forms.SoundClip:
        """Ask a microphone for three seconds around what it heard. It may say no, and after ten minutes has nothing: `state` says so."""
        if pulling is None:
            raise NotReached()
        microphone = MicrophoneId(inside(MICROPHONE, body.microphone))
        found = await pull_sound.pull(pulling, actor, inside("alert", alert_id), microphone)
        return _form(found, found.clips[0])

    @router.get("/alerts/{alert_id}/sound-clips", openapi_extra=asks(Need.ALERTS_VIEW, Need.SOUND_HEAR))
    async def sound_clips(actor: Signed, alert_id: str) -> sound_forms.SoundClips:
        """What was pulled of a sound, by whom, and what came of it."""
        found = await pull_sound.pulled(alerts, actor, inside("alert", alert_id))
        return {"items": [_form(found, one) for one in found.clips]}


def _add_sound(router: APIRouter, alerts: Alerts) -> None:
    @router.get(
        "/alerts/{alert_id}/sound-clips/{sound_clip_id}/audio",
        responses={200: {"content": {MEDIA_TYPE: BYTES}}},
        openapi_extra=asks(Need.ALERTS_VIEW, Need.SOUND_HEAR),
    )
    async def sound_clip_audio(actor: Signed, alert_id: str, sound_clip_id: str) -> Response:
        """The clip itself. It may hold speech: who hears it is in the log."""
        one = await pull_sound.heard(alerts, actor, inside("alert", alert_id), inside(KIND, sound_clip_id))
        sound = wav(sure(one.samples), sure(one.rate))
        return Response(sound, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    @router.get(
        "/alerts/{alert_id}/sound-clips/{sound_clip_id}/spectrogram",
        openapi_extra=asks(Need.ALERTS_VIEW, Need.SOUND_HEAR),
    )
    async def sound_clip_spectrogram(
        actor: Signed, alert_id: str, sound_clip_id: str
    ) -> sound_forms.Spectrogram:
        """How loud it is over time, in all and by pitch. Speech can be seen in it: who asks is in the log as who hears it."""
        one = await pull_sound.heard(alerts, actor, inside("alert", alert_id), inside(KIND, sound_clip_id))
        made = drawn(sure(one.samples), sure(one.rate))
        return {
            "begins": sure(one.clip_begins),
            "step_s": made.step_s,
            "hertz": list(made.hertz),
            "loudness": list(made.loudness),
            "bands": [list(row) for row in made.bands],
        }


def _form(found: Pulled, one: SoundClip) -> sound_forms.SoundClip:
    there = one.state == "clip"
    path = f"/api/v1/alerts/{outside('alert', one.alert)}/sound-clips/{outside(KIND, one.id)}"
    return {
        "id": outside(KIND, one.id),
        "state": one.state,
        "reason": one.reason,
        "detail": one.detail,
        "microphone": {
            "id": outside(MICROPHONE, one.microphone),
            "name": found.microphones.get(one.microphone, ""),
        },
        "asked_by": {"id": outside("person", one.asked_by), "name": found.people.get(one.asked_by, "")},
        "asked_at": one.asked_at,
        "begins": one.clip_begins or one.begins,
        "ends": one.ends,
        "erase_after": one.erase_after,
        "audio": f"{path}/audio" if there else None,
        "spectrogram": f"{path}/spectrogram" if there else None,
    }
