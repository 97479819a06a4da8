"""Asks the registry which cameras see a place: only those that reach so far are read, and only those that look there whole."""

from __future__ import annotations

from watchfloor.cameras import eye_store, store
from watchfloor.cameras.views import NEAR_M, Eyes, Seen, Views
from watchfloor.kit.geo import Point
from watchfloor.places.skyline import Skyline
from watchfloor.storage.tx import Tx


async def seeing(tx: Tx, skyline: Skyline, place: Point) -> tuple[Seen, ...]:
    """The agency's cameras in use for the place, the best view first (`Views.seeing`)."""
    eyes = await eye_store.eyes_around(tx, place, NEAR_M)
    about = Eyes(eyes, await skyline.buildings(tx)).about(place)
    if not len(about.found):
        return ()
    cameras = await store.cameras_in_use(tx, [eyes[i].id for i in about.found])
    # What buildings keep from it is out already.
    return Views(cameras).seeing(place)
