"""The webhook of Plate Recognizer Stream: JSON, or multipart with the JSON in `json` and the picture in `upload`.

Form and words after Plate Recognizer's published “Webhooks and Outputs” of Stream: `data.results` are the plates of one
moment; newer versions put each behind `props` with its score.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import msgspec

from watchfloor.plates.ingest.claim import (
    MALFORMED,
    MOST_ALTERNATIVES,
    MOST_READS,
    Claim,
    Rejected,
    Unfit,
    content_key,
    fraction,
    malformed,
    or_none,
    said_at,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Locate, Shot, kept_of, named, nowhere, spot, told
from watchfloor.plates.model import Alternative, BadPlate, Plate, Vehicle

# Below this the region is a guess, which would hide a match.
REGION_SCORE: Final = 0.8
_SILENT: Final = frozenset({"heartbeat", "video", "status_change"})


class Scored(msgspec.Struct, frozen=True):
    """A word with a score of 0 to 1; what the word is called depends on what it is about."""

    value: str | None = None
    plate: str | None = None
    code: str | None = None
    color: str | None = None
    make: str | None = None
    model: str | None = None
    score: float | None = None


class Props(msgspec.Struct, frozen=True):
    """The newer form: everything with its score."""

    plate: list[Scored] | None = None
    region: list[Scored] | None = None
    make_model: list[Scored] | None = None
    color: list[Scored] | None = None


class BoxForm(msgspec.Struct, frozen=True):
    """Where something is on the picture, in its pixels."""

    xmin: float | None = None
    ymin: float | None = None
    xmax: float | None = None
    ymax: float | None = None


class Thing(msgspec.Struct, frozen=True):
    """A plate or a vehicle in the newer form."""

    type: str | None = None
    box: msgspec.Raw = msgspec.Raw()
    score: float | None = None
    props: Props | None = None


class Result(msgspec.Struct, frozen=True):
    """One plate."""

    plate: str | Thing | None = None
    box: msgspec.Raw = msgspec.Raw()
    score: float | None = None
    region: Scored | None = None
    candidates: list[Scored] | None = None
    vehicle: Thing | None = None
    model_make: list[Scored] | None = None
    color: list[Scored] | None = None


class Data(msgspec.Struct, frozen=True):
    """The plates of one moment at one camera."""

    results: list[Result] | None = None
    camera_id: str | int | None = None
    filename: str | None = None
    timestamp: str | None = None
    timestamp_camera: str | None = None


class Hook(msgspec.Struct, frozen=True):
    """What is sent: `event` is recognition, image, video or heartbeat."""

    event: str | None = None


class Message(msgspec.Struct, frozen=True):
    """The whole."""

    hook: Hook = Hook()
    data: Data | None = None


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of one message; none for a heartbeat or a clip."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    try:
        message = msgspec.json.decode(found.document, type=Message, strict=False)
        if (message.hook.event or "") in _SILENT:
            return ()
        data = message.data
        if data is None or data.results is None:
            return Rejected("malformed", "the message has no data with results", field="data")
        if len(data.results) > MOST_READS:
            return Rejected("too_many_reads", f"a message has at most {MOST_READS} plates")
        return tuple(taken(at, partial(_claim, data, at, found)) for at in range(len(data.results)))
    except MALFORMED as error:
        return malformed(error)


def _claim(data: Data, at: int, found: Opened) -> Claim:
    result = (data.results or [])[at]
    notes: list[str] = []
    stamp = said_at(data.timestamp_camera or data.timestamp, "timestamp")
    if not data.filename and stamp.at is None:
        raise Unfit("timestamp", "a message has a filename or a timestamp with a zone")
    said, score, region, others = _plate(result)
    key = vendor_key(data.filename) if data.filename else content_key(found.document)
    # Places are of the picture that was looked at; what else comes along may be cut out of it.
    whole = named(found.pictures, "upload")
    others_shown = [Shot(one, nowhere) for one in named(found.pictures) if one not in whole]
    kept = kept_of([*(Shot(one, _where(result)) for one in whole), *others_shown], notes)
    return Claim(
        source_key=f"{key}#{at}",
        plate=Plate.of(said or ""),
        state=_state(region),
        confidence=or_none(lambda: fraction(score, "score"), notes),
        device_at=stamp.at,
        local_at=stamp.local,
        crop=kept.crop,
        plate_box=kept.plate,
        lane=None if data.camera_id is None else words(str(data.camera_id)),
        vehicle=_vehicle(result),
        alternatives=_alternatives(others),
        notes=tuple(notes),
    )


def _where(result: Result) -> Locate:
    raw = result.plate.box if isinstance(result.plate, Thing) else result.box
    box = told(raw, BoxForm) or BoxForm()
    if box.xmin is None or box.ymin is None or box.xmax is None or box.ymax is None:
        return nowhere
    return spot(box.xmin, box.ymin, box.xmax - box.xmin, box.ymax - box.ymin)


def _plate(result: Result) -> tuple[str | None, float | None, Scored | None, list[Scored]]:
    """Text, score, region and the other readings, in either form."""
    if not isinstance(result.plate, Thing):
        return result.plate, result.score, result.region, result.candidates or []
    props = result.plate.props or Props()
    readings, regions = props.plate or [], props.region or []
    if not readings:
        raise Unfit("plate", "the plate has no reading")
    return readings[0].value, readings[0].score, regions[0] if regions else None, readings


def _state(region: Scored | None) -> str | None:
    if region is None or region.score is None or region.score < REGION_SCORE:
        return None
    return issuer(region.code or region.value)


def _vehicle(result: Result) -> Vehicle:
    props = (result.vehicle.props if result.vehicle else None) or Props()
    made = (result.model_make or props.make_model or [Scored()])[:1] or [Scored()]
    coloured = (result.color or props.color or [Scored()])[:1] or [Scored()]
    body = result.vehicle.type if result.vehicle else None
    return Vehicle(*map(words, (coloured[0].color or coloured[0].value, made[0].make, made[0].model, body)))


def _alternatives(others: list[Scored]) -> tuple[Alternative, ...]:
    found = []
    for other in others[:MOST_ALTERNATIVES]:
        try:
            found.append(
                Alternative(Plate.of(other.plate or other.value or ""), fraction(other.score, "candidates"))
            )
        except (BadPlate, Unfit):
            continue
    return tuple(found)
