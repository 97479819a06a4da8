"""Routes of searching reads and of looking at one: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.gone import unless_gone
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import LONGEST_CURSOR, MOST, USUAL, Extent, InPages
from watchfloor.kit.route import PICTURE
from watchfloor.plates import forms, history_store, search
from watchfloor.plates.criteria import Criteria
from watchfloor.plates.history_store import Tally
from watchfloor.plates.ingest.claim import MOST_OTHERS
from watchfloor.plates.likely import Odds
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.model import PlateRead, ReaderId
from watchfloor.plates.picture import MEDIA_TYPE
from watchfloor.plates.search import Searched
from watchfloor.plates.search_store import Answered, Found
from watchfloor.plates.sought import How, is_strict, sought
from watchfloor.plates.take import Intake
from watchfloor.plates.where import MOST_CORNERS, Where


class PointBody(BaseModel):
    """A point of a place."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class WhereBody(BaseModel):
    """A place: `area` within three points or more, `route` along a line of points, `near` one point."""

    kind: str
    points: list[PointBody] = Field(max_length=MOST_CORNERS)
    within_m: float = Field(default=0, ge=0, le=100_000)


class SearchBody(BaseModel):
    """What to look for between two times: a plate, a pattern with ? and *, or a place; or both. `match`: `exact`, `alike`
    (characters that look the same count as one), or `fuzzy` (and one character may differ, lack or be too many).
    """

    model_config = ConfigDict(populate_by_name=True)

    plate: str | None = Field(default=None, max_length=60)
    match: str = "alike"
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    where: WhereBody | None = None
    readers: list[str] = Field(default_factory=list, max_length=500)
    colour: str | None = Field(default=None, max_length=40)
    make: str | None = Field(default=None, max_length=40)
    purpose: str
    case: str | None = None
    limit: int = Field(default=USUAL, ge=1, le=MOST)
    after: str | None = Field(default=None, max_length=LONGEST_CURSOR)


def add_routes(router: APIRouter, parts: Intake, look_ups: LookUps) -> None:
    """The routes of searching reads."""
    door, objects, clock = parts.door, parts.objects, parts.clock

    @router.post("/plate-searches", openapi_extra=asks(Need.PLATES_SEARCH))
    async def search_reads(request: Request, actor: Signed, body: SearchBody) -> forms.PlateSearch:
        """Search reads, newest first. The search is kept in the log, and its id opens it again."""
        criteria, why = criteria_of(body), why_given(body.purpose, body.case)
        asked = search.search(door, look_ups, actor, criteria, why, Extent(body.limit, body.after), clock)
        return searched_json(await unless_gone(request, asked, clock))

    @router.get("/plate-searches/{search_id}", openapi_extra=asks(Need.PLATES_SEARCH))
    async def search_again(
        request: Request, actor: Signed, why: Purposed, search_id: str, extent: InPages
    ) -> forms.PlateSearch:
        """A search of before, by its id, made again for one's own purpose: a link to it says no plate."""
        asked = search.search_again(door, look_ups, actor, search_id, why, extent, clock)
        return searched_json(await unless_gone(request, asked, clock))

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


def criteria_of(body: SearchBody) -> Criteria:
    """What the body asks for. Raises Invalid or BadPlate."""
    try:
        how = How(body.match)
    except ValueError as error:
        raise Invalid("A match is exact, alike or fuzzy.", reason="match") from error
    text = (body.plate or "").strip()
    if body.plate is not None:
        sought(text, how)  # said before anything else is
    return Criteria(
        body.since,
        body.until,
        text or None,
        how,
        where_of(body.where),
        tuple(ReaderId(inside("reader", one)) for one in body.readers),
        body.colour,
        body.make,
    )


def where_of(body: WhereBody | None) -> Where | None:
    """The place that is sent. Raises Invalid."""
    if body is None:
        return None
    return Where(body.kind, tuple(Point(one.lat, one.lon) for one in body.points), body.within_m)


def searched_json(one: Searched) -> forms.PlateSearch:
    """The outside form of a search and of what it found."""
    criteria, tally = one.criteria, one.tally
    counted = tally is None or tally.reads < history_store.MOST
    return {
        "id": outside("entry", one.id),
        "sought": sought_json(criteria),
        "items": [found_json(read, criteria.plate) for read in one.found.items],
        "next": one.found.following,
        "tally": _tally_json(tally) if tally is not None else None,
        "complete": one.since <= criteria.since and counted,
        "looked_back_to": one.since,
    }


def sought_json(criteria: Criteria) -> forms.SoughtReads:
    """The outside form of what was looked for."""
    return {
        "plate": criteria.plate,
        "match": criteria.how.value,
        "since": criteria.since,
        "until": criteria.until,
        "where": where_json(criteria.where),
        "readers": [outside("reader", reader) for reader in criteria.readers],
        "colour": criteria.colour,
        "make": criteria.make,
    }


def where_json(where: Where | None) -> forms.SearchWhere | None:
    """The outside form of a place that is searched or watched."""
    if where is None:
        return None
    points: list[forms.SearchPoint] = [{"lat": point.lat, "lon": point.lon} for point in where.points]
    return {"kind": where.kind, "points": points, "within_m": where.within_m}


def _tally_json(tally: Tally) -> forms.ReadTally:
    return {
        "reads": tally.reads,
        "by_reader": [
            {
                "reader": outside("reader", reader),
                "place": {"text": place, "lat": at.lat, "lon": at.lon},
                "reads": n,
            }
            for reader, place, at, n in tally.by_reader
        ],
        "by_hour": [{"at": hour, "reads": n} for hour, n in tally.by_hour],
    }


def found_json(one: Found, sought_text: str | None) -> forms.FoundRead:
    """The outside form of a read; `strict` is false where it is not, letter by letter, what was sought."""
    return {**read_json(one), "strict": sought_text is None or is_strict(sought_text, one.read.plate)}


def odds_json(odds: Odds | None) -> forms.HitOdds | None:
    """The outside form of odds."""
    if odds is None:
        return None
    return {
        "probability": odds.probability,
        "misread": odds.misread,
        "wrong_state": odds.wrong_state,
        "near": odds.near,
        "pooled": odds.pooled,
        "verdicts": odds.verdicts,
    }


def detail_json(one: Found, answered: Sequence[Answered]) -> forms.ReadDetail:
    """The outside form of a read with what it answered to."""
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
    return {
        **read_json(one),
        "hits": [hit_json(hit) for hit in answered],
        "told": told,
        "others": others_json(one.read),
    }


def hit_json(hit: Answered) -> forms.ReadHit:
    """The outside form of an entry that a read answered to."""
    return {
        "kind": hit.kind,
        "grade": hit.grade,
        "odds": odds_json(hit.odds),
        "answer": "match" if hit.answer == "match" else "candidate",
        "strict": hit.strict,
        "reason": hit.reason,
        "plate": hit.plate.text,
        "state": hit.state,
        "wanted_for": hit.wanted_for,
        "vehicle": hit.vehicle,
        "expires_at": hit.expires_at,
    }


def others_json(read: PlateRead) -> list[forms.OtherReading]:
    """What else the reader says it may be, the likeliest first."""
    others = [other for other in read.alternatives if other.plate.text != read.plate.text]
    likeliest = sorted(others, key=lambda other: -(other.confidence or 0.0))[:MOST_OTHERS]
    return [{"plate": other.plate.text, "confidence": other.confidence} for other in likeliest]


def read_json(one: Found) -> forms.KeptRead:
    """The outside form of a read as it was kept."""
    read_id = search.id_of(one)
    return {
        **told_json(one.read, one.reader, one.place, one.point),
        "id": read_id,
        "picture": f"/api/v1/plate-reads/{read_id}/picture" if one.read.picture else None,
    }


def told_json(read: PlateRead, reader: str, place: str, point: Point) -> forms.ReadTold:
    """What a read says, at a reader of that name, which stood there."""
    return {
        "plate": read.plate.text,
        "state": read.state,
        "confidence": read.confidence,
        "at": read.at,
        "device_at": read.device_at,
        "received_at": read.received_at,
        "clock_suspect": read.clock_suspect,
        "reader": {"id": outside("reader", read.device), "name": reader},
        "place": {"text": place, "lat": point.lat, "lon": point.lon},
        "heading_deg": read.heading_deg,
        "lane": read.lane,
        "vehicle": {
            "colour": read.vehicle.colour,
            "make": read.vehicle.make,
            "model": read.vehicle.model,
            "body": read.vehicle.body,
        },
    }
