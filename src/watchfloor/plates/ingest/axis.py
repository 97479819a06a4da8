"""AXIS License Plate Verifier, pushed over HTTP: a car's passing told as NEW, corrected by UPDATE, ended by LOST.

Form and words after Axis' VAPIX “License plate verifier API” (developer.axis.com, push events): `carID` names the passing,
`carState` which telling of it this is; JSON, or multipart with a picture beside it. All tellings of one passing are one read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
    position,
    said_at,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Kept, Shot, kept_of, named, nowhere
from watchfloor.plates.model import Plate, Vehicle

_STATES: Final = frozenset({"new", "update", "lost"})


class Geotag(msgspec.Struct, frozen=True):
    """Where the camera says that it is."""

    lat: float | None = None
    lon: float | None = None


class Image(msgspec.Struct, frozen=True):
    """A picture inside the JSON, base64."""

    ImageType: str | None = None
    BinaryImage: str | None = None


class VehicleForm(msgspec.Struct, frozen=True):
    """What the camera says of the vehicle."""

    type: str | None = None
    color: str | None = None
    make: str | None = None
    model: str | None = None


class Event(msgspec.Struct, frozen=True):
    """One telling of one passing."""

    plateText: str | None = None
    plateUTF8: str | None = None
    plateASCII: str | None = None
    carID: str | int | None = None
    carState: str | None = None
    capture_timestamp: str | int | None = None
    datetime: str | None = None
    plateConfidence: float | None = None
    plateRegion: str | None = None
    plateRegionCode: str | None = None
    carMoveDirection: str | None = None
    sensorProviderID: str | None = None
    geotag: Geotag | None = None
    vehicle_info: VehicleForm | None = None
    ImageArray: list[Image] | None = None
    command: str | None = None


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The read of one event; none for a heartbeat."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    try:
        event = msgspec.json.decode(found.document, type=Event, strict=False)
        if event.plateText is None and event.carID is None and event.command is not None:
            return ()
        return (taken(0, lambda: _claim(event, found)),)
    except MALFORMED as error:
        return malformed(error)


def _claim(event: Event, found: Opened) -> Claim:
    state = (event.carState or "").strip().lower()
    if event.carID is None or state not in _STATES:
        raise Unfit("carState", "an event names its carID and is NEW, UPDATE or LOST")
    stamp = event.capture_timestamp if event.capture_timestamp is not None else event.datetime
    notes: list[str] = []
    when = said_at(None if stamp is None else str(stamp), "capture_timestamp")
    return Claim(
        source_key=vendor_key(f"car {event.carID}"),
        revision=f"{state} {content_key(found.document)[7:39]}",
        plate=Plate.of(event.plateText or event.plateUTF8 or event.plateASCII or ""),
        state=issuer(event.plateRegionCode) or issuer(event.plateRegion),
        confidence=or_none(lambda: _confidence(event.plateConfidence), notes),
        device_at=when.at,
        local_at=when.local,
        crop=_kept(event, found, notes).crop,
        position=or_none(lambda: _position(event.geotag), notes),
        lane=words(event.sensorProviderID),
        vehicle=_vehicle(event.vehicle_info),
        notes=tuple(notes),
    )


def _confidence(said: float | None) -> float | None:
    """A fraction in the camera's own words; some firmware says it in hundredths."""
    return fraction(said, "plateConfidence", whole=1.0 if said is None or said <= 1.0 else 100.0)


def _kept(event: Event, found: Opened, notes: list[str]) -> Kept:
    """The plate's own picture. `plateCoordinates` are of the frame that was looked at, whose size is not told with any picture."""
    images = event.ImageArray or []
    cut_out = [one.BinaryImage for one in images if (one.ImageType or "").lower() == "plate"]
    wide = [one.BinaryImage for one in images if (one.ImageType or "").lower() != "plate"]
    shots = [*map(Shot, (*named(found.pictures, "plate"), *cut_out))]
    return kept_of([*shots, *(Shot(one, nowhere) for one in (*named(found.pictures), *wide))], notes)


def _position(tag: Geotag | None) -> tuple[float, float] | None:
    # Zero and zero is what a camera says that was never told where it stands.
    if tag is None or not tag.lat or not tag.lon:
        return None
    return position(tag.lat, tag.lon, "geotag")


def _vehicle(said: VehicleForm | None) -> Vehicle:
    said = said or VehicleForm()
    return Vehicle(*map(words, (said.color, said.make, said.model, said.type)))
