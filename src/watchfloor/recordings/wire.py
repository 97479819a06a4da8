"""The forms of recordings on disk: a segment file's head, and the rows that wait for the database beside the spool."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.model import Gap, GapReason, Label, Segment, SegmentId, Terms


class FileHead(msgspec.Struct, frozen=True, tag_field="kind", tag="segment", forbid_unknown_fields=True):
    """The plain head of a segment file: whose it is and how it opens. It holds no picture and no name."""

    id: UUID
    agency: UUID
    worker: UUID
    epoch: int
    camera: UUID
    rule: int
    day: date
    run: int
    mime: str
    width: int
    height: int
    v: int = 1

    @property
    def label(self) -> Label:
        return Label(self.camera, self.rule, self.day, self.run)

    @property
    def terms(self) -> Terms:
        return Terms(self.agency, self.worker, self.epoch, self.rule)


class SegmentRow(msgspec.Struct, frozen=True, tag="segment"):
    """A finished segment on its way into the index."""

    head: FileHead
    began_us: int
    ended_us: int
    size: int
    sha256: bytes
    frames: int
    keys: bytes


class GapRow(msgspec.Struct, frozen=True, tag="gap"):
    """A gap on its way into the index."""

    id: UUID
    camera: UUID
    agency: UUID
    worker: UUID
    epoch: int
    rule: int
    began_us: int
    ended_us: int
    reason: str


Row = SegmentRow | GapRow

_rows = msgspec.json.Decoder(Row)
_heads = msgspec.json.Decoder(FileHead)


def head_of(segment: SegmentId, label: Label, terms: Terms, mime: str, width: int, height: int) -> FileHead:
    """The file head of a new segment."""
    return FileHead(
        id=segment, agency=terms.agency, worker=terms.worker, epoch=terms.epoch, camera=label.camera, rule=label.rule,
        day=label.day, run=label.run, mime=mime, width=width, height=height,
    )  # fmt: skip


def encode_head(head: FileHead) -> bytes:
    """The head as it is written."""
    return msgspec.json.encode(head)


def decode_head(data: bytes) -> FileHead:
    """Raises Unavailable when the bytes are no head of ours."""
    try:
        head = _heads.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise Unavailable("A segment's head cannot be read.") from error
    if head.v != 1:
        raise Unavailable(f"A segment of version {head.v} cannot be read by this program.")
    return head


def encode_row(waiting: Segment | Gap) -> bytes:
    """A segment or a gap as it waits beside the spool."""
    terms = waiting.terms
    if isinstance(waiting, Gap):
        return msgspec.json.encode(
            GapRow(
                id=waiting.id, camera=waiting.camera, agency=terms.agency, worker=terms.worker, epoch=terms.epoch,
                rule=terms.rule, began_us=waiting.began_us, ended_us=waiting.ended_us, reason=waiting.reason.value,
            )
        )  # fmt: skip
    head = head_of(waiting.id, waiting.label, terms, waiting.mime, waiting.width, waiting.height)
    return msgspec.json.encode(
        SegmentRow(
            head=head, began_us=waiting.began_us, ended_us=waiting.ended_us, size=waiting.size,
            sha256=waiting.sha256, frames=waiting.frames, keys=waiting.keys,
        )
    )  # fmt: skip


def decode_row(data: bytes) -> Segment | Gap:
    """Raises Unavailable when the bytes are no row of ours."""
    try:
        row = _rows.decode(data)
        if isinstance(row, GapRow):
            terms = Terms(row.agency, row.worker, row.epoch, row.rule)
            return Gap(row.id, row.camera, terms, row.began_us, row.ended_us, GapReason(row.reason))
    except (msgspec.DecodeError, ValueError) as error:
        raise Unavailable("A row that waits for the index cannot be read.") from error
    head = row.head
    return Segment(
        SegmentId(head.id), head.label, head.terms, row.began_us, row.ended_us, row.size, row.sha256, row.frames,
        row.keys, head.mime, head.width, head.height,
    )  # fmt: skip
