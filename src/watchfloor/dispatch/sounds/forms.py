"""What the routes of what came of sounds answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.dispatch.sounds.model import Cause, CountsAs, Evidence, How, Said, State
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
    state: State
    said: Said
    evidence: list[Evidence]
    victims: int
    cause: Cause | None
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
    said: Said | None
    waits: Said | None
    how: How | None
    note: str | None


class SoundStory(RecordedSound):
    """One sound with all that was said of it, the newest first. `lat` and `lon`: where it truly was, as long as its alert is kept."""

    outcomes: list[SoundOutcome]
    recorded_by: Named | None
    lat: float | None
    lon: float | None
