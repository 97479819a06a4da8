"""Which cameras stood about a place at a time: those that were moved since, as they stood then. It opens no picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from watchfloor.cameras import carried_store, store
from watchfloor.cameras.carried_store import Standing
from watchfloor.cameras.model import Camera
from watchfloor.kit.geo import Point, distance_m
from watchfloor.storage.tx import Tx


async def cameras_then(tx: Tx, place: Point, least_m: float, begin: datetime, end: datetime) -> list[Camera]:
    """The cameras that reach as far as the place, or stood within `least_m` of it, at any time of [begin, end).

    One that stood at two places of there in that time is among them twice.
    """
    here = await store.cameras_around(tx, place, least_m)
    moved = await carried_store.stood_between(tx, begin, end)
    others = await store.cameras_in_use(tx, list(moved))
    return as_they_stood(here, others, moved, place, least_m)


def as_they_stood(
    here: Sequence[Camera],
    moved: Iterable[Camera],
    stood: Mapping[UUID, Sequence[Standing]],
    place: Point,
    least_m: float,
) -> list[Camera]:
    """The cameras of here that did not move, and those that moved at each place of theirs that is near enough. Pure."""
    stayed = [camera for camera in here if camera.id not in stood]
    then = [
        replace(camera, place=one.place, place_text=one.place_text, heading_deg=one.heading_deg)
        for camera in moved
        for one in stood[camera.id]
        if distance_m(one.place, place) <= max(camera.range_m or 0.0, least_m)
    ]
    return [*stayed, *then]
