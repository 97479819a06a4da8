"""The words of recordings: labels, segments, gaps. Values and pure functions only."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NewType
from uuid import UUID

from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import FETCHED
from watchfloor.kit.ids import made_at

SegmentId = NewType("SegmentId", UUID)

# Within a connection a hole shorter than this is a late frame, not a gap.
GAP_FROM_US: Final = 2_000_000
# Where recording itself stopped, pictures are missing: a shorter one is told too.
BREAK_FROM_US: Final = 250_000
_DAY_US: Final = 86_400_000_000
_KEY: Final = struct.Struct(">II")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class GapReason(StrEnum):
    """Why there is no footage. The sentences are in `GAP_SENTENCES`."""

    CAMERA_UNREACHABLE = "camera_unreachable"
    CAMERA_SILENT = "camera_silent"
    BOX_AWAY = "box_away"
    CREDENTIALS_REFUSED = "credentials_refused"
    CERTIFICATE_REFUSED = "certificate_refused"
    NO_AUTHORISATION = "no_authorisation"
    BY_AGREEMENT = "by_agreement"
    NOT_LENT = "not_lent"
    OUTSIDE_AREA = "outside_area"
    SWITCHED_OFF = "switched_off"
    TAKEN_OVER = "taken_over"
    RECORDER_DOWN = "recorder_down"
    NO_ROOM = "no_room"
    BAD_STREAM = "bad_stream"
    LEFT_OUT = "left_out"
    GAVE_WAY = "gave_way"
    AT_SITE = "at_site"
    CLOCK_SET = "clock_set"


GAP_SENTENCES: Final = {
    GapReason.CAMERA_UNREACHABLE: "The camera did not answer.",
    GapReason.CAMERA_SILENT: "The camera was connected and sent no pictures.",
    GapReason.BOX_AWAY: "The camera's edge box was away.",
    GapReason.CREDENTIALS_REFUSED: "The camera refused the name and password it was given.",
    GapReason.CERTIFICATE_REFUSED: "The camera's certificate was not trusted, so it was not opened.",
    GapReason.NO_AUTHORISATION: "No authorisation to record was in force.",
    GapReason.BY_AGREEMENT: "By agreement: the owner shares nothing of this time.",
    GapReason.NOT_LENT: "Its center did not lend it to us to be recorded, or ended that.",
    GapReason.OUTSIDE_AREA: "It stood outside the area it is authorised for.",
    GapReason.SWITCHED_OFF: "The camera was switched off in the registry.",
    GapReason.TAKEN_OVER: "The recorder failed and another took over.",
    GapReason.RECORDER_DOWN: "No recorder was running.",
    GapReason.NO_ROOM: "There was no room left to record to.",
    GapReason.BAD_STREAM: "What the camera sent could not be understood.",
    GapReason.LEFT_OUT: "Its center left pictures out: the connection to us was too slow.",
    GapReason.GAVE_WAY: "It was recorded, and gave way to newer footage when the disks were full.",
    GapReason.AT_SITE: "Its footage was kept at its site.",
    GapReason.CLOCK_SET: "The clock of this center was set: no time is missing, and what came then is dated by the new time.",
}

# Why there is no footage while a camera is in a state.
GAP_OF_STATE: Final = {
    CameraStatus.UNREACHABLE: GapReason.CAMERA_UNREACHABLE,
    CameraStatus.BOX_AWAY: GapReason.BOX_AWAY,
    CameraStatus.CREDENTIALS_REFUSED: GapReason.CREDENTIALS_REFUSED,
    CameraStatus.CERTIFICATE_REFUSED: GapReason.CERTIFICATE_REFUSED,
    CameraStatus.SILENT: GapReason.CAMERA_SILENT,
    CameraStatus.BAD_STREAM: GapReason.BAD_STREAM,
    CameraStatus.NOT_AUTHORISED: GapReason.NO_AUTHORISATION,
    CameraStatus.BY_AGREEMENT: GapReason.BY_AGREEMENT,
    CameraStatus.NOT_LENT: GapReason.NOT_LENT,
    CameraStatus.OUTSIDE_AREA: GapReason.OUTSIDE_AREA,
    CameraStatus.NO_ROOM: GapReason.NO_ROOM,
    CameraStatus.OFF: GapReason.SWITCHED_OFF,
    CameraStatus.AT_SITE: GapReason.AT_SITE,
}


@dataclass(frozen=True, slots=True)
class Label:
    """What a stretch of footage is bound to: sealed bytes open under this label and no other."""

    camera: UUID
    rule: int
    day: date
    run: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a camera is recorded at present: by whom, in which epoch, kept by which rule."""

    agency: UUID
    worker: UUID
    epoch: int
    rule: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored file of footage: 60 s cut at a keyframe, sealed chunk by chunk.

    Times are µs since 1970; `sha256` is that of the sealed file; `keys` packs, for each keyframe chunk, its offset in
    the file and its milliseconds since `began_us`.
    """

    id: SegmentId
    label: Label
    terms: Terms
    began_us: int
    ended_us: int
    size: int
    sha256: bytes
    frames: int
    keys: bytes
    mime: str
    width: int
    height: int

    @property
    def fetched_at(self) -> datetime | None:
        """When it was fetched from whoever had kept it; None where it was recorded as it was taken."""
        return made_at(self.id) if self.label.run >= FETCHED else None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without footage, and why. Times are µs since 1970."""

    id: UUID
    camera: UUID
    terms: Terms
    began_us: int
    ended_us: int
    reason: GapReason


def at(us: int) -> datetime:
    """The aware UTC time of µs since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def us(at_: datetime) -> int:
    """µs since 1970 of an aware time."""
    return (at_ - _EPOCH) // timedelta(microseconds=1)


def day_of(us_: int) -> date:
    """The UTC day that footage of this time is kept under."""
    return at(us_).date()


def by_days(begin: int, end: int) -> list[tuple[int, int]]:
    """A gap as it is kept: one of more than a day in pieces of a UTC day each, since what is known of a day goes with the day. Else
    all of it would go with the day on which it began, and nobody would ask the camera for its younger part."""
    if end - begin <= _DAY_US:
        return [(begin, end)]
    midnights = range((begin // _DAY_US + 1) * _DAY_US, end, _DAY_US)
    return list(pairwise([begin, *midnights, end]))


def day_name(day: date) -> str:
    """`20261122`: the day in paths, and in partitions."""
    return f"{day:%Y%m%d}"


def object_path(segment: SegmentId, label: Label) -> str:
    """Where a finished segment lies among the objects."""
    return f"footage/r{label.rule}/{day_name(label.day)}/{label.camera}/{segment}.seg"


def pack_key(offset: int, after_ms: int) -> bytes:
    """One entry of a segment's keyframe index."""
    return _KEY.pack(offset, after_ms)


def unpack_keys(keys: bytes) -> list[tuple[int, int]]:
    """(offset in the file, milliseconds since the segment began) of each keyframe chunk, rising.

    Raises ValueError for an index of broken length.
    """
    if len(keys) % _KEY.size:
        raise ValueError("a keyframe index of broken length")
    return [(offset, after) for offset, after in _KEY.iter_unpack(keys)]
