"""Routes of readers for people, and all routes of plates put together. Translate in, call a use case, translate out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Token
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.plate_settings import WatchSettings
from watchfloor.plates import (
    budget_api,
    cap_api,
    co_travel_api,
    device_api,
    health_forms,
    list_api,
    possible_api,
    registry,
    scenes_api,
    search_api,
    table_api,
    watch_api,
)
from watchfloor.plates.co_travel import Allowed
from watchfloor.plates.health_book import HealthBook
from watchfloor.plates.list_api import ListParts
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import ReaderId
from watchfloor.plates.registry import NewReader, ShownReader
from watchfloor.plates.take import Intake
from watchfloor.plates.watches import Limits, limits_of

WATCHES: Final = limits_of(WatchSettings())
NO_CO_TRAVEL: Final = Allowed(False, timedelta(days=30))


@dataclass(frozen=True, slots=True)
class PlatesParts:
    """What the routes need: what taking reads needs, a folder for files that are being read (not listed there), what keeps who
    looked plates up, and what a watch may be at most."""

    intake: Intake
    spool: Path
    look_ups: LookUps
    watches: Limits = WATCHES
    co_travel: Allowed = NO_CO_TRAVEL


class ReaderBody(BaseModel):
    """A plate reader to register."""

    name: str = Field(min_length=1, max_length=100)
    place: str = Field(min_length=1, max_length=200)
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    heading_deg: float | None = Field(default=None, ge=0, lt=360)
    technology: str = TechnologyKind.PLATE_READER.value
    site: str | None = Field(
        default=None, min_length=1, max_length=100, description="Readers of one site are its lanes."
    )
    mobile: bool = Field(default=False, description="It says with each read where it was.")


def routes(parts: PlatesParts) -> APIRouter:
    """The routes of plates."""
    router = APIRouter(tags=["plates"], route_class=Stated)
    _add_readers(router, parts)
    table_api.add_routes(router, parts.intake.door)
    lists = ListParts(parts.intake, parts.spool)
    list_api.add_routes(router, lists, parts.look_ups)
    cap_api.add_routes(router, lists)
    co_travel_api.add_routes(router, parts.intake.door, parts.co_travel, parts.look_ups)
    watch_api.add_routes(router, lists, parts.watches, parts.look_ups)
    budget_api.add_routes(router, parts.intake.door)
    possible_api.add_routes(router, parts.intake)
    search_api.add_routes(router, parts.intake, parts.look_ups)
    scenes_api.add_routes(router, parts.intake, parts.look_ups)
    router.include_router(device_api.routes(parts.intake))
    router.include_router(list_api.feed_routes(lists))
    router.include_router(cap_api.feed_routes(lists))
    return router


def _new(body: ReaderBody, technology: TechnologyKind) -> NewReader:
    place = Point(body.lat, body.lon)
    return NewReader(body.name, technology, body.place, place, body.heading_deg, body.site, body.mobile)


def _add_readers(router: APIRouter, parts: PlatesParts) -> None:
    door, book = parts.intake.door, HealthBook()

    @router.get("/readers", openapi_extra=asks(Need.READERS_VIEW))
    async def list_readers(actor: Signed, extent: InPages) -> Page[health_forms.Reader]:
        """Every plate reader and its state."""
        return page((await registry.every(door, book, actor, extent)).of(reader_json))

    @router.get("/readers/{reader_id}", openapi_extra=asks(Need.READERS_VIEW))
    async def get_reader(actor: Signed, reader_id: str) -> health_forms.ReaderDetail:
        """One reader, how it is, and its last week hour by hour beside what is usual."""
        found = await registry.look(door, book, actor, ReaderId(inside("reader", reader_id)))
        return {**reader_json(found[0]), "hours": health_forms.hours_json(*found[1:])}

    @router.post("/readers", status_code=201, openapi_extra=asks(Need.READERS_CHANGE, Need.READERS_VIEW))
    async def register_reader(actor: Signed, body: ReaderBody) -> health_forms.Reader:
        """Register a plate reader."""
        try:
            technology = TechnologyKind(body.technology)
        except ValueError as error:
            raise Invalid("There is no such technology.", reason="technology") from error
        return reader_json(await registry.register(door, book, actor, _new(body, technology)))

    @router.post("/readers/{reader_id}/token", status_code=201, openapi_extra=asks(Need.DEVICES_CHANGE))
    async def issue_token(actor: Signed, reader_id: str) -> Token:
        """A new token for the reader's device, shown once; the one before ends."""
        return {"token": await registry.issue_token(door, actor, ReaderId(inside("reader", reader_id)))}

    @router.post("/readers/{reader_id}/retire", openapi_extra=asks(Need.READERS_CHANGE, Need.READERS_VIEW))
    async def retire_reader(actor: Signed, reader_id: str) -> health_forms.Reader:
        """Take a reader out of service; nothing more is taken from it."""
        return reader_json(await registry.retire(door, book, actor, ReaderId(inside("reader", reader_id))))


def reader_json(shown: ShownReader) -> health_forms.Reader:
    """The outside form of a reader."""
    reader = shown.reader
    return {
        "id": outside("reader", reader.id),
        "name": reader.name,
        "technology": reader.technology,
        "place": {"text": reader.place, "lat": reader.point.lat, "lon": reader.point.lon},
        "heading_deg": reader.heading_deg,
        "site": reader.site,
        "mobile": reader.mobile,
        "camera": outside("camera", reader.camera) if reader.camera else None,
        "video": health_forms.video_json(shown.video, reader.stream),
        "state": {
            "level": shown.shown.level,
            "word": shown.shown.word,
            "reason": shown.shown.reason,
            "since": shown.shown.since,
            "last_read_at": shown.last_read_at,
        },
        "reads": shown.reads,
        "clock_off_ms": shown.clock_off_ms,
        "health": health_forms.health_json(shown.health),
        "authorisation": outside("authorisation", shown.authorisation) if shown.authorisation else None,
        "authorised_until": shown.authorised_until,
        "version": reader.version,
    }
