"""Routes of holds: what is kept past its retention, for which case, by whom, until when. It translates and decides nothing."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance import holds
from watchfloor.governance import policy_forms as forms
from watchfloor.governance.api import GovernanceParts, WhyBody
from watchfloor.governance.asker import Asker
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import PREFIX, inside, outside, why_of
from watchfloor.governance.hold_store import Hold
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.classes import DataClass


class HoldBody(BaseModel):
    """What to hold."""

    data_class: str
    about: str = Field(max_length=40)
    from_at: Instant
    to_at: Instant
    reason: str = Field(min_length=3, max_length=500)
    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)


class HoldConfirmBody(BaseModel):
    """Until when it lasts, and for what the second person confirms it."""

    ends_at: Instant
    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)


class HoldEndBody(WhyBody):
    """Why it ends."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)


def routes(parts: GovernanceParts) -> APIRouter:
    """The routes of holds."""
    router = APIRouter(tags=["governance"], route_class=Stated)

    @router.get("/holds", openapi_extra=asks(Need.POLICY_VIEW))
    async def list_holds(actor: Asker, extent: InPages) -> Page[forms.Hold]:
        """Every hold, those in force first."""
        return page((await holds.everything(parts.door, actor, extent)).of(hold_json))

    @router.post("/holds", status_code=201, openapi_extra=asks(Need.HOLDS_CHANGE))
    async def place_hold(actor: Asker, body: HoldBody) -> forms.HoldPlaced:
        """Hold at once, for 72 hours; UTC days that some rule has forgotten already are named."""
        placed = await holds.place(
            parts.door, actor, why_of(body.purpose, body.case), _wish(body), parts.known
        )
        return {**hold_json(placed.hold), "may_be_forgotten": list(placed.may_be_forgotten)}

    @router.post("/holds/{hold_id}/confirm", openapi_extra=asks(Need.HOLDS_CHANGE))
    async def confirm_hold(actor: Asker, hold_id: str, body: HoldConfirmBody) -> forms.Hold:
        """A second person makes it last."""
        why = why_of(body.purpose, body.case)
        return hold_json(await holds.confirm(parts.door, actor, why, inside("hold", hold_id), body.ends_at))

    @router.post("/holds/{hold_id}/end", openapi_extra=asks(Need.HOLDS_CHANGE))
    async def end_hold(actor: Asker, hold_id: str, body: HoldEndBody) -> forms.Hold:
        """End it; what is past its retention is forgotten in the sweep's next round."""
        why = why_of(body.purpose, body.case)
        return hold_json(await holds.end(parts.door, actor, why, inside("hold", hold_id), body.reason))

    return router


def _wish(body: HoldBody) -> holds.Wish:
    try:
        data_class = DataClass(body.data_class)
        about = inside(holds.HELD[data_class], body.about)
    except (ValueError, KeyError) as error:
        known = ", ".join(sorted(f"{kept.value} of a {PREFIX[kind]}_…" for kept, kind in holds.HELD.items()))
        raise Invalid(f"Held can be: {known}.", reason="data_class") from error
    return holds.Wish(data_class, about, body.from_at, body.to_at, body.reason)


def hold_json(hold: Hold) -> forms.Hold:
    """The outside form of a hold."""
    return {
        "id": outside("hold", hold.id),
        "state": "ended" if hold.ended_at else "standing" if hold.confirmed_by else "waiting",
        "case": f"case:{outside('case', hold.case)}",
        "data_class": hold.data_class,
        "about": outside(hold.about_kind, hold.about),
        "from_at": hold.from_at,
        "to_at": hold.to_at,
        "reason": hold.reason,
        "placed_by": _person(hold.placed_by),
        "placed_at": hold.placed_at,
        "confirmed_by": _person(hold.confirmed_by) if hold.confirmed_by else None,
        "ends_at": hold.ends_at,
        "ended_at": hold.ended_at,
    }


def _person(person: UUID) -> Acted:
    return {"id": outside("person", person), "name": None}
