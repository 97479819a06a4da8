"""Routes of units: translate in, call a use case, translate out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Place, Token
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.api import Either, Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.units import change, forms
from watchfloor.units.change import Units
from watchfloor.units.model import Report, Unit, age_of
from watchfloor.units.report import report


class UnitBody(BaseModel):
    """A new unit."""

    call_sign: str = Field(max_length=40)


class CrewBody(BaseModel):
    """Who is on the unit from now."""

    people: list[str] = Field(max_length=50)


class PositionBody(BaseModel):
    """One position: degrees, metres, metres a second, degrees clockwise from north; `at` is the device's time."""

    lat: float
    lon: float
    at: Instant | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    key: str | None = Field(default=None, min_length=1, max_length=100)


class PositionsBody(BaseModel):
    """Several positions at once, in any order, or the fields of a single one."""

    positions: list[PositionBody] | None = None
    lat: float | None = None
    lon: float | None = None
    at: Instant | None = None
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    key: str | None = Field(default=None, min_length=1, max_length=100)


def routes(parts: Units) -> APIRouter:
    """The routes of units."""
    router = APIRouter(tags=["units"], route_class=Stated)
    _add_units(router, parts)
    _add_reports(router, parts)
    return router


def _add_units(router: APIRouter, parts: Units) -> None:
    @router.get("/units", openapi_extra=asks((Need.UNITS_VIEW, Need.UNITS_LIST)))
    async def list_units(actor: Signed, extent: InPages) -> Page[forms.Unit]:
        """Every unit, who is on it, and where it was last; who looks after units alone is not told where."""
        lists = Role.ADMINISTRATOR in actor.roles and not actor.roles & frozenset(Need.UNITS_VIEW.roles)
        async with parts.door.open(Ask(actor, Need.UNITS_LIST if lists else Need.UNITS_VIEW)) as tx:
            found = await change.every(tx, extent)
            return page(found.of(lambda unit: unit_json(_nowhere(unit) if lists else unit, tx.now)))

    @router.post("/units", status_code=201, openapi_extra=asks(Need.UNITS_CHANGE))
    async def create_unit(actor: Signed, body: UnitBody) -> forms.Unit:
        """Create a unit."""
        return unit_json(await change.create(parts, actor, body.call_sign), None)

    @router.put("/units/{unit_id}/crew", openapi_extra=asks(Need.UNITS_CHANGE))
    async def set_crew(
        actor: Signed, unit_id: str, body: CrewBody, if_match: Annotated[str | None, Header()] = None
    ) -> forms.Unit:
        """Say who is on a unit; they leave the one they were on."""
        people = [inside("person", person) for person in body.people]
        changed = await change.crew(
            parts, actor, inside("unit", unit_id), people, version=version_of(if_match)
        )
        return unit_json(changed, None)

    @router.delete("/units/{unit_id}", status_code=204, openapi_extra=asks(Need.UNITS_CHANGE))
    async def retire_unit(actor: Signed, unit_id: str) -> None:
        """Take a unit out of service."""
        await change.retire(parts, actor, inside("unit", unit_id))

    @router.post("/units/{unit_id}/token", openapi_extra=asks(Need.DEVICES_CHANGE))
    async def issue_token(actor: Signed, unit_id: str) -> Token:
        """A new token for the vehicle's own device, shown once."""
        return {"token": await change.token(parts, actor, inside("unit", unit_id))}


def _add_reports(router: APIRouter, parts: Units) -> None:
    @router.post("/units/{unit_id}/positions", openapi_extra=asks(Need.UNIT_POSITION))
    async def report_positions(actor: Either, unit_id: str, body: PositionsBody) -> forms.Reported:
        """A unit's own device, or somebody on it, says where it was: late, twice and out of order are all well."""
        done = await report(parts, actor, inside("unit", unit_id), _reports(body))
        return {"accepted": done.accepted, "repeated": done.repeated, "moved": done.moved}


def _reports(body: PositionsBody) -> list[Report]:
    if body.positions is not None:
        return [_report(position) for position in body.positions]
    if body.lat is None or body.lon is None:
        raise Invalid("A position has lat and lon.", reason="positions")
    return [_report(PositionBody.model_validate(body.model_dump(exclude={"positions"})))]


def _report(body: PositionBody) -> Report:
    return Report(body.lat, body.lon, body.at, body.accuracy_m, body.speed_mps, body.heading_deg, body.key)


def _nowhere(unit: Unit) -> Unit:
    return replace(unit, place=None, position_at=None, heading_deg=None, speed_mps=None)


def unit_json(unit: Unit, now: datetime | None) -> forms.Unit:
    """The outside form of a unit; with `now`, also how old its position is."""
    age = age_of(unit.position_at, now=now) if now is not None else None
    place: Place | None = None
    if unit.place is not None:
        place = {"text": _place_text(unit), "lat": unit.place.lat, "lon": unit.place.lon}
    return {
        "id": outside("unit", unit.id),
        "call_sign": unit.call_sign,
        "state": unit.state,
        "place": place,
        "position_at": unit.position_at,
        "position_stale": age.stale if age else None,
        "heading_deg": unit.heading_deg,
        "speed_mps": unit.speed_mps,
        "crew": [{"id": outside("person", member.id), "name": member.name} for member in unit.crew],
        "version": unit.version,
    }


def _place_text(unit: Unit) -> str:
    return f"{unit.place.lat:.5f}, {unit.place.lon:.5f}" if unit.place else ""
