"""Hikvision ISAPI: `EventNotificationAlert` of type ANPR, as a multipart of XML and pictures, or as XML by itself.

Form and words after Hikvision's published ISAPI protocol (EventNotificationAlert, ANPR): a camera may tell the plate first
(`hasMoreData`) and everything with the pictures afterwards under the same `UUID`; both are one passing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from watchfloor.plates.ingest.claim import (
    Claim,
    Rejected,
    Unfit,
    bytes_key,
    fraction,
    number,
    or_none,
    position,
    said_at,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened, text, tree_of
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Shot, kept_of, named, nowhere
from watchfloor.plates.model import Plate, Vehicle

_UNSAID: Final = frozenset({"unknown", "other", "none", "0", ""})
_SILENT: Final = frozenset({"heartbeat", "videoloss", "vmd"})


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The read of one alert; none for a heartbeat and for events of other kinds that such cameras send to the same place."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    root = tree_of(found.document)
    if isinstance(root, Rejected):
        return root
    kind = (text(root, "eventType") or "").lower()
    if kind in _SILENT:
        return ()
    anpr = root.find("{*}ANPR")
    if anpr is None:
        return Rejected("unknown_event", "the alert is no ANPR event: it has no ANPR element")
    return (taken(0, lambda: _claim(root, anpr, found)),)


def _claim(root: Element, anpr: Element, found: Opened) -> Claim:
    uuid = text(root, "UUID")
    notes: list[str] = []
    when = said_at(text(root, "dateTime"), "dateTime")
    if uuid is None and when.at is None and when.local is None:
        raise Unfit(
            "UUID", "an alert has a UUID or a dateTime; without either it cannot be told from another"
        )
    line = text(anpr, "line", "laneNo")
    return Claim(
        source_key=vendor_key(uuid) if uuid else bytes_key(found.document),
        revision=bytes_key(found.document)[7:39] if uuid else None,
        plate=Plate.of(_plate(anpr)),
        state=issuer(text(anpr, "region", "province", "state")),
        confidence=or_none(
            lambda: fraction(number(text(anpr, "confidenceLevel"), "confidenceLevel"), "confidenceLevel", whole=100.0),
            notes,
        ),
        device_at=when.at,
        local_at=when.local,
        crop=kept_of(
            [*map(Shot, named(found.pictures, "licensePlate")), *(Shot(one, nowhere) for one in named(found.pictures))], notes
        ).crop,
        position=or_none(lambda: _position(root), notes),
        lane=words(f"lane {line}") if line else None,
        vehicle=_vehicle(anpr),
        notes=tuple(notes),
    )  # fmt: skip


def _plate(anpr: Element) -> str:
    said = text(anpr, "licensePlate", "originalLicensePlate") or ""
    return "" if said.lower() in ("unknown", "noplate", "no plate") else said


def _vehicle(anpr: Element) -> Vehicle:
    def of(*paths: str) -> str | None:
        said = text(anpr, *paths)
        return None if said is None or said.lower() in _UNSAID else words(said)

    return Vehicle(colour=of("vehicleInfo/color"), make=of("vehicleInfo/vehicleLogo"), body=of("vehicleType"))


def _position(root: Element) -> tuple[float, float] | None:
    """Degrees, minutes and seconds of a camera with GPS; zeros are what one without says."""
    sides = []
    for axis, kind, minus in (("Latitude", "latitudeType", "S"), ("Longitude", "longitudeType", "W")):
        parts = [
            number(text(root, f"DeviceGPSInfo/{axis}/{part}"), axis) or 0.0
            for part in ("degree", "minute", "sec")
        ]
        value = parts[0] + parts[1] / 60 + parts[2] / 3600
        sides.append(-value if text(root, f"DeviceGPSInfo/{kind}") == minus else value)
    return position(sides[0], sides[1], "DeviceGPSInfo") if all(sides) else None
