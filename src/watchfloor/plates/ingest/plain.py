"""Our own JSON of reads: `{"reads": [{"plate": …, "at": …}]}`. One bad read does not cost the others."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from watchfloor.plates import picture
from watchfloor.plates.ingest.claim import (
    MALFORMED,
    MOST_ALTERNATIVES,
    MOST_READS,
    Claim,
    Rejected,
    Unfit,
    characters_of,
    content_key,
    fraction,
    heading,
    instant,
    malformed,
    position,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.model import Alternative, Plate, Vehicle, state_of


class AlternativeForm(msgspec.Struct, frozen=True):
    """Another reading: plate, and confidence of 0 to 1."""

    plate: str
    confidence: float | None = None


class OtherForm(msgspec.Struct, frozen=True):
    """What else may stand in a character's place; an empty text: nothing."""

    text: str
    confidence: float | None = None


class CharacterForm(msgspec.Struct, frozen=True):
    """How sure the reader is of one character, 0 to 1, and what else it saw there."""

    confidence: float | None = None
    others: list[OtherForm] = []


class VehicleForm(msgspec.Struct, frozen=True):
    """What the reader says of the vehicle, in its own words."""

    colour: str | None = None
    make: str | None = None
    model: str | None = None
    body: str | None = None


class PositionForm(msgspec.Struct, frozen=True):
    """Where a mobile reader was."""

    lat: float
    lon: float


class ReadForm(msgspec.Struct, frozen=True):
    """One read. It has an `id`, unique for its device, or a time `at`; better both. What is told again of one car has its `passage`."""

    plate: str
    id: str | None = None
    at: str | None = None
    state: str | None = None
    confidence: float | None = None
    picture: str | None = None
    lane: str | int | None = None
    heading_deg: float | None = None
    vehicle: VehicleForm = VehicleForm()
    alternatives: list[AlternativeForm] = []
    characters: list[CharacterForm] = []
    position: PositionForm | None = None
    passage: str | None = None
    reader: str | None = None


class BatchForm(msgspec.Struct, frozen=True):
    """What is posted."""

    reads: list[msgspec.Raw]


_BATCH = msgspec.json.Decoder(BatchForm)
_READ = msgspec.json.Decoder(ReadForm)


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of a batch, in its order, each a claim or why it is none; Rejected when the batch itself is unfit."""
    try:
        batch = _BATCH.decode(body)
    except MALFORMED as error:
        return malformed(error)
    if len(batch.reads) > MOST_READS:
        return Rejected(
            "too_many_reads", f"a batch has at most {MOST_READS} reads, this has {len(batch.reads)}"
        )
    return tuple(_one(index, bytes(raw)) for index, raw in enumerate(batch.reads))


def _one(index: int, raw: bytes) -> Claim | Rejected:
    try:
        form = _READ.decode(raw)
    except MALFORMED as error:
        wrong = malformed(error)
        return Rejected(wrong.reason, wrong.detail.replace("the body is", "the read is"), index)
    return taken(index, lambda: _claim(form, raw))


def _claim(form: ReadForm, raw: bytes) -> Claim:
    if form.id is None and form.at is None:
        raise Unfit(
            "id",
            "a read needs an id or a time; without either a second sending could not be told from a second car",
        )
    if form.picture is not None and not picture.is_name(form.picture):
        raise Unfit("picture", "a picture is named by its SHA-256 in lower-case hex, and put before the read")
    plate = Plate.of(form.plate)
    key = vendor_key(form.id) if form.id is not None else content_key(raw)
    return Claim(
        source_key=key if form.passage is None else vendor_key(f"passage {form.passage}"),
        revision=None if form.passage is None else key,
        reader=form.reader,
        position=position(form.position.lat, form.position.lon, "position") if form.position else None,
        plate=plate,
        state=state_of(form.state),
        confidence=fraction(form.confidence, "confidence"),
        device_at=instant(form.at) if form.at is not None else None,
        picture=form.picture,
        lane=words(None if form.lane is None else str(form.lane)),
        heading_deg=heading(form.heading_deg, "heading_deg"),
        vehicle=Vehicle(
            *map(words, (form.vehicle.colour, form.vehicle.make, form.vehicle.model, form.vehicle.body))
        ),
        alternatives=tuple(
            Alternative(Plate.of(other.plate), fraction(other.confidence, "alternatives"))
            for other in form.alternatives[:MOST_ALTERNATIVES]
        ),
        characters=characters_of(
            plate,
            [(one.confidence, [(o.text, o.confidence) for o in one.others]) for one in form.characters],
        ),
    )
