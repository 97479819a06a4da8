"""Routes of what is lent to partner centers to record, and of what they lend to us. Translate in, call a use case, translate out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras.partners import forms, lendings
from watchfloor.cameras.partners.borrowed_store import Borrowed
from watchfloor.cameras.partners.lendings import Listed, Wish
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.lending_store import Given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import Clock
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class LendingBody(BaseModel):
    """Which cameras a partner center may record, until when, and why."""

    partner: str = Field(max_length=40)
    cameras: list[str] = Field(max_length=lendings.MOST_CAMERAS)
    until: Instant
    reason: str = Field(max_length=2000)


class EndBody(BaseModel):
    """Why it ends."""

    why: str = Field(max_length=2000)


def routes(door: Door, clock: Clock) -> APIRouter:
    """The routes of lendings."""
    router = APIRouter(tags=["sites"], route_class=Stated)

    @router.get("/lendings", openapi_extra=asks(Need.LENDINGS_VIEW))
    async def list_lendings(actor: Signed, extent: InPages) -> Page[forms.Lending]:
        """Every leave to record cameras of ours that was given to a partner center, the newest first."""
        found = await lendings.everything(door, actor, extent)
        return page(found.found.of(lambda one: _lending(one, found, clock.now())))

    @router.get("/lendings/partners", openapi_extra=asks(Need.LENDINGS_VIEW))
    async def list_partners(actor: Signed) -> forms.Partners:
        """The partner centers that have an account here: to whom cameras can be lent."""
        found = await lendings.whom(door, actor)
        return {"partners": [{"id": outside("person", one), "name": name} for one, name in found.items()]}

    @router.post("/lendings", status_code=201, openapi_extra=asks(Need.LENDING_PROPOSE))
    async def propose_lending(actor: Signed, body: LendingBody) -> forms.LendingAsked:
        """Propose that a partner center may record cameras of ours; a second person approves the proposal."""
        cameras = [inside("camera", one) for one in body.cameras]
        wish = Wish(inside("person", body.partner), cameras, body.until, body.reason)
        return {"proposal": outside("proposal", (await lendings.propose_lending(door, actor, wish)).id)}

    @router.post("/lendings/{lending_id}/end", openapi_extra=asks(Need.LENDING_END))
    async def end_lending(actor: Signed, lending_id: str, body: EndBody) -> forms.Lending:
        """End it at once: the partner center's recording stops within a second."""
        found = await lendings.end(door, actor, inside("lending", lending_id), body.why)
        return _lending(found.found.items[0], found, clock.now())

    @router.get("/borrowed-cameras", openapi_extra=asks(Need.LENDINGS_VIEW))
    async def list_borrowed(actor: Signed, extent: InPages) -> Page[forms.Borrowed]:
        """Cameras of partner centers that are or were recorded here, and under which leave of theirs; the newest first."""
        return page((await lendings.borrowed(door, actor, extent)).of(_borrowed))

    return router


def _lending(one: Given, listed: Listed, now: datetime) -> forms.Lending:
    lent = one.lending

    def person(who: UUID) -> Acted:
        return {"id": outside("person", who), "name": listed.people.get(who)}

    cameras = sorted(lent.cameras, key=lambda camera: (listed.cameras.get(camera, ""), camera))
    return {
        "id": outside("lending", lent.id),
        "title": lent.title,
        "partner": person(lent.partner),
        "cameras": [{"id": outside("camera", one), "name": listed.cameras.get(one, "")} for one in cameras],
        "reason": one.reason,
        "asked_by": person(one.asked_by),
        "given_by": person(one.given_by),
        "given_at": lent.given_at,
        "until": lent.until,
        "in_force": not lent.over(now),
        "ended_at": lent.ended_at,
        "ended_by": person(one.ended_by) if one.ended_by is not None else None,
        "ended_why": one.ended_why,
    }


def _borrowed(one: Borrowed) -> forms.Borrowed:
    return {
        "id": outside("borrowing", one.id),
        "camera": {"id": outside("camera", one.camera), "name": one.camera_name},
        "center": one.center,
        "lending": one.lending,
        "since": one.since,
        "last_at": one.last_at,
        "until": one.until,
        "ended_at": one.ended_at,
        "ended_why": one.ended_why,
    }
