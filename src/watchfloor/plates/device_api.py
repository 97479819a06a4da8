"""Routes for plate readers: pictures and reads. Translate in, take, translate out; each needs a device token."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from watchfloor.governance.asks import asks
from watchfloor.governance.model import Actor
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Device
from watchfloor.kit.errors import Invalid, TooLarge
from watchfloor.kit.route import Stated, takes
from watchfloor.plates import forms, picture
from watchfloor.plates.ingest import columns
from watchfloor.plates.ingest.adapters import ADAPTERS, Adapter
from watchfloor.plates.take import Intake, Sides, Taken, take_picture, take_reads
from watchfloor.plates.take_table import take_table


def routes(intake: Intake) -> APIRouter:
    """The routes that plate readers call."""
    router = APIRouter(tags=["plates"], route_class=Stated)
    _add_vendors(router, intake)

    @router.post(
        "/plate-reads", status_code=202, openapi_extra=asks(Need.PLATES_INGEST) | takes("application/json")
    )
    async def take_reads_plain(request: Request, actor: Device) -> forms.TakenReads:
        """Take a batch of reads in our own JSON; 202 once it is on disk."""
        return await _taken(intake, request, actor, ADAPTERS["plain"])

    @router.put(
        "/plate-pictures/{sha256}",
        status_code=201,
        openapi_extra=asks(Need.PLATES_INGEST) | takes("image/jpeg"),
    )
    async def put_picture(
        request: Request,
        actor: Device,
        sha256: str,
        plate: Annotated[
            str | None,
            Query(
                max_length=80, description="Where on it the plate is: left,top,width,height in its pixels."
            ),
        ] = None,
    ) -> forms.TakenPicture:
        """Keep a picture before the read that names it. With `plate` it is cut about that, and the read names the answer's `picture`."""
        content = await _body(request, picture.MOST_BYTES)
        kept, size = await take_picture(intake, actor, sha256, content, plate=_sides(plate))
        return {"picture": kept, "bytes": size}

    return router


def _add_vendors(router: APIRouter, intake: Intake) -> None:
    @router.post(
        "/plate-reads/openalpr",
        status_code=202,
        openapi_extra=asks(Need.PLATES_INGEST) | takes("application/json"),
    )
    async def take_reads_openalpr(request: Request, actor: Device) -> forms.TakenReads:
        """Take a message of an OpenALPR agent or Rekor Scout; 202 once it is on disk."""
        return await _taken(intake, request, actor, ADAPTERS["openalpr"])

    @router.post(
        "/plate-reads/csv", status_code=202, openapi_extra=asks(Need.PLATES_INGEST) | takes("text/csv")
    )
    async def take_reads_csv(request: Request, actor: Device) -> forms.TakenReads:
        """Take a table by the mapping of its reader; 202 once it is on disk. A table that was sent before doubles no read."""
        return _told(await take_table(intake, actor, await _body(request, columns.MOST_BYTES)))

    @router.post(
        "/plate-reads/{form}",
        status_code=202,
        openapi_extra=asks(Need.PLATES_INGEST)
        | takes("application/json", "application/xml", "multipart/form-data"),
    )
    async def take_reads_of(request: Request, actor: Device, form: forms.ReaderForm) -> forms.VendorTaken:
        """Take a message in the form of a reader's vendor; 202 once it is on disk."""
        return {"Result": True, **await _taken(intake, request, actor, ADAPTERS[form])}


def _sides(said: str | None) -> Sides | None:
    """Left, top, width and height. Raises Invalid."""
    if said is None:
        return None
    try:
        left, top, width, height = (float(part) for part in said.split(","))
    except ValueError as error:
        raise Invalid(
            "Where the plate is are four numbers: left,top,width,height.", reason="plate"
        ) from error
    return left, top, width, height


async def _taken(intake: Intake, request: Request, actor: Actor, adapter: Adapter) -> forms.TakenReads:
    body = await _body(request, adapter.most_bytes)
    return _told(await take_reads(intake, actor, adapter, body, dict(request.headers)))


def _told(taken: Taken) -> forms.TakenReads:
    return {
        "accepted": taken.accepted,
        "duplicates": taken.duplicates,
        "rejected": [
            {"index": one.index, "field": one.field, "reason": one.reason, "detail": one.detail}
            for one in taken.rejected
        ],
        "notes": list(taken.notes),
    }


async def _body(request: Request, most: int) -> bytes:
    """The body, given up as soon as it is too large."""
    parts, taken = [], 0
    async for part in request.stream():
        taken += len(part)
        if taken > most:
            raise TooLarge(f"At most {most // 1024} kB are taken at once here.", reason="body")
        parts.append(part)
    return b"".join(parts)
