"""Routes of edge boxes: translate in, call a use case, translate out."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras.boxes import enrol, forms, store
from watchfloor.cameras.boxes.enrol import Boxes
from watchfloor.cameras.boxes.model import Box, BoxCamera, Code, shown
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page


class EdgeBoxBody(BaseModel):
    """A new edge box, for cameras that are registered as edge://name."""

    name: str = Field(max_length=400)
    cameras: list[str] = Field(max_length=200)


class EdgeCamerasBody(BaseModel):
    """The cameras of an edge box, all of them."""

    cameras: list[str] = Field(max_length=200)


def routes(boxes: Boxes) -> APIRouter:
    """The routes of edge boxes."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/edge-boxes", openapi_extra=asks(Need.BOXES_VIEW))
    async def list_edge_boxes(actor: Signed, extent: InPages) -> Page[forms.EdgeBox]:
        """Edge boxes by name, with their cameras and how they are."""
        async with boxes.door.open(Ask(actor, Need.BOXES_VIEW)) as tx:
            found, now = await store.boxes(tx, extent), tx.now
        return page(found.of(lambda box: _form(box, now)))

    @router.get("/edge-boxes/{box_id}", openapi_extra=asks(Need.BOXES_VIEW))
    async def get_edge_box(actor: Signed, box_id: str) -> forms.EdgeBox:
        """One edge box, also one that was revoked."""
        box = inside("edge_box", box_id)
        async with boxes.door.open(Ask(actor, Need.BOXES_VIEW, about=About("edge_box", box))) as tx:
            return _form(await enrol.there(tx, box), tx.now)

    @router.get("/edge-gate", openapi_extra=asks(Need.BOXES_VIEW))
    async def get_edge_gate(actor: Signed) -> forms.EdgeGate:
        """Where edge boxes dial in, if they can, and which cameras wait for one."""
        async with boxes.door.open(Ask(actor, Need.BOXES_VIEW)) as tx:
            found = await store.waiting(tx)
        return {"address": boxes.address or None, "waiting": [_camera(one) for one in found]}

    _add_acts(router, boxes)
    return router


def _add_acts(router: APIRouter, boxes: Boxes) -> None:
    @router.post("/edge-boxes", status_code=201, openapi_extra=asks(Need.BOXES_CHANGE))
    async def make_edge_box(actor: Signed, body: EdgeBoxBody) -> forms.EdgeBoxCode:
        """Make an edge box known, and its one-time code: it is shown now and never again."""
        cameras = [inside("camera", one) for one in body.cameras]
        return _coded(*await enrol.make(boxes, actor, body.name, cameras), boxes)

    @router.post("/edge-boxes/{box_id}/code", openapi_extra=asks(Need.BOXES_CHANGE))
    async def make_edge_box_code(actor: Signed, box_id: str) -> forms.EdgeBoxCode:
        """A new one-time code: for a box that was not enrolled in time, or for another machine in its place."""
        return _coded(*await enrol.another_code(boxes, actor, inside("edge_box", box_id)), boxes)

    @router.put("/edge-boxes/{box_id}/cameras", openapi_extra=asks(Need.BOXES_CHANGE))
    async def give_edge_box_cameras(actor: Signed, box_id: str, body: EdgeCamerasBody) -> forms.EdgeBox:
        """Say which cameras the box has; what it keeps of others it deletes."""
        cameras = [inside("camera", one) for one in body.cameras]
        box = await enrol.give_cameras(boxes, actor, inside("edge_box", box_id), cameras)
        return _form(box, boxes.now())

    @router.post("/edge-boxes/{box_id}/revoke", status_code=204, openapi_extra=asks(Need.BOXES_CHANGE))
    async def revoke_edge_box(actor: Signed, box_id: str) -> None:
        """Revoke a box: it is cut off within a second, and deletes what it keeps."""
        await enrol.revoke(boxes, actor, inside("edge_box", box_id))


def _coded(box: Box, code: Code, boxes: Boxes) -> forms.EdgeBoxCode:
    return {"box": _form(box, boxes.now()), "code": str(code)}


def _camera(one: BoxCamera) -> forms.EdgeBoxCamera:
    return {"id": outside("camera", one.id), "name": one.name, "key": one.key}


def _form(box: Box, now: datetime) -> forms.EdgeBox:
    state, said = shown(box, now), box.said
    return {
        "id": outside("edge_box", box.id),
        "name": box.name,
        "state": {"level": state.level, "word": state.word, "reason": state.reason, "since": state.since},
        "cameras": [_camera(one) for one in box.cameras],
        "created_at": box.created_at,
        "enrolled_at": box.enrolled_at,
        "code_until": box.code_until,
        "certificate_until": box.certificate_until,
        "seen_at": said.seen_at if said else None,
        "software": said.software if said else None,
        "clock_off_ms": said.clock_off_ms if said else None,
        "kept_bytes": said.kept_bytes if said else None,
        "most_bytes": said.most_bytes if said else None,
        "oldest_at": said.oldest_at if said else None,
        "disk": said.disk.value if said and said.disk else None,
        "lost_pictures": said.lost if said else None,
        "version": box.version,
    }
