"""The outside forms of tables of reads: the mapping of their columns, and what a sample comes to by it."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated

import msgspec
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.ingest.columns import Mapping
from watchfloor.plates.ingest.sample import MOST_CHARACTERS, Sample

Heading = Annotated[str | None, Field(max_length=200)]


class MappingBody(BaseModel):
    """Which column of a reader's CSV says what, by its heading, and how it is written there; null: the table has none."""

    plate: str = Field(max_length=200)
    at: Heading = None
    date: Heading = None
    id: Heading = None
    state: Heading = None
    confidence: Heading = None
    lat: Heading = None
    lon: Heading = None
    heading: Heading = None
    lane: Heading = None
    picture: Heading = None
    written: str = Field(
        default="", max_length=80, description="How times are written, as of strptime; empty: as usual."
    )
    zone: str = Field(
        default="", max_length=60, description="Of times that name none; empty: that of the agency’s clocks."
    )
    whole: float = Field(default=1.0, description="How full confidence is written: 1 or 100.")
    separator: str = Field(default=",", max_length=1)


class SampleBody(BaseModel):
    """The first lines of a table, and the mapping to look at them by; without one it is proposed."""

    sample: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    mapping: MappingBody | None = None


class CsvMapping(TypedDict):
    """Which column says what; an empty plate: none is chosen."""

    plate: str
    at: str | None
    date: str | None
    id: str | None
    state: str | None
    confidence: str | None
    lat: str | None
    lon: str | None
    heading: str | None
    lane: str | None
    picture: str | None
    written: str
    zone: str
    whole: float
    separator: str


class KeptMapping(TypedDict):
    """The mapping of a reader's tables; null: their headings are our own words."""

    mapping: CsvMapping | None
    set_at: datetime | None


class SampleRead(TypedDict):
    """What a row would be taken as."""

    row: int
    plate: str
    state: str | None
    at: datetime | None
    confidence: float | None
    lat: float | None
    lon: float | None
    heading_deg: float | None
    lane: str | None
    notes: list[str]


class RefusedRow(TypedDict):
    """Why a row would not be taken; the heading is row 1."""

    row: int | None
    field: str | None
    detail: str


class TableSample(TypedDict):
    """What a table has and what comes of it. `fault`: why nothing does yet."""

    headings: list[str]
    rows: list[list[str]]
    mapping: CsvMapping
    fault: str | None
    good: int
    reads: list[SampleRead]
    bad: int
    refused: list[RefusedRow]


def sample_json(found: Sample, zone: tzinfo) -> TableSample:
    """The outside form of a sample; times that name no zone are of the agency's clocks."""
    return {
        "headings": list(found.headings),
        "rows": [list(row) for row in found.rows],
        "mapping": mapping_json(found.mapping or _unchosen(found)),
        "fault": found.fault,
        "good": found.good,
        "reads": [_read(claim, zone) for claim in found.reads],
        "bad": found.bad,
        "refused": [{"row": one.index, "field": one.field, "detail": one.detail} for one in found.refused],
    }


def _unchosen(found: Sample) -> Mapping:
    """What is proposed where it makes no mapping yet."""
    return msgspec.convert({"plate": "", **found.proposed, "separator": found.separator}, Mapping)


def mapping_json(mapping: Mapping) -> CsvMapping:
    """The outside form of a mapping."""
    return {
        "plate": mapping.plate,
        "at": mapping.at,
        "date": mapping.date,
        "id": mapping.id,
        "state": mapping.state,
        "confidence": mapping.confidence,
        "lat": mapping.lat,
        "lon": mapping.lon,
        "heading": mapping.heading,
        "lane": mapping.lane,
        "picture": mapping.picture,
        "written": mapping.written,
        "zone": mapping.zone,
        "whole": mapping.whole,
        "separator": mapping.separator,
    }


def _read(claim: Claim, zone: tzinfo) -> SampleRead:
    local = claim.local_at.replace(tzinfo=zone) if claim.local_at is not None else None
    lat, lon = claim.position if claim.position is not None else (None, None)
    return {
        "row": claim.row or 0,
        "plate": claim.plate.text,
        "state": claim.state,
        "at": claim.device_at or local,
        "confidence": claim.confidence,
        "lat": lat,
        "lon": lon,
        "heading_deg": claim.heading_deg,
        "lane": claim.lane,
        "notes": list(claim.notes),
    }
