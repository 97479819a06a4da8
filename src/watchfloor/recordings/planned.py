"""Gaps within planned work: the part of a gap that lies in it has it as its cause, and its owner; and the gap that is not over. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchfloor.cameras.model import Camera, shown
from watchfloor.recordings.model import GAP_FROM_US, GapReason, us
from watchfloor.recordings.play import Kept
from watchfloor.storage.tx import Tx

# From, to in µs, and the sentence that stands there.
Planned = tuple[int, int, str]
# What work on a camera, its switch or its power can be the cause of.
OF_WORK: Final = frozenset(
    {
        GapReason.CAMERA_UNREACHABLE,
        GapReason.CAMERA_SILENT,
        GapReason.CREDENTIALS_REFUSED,
        GapReason.CERTIFICATE_REFUSED,
        GapReason.BAD_STREAM,
    }
)


def cut(begin_us: int, end_us: int, planned: Sequence[Planned]) -> Iterator[tuple[int, int, str | None]]:
    """A gap in pieces, in order: those within planned work with its sentence, the others with None."""
    at = begin_us
    for begin, end, sentence in sorted(planned):
        begin, end = max(begin, at), min(end, end_us)
        if begin >= end:
            continue
        if begin > at:
            yield at, begin, None
        yield begin, end, sentence
        at = end
    if at < end_us:
        yield at, end_us, None


def still_missing(
    camera: Camera | None, kept: list[Kept], tx: Tx, begin: int, until: int
) -> list[tuple[int, int, str]]:
    """The gap that is not over yet: from the last picture until now, for the reason the camera is in at present."""
    if camera is None or camera.said is None or camera.said.last_frame_at is None:
        return []
    last = max((one.segment.ended_us for one in kept), default=us(camera.said.last_frame_at))
    state = shown(camera, now=tx.now)
    # While it is live the newest pictures are not written yet: that is no gap.
    if state.level == "normal" or until - max(last, begin) < GAP_FROM_US:
        return []
    return [(max(last, begin), until, state.reason)]
