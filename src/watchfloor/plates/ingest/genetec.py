"""Genetec AutoVu: the XML of a SharpV (HTTP or FTP template), and the third-party data exporter's XML or JSON of reads and hits.

Form and words after Genetec's published “Exporting license plate reads in AutoVu and Security Center” and “Examples of XML files for
the AutoVu third-party data exporter” (techdocs.genetec.com). A hit of the vendor's is the read inside it: whether it is one is for
our hot lists to say. Templates are edited by whoever installs them, so each value is looked for under the names that they use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Final
from xml.etree.ElementTree import Element

import msgspec

from watchfloor.plates.ingest.claim import (
    MALFORMED,
    MOST_READS,
    Claim,
    Rejected,
    Said,
    Unfit,
    bytes_key,
    fraction,
    heading,
    malformed,
    number,
    or_none,
    position,
    said_at,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.envelope import Opened, opened, tree_of
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Kept, Shot, kept_of, named, nowhere
from watchfloor.plates.model import Plate, Vehicle

_READS: Final = ("autovu", "read", "enforce")
_WRAPPERS: Final = ("hotlist", "hit", "hits", "reads", "vehicle", "events", "data")

_UNFILLED: Final = re.compile(r"#[A-Z_]+#(\{.*\})?")

Values = dict[str, str]


def parse(body: bytes, headers: Mapping[str, str]) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of one export, those inside hits included."""
    found = opened(body, headers)
    if isinstance(found, Rejected):
        return found
    reads = _of_xml(found) if found.is_xml else _of_json(found)
    if isinstance(reads, Rejected):
        return reads
    if not reads:
        return Rejected("malformed", "the export has no read: neither AutoVu, Read nor Enforce is in it")
    if len(reads) > MOST_READS:
        return Rejected("too_many_reads", f"an export has at most {MOST_READS} reads")
    return tuple(taken(at, partial(_claim, values, found)) for at, values in enumerate(reads))


def _of_xml(found: Opened) -> list[Values] | Rejected:
    root = tree_of(found.document)
    if isinstance(root, Rejected):
        return root
    reads = [one for one in root.iter() if _name(one.tag) in _READS]
    innermost = {id(one) for one in reads if sum(_name(inner.tag) in _READS for inner in one.iter()) == 1}
    return [_values(one) for one in reads if id(one) in innermost]


def _values(read: Element) -> Values:
    values: Values = {}
    for one in read.iter():
        # The exporter's custom fields are attributes by name; what a template names is an element by itself.
        name = one.get("name", "") if _name(one.tag) == "attribute" else one.tag
        if one.text and one.text.strip():
            values.setdefault(_name(name), one.text.strip())
    return values


def _of_json(found: Opened) -> list[Values] | Rejected:
    try:
        document = msgspec.json.decode(found.document)
    except MALFORMED as error:
        return malformed(error)
    reads: list[Values] = []
    waiting: list[object] = [document]
    while waiting and len(reads) <= MOST_READS:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one[: 2 * MOST_READS])
        elif isinstance(one, dict):
            plain = {_name(key): value for key, value in one.items()}
            inner = [value for key, value in plain.items() if key in (*_READS, *_WRAPPERS)]
            if any(isinstance(value, dict | list) for value in inner):
                waiting += [value for value in inner if isinstance(value, dict | list)]
            elif _plate(said := _flat(plain)):
                reads.append(said)
    return reads


def _flat(plain: Mapping[str, object]) -> Values:
    """The values of an object, its attributes among them."""
    values = {key: str(value) for key, value in plain.items() if isinstance(value, str | int | float)}
    extra = plain.get("attributes") or plain.get("customfields")
    if isinstance(extra, dict):
        for key, value in extra.items():
            if isinstance(value, str | int | float):
                values.setdefault(_name(key), str(value))
    return values


def _name(tag: str) -> str:
    """`{ns}Plate Image` as `plateimage`."""
    return re.sub(r"[^a-z0-9]", "", tag.rpartition("}")[2].lower())


def _of(values: Values, *names: str) -> str | None:
    """What stands under the first of these names that says anything; a token that its template left unfilled does not."""
    said = (values.get(name) for name in names)
    return next(
        (one for one in said if one and one not in ("-", "N/A") and not _UNFILLED.fullmatch(one)), None
    )


def _plate(values: Values) -> str | None:
    return _of(values, "plate", "platenumber", "plateread", "platereadmatched")


def _claim(values: Values, found: Opened) -> Claim:
    notes: list[str] = []
    guid = _of(values, "guid", "readid", "readguid", "id")
    when = _when(values)
    if guid is None and when.at is None and when.local is None:
        raise Unfit("Guid", "a read has a Guid or a time; without either it cannot be told from another")
    lat, lon = _of(values, "latitudey", "latitude"), _of(values, "longitudex", "longitude")
    whole = "\n".join(f"{key}={values[key]}" for key in sorted(values) if len(values[key]) < 200)
    return Claim(
        source_key=vendor_key(guid) if guid else bytes_key(whole.encode()),
        plate=Plate.of(_plate(values) or ""),
        state=issuer(_of(values, "state", "platestate", "statename", "context")),
        confidence=or_none(
            lambda: fraction(number(_of(values, "confidencescore"), "ConfidenceScore"), "ConfidenceScore", whole=100.0),
            notes,
        ),
        device_at=when.at,
        local_at=when.local,
        crop=_kept(values, found, notes).crop,
        position=or_none(lambda: _position(lat, lon), notes),
        lane=words(_of(values, "lane", "lanename", "cameraname")),
        heading_deg=or_none(lambda: heading(number(_of(values, "heading"), "Heading"), "Heading"), notes),
        vehicle=Vehicle(make=words(_of(values, "vehiclemake")), body=words(_of(values, "vehicletype"))),
        notes=tuple(notes),
    )  # fmt: skip


def _kept(values: Values, found: Opened, notes: list[str]) -> Kept:
    """The plate's own picture: the exporter says not where on the context's the plate is."""
    cut_out = (*named(found.pictures, "plate", "lpr"), _of(values, "plateimage", "lprimage"))
    wide = (*named(found.pictures), _of(values, "contextimage"))
    return kept_of([*map(Shot, cut_out), *(Shot(one, nowhere) for one in wide)], notes)


def _when(values: Values) -> Said:
    """The exporter's UTC, whole or as a date and a time; else what it says by the clock on the wall."""
    whole = _of(values, "timestamputc", "utctimestamp", "datetimeutc")
    day, clock = _of(values, "utcdate", "dateutc"), _of(values, "utctime", "timeutc")
    if whole is None and day and clock:
        whole = f"{_date(day)} {clock}"
    if whole is not None:
        said = said_at(whole, "TimestampUtc")
        return said if said.local is None else said_at(f"{said.local.isoformat()}+00:00", "TimestampUtc")
    local = _of(values, "timestamp", "datetime")
    day, clock = _of(values, "datelocal", "date"), _of(values, "timelocal", "time")
    if local is None and day and clock:
        local = f"{_date(day)} {clock}"
    return said_at(local, "Timestamp")


def _date(day: str) -> str:
    """`2026:11:22`, `11/22/2026` and `2026-11-22` as the last."""
    if re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", day):
        month, number_of_day, year = day.split("/")
        return f"{year}-{month:0>2}-{number_of_day:0>2}"
    return day.replace(":", "-")


def _position(lat: str | None, lon: str | None) -> tuple[float, float] | None:
    north, east = number(lat, "Latitude"), number(lon, "Longitude")
    return position(north, east, "Latitude") if north and east else None
