"""The outside forms of readers, and of how they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import AuthorisationId, CameraId, Place, ReaderId, StatusLevel
from watchfloor.governance.words import TechnologyKind
from watchfloor.plates.health import Health, Hour, Usual, hour_of_week
from watchfloor.plates.video import Counts, Video, VideoStream


class ReaderStatus(TypedDict):
    """How a reader is: `word` is one or two words, `reason` a sentence, `since` where that is known."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime | None
    last_read_at: datetime | None


class ReaderHealth(TypedDict):
    """How a reader does against its own usual; null where that is not known."""

    last_hour: int
    usual_an_hour: Annotated[
        float | None, Field(description="Reads that are usual in an hour at this time of the week.")
    ]
    missed: Annotated[
        float | None, Field(description="Reads that were usual since its last and did not come.")
    ]
    rejected_share: Annotated[
        float | None, Field(description="Of what it sent within a day; null of too little.")
    ]
    clock_off_ms: Annotated[int | None, Field(description="Its clock less ours, the median of a day.")]
    clock_drift_ms_a_day: int | None
    late_s: Annotated[int | None, Field(description="How old the oldest read was that came last.")]


class VideoCounts(TypedDict):
    """Pictures of a camera by what became of them. Those that moved were looked at, or dropped for a cause."""

    pictures: Annotated[int, Field(description="Taken from the stream to be judged.")]
    still: Annotated[int, Field(description="Nothing moved on them.")]
    masked: Annotated[int, Field(description="All of them is covered by masks.")]
    undecodable: int
    moving: int
    looked: Annotated[int, Field(description="Moving pictures that were looked at for plates.")]
    busy: Annotated[int, Field(description="Moving pictures dropped since the processor was busy.")]
    failed: Annotated[int, Field(description="Moving pictures on which reading failed.")]
    no_leave: Annotated[int, Field(description="Moving pictures dropped since the leave had ended.")]
    cpu_s: Annotated[float, Field(description="Seconds of CPU that looking took.")]
    sentence: str


class VideoReading(TypedDict):
    """How the reading of plates on a camera's own video goes."""

    stream: Annotated[VideoStream, Field(description="Which of the camera's streams is read.")]
    said_at: Annotated[datetime | None, Field(description="When the process that reads last said so.")]
    two_hours: VideoCounts
    day: VideoCounts


class Reader(TypedDict):
    """A plate reader and how it is."""

    id: ReaderId
    name: str
    technology: TechnologyKind
    place: Place
    heading_deg: Annotated[float | None, Field(description="Where it looks, clockwise from north.")]
    site: Annotated[
        str | None,
        Field(description="Readers of one site are its lanes: a car that several see is one read."),
    ]
    mobile: Annotated[bool, Field(description="It says with each read where it was.")]
    camera: Annotated[
        CameraId | None, Field(description="The camera that it is, whose plates are read here on its video.")
    ]
    video: Annotated[
        VideoReading | None, Field(description="Of a reader that is a camera: what became of its pictures.")
    ]
    state: ReaderStatus
    reads: int
    clock_off_ms: int | None
    health: ReaderHealth
    authorisation: AuthorisationId | None
    authorised_until: datetime | None
    version: int


class ReaderHour(TypedDict):
    """What a reader did in one hour; `usual` at that time of the week."""

    hour: datetime
    reads: int
    usual: float | None
    rejected: int
    refused: int
    clock_off_ms: int | None


class ReaderDetail(Reader):
    """A reader with its last week; an hour without a row had nothing."""

    hours: list[ReaderHour]


def video_json(video: Video | None, stream: VideoStream) -> VideoReading | None:
    """How the reading of a camera goes, on which of its streams."""
    if video is None:
        return None
    return {
        "stream": stream,
        "said_at": video.said.said_at if video.said else None,
        "two_hours": _counts_json(video.lately),
        "day": _counts_json(video.day),
    }


def _counts_json(counts: Counts) -> VideoCounts:
    return {
        "pictures": counts.pictures,
        "still": counts.still,
        "masked": counts.masked,
        "undecodable": counts.undecodable,
        "moving": counts.moving,
        "looked": counts.looked,
        "busy": counts.busy,
        "failed": counts.failed,
        "no_leave": counts.no_leave,
        "cpu_s": counts.cpu_ms / 1000,
        "sentence": counts.sentence,
    }


def health_json(health: Health) -> ReaderHealth:
    """How a reader does."""
    skew = health.skew
    return {
        "last_hour": health.last_hour,
        "usual_an_hour": health.usual_now,
        "missed": health.missed,
        "rejected_share": health.rejected_share,
        "clock_off_ms": skew.off_ms if skew else None,
        "clock_drift_ms_a_day": skew.drift_ms_a_day if skew else None,
        "late_s": health.late_s,
    }


def hours_json(hours: Sequence[Hour], usual: Usual, zone: tzinfo) -> list[ReaderHour]:
    """A reader's hours, each with what is usual at that time of the week."""
    return [
        {
            "hour": one.hour,
            "reads": one.reads,
            "usual": usual.get(hour_of_week(one.hour, zone)),
            "rejected": one.rejected,
            "refused": one.refused,
            "clock_off_ms": one.off_ms,
        }
        for one in hours
    ]
