"""Routes that take CAP alerts: from the machine of a list's owner, or from a person who has the file."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Actor
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Device, Signed
from watchfloor.kit.errors import TooLarge
from watchfloor.kit.route import Stated, takes
from watchfloor.plates import forms, take_cap
from watchfloor.plates.cap import MOST_BYTES
from watchfloor.plates.list_api import ListParts, tell
from watchfloor.plates.model import HotListId

_XML: Final = "application/cap+xml"


def add_routes(router: APIRouter, parts: ListParts) -> None:
    """What a person calls."""

    @router.post("/hot-lists/{list_id}/cap", openapi_extra=asks(Need.HOT_LIST_IMPORT) | takes(_XML))
    async def take_cap_file(request: Request, actor: Signed, list_id: str) -> forms.CapTaken:
        """Take an alert of a missing child or elder (CAP 1.2), the body itself; another person confirms the plates that it brings."""
        wanted = HotListId(inside("hot_list", list_id))
        return await _take(parts, actor, wanted, request, need=Need.HOT_LIST_IMPORT)


def feed_routes(parts: ListParts) -> APIRouter:
    """What a machine that writes a list calls."""
    router = APIRouter(tags=["plates"], route_class=Stated)

    @router.post("/hot-list-feed/cap", openapi_extra=asks(Need.HOT_LIST_FEED) | takes(_XML))
    async def feed_cap(request: Request, actor: Device) -> forms.CapTaken:
        """Take an alert of a missing child or elder (CAP 1.2) onto the list of this token. Sent again it changes nothing."""
        return await _take(parts, actor, HotListId(actor.id), request, need=Need.HOT_LIST_FEED)

    return router


async def _take(
    parts: ListParts, actor: Actor, list_id: HotListId, request: Request, *, need: Need
) -> forms.CapTaken:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MOST_BYTES:
            raise TooLarge(f"A CAP message has at most {MOST_BYTES // 1024} kB.", reason="body")
    taken = await take_cap.take(parts.intake.door, actor, list_id, bytes(body), need=need)
    tell(parts, actor, list_id)
    return {
        "taken": taken.taken,
        "said": taken.said,
        "entries": taken.entries,
        "waiting": taken.waiting,
        "withdrawn": taken.withdrawn,
    }
