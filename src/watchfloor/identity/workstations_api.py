"""Routes of workstations."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity import forms, workstations
from watchfloor.identity.api import Signed, identity_of, keep, workstation_cookie, workstation_json
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page

_A_YEAR_S: Final = 365 * 86_400


class WorkstationBody(BaseModel):
    """What the workstation is called, for instance by its desk."""

    name: str = Field(max_length=200)


def routes() -> APIRouter:
    """The routes of workstations."""
    router = APIRouter(tags=["identity"], route_class=Stated)

    @router.get("/workstations", openapi_extra=asks(Need.WORKSTATIONS_CHANGE))
    async def list_workstations(request: Request, actor: Signed, extent: InPages) -> Page[forms.Workstation]:
        """The workstations of the room, by name."""
        found = await workstations.listing(identity_of(request).door, actor, extent)
        return page(found.of(workstation_json))

    @router.post("/workstations", status_code=201, openapi_extra=asks(Need.WORKSTATIONS_CHANGE))
    async def register(
        request: Request, response: Response, actor: Signed, body: WorkstationBody
    ) -> forms.Workstation:
        """Register this browser as a workstation: live pictures of open incidents stay on it while its screen is locked."""
        made, token = await workstations.register(identity_of(request).door, actor, body.name)
        keep(request, response, workstation_cookie(request), token, for_s=_A_YEAR_S)
        return workstation_json(made)

    @router.delete(
        "/workstations/{workstation_id}", status_code=204, openapi_extra=asks(Need.WORKSTATIONS_CHANGE)
    )
    async def remove(request: Request, actor: Signed, workstation_id: str) -> None:
        """A workstation is one no more, and nothing stays on it."""
        await workstations.remove(identity_of(request).door, actor, inside("workstation", workstation_id))

    return router
