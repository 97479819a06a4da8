"""Our own JSON of reads: `{"reads": [{"plate": …, "at": …}]}`. One bad read does not cost the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from watchfloor.kit.sure import sure
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
from watchfloor.plates.model import NO_VEHICLE, Alternative, Character, Plate, Vehicle, state_of


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


_NO_VEHICLE: Final = VehicleForm()


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
    vehicle: VehicleForm = _NO_VEHICLE
    alternatives: list[AlternativeForm] = []
    characters: list[CharacterForm] = []
    position: PositionForm | None = None
    passage: str | None = None
    reader: str | None = None


class BatchForm(msgspec.Struct, frozen=True):
    """What is posted."""

    reads: list[ReadForm]


class RawForm(msgspec.Struct, frozen=True):
    """The same with each read as it was written."""

    reads: list[msgspec.Raw]


_BATCH: Final = msgspec.json.Decoder(BatchForm)
_RAW: Final = msgspec.json.Decoder(RawForm)
_READ: Final = msgspec.json.Decoder(ReadForm)


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of a batch, in its order, each a claim or why it is none; Rejected when the batch itself is unfit."""
    try:
        forms = _BATCH.decode(body).reads
    except MALFORMED:
        return _one_by_one(body)
    if len(forms) > MOST_READS:
        return _too_many(len(forms))
    # Only what has no number of its own is known by how it was written.
    written = () if all(form.id is not None for form in forms) else _RAW.decode(body).reads
    return tuple(
        taken(index, lambda: _claim(form, written[index] if written else None))  # noqa: B023  # it is called at once
        for index, form in enumerate(forms)
    )


def _one_by_one(body: bytes) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of a batch of which one at least is none."""
    try:
        reads = _RAW.decode(body).reads
    except MALFORMED as error:
        return malformed(error)
    if len(reads) > MOST_READS:
        return _too_many(len(reads))
    return tuple(_one(index, raw) for index, raw in enumerate(reads))


def _too_many(reads: int) -> Rejected:
    return Rejected("too_many_reads", f"a batch has at most {MOST_READS} reads, this has {reads}")


def _one(index: int, raw: msgspec.Raw) -> Claim | Rejected:
    try:
        form = _READ.decode(raw)
    except MALFORMED as error:
        wrong = malformed(error)
        return Rejected(wrong.reason, wrong.detail.replace("the body is", "the read is"), index)
    return taken(index, lambda: _claim(form, raw))


def _claim(form: ReadForm, written: msgspec.Raw | None) -> Claim:
    if form.id is None and form.at is None:
        raise Unfit(
            "id",
            "a read needs an id or a time; without either a second sending could not be told from a second car",
        )
    if form.picture is not None and not picture.is_name(form.picture):
        raise Unfit("picture", "a picture is named by its SHA-256 in lower-case hex, and put before the read")
    plate = Plate.of(form.plate)
    key = (
        vendor_key(form.id)
        if form.id is not None
        else content_key(bytes(sure(written, "what it is known by")))
    )
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
        vehicle=_vehicle(form.vehicle),
        alternatives=_alternatives(form.alternatives) if form.alternatives else (),
        characters=_characters(plate, form.characters) if form.characters else (),
    )


def _vehicle(form: VehicleForm) -> Vehicle:
    if form is _NO_VEHICLE:
        return NO_VEHICLE
    return Vehicle(*map(words, (form.colour, form.make, form.model, form.body)))


def _alternatives(forms: Sequence[AlternativeForm]) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(Plate.of(other.plate), fraction(other.confidence, "alternatives"))
        for other in forms[:MOST_ALTERNATIVES]
    )


def _characters(plate: Plate, forms: Sequence[CharacterForm]) -> tuple[Character, ...]:
    return characters_of(
        plate, [(one.confidence, [(o.text, o.confidence) for o in one.others]) for one in forms]
    )
