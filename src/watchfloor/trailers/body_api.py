"""The route that says with which unit a body camera goes."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras import api as cameras_api
from watchfloor.cameras import forms
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.route import Stated
from watchfloor.trailers.body import goes_with
from watchfloor.trailers.parts import News


class UnitOfBody(BaseModel):
    """The unit that a body camera goes with; null: with none."""

    unit: str | None = Field(max_length=40)


def routes(door: Door, news: News) -> APIRouter:
    """The route of body cameras."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.put("/cameras/{camera_id}/unit", openapi_extra=asks(Need.CAMERAS_CHANGE, Need.CAMERAS_VIEW))
    async def set_unit(actor: Signed, camera_id: str, body: UnitOfBody) -> forms.Camera:
        """Say with which unit a body camera goes: it is where that unit says that it is. 422 `camera` for any other camera."""
        camera = inside("camera", camera_id)
        unit = None if body.unit is None else inside("unit", body.unit)
        await goes_with(door, news, actor, camera, unit)
        return await cameras_api.view(door, actor, camera)

    return router
