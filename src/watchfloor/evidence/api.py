"""Routes of exports: ask, look, cancel, fetch, prove. Approving one is deciding its proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from watchfloor.evidence import fetch, forms, request, store
from watchfloor.evidence.fetch import FetchParts
from watchfloor.evidence.model import Export
from watchfloor.evidence.reads import MOST_READS
from watchfloor.evidence.reads_request import ask_for_reads
from watchfloor.evidence.request import News
from watchfloor.governance.api import WhyBody
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside, why_given, why_of
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import Cut, InPages
from watchfloor.kit.route import BYTES, Page, Stated, page
from watchfloor.storage.tx import Tx

_PACKAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A ZIP of the bag.", "content": {"application/zip": BYTES}}
}


@dataclass(frozen=True, slots=True)
class Exports:
    """What the routes need."""

    fetching: FetchParts
    news: News
    dwelling_limit: timedelta = timedelta(hours=2)


class SpanBody(BaseModel):
    """A time of a camera."""

    camera: str = Field(max_length=40)
    from_at: Instant
    to_at: Instant


class ReadsExportBody(BaseModel):
    """Which reads to export, the search that found them, for what, and why."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    reason: str = Field(min_length=3, max_length=500)
    search: str = Field(max_length=40)
    reads: list[str] = Field(min_length=1, max_length=MOST_READS)


class ExportBody(BaseModel):
    """What to export, for what, and why."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    reason: str = Field(min_length=3, max_length=500)
    spans: list[SpanBody] = Field(min_length=1, max_length=32)


def routes(parts: Exports) -> APIRouter:
    """The routes of exports."""
    router = APIRouter(tags=["evidence"], route_class=Stated)
    door = parts.fetching.door

    @router.get("/exports", openapi_extra=asks(Need.EXPORTS_VIEW))
    async def list_exports(actor: Signed, extent: InPages) -> Page[forms.Export]:
        """Exports, newest first."""
        async with door.open(Ask(actor, Need.EXPORTS_VIEW)) as tx:
            return page(await in_form(tx, await store.exports(tx, extent)))

    @router.get("/exports/{export_id}", openapi_extra=asks(Need.EXPORTS_VIEW))
    async def get_export(actor: Signed, export_id: str) -> forms.Export:
        """One export."""
        return await _shown(door, actor, inside("export", export_id))

    @router.post("/exports", status_code=201, openapi_extra=asks(Need.EXPORT_ASK, Need.EXPORTS_VIEW))
    async def ask_for_export(actor: Signed, body: ExportBody) -> forms.Export:
        """Ask for an export; another person approves its proposal."""
        wanted = [request.wanted_of(span.camera, span.from_at, span.to_at) for span in body.spans]
        why = why_given(body.purpose, body.case)
        limit = parts.dwelling_limit
        made = await request.ask_for(door, parts.news, actor, why, body.reason.strip(), wanted, limit)
        return await get_export(actor, outside("export", made))

    @router.post("/exports/{export_id}/cancel", openapi_extra=asks(Need.EXPORT_CANCEL, Need.EXPORTS_VIEW))
    async def cancel_export(actor: Signed, export_id: str, body: WhyBody) -> forms.Export:
        """Cancel an export that is not made yet."""
        await request.cancel(door, parts.news, actor, inside("export", export_id), body.reason.strip())
        return await get_export(actor, export_id)

    _add_reads(router, parts)
    _add_fetching(router, parts.fetching)
    return router


async def _shown(door: Door, actor: Actor, export: UUID) -> forms.Export:
    async with door.open(Ask(actor, Need.EXPORTS_VIEW, about=About("export", export))) as tx:
        found = await store.export_of(tx, export)
        if found is None:
            raise NotFound("There is no such export.")
        return await _one(tx, found)


def _add_reads(router: APIRouter, parts: Exports) -> None:
    door = parts.fetching.door

    @router.post("/read-exports", status_code=201, openapi_extra=asks(Need.EXPORT_ASK, Need.EXPORTS_VIEW))
    async def ask_for_read_export(actor: Signed, body: ReadsExportBody) -> forms.Export:
        """Ask for an export of plate reads that a search found; another person approves its proposal."""
        why, search = why_given(body.purpose, body.case), inside("entry", body.search)
        made = await ask_for_reads(door, parts.news, actor, why, body.reason.strip(), search, body.reads)
        return await _shown(door, actor, made)


def _add_fetching(router: APIRouter, parts: FetchParts) -> None:
    @router.get(
        "/exports/{export_id}/package",
        response_class=StreamingResponse,
        responses=_PACKAGE,
        openapi_extra=asks(Need.EXPORT_FETCH),
    )
    async def fetch_package(
        actor: Signed,
        why: Purposed,
        export_id: str,
        purpose: Annotated[str | None, Query(max_length=40, description="In place of the header.")] = None,
        case: Annotated[str | None, Query(max_length=60, description="In place of the header.")] = None,
    ) -> StreamingResponse:
        """The package, for the purpose and the case that it was made for: in headers, or in the address of a link."""
        found = await fetch.package(parts, actor, why or why_of(purpose, case), inside("export", export_id))
        return StreamingResponse(
            found.parts,
            media_type="application/zip",
            headers={
                "Content-Length": str(found.size),
                "Content-Disposition": f'attachment; filename="{outside("export", found.export.id)}.zip"',
                "Cache-Control": "no-store",
            },
        )

    @router.get("/exports/{export_id}/proof", openapi_extra=asks(Need.EXPORTS_VIEW))
    async def get_proof(actor: Signed, export_id: str) -> forms.ExportProof:
        """What the log says of the making, with the hash of the manifest: what `watchfloor verify --extract` takes."""
        found = await fetch.proof(parts, actor, inside("export", export_id))
        return {"state": "included" if found else "waiting", "extract": found}


async def in_form(tx: Tx, found: Cut[Export]) -> Cut[forms.Export]:
    """Exports in their outside form: the list of `GET /exports`, and of the events topic."""
    names = await names_of(tx, [person for one in found.items for person in forms.people_of(one)])
    return found.of(lambda one: forms.export_json(one, names, tx.now))


async def listed(tx: Tx) -> Sequence[forms.Export]:
    """The newest exports: what the events topic has."""
    return (await in_form(tx, await store.exports(tx))).items


async def _one(tx: Tx, found: Export) -> forms.Export:
    return forms.export_json(found, await names_of(tx, forms.people_of(found)), tx.now)
