"""Asks the registry which cameras see a place: only those that reach so far are read."""

from __future__ import annotations

from watchfloor.cameras import store
from watchfloor.cameras.views import NEAR_M, Seen, Views
from watchfloor.kit.geo import Point
from watchfloor.places.skyline import Skyline
from watchfloor.storage.tx import Tx


async def seeing(tx: Tx, skyline: Skyline, place: Point) -> tuple[Seen, ...]:
    """The agency's cameras in use for the place, the best view first (`Views.seeing`)."""
    cameras = await store.cameras_around(tx, place, NEAR_M)
    return Views(cameras, await skyline.buildings(tx)).seeing(place)
