"""Routes of what is held and kept at sites: how much of it is preserved here, and asking a site once more."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import NotFound
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.recordings import forms, pull_store, store
from watchfloor.recordings.archive import within
from watchfloor.recordings.model import at
from watchfloor.recordings.play import MARGIN
from watchfloor.recordings.pull_store import Held
from watchfloor.storage.tx import Tx


class AgainBody(BaseModel):
    """For which purpose and case."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)


def routes(door: Door) -> APIRouter:
    """The routes of what is fetched because it is held."""
    router = APIRouter(tags=["recordings"], route_class=Stated)

    @router.get("/recordings/held-at-sites", openapi_extra=asks(Need.COVERAGE_VIEW))
    async def list_held_at_sites(
        actor: Signed,
        extent: InPages,
        camera: Annotated[str | None, Query(max_length=40, description="Of this camera alone.")] = None,
    ) -> Page[forms.HeldAtSite]:
        """What is held of cameras whose footage is kept at their site, and how much of it is here by now; the newest first."""
        one = inside("camera", camera) if camera is not None else None
        about = About("camera", one) if one else None
        async with door.open(Ask(actor, Need.COVERAGE_VIEW, about=about)) as tx:
            found = await pull_store.held(tx, extent, one)
            here = {held.hold: await _here_ms(tx, held) for held in found.items}
        return page(found.of(lambda held: _form(held, here[held.hold])))

    @router.post(
        "/recordings/held-at-sites/{hold_id}/again", status_code=204, openapi_extra=asks(Need.HOLDS_CHANGE)
    )
    async def ask_again(actor: Signed, hold_id: str, body: AgainBody) -> None:
        """Ask the site once more for what it did not give of a hold."""
        hold = inside("hold", hold_id)
        ask = Ask(actor, Need.HOLDS_CHANGE, why_of(body.purpose, body.case), About("hold", hold))
        async with door.open(ask) as tx:
            if not await pull_store.begin_anew(tx, hold):
                raise NotFound("There is no such hold of footage in force.")
            await effect(tx, "hold.asked_again", About("hold", hold))

    return router


async def _here_ms(tx: Tx, held: Held) -> int:
    begin, end = at(held.begin_us), at(held.end_us)
    found: dict[UUID, list[tuple[int, int]]] = await store.stretches_of(
        tx, [held.camera], begin, end, margin=begin - MARGIN
    )
    return sum(b - a for a, b in within(found[held.camera], held.begin_us, held.end_us)) // 1000


def _form(held: Held, here_ms: int) -> forms.HeldAtSite:
    whole_ms = (held.end_us - held.begin_us) // 1000
    state = "fetching" if held.done_at is None else "short" if held.said else "fetched"
    return {
        "hold": outside("hold", held.hold),
        "camera": outside("camera", held.camera),
        "camera_name": held.camera_name,
        "site": held.site,
        "from": at(held.begin_us),
        "to": at(held.end_us),
        "fetched_s": round(here_ms / 1000),
        "missing_s": round(max(0, whole_ms - here_ms) / 1000),
        "state": state,
        "said": held.said,
        "next_at": held.again_at if held.done_at is None else None,
    }
