"""Routes of bookmarks: translate in, call a use case, translate out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_of, case_text, inside, outside, why_given
from watchfloor.governance.needs import Need
from watchfloor.identity.api import IfMatch, Signed
from watchfloor.investigations import bookmarks, forms
from watchfloor.investigations.bookmark_store import Bookmark, Moment
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class BookmarkBody(BaseModel):
    """A moment, or with `to` a span, of up to nine cameras, for a case or an incident."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    cameras: list[str] = Field(max_length=16)
    begin: Instant = Field(alias="from")
    end: Instant | None = Field(default=None, alias="to")
    note: str = Field(max_length=1000)


class BookmarkChange(BaseModel):
    """What is left out stays as it is; `to` goes with `from`, and null with it is a moment."""

    begin: Instant | None = Field(default=None, alias="from")
    end: Instant | None = Field(default=None, alias="to")
    note: str | None = Field(default=None, max_length=1000)


def routes(door: Door) -> APIRouter:
    """The routes of bookmarks."""
    router = APIRouter(tags=["investigations"], route_class=Stated)

    @router.get("/bookmarks", openapi_extra=asks(Need.BOOKMARKS_VIEW))
    async def list_bookmarks(
        actor: Signed,
        extent: InPages,
        case: Annotated[str | None, Query(max_length=60, description="Of this case or incident.")] = None,
        camera: Annotated[str | None, Query(max_length=40, description="Of this camera.")] = None,
    ) -> Page[forms.Bookmark]:
        """What was marked in recorded video, the newest first: of a case, of a camera, or all that the asker may see."""
        of = inside("camera", camera) if camera else None
        found = await bookmarks.listed(door, actor, case_of(case) if case else None, of, extent)
        return page(found.of(_form))

    @router.get("/bookmarks/{bookmark_id}", openapi_extra=asks(Need.BOOKMARKS_VIEW))
    async def get_bookmark(actor: Signed, bookmark_id: str) -> forms.Bookmark:
        """One bookmark."""
        return _form(await bookmarks.view(door, actor, inside("bookmark", bookmark_id)))

    _add_acts(router, door)
    return router


def _add_acts(router: APIRouter, door: Door) -> None:
    @router.post("/bookmarks", status_code=201, openapi_extra=asks(Need.BOOKMARKS_CHANGE))
    async def keep_bookmark(actor: Signed, body: BookmarkBody) -> forms.Bookmark:
        """Mark a moment or a span for a case or an incident. It preserves nothing."""
        of = Moment(tuple(inside("camera", one) for one in body.cameras), body.begin, body.end)
        made = await bookmarks.keep(door, actor, why_given(body.purpose, body.case), of, body.note)
        return _form(made)

    @router.patch("/bookmarks/{bookmark_id}", openapi_extra=asks(Need.BOOKMARKS_CHANGE))
    async def change_bookmark(
        actor: Signed, bookmark_id: str, body: BookmarkChange, if_match: IfMatch = None
    ) -> forms.Bookmark:
        """Change one of one's own."""
        of = Moment((), body.begin, body.end) if body.begin is not None else None
        bookmark, version = inside("bookmark", bookmark_id), version_of(if_match)
        made = await bookmarks.change(door, actor, bookmark, of, body.note, version=version)
        return _form(made)

    @router.delete("/bookmarks/{bookmark_id}", status_code=204, openapi_extra=asks(Need.BOOKMARKS_CHANGE))
    async def remove_bookmark(actor: Signed, bookmark_id: str, if_match: IfMatch = None) -> None:
        """Take away one of one's own."""
        bookmark = inside("bookmark", bookmark_id)
        await bookmarks.remove(door, actor, bookmark, version=version_of(if_match))


def _form(one: Bookmark) -> forms.Bookmark:
    return {
        "id": outside("bookmark", one.id),
        "case": case_text(one.case),
        "case_name": one.case_name,
        "cameras": [
            {"id": outside("camera", camera), "name": name}
            for camera, name in zip(one.of.cameras, one.names, strict=True)
        ],
        "from": one.of.from_at,
        "to": one.of.to_at,
        "note": one.note,
        "made_by": {"id": outside("person", one.made_by), "name": one.author},
        "made_at": one.made_at,
        "preserved": one.held,
        "version": one.version,
    }
