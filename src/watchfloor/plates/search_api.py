"""Routes of searching reads and of looking at one: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside, why_given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import LONGEST_CURSOR, MOST, USUAL, Extent
from watchfloor.kit.route import PICTURE, Page, page
from watchfloor.plates import forms, search
from watchfloor.plates.model import Plate
from watchfloor.plates.picture import MEDIA_TYPE
from watchfloor.plates.search import Criteria
from watchfloor.plates.search_store import Answered, Found
from watchfloor.storage.objects import Objects


class SearchBody(BaseModel):
    """What to look for: a plate, between two times. `match`: `exact`, or `alike` (characters that look the same count
    as one).
    """

    model_config = ConfigDict(populate_by_name=True)

    plate: str = Field(max_length=60)
    match: str = "alike"
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    purpose: str
    case: str | None = None
    limit: int = Field(default=USUAL, ge=1, le=MOST)
    after: str | None = Field(default=None, max_length=LONGEST_CURSOR)


def add_routes(router: APIRouter, door: Door, objects: Objects) -> None:
    """The routes of searching reads."""

    @router.post("/plate-searches", openapi_extra=asks(Need.PLATES_SEARCH))
    async def search_reads(actor: Signed, body: SearchBody) -> Page[forms.FoundRead]:
        """Search reads for a plate, newest first. The search itself is kept in the log."""
        if body.match not in ("exact", "alike"):
            raise Invalid("A match is exact or alike.", reason="match")
        criteria = Criteria(Plate.of(body.plate), body.match == "exact", body.since, body.until)
        why = why_given(body.purpose, body.case)
        found = await search.search(door, actor, criteria, why, Extent(body.limit, body.after))
        return page(found.of(lambda one: found_json(one, criteria.plate)))

    @router.get("/plate-reads/{read_id}", openapi_extra=asks(Need.PLATES_SEARCH))
    async def get_read(actor: Signed, why: Purposed, read_id: str) -> forms.ReadDetail:
        """One read that was found, and the hot-list entries it answered to, as they were then."""
        found, answered = await search.look(door, actor, read_id, why)
        return detail_json(found, answered)

    @router.get("/plate-reads/{read_id}/picture", responses=PICTURE, openapi_extra=asks(Need.PLATES_SEARCH))
    async def read_picture(actor: Signed, why: Purposed, read_id: str) -> Response:
        """The picture of a read, as long as it is kept."""
        shown = await search.look_at_picture(door, objects, actor, read_id, why)
        return Response(shown, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def found_json(one: Found, sought: Plate) -> forms.FoundRead:
    """The outside form of a read; `strict` is false where alike characters had to count as one."""
    return {**_read_json(one), "strict": one.read.plate == sought}


def detail_json(one: Found, answered: Sequence[Answered]) -> forms.ReadDetail:
    """The outside form of a read with what it answered to."""
    hits: list[forms.ReadHit] = [
        {
            "answer": "match" if hit.answer == "match" else "candidate",
            "strict": hit.strict,
            "reason": hit.reason,
            "plate": hit.plate.text,
            "state": hit.state,
            "wanted_for": hit.wanted_for,
            "vehicle": hit.vehicle,
            "expires_at": hit.expires_at,
        }
        for hit in answered
    ]
    told: list[forms.ReadTelling] = [
        {
            "at": telling.at,
            "reader": outside("reader", telling.by),
            "lane": telling.lane,
            "plate": telling.plate.text,
            "state": telling.state,
            "confidence": telling.confidence,
        }
        for telling in one.read.told
    ]
    return {**_read_json(one), "hits": hits, "told": told}


def _read_json(one: Found) -> forms.KeptRead:
    read, read_id = one.read, search.id_of(one)
    return {
        "id": read_id,
        "plate": read.plate.text,
        "state": read.state,
        "confidence": read.confidence,
        "at": read.at,
        "device_at": read.device_at,
        "received_at": read.received_at,
        "clock_suspect": read.clock_suspect,
        "reader": {"id": outside("reader", read.device), "name": one.reader},
        "place": {"text": one.place, "lat": one.point.lat, "lon": one.point.lon},
        "heading_deg": read.heading_deg,
        "lane": read.lane,
        "vehicle": {
            "colour": read.vehicle.colour,
            "make": read.vehicle.make,
            "model": read.vehicle.model,
            "body": read.vehicle.body,
        },
        "picture": f"/api/v1/plate-reads/{read_id}/picture" if read.picture else None,
    }
