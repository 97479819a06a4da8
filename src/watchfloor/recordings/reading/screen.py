"""Decodes one camera's stream, paints its masks over, and passes on what moves. Work for a thread, one at a time.

What cannot be decoded is left out to the next keyframe and counted; a picture that is covered as a whole is not looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from watchfloor.cameras import wire
from watchfloor.cameras.cover import Cover, Shapes
from watchfloor.cameras.masks import WHOLE, Covered, covered
from watchfloor.cameras.stream import Codec
from watchfloor.plates.reading.model import Picture
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.recordings.coded import BASE
from watchfloor.recordings.fmp4 import Timed, frames_of, record_of
from watchfloor.recordings.reading.gate import WIDE, Gate, Grey, Moved

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

_GREY: Final = 56
_MOST_WAITING: Final = 64
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture on which something moved, masks painted over: blue-green-red, when it was taken, and what moved."""

    picture: Picture
    at_us: int
    moved: Moved


@dataclass(frozen=True, slots=True)
class Screened:
    """What became of some frames: the newest picture that moved, if any, and the counts of the others."""

    shot: Shot | None
    counts: Counts
    moving: bool


class Screen:
    """One camera's stream. `apart_us`: pictures nearer to the last one that was judged are passed over."""

    def __init__(self, apart_us: int) -> None:
        self._apart_us = apart_us
        self._gate = Gate()
        self._codec: tuple[Codec, bytes] | None = None
        self._decoder: VideoCodecContext | None = None
        self._taken: dict[int, int] = {}
        self._last_us: int | None = None
        self._paints: dict[tuple[Shapes, Size], Covered] = {}

    def begin(self, init: bytes) -> None:
        """A new run of the stream: its codec, its size. Raises ValueError for one that is not known here."""
        self._decoder, self._codec = None, None
        self._taken.clear()
        codec, record = record_of(init)
        if codec not in (Codec.H264, Codec.H265):
            raise ValueError(f"{codec.value} is not decoded here")
        self._codec = (codec, record)

    def take(self, fragments: Sequence[bytes], cover: Cover, *, ends: bool) -> Screened:
        """The fragments of a tap, in order; the first after a pause begins with a keyframe. `ends`: no more of this group follows."""
        shot, counts, moving = None, NOTHING, False
        for number, data in enumerate(fragments, 1):
            for picture, at_us in self._pictures(data, ends=ends and number == len(fragments)):
                if picture is None:
                    counts += Counts(pictures=1, undecodable=1)
                    continue
                if self._last_us is not None and 0 <= at_us - self._last_us < self._apart_us:
                    continue
                self._last_us = at_us
                found = self._judged(picture, at_us, cover.at(at_us))
                if isinstance(found, Counts):
                    counts += found
                    continue
                # The one before it was never looked at: it is the older of two.
                counts += Counts(pictures=1, busy=int(shot is not None))
                shot, moving = found, True
        return Screened(shot, counts, moving)

    def _judged(self, picture: av.VideoFrame, at_us: int, shapes: Shapes) -> Shot | Counts:
        if WHOLE in shapes:
            self._gate.forget()
            return Counts(pictures=1, masked=1)
        high = max(16, round(WIDE * picture.height / picture.width) & ~1)
        small = picture.reformat(width=WIDE, height=high, format="gray").to_ndarray()
        grey: Grey = np.asarray(small, np.uint8)
        if shapes:
            grey = self._painted_grey(grey, shapes)
        moved = self._gate.judge(grey)
        if not moved:
            return Counts(pictures=1, still=1)
        whole = np.ascontiguousarray(np.asarray(picture.to_ndarray(format="bgr24"), np.uint8))
        if shapes:
            whole[self._covered(shapes, (whole.shape[1], whole.shape[0]))] = _GREY
        return Shot(whole, at_us, moved)

    def _painted_grey(self, grey: Grey, shapes: Shapes) -> Grey:
        made = grey.copy()
        made[self._covered(shapes, (grey.shape[1], grey.shape[0]))] = _GREY
        return made

    def _covered(self, shapes: Shapes, size: Size) -> Covered:
        """What is painted over, reckoned once for each size while the masks stay."""
        if (shapes, size) not in self._paints:
            self._paints = {key: one for key, one in self._paints.items() if key[0] == shapes}
            self._paints[shapes, size] = covered(shapes, *size)
        return self._paints[shapes, size]

    def _pictures(self, data: bytes, *, ends: bool) -> list[tuple[av.VideoFrame | None, int]]:
        """The pictures that come of a fragment, each with when it was taken; None for one that cannot be decoded."""
        import av

        head = wire.head(data)
        if self._codec is None:
            return []
        made: list[tuple[av.VideoFrame | None, int]] = []
        try:
            for number, timed in enumerate(frames_of(data[wire.HEAD_SIZE :])):
                frame = replace(timed.frame, key=head.key and number == 0, captured_us=head.captured_us)
                made += self._decoded(replace(timed, frame=frame))
            if ends and self._decoder is not None:
                made += self._made(self._decoder.decode(None))
                self._decoder.flush_buffers()
        except (av.FFmpegError, ValueError, struct.error):
            self._decoder = None
            self._taken.clear()
            made.append((None, head.captured_us))
        return made

    def _decoded(self, timed: Timed) -> list[tuple[av.VideoFrame | None, int]]:
        import av

        frame = timed.frame
        if self._decoder is None:
            if not frame.key:
                return []
            self._decoder = self._opened(in_order=frame.pts == frame.dts)
        self._taken[frame.pts] = frame.captured_us
        while len(self._taken) > _MOST_WAITING:
            self._taken.pop(next(iter(self._taken)))
        packet = av.Packet(frame.data)
        packet.pts, packet.dts, packet.time_base = frame.pts, frame.dts, BASE
        return self._made(self._decoder.decode(packet))

    def _made(self, pictures: Sequence[av.VideoFrame]) -> list[tuple[av.VideoFrame | None, int]]:
        made: list[tuple[av.VideoFrame | None, int]] = []
        for picture in pictures:
            at_us = self._taken.pop(picture.pts, None) if picture.pts is not None else None
            if at_us is not None:
                made.append((None if picture.is_corrupt else picture, at_us))
        return made

    def _opened(self, *, in_order: bool) -> VideoCodecContext:
        import av

        if self._codec is None:
            raise ValueError("no run has begun")
        codec, record = self._codec
        decoder = av.CodecContext.create("h264" if codec is Codec.H264 else "hevc", "r")
        decoder.extradata, decoder.thread_count = record, 1
        if in_order:  # else it waits for others whether or not any come
            decoder.flags |= av.codec.context.Flags.low_delay
        return decoder
