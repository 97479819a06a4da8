"""Trailers of an agency: two that stand somewhere, one of which is taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker

# Nobody answers there: that it failed is an answer too.
SWITCH: Final = "http://127.0.0.1:9/lights"
PLACE: Final = {"lat": 38.63, "lon": -90.19}


@dataclass(frozen=True, kw_only=True)
class OfTrailers:
    """What an agency has of trailers, by outside ids."""

    trailer: str
    trailer_to_go: str
    trailer_token: str
    camera_body: str
    camera_worn: str


async def on_trailers(maker: Maker, camera: dict[str, object]) -> dict[str, Any]:
    """Two trailers that stand somewhere, the token of one, and two body cameras, of which a unit has one."""
    made = {}
    for field in ("trailer", "trailer_to_go"):
        made[field] = await maker.named("technician", "/trailers", name=f"{field} of {maker.name}")
        await maker.posts("technician", f"/trailers/{made[field]}/place", placing_body(maker.name))
    await maker.does("technician", "PUT", f"/trailers/{made['trailer']}/lights-switch", {"url": SWITCH})
    token = await maker.posts("technician", f"/trailers/{made['trailer']}/token")
    for field in ("camera_body", "camera_worn"):
        worn = camera | {"name": f"{field} of {maker.name}", "technology": "body_camera"}
        made[field] = await maker.named("technician", "/cameras", **worn)
    sign = {"call_sign": f"body {maker.name}"[:20]}
    unit = await maker.named("supervisor", "/units", **sign)
    await maker.posts("technician", f"/body-cameras/{made['camera_worn']}/issue", {"unit": unit})
    return made | {"trailer_token": token["token"]}


def placing_body(name: str) -> dict[str, object]:
    """Where a trailer is placed."""
    return {"place": f"Mill St, {name}", "heading_deg": 90, "reason": f"break-ins in {name}", **PLACE}
