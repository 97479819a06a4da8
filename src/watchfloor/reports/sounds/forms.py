"""What the routes of the figures of sounds answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.dispatch.sounds.model import LearntBy


class SoundSums(TypedDict):
    """Of `alerts`, so many count as confirmed (`evidence_found`, `victim`), as false, and as undetermined (`nothing_found`,
    `said_undetermined`; `nothing_said`: nobody said anything that stands). `waiting`: a second person has to look. `reviewed_…`: how
    reviewers decided. `missed`: gunfire that was not alerted, and was learnt of otherwise."""

    alerts: int
    confirmed: int
    false: int
    undetermined: int
    evidence_found: int
    victim: int
    nothing_found: int
    said_undetermined: int
    nothing_said: int
    waiting: int
    reviewed_confirmed: int
    reviewed_dismissed: int
    not_reviewed: int
    missed: int


class SoundRow(SoundSums):
    """The sums of one month, one district, or both; a district that is empty: of what is in none."""

    month: str | None
    district: str | None


class SoundCalls(TypedDict):
    """Of so many alerts: to how many a call for shots fired came, of how many none, of how many of these calls it is known which was
    sooner, before how many the alert was told, and by how many seconds at the median (below zero: the call was sooner)."""

    alerts: int
    called: int
    not_called: int
    leads: int
    told_first: int
    lead_s: float | None


class SoundSpread(TypedDict):
    """Values: how many, their median, which nine of ten and nineteen of twenty are below, and the greatest; null of none."""

    count: int
    median: float | None
    p90: float | None
    p95: float | None
    most: float | None


class SoundPlaces(TypedDict):
    """Of how many alerts it became known where the sound was; how far off what was told last was, in metres, and what was told first; how
    often of how many the ellipses hold it. Of areas there is no distance."""

    known: int
    error_m: SoundSpread
    first_error_m: SoundSpread
    within_15_m: int
    within_25_m: int
    in_half: int
    half_of: int
    in_most: int
    most_of: int


class SoundLatency(TypedDict):
    """In seconds: from the last round until its last pulse reached a microphone (`travel`), until that was received (`network`), until it
    was told (`machine`); all three (`told`); and from there until a person decided (`person`)."""

    travel: SoundSpread
    network: SoundSpread
    machine: SoundSpread
    told: SoundSpread
    person: SoundSpread


class SoundSpent(TypedDict):
    """Of alerts of one outcome: to how many officers were sent, and for how many minutes of officers in all."""

    outcome: str
    alerts: int
    sent: int
    officer_minutes: float


class SoundUptime(TypedDict):
    """In how many minutes of a month microphones were there, of how many in which they were in service."""

    month: str
    heard_minutes: int
    registered_minutes: int


class SoundFigures(TypedDict):
    """What came of sounds in these months. `small_together`: districts with fewer than 11 sounds are told as “several districts”."""

    first_month: Annotated[str, Field(json_schema_extra={"pattern": r"^\d{4}-\d{2}$"})]
    last_month: str
    made_at: datetime
    source: str
    sources: list[str]
    small_together: bool
    total: SoundSums
    by_month: list[SoundRow]
    by_district: list[SoundRow]
    by_district_and_month: list[SoundRow]
    missed_by_how: dict[LearntBy, int]
    calls: dict[str, SoundCalls]
    also_told: Annotated[
        dict[str, int],
        Field(description="How many of these alerts other sources told of too, within 90 seconds and 500 m."),
    ]
    places: SoundPlaces
    latency: SoundLatency
    spent: list[SoundSpent]
    uptime: list[SoundUptime]
