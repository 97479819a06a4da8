"""Milesight LPR cameras, HTTP notification: one JSON object a car, its pictures inside as base64.

Form and words after Milesight's published “Integration between LPR camera and NVR/VMS” (HTTP post). The camera names no zone:
its times are those of the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from watchfloor.plates.ingest.claim import (
    MALFORMED,
    Claim,
    Rejected,
    Unfit,
    content_key,
    fraction,
    malformed,
    or_none,
    said_at,
    taken,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Kept, Shot, kept_of, named, nowhere
from watchfloor.plates.model import Plate, Vehicle


class Event(msgspec.Struct, frozen=True):
    """One car, in the words of newer and of older firmware."""

    license_plate: str | None = None
    plate: str | None = None
    time: str | int | float | None = None
    confidence: float | None = None
    country_region: str | None = None
    region: str | None = None
    vehicle_type: str | None = None
    vehicle_color: str | None = None
    vehicle_brand: str | None = None
    roi_id: int | str | None = None
    camera_id: int | str | None = None
    direction: str | None = None
    vehicle_snapshot: str | None = None
    full_snapshot: str | None = None
    license_plate_snapshot: str | None = None
    event: str | None = None


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The read of one car; none for the camera's other events (a region entered, a list changed), which come to the same place."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    try:
        event = msgspec.json.decode(found.document, type=Event, strict=False)
        if event.license_plate is None and event.plate is None and event.event is not None:
            return ()
        return (taken(0, lambda: _claim(event, found)),)
    except MALFORMED as error:
        return malformed(error)


def _claim(event: Event, found: Opened) -> Claim:
    when = said_at(None if event.time is None else str(event.time), "time")
    if when.at is None and when.local is None:
        raise Unfit("time", "a car has its time")
    notes: list[str] = []
    plate = Plate.of(event.license_plate or event.plate or "")
    said = (event.time, plate.text, event.camera_id, event.roi_id, event.direction)
    lane = event.roi_id if event.roi_id is not None else event.camera_id
    return Claim(
        source_key=content_key(msgspec.json.encode(said)),
        plate=plate,
        state=issuer(event.country_region) or issuer(event.region),
        confidence=or_none(lambda: _confidence(event.confidence), notes),
        device_at=when.at,
        local_at=when.local,
        crop=_kept(event, found, notes).crop,
        lane=None if lane is None else words(str(lane)),
        vehicle=Vehicle(
            colour=words(event.vehicle_color), make=words(event.vehicle_brand), body=words(event.vehicle_type)
        ),
        notes=tuple(notes),
    )


def _kept(event: Event, found: Opened, notes: list[str]) -> Kept:
    """The plate's own picture: the camera says not where on the others the plate is."""
    cut_out = (*named(found.pictures, "plate"), event.license_plate_snapshot)
    wide = (*named(found.pictures), event.full_snapshot, event.vehicle_snapshot)
    return kept_of([*map(Shot, cut_out), *(Shot(one, nowhere) for one in wide)], notes)


def _confidence(said: float | None) -> float | None:
    return fraction(said, "confidence", whole=1.0 if said is None or said <= 1.0 else 100.0)
