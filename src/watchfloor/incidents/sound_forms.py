"""What the routes of alerts answer of sounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.pattern import Fire
from watchfloor.calls.forms import Call
from watchfloor.governance.inner_forms import MicrophoneId, Named, SoundClipId, words

Area = Annotated[
    list[list[tuple[float, float]]],
    Field(description="Closed rings of longitude and latitude; each encloses a part of the area."),
]


class Ellipse(TypedDict):
    """Half axes in metres; the bearing of the long one, clockwise from north."""

    major_m: float
    minor_m: float
    bearing_deg: float


class SoundEllipses(TypedDict):
    """The ellipses that hold the place in 50 and in 95 of 100 cases."""

    half: Ellipse
    most: Ellipse
    half_area: Area


class KindLikely(TypedDict):
    """How likely a sound is of a kind, in percent."""

    kind: SoundKind
    percent: float


class SoundReason(TypedDict):
    """A piece of evidence: for which kind it speaks most, and what that rests on."""

    sentence: str
    speaks_for: SoundKind
    rests_on: str


class SoundCount(TypedDict):
    """How sure the number of rounds is, in percent that it is that one; in nine of ten it lies between `low` and `high`. `fire`: how it was
    fired, if it was a weapon."""

    percent: int
    low: int
    high: int
    fire: Fire
    fire_percent: int
    per_s: float | None


class SoundAir(TypedDict):
    """The air that a source was located with, when that was read, and what is not known of it makes the ellipse so much longer."""

    sentence: str
    read_at: Annotated[datetime | None, Field(description="Null: no reading of a day.")]
    widens_m: float


class SoundSource(TypedDict):
    """A source as it is told now: where its rounds came from. `fallen`: nothing is located there any more."""

    version: int
    fallen: bool
    lat: Annotated[float | None, Field(description="Null: an area is known, and no point.")]
    lon: float | None
    ellipses: Annotated[SoundEllipses | None, Field(description="Null where there is no point.")]
    area: Annotated[Area, Field(description="Holds the place in 95 of 100 cases.")]
    rounds: Annotated[list[datetime], Field(description="When each was fired.")]
    heard: Annotated[list[MicrophoneId], Field(description="Who heard it.")]
    missed: Annotated[list[MicrophoneId], Field(description="Who should have heard it and did not.")]
    kind: SoundKind
    percent: int | None
    count: Annotated[SoundCount | None, Field(description="Null of a part of what went on for long.")]
    air: SoundAir | None


class HeardAt(TypedDict):
    """Where a confirmed sound came from. A sound names a place, not a person."""

    rounds: int
    where: Annotated[str, Field(description="How exactly the place is known.")]
    area: Annotated[Area, Field(description="Holds the place in 95 of 100 cases.")]
    half_area: Annotated[Area, Field(description="Holds it in half of cases; empty where there is no point.")]


class CountedReads(TypedDict):
    """How many plates were read within so many metres between two times. Which ones, a search under the incident tells, once it is
    confirmed."""

    count: int
    within_m: int
    since: datetime
    until: datetime


class NearSound(TypedDict):
    """What else is known near a sound and its time: calls within so many metres, the newest first, and how many plates were read."""

    calls: list[Call]
    calls_within_m: int
    plate_reads: CountedReads


class NamedMicrophone(TypedDict):
    """A microphone inside another thing."""

    id: MicrophoneId
    name: str


class Sound(TypedDict):
    """What an alert of a sound tells; `surest` is the number of its surest source among `sources`, from 0."""

    kind: SoundKind
    percent: Annotated[int | None, Field(description="How sure of the kind; null: there is no number.")]
    sentence: Annotated[str, Field(description="What the kind rests on.")]
    likely: Annotated[list[KindLikely], Field(description="Each kind, the likeliest first; in all 100.")]
    reasons: Annotated[list[SoundReason], Field(description="The weightiest first.")]
    cannot: Annotated[str, Field(description="What cannot be claimed.")]
    rounds: int
    at: datetime
    until: datetime
    where: Annotated[str, Field(description="How exactly the place is known.")]
    sources: list[SoundSource]
    surest: int


class SoundAlarm(TypedDict):
    """From which probability of gunfire a sound is raised, by what `allowed_per_shift` and the last `days` say; what lies beneath is kept
    back. `derived`: after a week; before it is one half. `sources` of those days, of which people `judged` so many."""

    allowed_per_shift: Annotated[
        float | None, Field(description="False alerts that a shift may bring; null: every sound is raised.")
    ]
    from_percent: Annotated[float | None, Field(description="Null: every sound is raised.")]
    derived: bool
    false_per_shift: Annotated[float | None, Field(description="What it would have brought.")]
    missed_per_shift: Annotated[float | None, Field(description="Gunfire that it would have kept back.")]
    sources: int
    judged: int
    kept_back_shift: Annotated[int, Field(description="Kept back within the last eight hours.")]
    kept_back: int
    days: int


class SoundVersion(TypedDict):
    """A version of a source that was told, and when: `source` counts the sources from 0."""

    source: int
    version: int
    at: datetime
    fallen: bool
    rounds: int
    heard: int
    where: str
    kind: SoundKind | None
    percent: int | None
    moved_m: Annotated[
        float | None, Field(description="From the version before; null of the first, and of areas.")
    ]


class SoundClip(TypedDict):
    """Sound that was asked of a microphone. `state`: `asked` (no answer yet), `clip`, `refused` by the microphone, `silent` (it did not
    answer)."""

    id: SoundClipId
    state: Annotated[str, words("asked", "clip", "refused", "silent")]
    reason: Annotated[str | None, Field(description="The microphone's own word, where it refused.")]
    detail: str | None
    microphone: NamedMicrophone
    asked_by: Named
    asked_at: datetime
    begins: datetime
    ends: datetime
    erase_after: Annotated[datetime, Field(description="When it is forgotten.")]
    audio: Annotated[str | None, Field(description="Where it is heard (WAV); null where none came.")]
    spectrogram: str | None


class SoundClips(TypedDict):
    """All that was asked, the first one first."""

    items: list[SoundClip]


class Spectrogram(TypedDict):
    """How loud a clip is, whole decibels below the loudest that there can be, every `step_s` from `begins` on: in all (`loudness`), and a
    row for each band whose middle is in `hertz`, the lowest first."""

    begins: datetime
    step_s: float
    hertz: list[int]
    loudness: list[int]
    bands: list[list[int]]
