"""Cuts a span out of sealed segments into plain MP4 files: from the keyframe before, to the end of a group. Without transcoding,
but where masks are painted over.

What cannot be had is told, never passed over. It decides nothing: whoever calls it was let through the door.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Final

import av

from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.evidence.model import Hole
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import WatchfloorError
from watchfloor.recordings.coded import named
from watchfloor.recordings.model import GAP_FROM_US, Segment
from watchfloor.recordings.play import Kept, Player, Range
from watchfloor.recordings.repaint import paint_file
from watchfloor.recordings.seal import ChunkKind, Head

# What is away comes back: then the whole export is tried again, and nothing is called missing.
AWAY: Final = frozenset({"disk_away", "objects_away", "objects_slow", "objects_refused", "objects_no_bucket"})
Say = Callable[[int], Awaitable[None]]
# The codec as browsers name it, width and height.
Coded = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Clip:
    """One file: of one run, without a gap. Times are those of its first picture and of its end, in µs.

    `site` says where it was fetched, of what was not recorded here; else `sources` are the segments that it was cut from.
    """

    path: Path
    begin_us: int
    end_us: int
    frames: int
    mime: str
    width: int
    height: int
    sources: tuple[Segment, ...]
    site: Mapping[str, Json] | None = None


@dataclass(slots=True)
class Taken:
    """What came of a span: its files, and what was there and could not be had."""

    clips: list[Clip] = field(default_factory=list)
    lost: list[Hole] = field(default_factory=list)
    unanswered: str | None = None
    """Of what a site keeps: why it did not give it."""

    def and_of(self, other: Taken) -> Taken:
        """Both, in order of time."""
        clips = sorted([*self.clips, *other.clips], key=lambda clip: clip.begin_us)
        return Taken(clips, [*self.lost, *other.lost], self.unanswered or other.unanswered)

    @property
    def whole(self) -> list[Range]:
        """The times that the files hold."""
        return [Range(clip.begin_us, clip.end_us, number) for number, clip in enumerate(self.clips)]


class _Raw:
    """A file of fMP4 that grows group by group."""

    def __init__(self, path: Path, init: bytes, begin_us: int, segment: Segment) -> None:
        self.path, self.init, self.run = path, init, segment.label.run
        self.begin_us = self.end_us = begin_us
        self.segments: list[Segment] = []
        self._file: BufferedWriter = path.open("wb")
        self._file.write(init)

    def goes_on_with(self, head: Head, init: bytes, segment: Segment) -> bool:
        """Whether this group follows without a gap, in the same run and with the same parameters."""
        gap_us = head.captured_us - self.end_us
        return segment.label.run == self.run and init == self.init and gap_us < GAP_FROM_US

    def add(self, head: Head, fragment: bytes, segment: Segment) -> None:
        self._file.write(fragment)
        self.end_us = head.captured_us + head.duration * 100 // 9
        if segment not in self.segments:
            self.segments.append(segment)

    def close(self) -> None:
        self._file.close()


async def cut(
    player: Player,
    kept: Sequence[Kept],
    span: tuple[int, int],
    into: Path,
    say: Say,
    cover: Cover = OPEN,
) -> Taken:
    """The span's files in `into`, painted over where they are to be. Raises what the store raises while it is away; `say` is told
    the time that is reached.
    """
    from_us, to_us = span
    work = _Work(into, cover)
    for one in kept:
        at_us = max(from_us, one.segment.began_us)
        init = b""
        try:
            async for head, plain in player.groups(one, at_us):
                if head.kind is ChunkKind.INIT:
                    init = plain
                elif head.captured_us >= to_us:
                    break
                else:
                    await asyncio.to_thread(work.add, one.segment, init, head, plain)
                    at_us = head.captured_us + head.duration * 100 // 9
                    await say(at_us)
        except WatchfloorError as error:
            if error.reason in AWAY:
                raise
            # Of the next segment begins a new file: nobody should take two pieces for one.
            await asyncio.to_thread(work.close)
            work.taken.lost.append(Hole(at_us, one.segment.ended_us, error.detail))
    await asyncio.to_thread(work.close)
    return work.taken


class _Work:
    """The files of a span in the making."""

    def __init__(self, into: Path, cover: Cover) -> None:
        self._into, self._cover = into, cover
        self._raw: _Raw | None = None
        self.taken = Taken()

    def add(self, segment: Segment, init: bytes, head: Head, fragment: bytes) -> None:
        if self._raw is None or not self._raw.goes_on_with(head, init, segment):
            self.close()
            path = self._into / f"{len(self.taken.clips) + 1:03}.fmp4"
            self._raw = _Raw(path, init, head.captured_us, segment)
        self._raw.add(head, fragment, segment)

    def close(self) -> None:
        """Finish the file at hand as plain MP4."""
        raw, self._raw = self._raw, None
        if raw is None:
            return
        raw.close()
        first = raw.segments[0]
        coded = first.mime, first.width, first.height
        path, frames, coded = finish(raw.path, self._cover, coded, raw.begin_us, raw.end_us)
        self.taken.clips.append(
            Clip(
                path,
                raw.begin_us,
                raw.end_us,
                frames,
                *coded,
                tuple(raw.segments),
            )
        )


def finish(raw: Path, cover: Cover, coded: Coded, begin_us: int, end_us: int) -> tuple[Path, int, Coded]:
    """A raw file as plain MP4, with what is to be painted over it, in its place; its pictures, and how they are coded."""
    path = raw.with_suffix(".mp4")
    if cover.over(begin_us, end_us):
        frames = paint_file(raw, path, cover, began_us=begin_us)
        coded = named(path), coded[1] & ~1, coded[2] & ~1
    else:
        frames = remux(raw, path)
    raw.unlink()
    return path, frames, coded


def remux(source: Path, target: Path) -> int:
    """The same pictures as plain MP4 that begins at 0; how many. No picture is opened."""
    frames = 0
    first: int | None = None
    with (
        av.open(str(source)) as taken,
        av.open(
            str(target), "w", format="mp4", options={"movflags": "faststart", "fflags": "+bitexact"}
        ) as made,
    ):
        video = taken.streams.video[0]
        stream = made.add_stream_from_template(video)
        for packet in taken.demux(video):
            if packet.dts is None or packet.pts is None:
                continue  # the flush at the end
            first = packet.pts if first is None else first
            packet.pts -= first
            packet.dts -= first
            packet.stream = stream
            made.mux(packet)
            frames += 1
    return frames
