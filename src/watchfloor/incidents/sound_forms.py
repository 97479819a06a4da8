"""What the routes of alerts answer of sounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.acoustics.kind import SoundKind
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


class NamedMicrophone(TypedDict):
    """A microphone inside another thing."""

    id: MicrophoneId
    name: str


class Sound(TypedDict):
    """What an alert of a sound tells; `surest` is the number of its surest source among `sources`, from 0."""

    kind: SoundKind
    percent: Annotated[int | None, Field(description="How sure of the kind; null: there is no number.")]
    sentence: Annotated[str, Field(description="What the kind rests on.")]
    rounds: int
    at: datetime
    until: datetime
    where: Annotated[str, Field(description="How exactly the place is known.")]
    sources: list[SoundSource]
    surest: int


class SoundVersion(TypedDict):
    """A version of a source that was told, and when: `source` counts the sources from 0."""

    source: int
    version: int
    at: datetime
    fallen: bool
    rounds: int
    heard: int
    where: str
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
