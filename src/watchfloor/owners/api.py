"""Routes of owners for staff: the queue of those who offer cameras, and what is decided. Translate in, decide, translate out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.owners import forms, validate
from watchfloor.owners.model import Owner
from watchfloor.owners.sign_up import Owners
from watchfloor.owners.validate import Beside

IfMatch = Annotated[str | None, Header()]
_BOTH = asks(Need.OWNERS_DECIDE, Need.OWNERS_VIEW)


class QuestionBody(BaseModel):
    """What an owner is asked."""

    question: str = Field(max_length=2000)


class RefusalBody(BaseModel):
    """Why an offer is not taken up; the owner reads it."""

    reason: str = Field(max_length=2000)


class PlaceBody(BaseModel):
    """Where on the map an owner's camera is, in degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


def routes(owners: Owners) -> APIRouter:
    """The routes for staff."""
    router = APIRouter(tags=["owners"], route_class=Stated)

    @router.get("/owners", openapi_extra=asks(Need.OWNERS_VIEW))
    async def list_owners(actor: Signed, extent: InPages, state: str = "open") -> Page[forms.Owner]:
        """Who offers cameras, those who wait for a decision first; with `?state=all` those refused and gone too."""
        if state not in ("open", "all"):
            raise Invalid("`state` is open or all.", reason="state")
        found, known = await validate.queue(owners, actor, extent, over=state == "all")
        return page(found.of(lambda owner: owner_json(owners, owner, known)))

    @router.get("/owners/{owner_id}", openapi_extra=asks(Need.OWNERS_VIEW))
    async def get_owner(actor: Signed, owner_id: str) -> forms.Owner:
        """One of them."""
        return await _view(owners, actor, inside("owner", owner_id))

    _add_decisions(router, owners)
    return router


def _add_decisions(router: APIRouter, owners: Owners) -> None:
    @router.post("/owners/{owner_id}/accept", openapi_extra=_BOTH)
    async def accept(actor: Signed, owner_id: str, if_match: IfMatch = None) -> forms.Owner:
        """Accept the offer; they are written the link to their page."""
        owner = inside("owner", owner_id)
        await validate.accept(owners, actor, owner, version_of(if_match))
        return await _view(owners, actor, owner)

    @router.post("/owners/{owner_id}/ask", openapi_extra=_BOTH)
    async def ask(actor: Signed, owner_id: str, body: QuestionBody, if_match: IfMatch = None) -> forms.Owner:
        """Ask them something before deciding."""
        owner = inside("owner", owner_id)
        await validate.ask(owners, actor, owner, body.question, version_of(if_match))
        return await _view(owners, actor, owner)

    @router.post("/owners/{owner_id}/refuse", openapi_extra=_BOTH)
    async def refuse(
        actor: Signed, owner_id: str, body: RefusalBody, if_match: IfMatch = None
    ) -> forms.Owner:
        """Do not take up the offer, and say why."""
        owner = inside("owner", owner_id)
        await validate.refuse(owners, actor, owner, body.reason, version_of(if_match))
        return await _view(owners, actor, owner)

    @router.post("/owners/{owner_id}/place", openapi_extra=_BOTH)
    async def locate(actor: Signed, owner_id: str, body: PlaceBody, if_match: IfMatch = None) -> forms.Owner:
        """Say where on the map their address is: a canvass finds by places those who may be asked."""
        owner = inside("owner", owner_id)
        await validate.locate(owners, actor, owner, Point(body.lat, body.lon), version_of(if_match))
        return await _view(owners, actor, owner)

    @router.post("/owners/{owner_id}/link", openapi_extra=asks(Need.OWNERS_DECIDE))
    async def hand_over(actor: Signed, owner_id: str) -> forms.Link:
        """A one-time link to hand over where no letter brought it."""
        return {"link": await validate.hand_over(owners, actor, inside("owner", owner_id))}


async def _view(owners: Owners, actor: Actor, owner: UUID) -> forms.Owner:
    found, known = await validate.one(owners, actor, owner)
    return owner_json(owners, found, known)


def owner_json(owners: Owners, owner: Owner, known: Beside) -> forms.Owner:
    """The outside form of an owner."""
    said, by, place = owner.signed_up, owner.decided_by, owner.signed_up.place
    return {
        "id": outside("owner", owner.id),
        "kind": said.kind,
        "name": said.name,
        "email": said.email,
        "phone": said.phone,
        "place": {
            "text": said.address,
            "lat": place.lat if place else None,
            "lon": place.lon if place else None,
        },
        "make": said.make,
        "cameras": said.cameras,
        "shares": said.shares,
        "note": said.note,
        "terms": owner.terms,
        "terms_at": owner.terms_at,
        "state": owner.state,
        "said": owner.said,
        "created_at": owner.created_at,
        "verified_at": owner.verified_at,
        "decided_at": owner.decided_at,
        "decided_by": {"id": outside("person", by), "name": known.names.get(by)} if by is not None else None,
        "mail": _mailed(owners, owner, known),
        "version": owner.version,
    }


def _mailed(owners: Owners, owner: Owner, known: Beside) -> forms.Mailed:
    last = known.mails.get(owner.id)
    if last is None:
        return {"state": "none", "at": None, "error": None}
    if last["sent_at"] is not None:
        return {"state": "sent", "at": last["sent_at"], "error": None}
    if last["given_up_at"] is not None:
        return {"state": "given_up", "at": last["given_up_at"], "error": last["error"]}
    state = "waiting" if owners.mails else "no_mail_server"
    return {"state": state, "at": last["created_at"], "error": last["error"]}
