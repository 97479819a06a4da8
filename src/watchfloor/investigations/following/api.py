"""Routes of following a vehicle: translate in, call a use case, translate out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from watchfloor.dispatch import store as dispatch_store
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.investigations.following import forms, store
from watchfloor.investigations.following.model import LONGEST_BACK_MIN, USUAL_BACK_MIN
from watchfloor.investigations.following.see import Seer
from watchfloor.investigations.following.show import NOTHING, follow_form
from watchfloor.investigations.following.start import (
    Following,
    Wish,
    incident_asked,
    ratify,
    start,
    stop,
    why_of,
)
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import PICTURE, Stated
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import Plate, state_of
from watchfloor.plates.picture import MEDIA_TYPE, key_of
from watchfloor.storage.objects import Objects


class FollowBody(BaseModel):
    """Which plate (the incident's own where none is given), and how many minutes are looked back."""

    plate: str | None = Field(default=None, max_length=60)
    state: str | None = Field(default=None, max_length=20)
    minutes: int = Field(default=USUAL_BACK_MIN, ge=0, le=LONGEST_BACK_MIN)


@dataclass(frozen=True, slots=True)
class FollowRoutes:
    """What the routes need: the use cases' parts, what keeps look-ups, what reckons, and where pictures lie."""

    following: Following
    look_ups: LookUps
    seer: Seer
    objects: Objects


def routes(parts: FollowRoutes) -> APIRouter:
    """The routes of following."""
    router = APIRouter(tags=["investigations"], route_class=Stated)
    following = parts.following

    @router.get("/incidents/{incident_id}/follow", openapi_extra=asks(Need.FOLLOW_VIEW, Need.INCIDENTS_VIEW))
    async def get_follow(actor: Signed, incident_id: str) -> forms.Follow:
        """The vehicle that is followed under the incident: its track, and where it may be read next."""
        return await _shown(parts, actor, inside("incident", incident_id))

    @router.post(
        "/incidents/{incident_id}/follow",
        status_code=201,
        openapi_extra=asks(Need.FOLLOW_START, Need.FOLLOW_VIEW, Need.INCIDENTS_VIEW),
    )
    async def start_to_follow(actor: Signed, incident_id: str, body: FollowBody) -> forms.Follow:
        """Follow a vehicle by its plate while the incident is open; within 60 minutes a second person agrees, or it ends."""
        incident = inside("incident", incident_id)
        plate = Plate.of(body.plate) if body.plate is not None else None
        wish = Wish(plate, state_of(body.state), body.minutes)
        await start(following, parts.look_ups, actor, incident, wish)
        return await _shown(parts, actor, incident)

    _add_second(router, parts)
    _add_picture(router, parts)
    return router


def _add_second(router: APIRouter, parts: FollowRoutes) -> None:
    following = parts.following

    @router.post(
        "/incidents/{incident_id}/follow/ratify",
        openapi_extra=asks(Need.FOLLOW_AGREE, Need.FOLLOW_VIEW, Need.INCIDENTS_VIEW),
    )
    async def ratify_follow(actor: Signed, incident_id: str) -> forms.Follow:
        """Agree as the second person that the vehicle is followed, until the incident ends."""
        incident = inside("incident", incident_id)
        await ratify(following, actor, incident)
        return await _shown(parts, actor, incident)

    @router.post(
        "/incidents/{incident_id}/follow/stop", status_code=204, openapi_extra=asks(Need.FOLLOW_STOP)
    )
    async def stop_following(actor: Signed, incident_id: str) -> None:
        """Follow it no more, at once."""
        await stop(following, actor, inside("incident", incident_id))


def _add_picture(router: APIRouter, parts: FollowRoutes) -> None:
    @router.get(
        "/incidents/{incident_id}/sightings/{sighting_id}/picture",
        responses=PICTURE,
        openapi_extra=asks((Need.SIGHTING_VIEW, Need.FOLLOW_VIEW), Need.INCIDENTS_VIEW),
    )
    async def sighting_picture(actor: Signed, incident_id: str, sighting_id: str) -> Response:
        """What the reader saw, until an hour after the incident closed: told to the crews that are there; else a look at the track."""
        incident, sighting = inside("incident", incident_id), inside("sighting", sighting_id)
        found = await incident_asked(parts.following.door, actor, incident)
        # Not a look into what readers gathered: an approval may keep officers from that, and not from what they are sent after.
        ask = Ask(actor, Need.SIGHTING_VIEW, why_of(found), about=About("sighting", sighting))
        async with parts.following.door.open(ask) as tx:
            kept = await store.picture_of(tx, incident, sighting)
            sent = await dispatch_store.is_sent(tx, incident, actor.id)
        if kept is None:
            raise NotFound("The sighting has no picture.", reason="no_picture")
        name, told = kept
        if not (told and sent):
            async with parts.following.door.open(_looking(actor, incident, why_of(found))):
                pass  # opening it is the look: it is refused, or in the log
        try:
            picture = await parts.objects.get(key_of(actor.agency, name))
        except NotFound as error:
            raise NotFound("The picture is not there (any more).", reason="no_picture") from error
        return Response(picture, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _shown(parts: FollowRoutes, actor: Actor, incident: UUID) -> forms.Follow:
    found = await incident_asked(parts.following.door, actor, incident)
    async with parts.following.door.open(_looking(actor, incident, why_of(found))) as tx:
        follow = await store.latest(tx, incident)
        if follow is None:
            return NOTHING
        going_on = any(one.id == follow.id for one in await store.open_follows(tx))
        seen = await parts.seer.see(tx, follow)
        people = [follow.started_by] + ([follow.ratified_by] if follow.ratified_by else [])
        return follow_form(seen, await names_of(tx, people), going_on=going_on, now=tx.now)


def _looking(actor: Actor, incident: UUID, why: Why) -> Ask:
    return Ask(
        actor,
        Need.FOLLOW_VIEW,
        why,
        technology=TechnologyKind.PLATE_READER,
        about=About("incident", incident),
    )
