"""Routes of look-up reviews and of staff's plates: translate in, call a use case, translate out."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import Clock
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page, takes
from watchfloor.plates.misuse import forms
from watchfloor.plates.misuse.review import LookUpVerdict, Reviews, State
from watchfloor.plates.misuse.rules import Relation
from watchfloor.plates.misuse.show import (
    detail_json,
    figures_json,
    review_json,
    said_json,
    told_json,
)
from watchfloor.plates.misuse.staff import StaffPlates

_USUAL_FIGURES: Final = timedelta(days=365)


class VerdictBody(BaseModel):
    """What a reviewer says of a look-up, and why."""

    verdict: LookUpVerdict
    reason: str = Field(max_length=2000)


class StaffPlateBody(BaseModel):
    """One plate, of the person's own car or of one of the household."""

    plate: str = Field(max_length=20)
    relation: Relation = Relation.OWN


class StaffPlatesBody(BaseModel):
    """Plates to register beside those that are registered; none says that there are no more."""

    plates: list[StaffPlateBody] = Field(max_length=20)


class ClearBody(BaseModel):
    """Why somebody's plates are forgotten."""

    why: str = Field(max_length=200)


def routes(reviews: Reviews, staff: StaffPlates, clock: Clock) -> APIRouter:
    """The routes of look-up reviews and of staff's plates."""
    router = APIRouter(tags=["look_ups"], route_class=Stated)
    _add_reviews(router, reviews, clock)
    _add_staff(router, staff)
    return router


def _add_reviews(router: APIRouter, reviews: Reviews, clock: Clock) -> None:
    @router.get("/look-up-reviews", openapi_extra=asks(Need.LOOK_UPS_REVIEW))
    async def list_reviews(
        actor: Signed, extent: InPages, state: Annotated[State | None, Query()] = None
    ) -> Page[forms.LookUpReview]:
        """Look-ups that are or were reviewed outside the room, newest first."""
        found, names, now = await reviews.listed(actor, state, extent)
        return page(found.of(lambda one: review_json(one, names, now)))

    @router.get("/look-up-reviews/own", openapi_extra=asks(Need.LOOK_UPS_OWN))
    async def list_own_reviews(actor: Signed, extent: InPages) -> Page[forms.ToldReview]:
        """Reviews of one's own look-ups, newest first, as far as the center tells of them."""
        return page((await reviews.own(actor, extent)).of(told_json))

    @router.get("/look-up-reviews/{review_id}", openapi_extra=asks(Need.LOOK_UPS_REVIEW))
    async def get_review(actor: Signed, review_id: str) -> forms.LookUpReviewDetail:
        """One look-up: what was sought, by whom, for what, and what came of it."""
        return detail_json(*await reviews.look(actor, inside("look_up_review", review_id)))

    @router.post("/look-up-reviews/{review_id}/verdict", openapi_extra=asks(Need.LOOK_UPS_REVIEW))
    async def give_verdict(actor: Signed, review_id: str, body: VerdictBody) -> forms.LookUpReviewDetail:
        """Say whether a look-up was proper, and why. It is said once."""
        asked = inside("look_up_review", review_id)
        return detail_json(*await reviews.decide(actor, asked, body.verdict, body.reason))

    @router.get("/look-up-figures", openapi_extra=asks(Need.LOOK_UPS_COUNT))
    async def show_figures(
        actor: Signed,
        from_at: Annotated[Instant | None, Query(alias="from")] = None,
        to_at: Annotated[Instant | None, Query(alias="to")] = None,
    ) -> forms.LookUpFigures:
        """How many look-ups were flagged and drawn, and what came of their reviews: of a year, or between two times."""
        until = to_at or clock.now()
        return figures_json(await reviews.figures(actor, from_at or until - _USUAL_FIGURES, until))


def _add_staff(router: APIRouter, staff: StaffPlates) -> None:
    @router.get("/staff-plates", openapi_extra=asks(Need.STAFF_PLATES_VIEW))
    async def list_staff_plates(actor: Signed, extent: InPages) -> Page[forms.StaffPlates]:
        """Who said which plates are theirs, and how many; never which."""
        return page((await staff.everybody(actor, extent)).of(said_json))

    @router.get("/staff-plates/own", openapi_extra=asks(Need.STAFF_PLATES_OWN))
    async def get_own_plates(actor: Signed) -> forms.StaffPlates:
        """How many plates of one's own are registered."""
        return said_json(await staff.own(actor))

    @router.post("/staff-plates/own", status_code=201, openapi_extra=asks(Need.STAFF_PLATES_OWN))
    async def say_own_plates(actor: Signed, body: StaffPlatesBody) -> forms.StaffPlates:
        """Register plates of one's own and of the household, or say that there are none."""
        return said_json(await staff.say(actor, {one.plate: one.relation for one in body.plates}))

    @router.post(
        "/staff-plates/imports",
        status_code=201,
        openapi_extra=asks(Need.STAFF_PLATES_CHANGE) | takes("text/csv"),
    )
    async def bring_in_plates(request: Request, actor: Signed) -> forms.StaffPlatesBroughtIn:
        """Register plates from a CSV with the columns person (sign-in name), plate and relation (own, household)."""
        brought = await staff.bring_in(actor, await request.body())
        return {
            "people": brought.people,
            "taken": brought.taken,
            "bad": [{"row": one.row, "why": one.why} for one in brought.bad],
        }

    @router.post("/staff-plates/people/{person_id}/clear", openapi_extra=asks(Need.STAFF_PLATES_CHANGE))
    async def clear_plates(actor: Signed, person_id: str, body: ClearBody) -> forms.StaffPlates:
        """Forget somebody's plates, so that they are said anew: a car was sold."""
        return said_json(await staff.clear(actor, inside("person", person_id), body.why))
