"""Routes of co-travellers: ask, look, see what was found. Approving one is deciding its proposal. Translate in, call, translate out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_of, case_text, inside, outside, why_given
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import Case
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import page
from watchfloor.plates import co_travel, co_travel_form
from watchfloor.plates.co_travel import PROVES, Allowed, Draft, Seen
from watchfloor.plates.co_travel_store import CoTravel, Vehicle
from watchfloor.plates.companions import FALSE_SHARE
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import Plate


class CoTravelBody(BaseModel):
    """The vehicle and the time, the case, the court's order and why."""

    model_config = ConfigDict(populate_by_name=True)

    plate: str = Field(max_length=60)
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    order: str = Field(max_length=100, description="The court's order: its number and date.")
    reason: str = Field(min_length=3, max_length=500)


def add_routes(router: APIRouter, door: Door, allowed: Allowed, look_ups: LookUps) -> None:
    """The routes of co-travellers."""
    _needs = asks(Need.CO_TRAVEL_ASK, Need.CO_TRAVEL_VIEW)

    @router.post("/co-travel-searches", status_code=201, openapi_extra=_needs)
    async def ask_for_co_travellers(actor: Signed, body: CoTravelBody) -> co_travel_form.CoTravel:
        """Ask who travelled with a vehicle, for a case under a court's order; another person approves it. Off by default."""
        why = why_given(body.purpose, body.case)
        draft = Draft(Plate.of(body.plate), body.since, body.until, body.order.strip(), body.reason.strip())
        made = await co_travel.ask_for(door, look_ups, allowed, actor, draft, why)
        return _whole(await co_travel.view(door, actor, made, why))

    @router.get("/co-travel-searches", openapi_extra=asks(Need.CO_TRAVELS_VIEW))
    async def list_co_travel_searches(
        actor: Signed,
        extent: InPages,
        case: Annotated[str | None, Query(max_length=60, description="Only those of this case.")] = None,
        search: Annotated[str | None, Query(max_length=60, description="Only this one, by its id.")] = None,
    ) -> co_travel_form.CoTravelSearches:
        """Searches for co-travellers, the newest first, without their vehicles: for oversight, and for who may ask."""
        of = _case_id(case) if case is not None else None
        only = inside("co_travel", search) if search is not None else None
        found, names = await co_travel.everything(door, actor, extent, case=of, only=only)
        listed = page(found.of(lambda one: _form(one, names)))
        return {**listed, "enabled": allowed.enabled, "keep_days": allowed.keep_for.days}

    @router.get("/co-travel-searches/{co_travel_id}", openapi_extra=asks(Need.CO_TRAVEL_VIEW))
    async def get_co_travel_search(
        actor: Signed, why: Purposed, co_travel_id: str
    ) -> co_travel_form.CoTravel:
        """One search with its vehicle and what was found, for its own case under the court's order."""
        return _whole(await co_travel.view(door, actor, inside("co_travel", co_travel_id), why))


def _case_id(text: str) -> UUID:
    case = case_of(text)
    if case.kind is not CaseKind.CASE:
        raise Invalid("Co-travellers are looked for under cases: write case:case_….", reason="case")
    return case.id


def _whole(seen: Seen) -> co_travel_form.CoTravel:
    vehicle, search = seen.vehicle, seen.search
    return {
        "search": _form(search, seen.names),
        "vehicle": {"plate": vehicle.plate.text, "from": vehicle.since, "to": vehicle.until}
        if vehicle
        else None,
        "result": _result(search, vehicle)
        if vehicle is not None and vehicle.companions is not None
        else None,
        "says": PROVES,
    }


def _form(one: CoTravel, names: Mapping[UUID, str]) -> co_travel_form.CoTravelSearch:
    def acted(who: UUID) -> Acted:
        return {"id": outside("person", who), "name": names.get(who)}

    return {
        "id": outside("co_travel", one.id),
        "state": one.state,
        "said": one.said,
        "progress": one.progress,
        "case": case_text(Case(CaseKind.CASE, one.case)),
        "order": one.order,
        "reason": one.reason,
        "asked_by": acted(one.asked_by),
        "asked_at": one.asked_at,
        "proposal": outside("proposal", one.proposal),
        "decided_by": acted(one.decided_by) if one.decided_by else None,
        "decided_at": one.decided_at,
        "open_until": one.open_until,
        "tries": one.tries,
        "found": one.found,
        "ended_at": one.ended_at,
        "expires_at": one.expires_at,
    }


def _result(one: CoTravel, vehicle: Vehicle) -> co_travel_form.CoTravelFound:
    return {
        "passes": one.passes or 0,
        "drives": one.drives or 0,
        "tries": one.tries or 0,
        "threshold": FALSE_SHARE,
        "companions": [_companion(kept) for kept in vehicle.companions or ()],
    }


def _companion(kept: Mapping[str, Json]) -> co_travel_form.CoTraveller:
    meetings = cast("Sequence[Mapping[str, str]]", kept["meetings"])
    return {
        "plates": list(cast("Sequence[str]", kept["plates"])),
        "near": cast("int", kept["near"]),
        "expected": float(cast("str", kept["expected"])),
        "drives": cast("int", kept["drives"]),
        "p": float(cast("str", kept["p"])),
        "corrected": float(cast("str", kept["corrected"])),
        "meetings": [
            {"at": parse_rfc3339(one["at"]), "reader": one["reader"], "name": one["name"]} for one in meetings
        ],
    }
