"""The webhook of OpenALPR agents and Rekor Scout: `alpr_group`, older `alpr_results`, and what they send besides.

Read tolerantly: a field of a newer agent, an odd alternative or a broken picture never costs the read. Field names and
units were taken from the agents' published JSON; what they mean is not guessed beyond that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from watchfloor.plates.cut import has_shape
from watchfloor.plates.ingest.claim import (
    MALFORMED,
    MOST_ALTERNATIVES,
    MOST_READS,
    Claim,
    Rejected,
    Unfit,
    content_key,
    epoch,
    fraction,
    heading,
    malformed,
    or_none,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.shots import Locate, Shot, kept_of, nowhere, spot, told
from watchfloor.plates.model import Alternative, BadPlate, BadState, Plate, Vehicle, state_of

# Below this the agent's state is a guess (often its configured default, with 0). An unread state makes a candidate for
# a person to judge; a wrong one would hide a match.
STATE_CONFIDENCE: Final = 80.0
# What is sent besides reads: heard, and nothing to store. A preview comes again as the finished group.
_PLATE: Final = "best_plate_number"
_SILENT: Final = frozenset({"heartbeat", "vehicle", "alpr_status", "system_status"})


class Candidate(msgspec.Struct, frozen=True):
    """One reading of a plate; confidence is 0 to 100."""

    plate: str | None = None
    confidence: float | None = None


class Corner(msgspec.Struct, frozen=True):
    """A corner of the plate, in pixels of the whole picture."""

    x: float | None = None
    y: float | None = None


class Region(msgspec.Struct, frozen=True):
    """What of the whole picture the vehicle's picture shows, in pixels."""

    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None


class BestPlate(msgspec.Struct, frozen=True):
    """The best reading of a group."""

    plate: str | None = None
    confidence: float | None = None
    region: str | None = None
    region_confidence: float | None = None
    plate_crop_jpeg: str | None = None
    coordinates: msgspec.Raw = msgspec.Raw()
    vehicle_region: msgspec.Raw = msgspec.Raw()
    candidates: list[Candidate] | None = None


class Named(msgspec.Struct, frozen=True):
    """An attribute of the vehicle."""

    name: str | None = None
    confidence: float | None = None


class VehicleForm(msgspec.Struct, frozen=True):
    """Attributes, best first."""

    color: list[Named] | None = None
    make: list[Named] | None = None
    make_model: list[Named] | None = None
    body_type: list[Named] | None = None


class Group(msgspec.Struct, frozen=True):
    """`alpr_group`: all frames of one vehicle passing."""

    best_plate_number: str | None = None
    best_plate: BestPlate | None = None
    best_confidence: float | None = None
    best_region: str | None = None
    best_region_confidence: float | None = None
    best_uuid: str | None = None
    best_uuid_epoch_ms: float | None = None
    epoch_start: float | None = None
    camera_id: int | str | None = None
    travel_direction: float | None = None
    is_preview: bool | None = None
    candidates: list[Candidate] | None = None
    vehicle: VehicleForm | None = None
    vehicle_crop_jpeg: str | None = None


class Results(msgspec.Struct, frozen=True):
    """`alpr_results`: the plates of one frame."""

    uuid: str | None = None
    camera_id: int | str | None = None
    epoch_time: float | None = None
    results: list[BestPlate] | None = None


class Kind(msgspec.Struct, frozen=True):
    """What sort of message it is; the oldest agents send results without saying so."""

    data_type: str = "alpr_results"
    group: msgspec.Raw = msgspec.Raw()


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of one message; none for a heartbeat or preview, Rejected for what is no message of these agents."""
    try:
        kind = msgspec.json.decode(body, type=Kind, strict=False)
        if kind.data_type == "alpr_alert" and kind.group:
            return _of_group(bytes(kind.group))
        if kind.data_type == "alpr_group":
            return _of_group(body)
        if kind.data_type == "alpr_results":
            return _of_results(body)
    except MALFORMED as error:
        return malformed(error)
    if kind.data_type in _SILENT:
        return ()
    return Rejected(
        "unknown_data_type", "data_type is none of alpr_group, alpr_results, alpr_alert, heartbeat, vehicle"
    )


def _of_group(body: bytes) -> tuple[Claim | Rejected, ...]:
    group = msgspec.json.decode(body, type=Group, strict=False)
    if group.is_preview:
        return ()
    return (taken(0, lambda: _group_claim(group, body), plate=_PLATE),)


def _group_claim(group: Group, body: bytes) -> Claim:
    best = group.best_plate or BestPlate()
    region = group.best_region if group.best_region is not None else best.region
    sure = (
        group.best_region_confidence if group.best_region_confidence is not None else best.region_confidence
    )
    stamp = group.best_uuid_epoch_ms if group.best_uuid_epoch_ms is not None else group.epoch_start
    if not group.best_uuid and stamp is None:
        raise Unfit(
            "best_uuid",
            "a group needs best_uuid or epoch_start; without either it cannot be told from another",
        )
    confidence = group.best_confidence if group.best_confidence is not None else best.confidence
    notes: list[str] = []
    kept = kept_of((Shot(group.vehicle_crop_jpeg, _on_vehicle(best)), Shot(best.plate_crop_jpeg)), notes)
    return Claim(
        source_key=vendor_key(group.best_uuid) if group.best_uuid else content_key(body),
        plate=Plate.of(group.best_plate_number or best.plate or ""),
        state=_state(region, sure),
        confidence=or_none(lambda: fraction(confidence, "best_confidence", whole=100.0), notes),
        device_at=or_none(lambda: _time(stamp, "epoch_start"), notes),
        crop=kept.crop,
        plate_box=kept.plate,
        lane=_camera(group.camera_id),
        heading_deg=or_none(lambda: heading(group.travel_direction, "travel_direction"), notes),
        vehicle=_vehicle(group.vehicle or VehicleForm()),
        alternatives=_alternatives(group.candidates or best.candidates or []),
        notes=tuple(notes),
    )


def _of_results(body: bytes) -> tuple[Claim | Rejected, ...] | Rejected:
    frame = msgspec.json.decode(body, type=Results, strict=False)
    plates = frame.results or []
    if len(plates) > MOST_READS:
        return Rejected(
            "too_many_reads", f"a message has at most {MOST_READS} plates, this has {len(plates)}"
        )
    if not frame.uuid and frame.epoch_time is None:
        return Rejected("bad_value", "results need uuid or epoch_time", field="uuid")
    try:
        key = vendor_key(frame.uuid) if frame.uuid else content_key(body)
    except Unfit as error:
        return Rejected("bad_value", error.detail, field="uuid")
    return tuple(
        taken(at, partial(_result_claim, f"{key}#{at}", frame, plate), plate=_PLATE)
        for at, plate in enumerate(plates)
    )


def _result_claim(key: str, frame: Results, best: BestPlate) -> Claim:
    notes: list[str] = []
    return Claim(
        source_key=key,
        plate=Plate.of(best.plate or ""),
        state=_state(best.region, best.region_confidence),
        confidence=or_none(lambda: fraction(best.confidence, "confidence", whole=100.0), notes),
        device_at=or_none(lambda: _time(frame.epoch_time, "epoch_time"), notes),
        crop=kept_of((Shot(best.plate_crop_jpeg),), notes).crop,
        lane=_camera(frame.camera_id),
        alternatives=_alternatives(best.candidates or []),
        notes=tuple(notes),
    )


def _on_vehicle(best: BestPlate) -> Locate:
    """Where the plate is on the picture of the vehicle: both are told in pixels of the whole picture."""
    seen, corners = told(best.vehicle_region, Region) or Region(), told(best.coordinates, list[Corner]) or []
    across = [one.x for one in corners if one.x is not None]
    down = [one.y for one in corners if one.y is not None]
    if len(across) != 4 or len(down) != 4 or not (seen.width and seen.height):
        return nowhere
    left, top = min(across) - (seen.x or 0.0), min(down) - (seen.y or 0.0)
    shape = (seen.width, seen.height)
    place = spot(left, top, max(across) - min(across), max(down) - min(down), shape)
    return lambda picture: place(picture) if has_shape(picture, shape) else None


def _time(stamp: float | None, field_name: str) -> datetime | None:
    return None if stamp is None else epoch(stamp, field_name)


def _state(region: str | None, sure: float | None) -> str | None:
    if not region or sure is None or sure < STATE_CONFIDENCE:
        return None
    try:
        return state_of(region)
    except BadState:
        return None


def _camera(number: int | str | None) -> str | None:
    return None if number is None else words(f"camera {number}")


def _vehicle(form: VehicleForm) -> Vehicle:
    def best(named: list[Named] | None) -> str | None:
        return words(named[0].name.replace("_", " ")) if named and named[0].name else None

    return Vehicle(best(form.color), best(form.make), best(form.make_model), best(form.body_type))


def _alternatives(candidates: list[Candidate]) -> tuple[Alternative, ...]:
    found = []
    for candidate in candidates[:MOST_ALTERNATIVES]:
        try:
            sure = fraction(candidate.confidence, "candidates", whole=100.0)
            found.append(Alternative(Plate.of(candidate.plate or ""), sure))
        except (BadPlate, Unfit):
            continue
    return tuple(found)
