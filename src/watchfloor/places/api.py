"""Routes of places: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Invalid
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page, takes
from watchfloor.places import forms, store
from watchfloor.places.atlas import Atlas
from watchfloor.places.columns import ColumnMapping
from watchfloor.places.drawing import MEDIA_TYPE
from watchfloor.places.model import MapForm, StreetMap

_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": forms.StreetLines},
    304: {"description": "Not changed."},
}


class GeoJson(JSONResponse):
    """Lines as they were made ready: what is given is bytes already."""

    media_type = MEDIA_TYPE

    def render(self, content: bytes) -> bytes:
        return content


class MappingBody(BaseModel):
    """Which column means what; see `ColumnMapping`."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    one_way: str | None = None
    heading: str | None = None
    speed_mph: str | None = None
    speed_kmh: str | None = None
    from_level: str | None = None
    to_level: str | None = None
    leave_out: list[str] = []


def routes(parts: Atlas) -> APIRouter:
    """The routes of street maps."""
    router = APIRouter(tags=["places"], route_class=Stated)

    @router.post(
        "/street-maps",
        status_code=201,
        openapi_extra=asks(Need.PLACES_IMPORT) | takes("application/octet-stream"),
    )
    async def import_streets(
        actor: Signed,
        request: Request,
        name: Annotated[str, Query(max_length=200)],
        form: Annotated[MapForm, Query()],
        attribution: Annotated[str, Query(max_length=500)] = "",
        mapping: Annotated[str | None, Query(max_length=4000)] = None,
    ) -> forms.StreetMap:
        """Import street centrelines and use them from now: the body is the file, `mapping` JSON where columns have odd names."""
        data = await request.body()
        new = await parts.bring(
            actor, data, form, name=name, attribution=attribution, mapping=_mapping(mapping)
        )
        return map_form(new, actor.name)

    @router.get("/street-maps", openapi_extra=asks(Need.PLACES_IMPORT))
    async def list_street_maps(actor: Signed, extent: InPages) -> Page[forms.StreetMap]:
        """Every imported street map, the newest first; one is in use."""
        async with parts.door.open(Ask(actor, Need.PLACES_IMPORT)) as tx:
            found = await store.street_maps(tx, extent)
            names = await names_of(tx, [one.imported_by for one in found.items])
            return page(found.of(lambda one: map_form(one, names.get(one.imported_by, ""))))

    _add_drawing(router, parts)
    return router


def _add_drawing(router: APIRouter, parts: Atlas) -> None:
    @router.get("/map/streets.geojson", response_class=GeoJson, responses=_LINES, openapi_extra=asks())
    async def get_streets(actor: Signed, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """The streets in use as lines, for drawing where there is no basemap."""
        digest, lines = await parts.drawing(actor)
        headers = {"ETag": f'"{digest}"', "Cache-Control": "private, max-age=86400"}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return GeoJson(lines, headers=headers)


def _mapping(text: str | None) -> ColumnMapping | None:
    if not text:
        return None
    try:
        given = MappingBody.model_validate_json(text)
    except ValidationError as error:
        raise Invalid(
            f"`mapping` is not a mapping of columns: {error.errors()[0]['msg']}", reason="mapping"
        ) from error
    return ColumnMapping(**given.model_dump(exclude={"leave_out"}), leave_out=tuple(given.leave_out))


def map_form(one: StreetMap, by: str) -> forms.StreetMap:
    """The outside form of a street map."""
    return {
        "id": outside("street_map", one.id),
        "name": one.name,
        "attribution": one.attribution,
        "in_use": one.in_use,
        "streets": one.streets,
        "nodes": one.nodes,
        "rows": one.rows,
        "skipped": forms.left_out(one.skipped),
        "remarks": list(one.remarks),
        "south_west": [one.south_west.lat, one.south_west.lon],
        "north_east": [one.north_east.lat, one.north_east.lon],
        "imported_by": {"id": outside("person", one.imported_by), "name": by},
        "imported_at": one.imported_at,
    }
