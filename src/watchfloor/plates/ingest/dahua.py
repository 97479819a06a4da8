"""Dahua ITSAPI: JSON pushed to `NotificationInfo/TollgateInfo` (pictures inside, base64), or multipart with pictures beside it.

Form and words after Dahua's published ITSAPI and HTTP API (TollgateInfo; the `Events[0].TrafficCar` lines of its event
streams). The camera names no zone: its times are those of the clock on the wall. It sends again until it is told `Result`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

import msgspec

from watchfloor.plates.ingest.claim import (
    MALFORMED,
    MOST_READS,
    Claim,
    Rejected,
    Unfit,
    bytes_key,
    content_key,
    epoch,
    fraction,
    malformed,
    number,
    or_none,
    said_at,
    taken,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Kept, Locate, Shot, corners, kept_of, named, nowhere, told
from watchfloor.plates.model import Plate, Vehicle

# In which a box is told, whatever the picture's size.
_PARTS: Final = (8192.0, 8192.0)


class Pic(msgspec.Struct, frozen=True):
    """A picture inside the JSON, base64."""

    Content: str | None = None


class PlateForm(msgspec.Struct, frozen=True):
    """The plate; confidence is 0 to 100 (255 in some firmware)."""

    PlateNumber: str | None = None
    Confidence: float | None = None
    Region: str | None = None
    IsExist: bool | None = None


class PlacedPlate(PlateForm, frozen=True):
    """The same, and where on the whole picture it is: left, top, right and bottom of 8192."""

    BoundingBox: msgspec.Raw = msgspec.Raw()


class VehicleForm(msgspec.Struct, frozen=True):
    """The vehicle: `VehicleSign` is its make, `VehicleSeries` its model."""

    VehicleColor: str | None = None
    VehicleSign: str | None = None
    VehicleSeries: str | None = None
    VehicleType: str | None = None


class Snap(msgspec.Struct, frozen=True):
    """When and where it was taken."""

    AccurateTime: str | None = None
    SnapTime: str | None = None
    DeviceID: str | None = None
    LanNo: int | str | None = None
    Direction: int | str | None = None


class PictureForm(msgspec.Struct, frozen=True):
    """All of one car."""

    Plate: PlacedPlate | None = None
    Vehicle: VehicleForm | None = None
    SnapInfo: Snap | None = None
    NormalPic: Pic | None = None
    VehiclePic: Pic | None = None
    CutoutPic: Pic | None = None


class Message(msgspec.Struct, frozen=True):
    """What is pushed: a car, or a sign of life (`Active`, `DeviceID`)."""

    Picture: PictureForm | None = None
    Active: str | None = None
    DeviceID: str | None = None
    DeviceModel: str | None = None


_LINE: Final = re.compile(r"Events\[([0-9]{1,3})\]\.([A-Za-z.]{1,60}(?:\[[0-3]\])?)=(.{0,200})")


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The read of one message, or of each event in it; none for a sign of life."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    if found.document.lstrip().startswith(b"Events["):
        return _of_lines(found)
    try:
        message = msgspec.json.decode(found.document, type=Message, strict=False)
        if message.Picture is None:
            alive = message.Active or message.DeviceID or message.DeviceModel
            return () if alive else Rejected("malformed", "the message has no Picture", field="Picture")
        car = message.Picture
        return (taken(0, lambda: _claim(car, found)),)
    except MALFORMED as error:
        return malformed(error)


def _claim(car: PictureForm, found: Opened) -> Claim:
    plate, snap, vehicle = car.Plate or PlacedPlate(), car.SnapInfo or Snap(), car.Vehicle or VehicleForm()
    if plate.IsExist is False:
        raise Unfit("IsExist", "the camera says that it saw no plate")
    notes: list[str] = []
    kept = _kept(car, plate, found, notes)
    said = PlateForm(plate.PlateNumber, plate.Confidence, plate.Region, plate.IsExist)
    when = said_at(snap.AccurateTime or snap.SnapTime, "AccurateTime")
    if when.at is None and when.local is None:
        raise Unfit("AccurateTime", "a car has an AccurateTime or a SnapTime")
    return Claim(
        source_key=content_key(msgspec.json.encode((said, snap))),
        plate=Plate.of(plate.PlateNumber or ""),
        state=issuer(plate.Region),
        confidence=or_none(lambda: _confidence(plate.Confidence), notes),
        device_at=when.at,
        local_at=when.local,
        crop=kept.crop,
        plate_box=kept.plate,
        lane=None if snap.LanNo is None else words(f"lane {snap.LanNo}"),
        vehicle=Vehicle(
            *map(
                words, (vehicle.VehicleColor, vehicle.VehicleSign, vehicle.VehicleSeries, vehicle.VehicleType)
            )
        ),
        notes=tuple(notes),
    )


def _kept(car: PictureForm, plate: PlacedPlate, found: Opened, notes: list[str]) -> Kept:
    """The whole picture about the plate, where the camera says where that is on it; else the plate's cut-out."""
    place: Locate = corners(told(plate.BoundingBox, list[float]), _PARTS)
    whole = [*named(found.pictures, "normal"), *([car.NormalPic.Content] if car.NormalPic else [])]
    cut_out = [*named(found.pictures, "cutout"), *([car.CutoutPic.Content] if car.CutoutPic else [])]
    others = [*named(found.pictures), *([car.VehiclePic.Content] if car.VehiclePic else [])]
    shots = [Shot(one, place) for one in whole]
    return kept_of([*shots, *map(Shot, cut_out), *(Shot(one, nowhere) for one in others)], notes)


def _of_lines(found: Opened) -> tuple[Claim | Rejected, ...] | Rejected:
    try:
        lines = found.document.decode()
    except UnicodeDecodeError as error:
        return malformed(error)
    events: dict[str, dict[str, str]] = {}
    for event, key, value in _LINE.findall(lines):
        events.setdefault(event, {})[key] = value.strip()
    if len(events) > MOST_READS:
        return Rejected("too_many_reads", f"a message has at most {MOST_READS} events")
    # One picture stands beside several events only where they are of one moment: it goes with the first.
    return tuple(taken(at, partial(_line_claim, car, found, at)) for at, car in enumerate(events.values()))


def _line_claim(car: Mapping[str, str], found: Opened, at: int) -> Claim:
    notes: list[str] = []
    utc = number(car.get("UTC"), "UTC")
    if utc is None:
        raise Unfit("UTC", "an event has its time, UTC in seconds")
    thousandths = number(car.get("UTCMS"), "UTCMS") or 0.0
    lane = car.get("TrafficCar.Lane") or car.get("Lane")
    place = corners(_sides(car, notes), _PARTS)
    kept = kept_of([Shot(one, place) for one in named(found.pictures)] if at == 0 else [], notes)
    return Claim(
        source_key=bytes_key("\n".join(f"{key}={car[key]}" for key in sorted(car)).encode()),
        plate=Plate.of(car.get("TrafficCar.PlateNumber", "")),
        state=issuer(car.get("TrafficCar.Province")),
        confidence=or_none(
            lambda: _confidence(number(car.get("TrafficCar.Confidence"), "Confidence")), notes
        ),
        device_at=epoch(utc + thousandths / 1000, "UTC"),
        crop=kept.crop,
        plate_box=kept.plate,
        lane=words(f"lane {lane}") if lane else None,
        vehicle=Vehicle(
            colour=words(car.get("TrafficCar.VehicleColor")), make=words(car.get("TrafficCar.VehicleSign"))
        ),
        notes=tuple(notes),
    )


def _sides(car: Mapping[str, str], notes: list[str]) -> list[float] | None:
    """Left, top, right and bottom of what the event is about, where that is the plate."""
    if car.get("Object.ObjectType", "").lower() != "plate":
        return None
    texts = [car.get(f"Object.BoundingBox[{side}]") for side in range(4)]
    sides = [or_none(lambda: number(text, "BoundingBox"), notes) for text in texts]  # noqa: B023  # it is called at once
    return [side for side in sides if side is not None]


def _confidence(said: float | None) -> float | None:
    return fraction(said, "Confidence", whole=100.0 if said is None or said <= 100.0 else 255.0)
