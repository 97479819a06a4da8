"""Routes of the map: what to draw, and the basemap's file in the parts a browser asks for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from watchfloor.governance.asks import asks
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Invalid, NotFound, OutOfRange, Unavailable
from watchfloor.kit.route import BYTES, Stated, takes
from watchfloor.places import forms
from watchfloor.places.basemaps import Basemaps
from watchfloor.places.model import Basemap, Box, StreetMap

MEDIA_TYPE: Final = "application/vnd.pmtiles"
PATH: Final = "/api/v1/map/basemap.pmtiles"
STREETS: Final = "/api/v1/map/streets.geojson"
# The address changes with the file (`v`), so what a browser keeps is right for as long as it asks for it.
_KEPT: Final = "private, max-age=86400"
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: BYTES}},
    206: {"description": "The range asked for.", "content": {MEDIA_TYPE: BYTES}},
    304: {"description": "Not changed."},
}
_ONE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def routes(parts: Basemaps) -> APIRouter:
    """The routes of the map."""
    router = APIRouter(tags=["places"], route_class=Stated)

    @router.get("/map", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_map(actor: Signed) -> forms.Map:
        """What there is to draw: the basemap, if there is one, and the area to show."""
        return map_form(*await parts.now(actor))

    @router.put("/map/basemap", openapi_extra=asks(Need.PLACES_IMPORT) | takes(MEDIA_TYPE))
    async def import_basemap(
        actor: Signed, request: Request, attribution: Annotated[str, Query(max_length=300)] = ""
    ) -> forms.Map:
        """Use this basemap from now: the body is the file (PMTiles 3, vector tiles in the layers of the Protomaps schema)."""
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != MEDIA_TYPE:
            raise Invalid(
                f"The body is said to be {given or 'of no type'}; a basemap is {MEDIA_TYPE}.",
                reason="content_type",
                next_step=f"Send it with Content-Type: {MEDIA_TYPE}.",
            )
        new = await parts.bring(actor, await request.body(), attribution=attribution)
        return map_form(new, await parts.streets(actor), new.bounds)

    _add_file(router, parts)
    return router


def _add_file(router: APIRouter, parts: Basemaps) -> None:
    @router.get("/map/basemap.pmtiles", responses=_FILE, openapi_extra=asks())
    async def get_basemap(
        actor: Signed,
        asked: Annotated[str | None, Header(alias="range")] = None,
        if_range: Annotated[str | None, Header()] = None,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The basemap's file, whole or the `Range` asked for; never compressed."""
        found = await parts.file(actor)
        tag = f'"{found.sha256}"'
        headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": _KEPT}
        if if_none_match is not None and _names(if_none_match, tag):
            return Response(status_code=304, headers=headers)
        asked = asked if if_range in (None, tag) else None
        part = wanted(asked, found.size)
        start, length = part or (0, found.size)
        headers |= {"Content-Length": str(length)}
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
        body = await _begun(parts.parts(actor, found, start, length))
        return StreamingResponse(body, 206 if part else 200, headers, MEDIA_TYPE)


def wanted(asked: str | None, size: int) -> tuple[int, int] | None:
    """Where the one range asked for begins and how long it is; None for the whole file. Raises OutOfRange.

    RFC 9110, 14.2: a unit that is not known is passed over; several ranges in one request are refused.
    """
    if asked is None or not asked.strip().startswith("bytes="):
        return None
    match = _ONE.fullmatch(asked.strip())
    if match is None or match[0] == "bytes=-":
        raise OutOfRange("One range is answered at a time, as bytes=FIRST-LAST.", size=size)
    first, last = match[1], match[2]
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= end:
        raise OutOfRange(f"The file has {size} bytes; {asked.strip()} is none of them.", size=size)
    return start, end - start


def _names(condition: str, tag: str) -> bool:
    given = [one.strip().removeprefix("W/") for one in condition.split(",")]
    return tag in given or given == ["*"]


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, the first of them already here: a file that is gone is a status, not a body that breaks off."""
    try:
        first = await anext(pieces)
    except NotFound as error:
        raise Unavailable(
            "The file of the basemap is gone from the object store.",
            reason="basemap_gone",
            next_step="Hand it in again: PUT /api/v1/map/basemap.",
        ) from error

    async def from_first() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return from_first()


def map_form(basemap: Basemap | None, streets: StreetMap | None, bounds: Box | None) -> forms.Map:
    """The outside form of what there is to draw."""
    return {
        "basemap": None if basemap is None else basemap_form(basemap),
        "streets": None if streets is None else streets_form(streets),
        "bounds": None if bounds is None else (bounds.west, bounds.south, bounds.east, bounds.north),
    }


def streets_form(streets: StreetMap) -> forms.DrawnStreets:
    """The outside form of the streets to draw."""
    return {
        "url": f"{STREETS}?v={streets.sha256[:12]}",
        "attribution": streets.attribution,
        "sha256": streets.sha256,
    }


def basemap_form(basemap: Basemap) -> forms.Basemap:
    """The outside form of a basemap."""
    return {
        "url": f"{PATH}?v={basemap.sha256[:12]}",
        "attribution": basemap.attribution,
        "max_zoom": basemap.max_zoom,
        "sha256": basemap.sha256,
    }
