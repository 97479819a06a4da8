"""Which cameras may see an incident: the nearest that do not look away. It opens none; whoever looks asks the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.model import Camera, shown
from watchfloor.governance.forms import outside
from watchfloor.incidents.forms import NearCamera
from watchfloor.incidents.model import Incident
from watchfloor.kit.geo import Point, bearing_deg, distance_m
from watchfloor.storage.tx import Tx

MOST: Final = 4
WITHIN_M: Final = 800.0
# A camera that looks farther away than this from the place does not see it, unless it stands right there.
_AWAY_DEG: Final = 90.0
_RIGHT_THERE_M: Final = 30.0


def nearest(cameras: Sequence[Camera], place: Point) -> list[tuple[Camera, float]]:
    """Up to four cameras within 800 m that do not look away from the place, with metres, the nearest first."""
    far = ((camera, distance_m(camera.place, place)) for camera in cameras if camera.enabled)
    seeing = [
        (camera, metres) for camera, metres in far if metres <= WITHIN_M and _sees(camera, place, metres)
    ]
    return sorted(seeing, key=lambda found: found[1])[:MOST]


def _sees(camera: Camera, place: Point, metres: float) -> bool:
    if camera.heading_deg is None or metres <= _RIGHT_THERE_M:
        return True
    off = abs((bearing_deg(camera.place, place) - camera.heading_deg + 180.0) % 360.0 - 180.0)
    return off <= _AWAY_DEG


async def cameras_beside(tx: Tx, incident: Incident) -> Mapping[str, list[NearCamera]]:
    """What cameras add to an incident's page."""
    place = incident.spot.point
    found = nearest((await camera_store.cameras(tx)).items, place) if place is not None else []
    cameras: list[NearCamera] = [
        {
            "id": outside("camera", camera.id),
            "name": camera.name,
            "distance_m": round(metres),
            "level": shown(camera, now=tx.now).level,
        }
        for camera, metres in found
    ]
    return {"cameras": cameras}
