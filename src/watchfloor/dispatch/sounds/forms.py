"""What the routes of what came of sounds answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.dispatch.sounds.model import (
    CountsAs,
    LearntBy,
    OutcomeState,
    SoundCause,
    SoundEvidence,
    SoundSaid,
)
from watchfloor.governance.inner_forms import AlertId, IncidentId, Named, SoundId, SoundOutcomeId


class SoundOff(TypedDict):
    """How far what was told is from where it truly was, in metres, and whether the ellipses hold that; null: an area alone was told."""

    error_m: float | None
    first_error_m: Annotated[float | None, Field(description="Of the place that was told first.")]
    in_half: bool | None
    in_most: bool


class SoundOutcome(TypedDict):
    """What somebody said that came of a sound. One that `waits` counts for nothing before a second person agreed."""

    id: SoundOutcomeId
    state: OutcomeState
    said: SoundSaid
    evidence: list[SoundEvidence]
    victims: int
    cause: SoundCause | None
    note: str | None
    why: Annotated[str | None, Field(description="Why it was said anew.")]
    off: SoundOff | None
    recorded_by: Named
    recorded_at: datetime
    second_by: Named | None
    second_at: datetime | None
    second_why: Annotated[str | None, Field(description="Why the second person did not agree.")]


class RecordedSound(TypedDict):
    """A sound as the ledger has it; `source` is `own`, or which vendor told it. Its alert and incident are null once they are forgotten."""

    id: SoundId
    missed: bool
    source: str
    source_ref: str | None
    at: datetime
    told_at: datetime | None
    district: str | None
    verdict: Literal["confirmed", "dismissed"] | None
    dismissed_as: str | None
    decided_at: datetime | None
    alert_id: AlertId | None
    incident_id: IncidentId | None
    counts_as: CountsAs
    said: SoundSaid | None
    waits: SoundSaid | None
    how: LearntBy | None
    note: str | None


class VendorSound(TypedDict):
    """An alert of another vendor as its file says it; what the file does not say is null."""

    ref: str
    at: datetime
    told_at: datetime | None
    lat: float
    lon: float
    what: str | None
    district: str | None


class SoundImportFault(TypedDict):
    """A row that is not taken, counted from 1 without the head, and why."""

    row: int
    why: str


class SoundImport(TypedDict):
    """What a file of another vendor's alerts says: which column says what, the first of them, how many are new here, and at most a hundred
    of the rows that are refused. By `sha256` it is taken."""

    vendor: str
    sha256: str
    alerts: int
    new: int
    refused: int
    columns: dict[str, str]
    first: list[VendorSound]
    bad: list[SoundImportFault]


class SoundStory(RecordedSound):
    """One sound with all that was said of it, the newest first. `lat` and `lon`: where it truly was, as long as its alert is kept.

    `others`: what other sources told of within 90 seconds and 500 m.
    """

    others: list[RecordedSound]

    outcomes: list[SoundOutcome]
    recorded_by: Named | None
    lat: float | None
    lon: float | None
