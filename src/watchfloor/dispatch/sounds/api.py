"""Routes of what came of sounds: translate in, call a use case, translate out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from watchfloor.dispatch.sounds import forms, record
from watchfloor.dispatch.sounds.model import (
    LearntBy,
    Missed,
    NewOutcome,
    SoundCause,
    SoundEvidence,
    SoundSaid,
)
from watchfloor.dispatch.sounds.record import Sounds
from watchfloor.dispatch.sounds.show import record_form, story_form
from watchfloor.dispatch.sounds.store import Sought, WhichSounds
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
Degrees = Annotated[float | None, Field(default=None, allow_inf_nan=False)]


class SoundOutcomeBody(BaseModel):
    """What came of a sound. `lat` and `lon`: where it truly was, if that is known. `why`: needed where something was said before."""

    said: SoundSaid
    evidence: list[SoundEvidence] = Field(default=[], max_length=10)
    victims: int = 0
    cause: SoundCause | None = None
    note: str | None = Field(default=None, max_length=1000)
    why: str | None = Field(default=None, max_length=1000)
    lat: Degrees
    lon: Degrees


class SoundRefusalBody(BaseModel):
    """Why a second person does not agree."""

    why: str = Field(max_length=1000)


class MissBody(BaseModel):
    """Gunfire that was not alerted: when and where it was, and how it was learnt of."""

    at: Instant
    lat: float = Field(allow_inf_nan=False)
    lon: float = Field(allow_inf_nan=False)
    how: LearntBy
    note: str | None = Field(default=None, max_length=1000)


def routes(parts: Sounds) -> APIRouter:
    """The routes of what came of sounds."""
    router = APIRouter(tags=["sounds"], route_class=Stated)

    @router.get("/sounds", openapi_extra=asks(Need.OUTCOMES_VIEW))
    async def list_sounds(
        actor: Signed,
        extent: InPages,
        begin: Annotated[Instant | None, Query(alias="from")] = None,
        end: Annotated[Instant | None, Query(alias="to")] = None,
        which: WhichSounds = WhichSounds.ALL,
        alert: Annotated[
            str | None, Query(max_length=40, description="The sound of this alert alone.")
        ] = None,
    ) -> Page[forms.RecordedSound]:
        """Sounds that were alerted, and gunfire that was not, the newest first: what came of each."""
        since, until = begin or _EARLIEST, end or _LATEST
        if since >= until:
            raise Invalid("It must end after it begins.", reason="to")
        sought = Sought(since, until, which, inside("alert", alert) if alert else None)
        return page((await record.listed(parts, actor, extent, sought)).of(record_form))

    @router.get("/sounds/{sound_id}", openapi_extra=asks(Need.OUTCOMES_VIEW))
    async def get_sound(actor: Signed, sound_id: str) -> forms.SoundStory:
        """One sound with all that was said of it."""
        return story_form(await record.look(parts, actor, inside("sound", sound_id)))

    _add_acts(router, parts)
    return router


def _add_acts(router: APIRouter, parts: Sounds) -> None:
    @router.post("/sounds/{sound_id}/outcomes", status_code=201, openapi_extra=asks(Need.SOUND_OUTCOME))
    async def say_outcome(actor: Signed, sound_id: str, body: SoundOutcomeBody) -> forms.SoundStory:
        """Say what came of a sound. That it was no gunfire, or what changes what it counts as, waits for a second person."""
        new = NewOutcome(
            body.said,
            frozenset(body.evidence),
            body.victims,
            body.cause,
            body.note,
            body.why,
            _place(body.lat, body.lon),
        )
        return story_form(await record.say(parts, actor, inside("sound", sound_id), new))

    @router.post(
        "/sounds/{sound_id}/outcomes/{outcome_id}/agree", openapi_extra=asks(Need.SOUND_OUTCOME_AGREE)
    )
    async def agree_outcome(actor: Signed, sound_id: str, outcome_id: str) -> forms.SoundStory:
        """Agree as the second person with what somebody else said of a sound: it stands from now."""
        ids = inside("sound", sound_id), inside("sound_outcome", outcome_id)
        return story_form(await record.second(parts, actor, *ids, refused_why=None))

    @router.post(
        "/sounds/{sound_id}/outcomes/{outcome_id}/refuse", openapi_extra=asks(Need.SOUND_OUTCOME_AGREE)
    )
    async def refuse_outcome(
        actor: Signed, sound_id: str, outcome_id: str, body: SoundRefusalBody
    ) -> forms.SoundStory:
        """Do not agree, and say why: what stood before stands on."""
        ids = inside("sound", sound_id), inside("sound_outcome", outcome_id)
        return story_form(await record.second(parts, actor, *ids, refused_why=record.refusal(body.why)))

    @router.post("/sounds/misses", status_code=201, openapi_extra=asks(Need.SOUND_MISS, Need.OUTCOMES_VIEW))
    async def enter_miss(actor: Signed, body: MissBody) -> forms.SoundStory:
        """Enter gunfire that was not alerted, and how it was learnt of."""
        place = _place(body.lat, body.lon)
        if place is None:
            raise AssertionError("a miss has both")
        return story_form(await record.miss(parts, actor, Missed(body.at, place, body.how, body.note)))


def _place(lat: float | None, lon: float | None) -> Point | None:
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Invalid("A place has a latitude and a longitude.", reason="lat" if lat is None else "lon")
    try:
        return Point(lat, lon)
    except ValueError as error:
        raise Invalid("That is no place on the earth.", reason="lat") from error
