"""Gaps within planned work: the part of a gap that lies in it has it as its cause, and its owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchfloor.recordings.model import GapReason

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
