"""Edge boxes of an agency, and cameras behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tests.cameras.lists import camera_body


@dataclass(frozen=True, kw_only=True)
class OfBoxes:
    """Outside ids; what ends in `_to_go` is taken away by the act that is asked of it."""

    edge_box: str
    edge_box_to_go: str
    camera_boxed: str
    camera_unboxed: str


class Making(Protocol):
    """Who makes things of an agency."""

    name: str

    async def named(self, role: str, path: str, **body: object) -> str: ...

    async def posts(self, role: str, path: str, json: object = None) -> Any: ...


async def boxed(maker: Making) -> dict[str, Any]:
    """Two boxes with a camera each, and a camera of neither."""
    made = {}
    for field in ("camera_boxed", "camera_boxed_too", "camera_unboxed"):
        body = camera_body(maker.name, "edge://yard") | {"name": f"{field} of {maker.name}"}
        made[field] = await maker.named("technician", "/cameras", **body)
    for field, camera in (("edge_box", "camera_boxed"), ("edge_box_to_go", "camera_boxed_too")):
        box = {"name": f"{field} of {maker.name}", "cameras": [made[camera]]}
        made[field] = (await maker.posts("technician", "/edge-boxes", box))["box"]["id"]
    del made["camera_boxed_too"]
    return made
