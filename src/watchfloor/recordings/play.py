"""Finds and opens recorded video: what there is, what is missing and why, and a stretch of it as fMP4 by GOP.

A seek reads and opens one group of pictures. It decides nothing: whoever calls it holds a grant.
"""

from __future__ import annotations

import asyncio
import bisect
import os
import struct
import weakref
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar
from uuid import UUID

from watchfloor.cameras.stream import Frame
from watchfloor.cameras.wire import from_zero
from watchfloor.kit.errors import NotFound
from watchfloor.recordings.fmp4 import Timed, fragment
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import BREAK_FROM_US, GAP_FROM_US, Segment, object_path, unpack_keys
from watchfloor.recordings.patience import Patience
from watchfloor.recordings.seal import HEAD_SIZE, ChunkKind, Head, open_sealed, read_head
from watchfloor.recordings.segment import read_file_head, so_far
from watchfloor.recordings.spool import open_parts, waiting_rows
from watchfloor.storage.objects import Objects

P = ParamSpec("P")
T = TypeVar("T")

# More than the longest segment can be: a keyframe may come late.
MARGIN: Final = timedelta(minutes=30)
LONGEST_US: Final = 60_000_000
# Of keyframes alone: what is played faster than a browser decodes all of.
LONGEST_KEYS_US: Final = 600_000_000
_HEAD_READ: Final = 8192
# A group of pictures is read at once where it is no longer than this.
_ONE_READ: Final = 4 * 1024 * 1024
# Init segments that are kept: each seek begins with one, and a segment is sought in again and again.
_INITS: Final = 512
# A disk that hangs holds these threads, and none of those that answer everything else.
_SPOOL_THREADS: Final = 4
# Where the offset of the first sample stands in a fragment of ours.
_FIRST_OFFSET_AT: Final = 100
# Where a `trun` of ours says where the samples begin in the fragment, and how large the first is.
_DATA_OFFSET_AT: Final = 84
_FIRST_SIZE_AT: Final = 92


class Place(Protocol):
    """Where a segment's bytes are."""

    async def read(self, start: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of unbroken footage: µs, and the run."""

    begin_us: int
    end_us: int
    run: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment and where its bytes are: among the objects, or in the spool while it is being written."""

    segment: Segment
    place: Place


class _Object:
    def __init__(self, objects: Objects, name: str, patience: Patience) -> None:
        self._objects, self._name, self._patience = objects, name, patience

    async def read(self, start: int, length: int) -> bytes:
        try:
            return await self._patience.of(lambda: self._objects.get_range(self._name, start, length))
        except NotFound as error:  # whoever watches is not told where our files lie
            raise NotFound(
                "The index lists footage of this time, and the store does not have it.",
                reason="footage_gone",
                next_step="Tell whoever runs watchfloor: somebody or something removed it.",
            ) from error


class _Part:
    """A file of the spool as it was when it was found: it stays readable when it is moved meanwhile."""

    def __init__(self, path: Path, threads: ThreadPoolExecutor, patience: Patience) -> None:
        """Raises FileNotFoundError."""
        self._threads, self._patience = threads, patience
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._fd)
        self.size = os.fstat(self._fd).st_size

    def part(self, start: int, length: int) -> bytes:
        return os.pread(self._fd, length, start)

    async def read(self, start: int, length: int) -> bytes:
        return await self._patience.of(lambda: in_thread(self._threads, self.part, start, length))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Video of one run: its codec, the wall times of its first picture and of its end (µs), and what to send."""

    mime: str
    begin_us: int
    end_us: int
    parts: AsyncIterator[bytes]


class Player:
    """Opens what was recorded on this center."""

    def __init__(
        self, objects: Objects, keystore: Keystore, spool: Path, patience: Patience | None = None
    ) -> None:
        """`patience`: how long who watches waits for the store, and how many at once."""
        self._objects, self._keystore, self._spool = objects, keystore, spool
        self._patience = patience or Patience()
        # Of the spool apart: it is on a disk of ours, and answers when the store does not.
        self._spool_patience = Patience()
        self._threads = ThreadPoolExecutor(_SPOOL_THREADS, thread_name_prefix="spool read")
        self._inits: OrderedDict[UUID, tuple[Head, bytes]] = OrderedDict()

    async def spooled(self, camera: UUID) -> list[Kept]:
        """What this machine's recorders are writing, or have not yet put into the index.

        To be asked before the index is: a segment leaves its part for its row, and its row for the index, so that whoever
        looks in that order sees each at least once, wherever it is meanwhile.
        """
        return await self._spool_patience.of(lambda: in_thread(self._threads, self._spooled, camera))

    def _spooled(self, camera: UUID) -> list[Kept]:
        found: list[Kept] = []
        for path in open_parts(self._spool, camera):
            try:
                part = _Part(path, self._threads, self._spool_patience)
            except FileNotFoundError:
                continue
            segment = so_far(part.part, part.size)
            if segment is not None:
                found.append(Kept(segment, part))
        in_parts = {one.segment.id for one in found}
        found += self._stored(one for one in waiting_rows(self._spool, camera) if one.id not in in_parts)
        return [
            one
            for one in found
            if not self._keystore.is_destroyed(one.segment.label.rule, one.segment.label.day)
        ]

    def together(
        self, spooled: Sequence[Kept], indexed: Sequence[Segment], begin_us: int, end_us: int
    ) -> list[Kept]:
        """What there is of [begin, end), each segment once, oldest first; the index knows best."""
        known = {one.id for one in indexed}
        newest = [
            one
            for one in spooled
            if one.segment.id not in known
            and one.segment.ended_us > begin_us
            and one.segment.began_us < end_us
        ]
        return sorted([*self._stored(indexed), *newest], key=lambda one: one.segment.began_us)

    def _stored(self, segments: Iterable[Segment]) -> list[Kept]:
        return [
            Kept(one, _Object(self._objects, object_path(one.id, one.label), self._patience))
            for one in segments
        ]

    async def stretch(
        self, kept: Sequence[Kept], from_us: int, to_us: int, *, keys_only: bool = False
    ) -> Stretch:
        """The video from the keyframe at or before `from_us` on, of one run without a gap, at most a minute.

        With `keys_only` each keyframe alone, standing until the next, and at most ten minutes.

        `kept` is in order of time. Raises NotFound (`gap`) when nothing was recorded there.
        """
        to_us = min(to_us, from_us + (LONGEST_KEYS_US if keys_only else LONGEST_US))
        at = next(
            (i for i, one in enumerate(kept) if one.segment.began_us <= from_us < one.segment.ended_us), None
        )
        if at is None:
            raise NotFound(
                "Nothing was recorded at that time.", reason="gap", next_step="Look at the timeline."
            )
        chosen = _unbroken(kept[at:], to_us)
        key = self._key(chosen[0].segment)
        offset = _offset_before(chosen[0].segment, from_us)
        (_, init), first = await asyncio.gather(
            self._init(chosen[0], key), self._chunk(chosen[0], key, offset)
        )
        head, fragment_ = first
        begin_us = head.captured_us - _first_offset_us(fragment_)
        end_us = min(max(to_us, begin_us), chosen[-1].segment.ended_us)
        chunks = self._chunks(chosen, first, offset + head.size, to_us, keys_only=keys_only)
        parts = _keys_alone(init, chunks, head.ticks) if keys_only else _whole(init, chunks, head.ticks)
        return Stretch(chosen[0].segment.mime, begin_us, end_us, parts)

    async def _chunks(
        self, chosen: Sequence[Kept], first: tuple[Head, bytes], at: int, to_us: int, *, keys_only: bool
    ) -> AsyncIterator[tuple[Head, bytes]]:
        """The opened chunks: the first, then from `at` in its file on; those that begin with a keyframe, where only they are wanted."""
        yield first
        for index, one in enumerate(chosen):
            key = self._key(one.segment)
            at = at if index == 0 else _offset_before(one.segment, one.segment.began_us)
            begins = dict(unpack_keys(one.segment.keys))
            while at < one.segment.size:
                # By the index, which rounds down: what begins at the end or later is not even read.
                if one.segment.began_us + begins.get(at, -1) * 1000 >= to_us:
                    return
                head, piece = await _sealed(one, at, whole=not keys_only or at in begins)
                if head.captured_us >= to_us:
                    return
                if head.kind is ChunkKind.KEY or not keys_only:
                    yield open_sealed(key, one.segment.label, piece)
                at += head.size

    async def groups(self, one: Kept, from_us: int) -> AsyncIterator[tuple[Head, bytes]]:
        """The init segment of a stored one, then its groups of pictures from the keyframe at or before that time on, opened.

        Raises what `stretch` raises, where it comes to it.
        """
        key = self._key(one.segment)
        init, at = await self._init(one, key), _offset_before(one.segment, from_us)
        yield init
        while at < one.segment.size:
            head, fragment = await self._chunk(one, key, at)
            at += head.size
            yield head, fragment

    async def _init(self, one: Kept, key: bytes) -> tuple[Head, bytes]:
        """The init segment: no picture of anything, and the same at each seek. Whoever has the key may have it from here."""
        known = self._inits.get(one.segment.id)
        if known is not None:
            self._inits.move_to_end(one.segment.id)
            return known
        start = await one.place.read(0, _HEAD_READ)
        _, at = read_file_head(start)
        head = read_head(start[at:])
        piece = start[at : at + head.size]
        if len(piece) < head.size:
            piece = await one.place.read(at, head.size)
        opened = self._inits[one.segment.id] = open_sealed(key, one.segment.label, piece)
        if len(self._inits) > _INITS:
            self._inits.popitem(last=False)
        return opened

    async def _chunk(self, one: Kept, key: bytes, at: int) -> tuple[Head, bytes]:
        _, piece = await _sealed(one, at)
        return open_sealed(key, one.segment.label, piece)

    def _key(self, segment: Segment) -> bytes:
        return self._keystore.find(segment.label.camera, segment.label.rule, segment.label.day)


async def in_thread(
    threads: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do it in one of these threads."""
    return await asyncio.get_running_loop().run_in_executor(threads, partial(work, *args, **kwargs))


async def _sealed(one: Kept, at: int, *, whole: bool = True) -> tuple[Head, bytes]:
    """The head of a chunk, and the `whole` of it, sealed: in one reading where the index says how far it goes."""
    piece = await one.place.read(at, _reach(one.segment, at) if whole else HEAD_SIZE)
    head = read_head(piece)
    if whole and len(piece) < head.size:
        piece += await one.place.read(at + len(piece), head.size - len(piece))
    return head, piece


def _reach(segment: Segment, at: int) -> int:
    """How far it is to the next keyframe, or to the end."""
    offsets = [offset for offset, _ in unpack_keys(segment.keys)]
    after = bisect.bisect_right(offsets, at)
    end = offsets[after] if after < len(offsets) else segment.size
    return max(HEAD_SIZE, min(end - at, _ONE_READ))


def _unbroken(kept: Sequence[Kept], to_us: int) -> list[Kept]:
    """What follows the first without a gap, in its run."""
    chosen = [kept[0]]
    for one in kept[1:]:
        begins_us, last = one.segment.began_us, chosen[-1].segment
        if begins_us >= to_us or begins_us - last.ended_us >= GAP_FROM_US:
            break
        if one.segment.label.run == last.label.run:
            chosen.append(one)
    return chosen


def ranges(segments: Sequence[Segment], begin_us: int, end_us: int) -> list[Range]:
    """Unbroken stretches within [begin, end): neighbours of one run without a hole are one."""
    found: list[Range] = []
    for segment in sorted(segments, key=lambda one: one.began_us):
        begin, end, run = max(segment.began_us, begin_us), min(segment.ended_us, end_us), segment.label.run
        if end <= begin:
            continue
        last = found[-1] if found else None
        if last is not None and last.run == run and begin - last.end_us < GAP_FROM_US:
            found[-1] = Range(last.begin_us, max(end, last.end_us), run)
        else:
            found.append(Range(begin, end, run))
    return found


def missing(whole: Sequence[Range], begin_us: int, end_us: int) -> list[tuple[int, int]]:
    """What of a gap is still missing: footage that was recovered later, or by another recorder, fills it."""
    left: list[tuple[int, int]] = []
    at = begin_us
    for one in sorted(whole, key=lambda one: one.begin_us):
        if min(one.begin_us, end_us) - at >= BREAK_FROM_US:
            left.append((at, min(one.begin_us, end_us)))
        at = max(at, one.end_us)
    if end_us - at >= BREAK_FROM_US:
        left.append((at, end_us))
    return left


def _offset_before(segment: Segment, at_us: int) -> int:
    """Where the last keyframe at or before that time begins; the first one when none is."""
    keys = unpack_keys(segment.keys)
    after_ms = (at_us - segment.began_us) // 1000
    return max((offset for offset, after in keys if after <= after_ms), default=keys[0][0])


async def _whole(init: bytes, chunks: AsyncIterator[tuple[Head, bytes]], base: int) -> AsyncIterator[bytes]:
    yield init
    async for _, chunk in chunks:
        yield from_zero(chunk, base)


async def _keys_alone(
    init: bytes, chunks: AsyncIterator[tuple[Head, bytes]], base: int
) -> AsyncIterator[bytes]:
    """The first picture of each group, standing until the next group's."""
    yield init
    waiting: tuple[Head, bytes] | None = None
    async for chunk in chunks:
        if waiting is not None:
            yield _first_alone(*waiting, base, chunk[0].ticks - waiting[0].ticks)
        waiting = chunk
    if waiting is not None:
        yield _first_alone(*waiting, base, waiting[0].duration)


def _first_alone(head: Head, fragment_: bytes, base: int, duration: int) -> bytes:
    """A fragment of the first picture alone. It is shown when it is decoded: nothing that it would wait for follows."""
    (at,) = struct.unpack_from(">I", fragment_, _DATA_OFFSET_AT)
    (size,) = struct.unpack_from(">I", fragment_, _FIRST_SIZE_AT)
    ticks = head.ticks - base
    picture = Frame(fragment_[at : at + size], True, ticks, ticks, head.captured_us)
    return fragment(head.number, [Timed(picture, duration)])


def _first_offset_us(fragment: bytes) -> int:
    """How long after its decoding time the first picture is shown, in µs."""
    (offset,) = struct.unpack_from(">i", fragment, _FIRST_OFFSET_AT)
    return int(offset) * 100 // 9
