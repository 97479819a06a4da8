"""Decodes pictures, paints masks over them, and codes them anew: what is under a mask is in no byte that comes out.

Work for a thread: libav lets go of the interpreter meanwhile. What cannot be decoded is an error, never a picture unpainted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from watchfloor.cameras import wire
from watchfloor.cameras.cover import Cover, Shapes
from watchfloor.cameras.masks import Covered, Shape, covered
from watchfloor.cameras.stream import Codec, Format, Frame
from watchfloor.cameras.wire import Kind
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.coded import BASE, CODER, STORED, Coder
from watchfloor.recordings.fmp4 import Timed, fragment, frames_of, init_segment, record_of

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

Picture = NDArray[np.uint8]

# A dark grey that no night scene is: whoever sees it knows that something was painted.
_LUMA: Final = 64
_CHROMA: Final = 128
_GREY: Final = 56
_DECODERS: Final[dict[Codec, Literal["h264", "hevc", "vp9"]]] = {
    Codec.H264: "h264",
    Codec.H265: "hevc",
    Codec.VP9: "vp9",
}
# A picture that waits longer than so many others is not coming.
_MOST_WAITING: Final = 64


def painted_over(picture: Picture, shapes: Sequence[Shape]) -> Picture:
    """A decoded picture, RGB, with the shapes painted over."""
    if not shapes:
        return picture
    made = picture.copy()
    made[covered(shapes, picture.shape[1], picture.shape[0])] = _GREY
    return made


class _Paint:
    """Paints over decoded pictures of one size."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width & ~1, height & ~1
        self._shapes: Shapes = ()
        self._colour: Covered | None = None
        self._light: Covered | None = None

    def over(self, picture: av.VideoFrame, shapes: Shapes) -> av.VideoFrame:
        import av

        shown = picture
        if (picture.width, picture.height) != (self.width, self.height):
            shown = picture.reformat(width=self.width, height=self.height, format="yuv420p")
        flat = shown.to_ndarray(format="yuv420p").astype(np.uint8, copy=False).reshape(-1)
        self._set(shapes)
        if self._light is not None and self._colour is not None:
            light, quarter = self.width * self.height, self.width * self.height // 4
            flat[:light].reshape(self.height, self.width)[self._light] = _LUMA
            for begin in (light, light + quarter):
                part = flat[begin : begin + quarter].reshape(self.height // 2, self.width // 2)
                part[self._colour] = _CHROMA
        made = av.VideoFrame.from_ndarray(flat.reshape(self.height * 3 // 2, self.width), format="yuv420p")
        made.pts, made.time_base = picture.pts, BASE
        return made

    def _set(self, shapes: Shapes) -> None:
        if shapes == self._shapes:
            return
        self._shapes = shapes
        if not shapes:
            self._colour = self._light = None
            return
        # Where one of the four points that share a colour is covered, all four are.
        quarter = covered(shapes, self.width // 2, self.height // 2)
        self._colour, self._light = quarter, quarter.repeat(2, axis=0).repeat(2, axis=1)


class Painter:
    """One run of pictures, decoded, painted and coded anew. `format` is there after the first picture.

    What is painted over goes by when a picture was taken: `began_us` is when its media time 0 was; None: each picture says it itself.
    """

    def __init__(self, cover: Cover, init: bytes, *, began_us: int | None) -> None:
        self.format: Format | None = None
        self._cover, self._began_us = cover, began_us
        self._codec, self._record = record_of(init)
        self._decoder: VideoCodecContext | None = None
        self._coder: Coder | None = None
        self._paint: _Paint | None = None
        self._waiting: dict[int, Timed] = {}
        self._last = -1

    def paint(self, frames: Sequence[Timed]) -> list[Timed]:
        """What of these pictures, and of those before, is ready to be shown. Raises Unavailable."""
        import av

        made: list[Timed] = []
        try:
            for timed in frames:
                frame = timed.frame
                if self._decoder is None:
                    if not frame.key:
                        continue
                    self._decoder = self._opened(in_order=frame.pts == frame.dts)
                self._waiting[frame.pts] = timed
                packet = av.Packet(frame.data)
                packet.pts, packet.dts, packet.time_base = frame.pts, frame.dts, BASE
                for picture in self._decoder.decode(packet):
                    made += self._anew(picture)
                while len(self._waiting) > _MOST_WAITING:
                    self._waiting.pop(next(iter(self._waiting)))
        except (av.FFmpegError, ValueError) as error:
            raise cannot_mask() from error
        return made

    def drain(self) -> list[Timed]:
        """What waits in the decoder for others: at the end of a group, before the next begins."""
        import av

        made: list[Timed] = []
        try:
            if self._decoder is not None:
                for picture in self._decoder.decode(None):
                    made += self._anew(picture)
                self._decoder.flush_buffers()
        except (av.FFmpegError, ValueError) as error:
            raise cannot_mask() from error
        self._waiting.clear()
        return made

    def _opened(self, *, in_order: bool) -> VideoCodecContext:
        import av

        decoder = av.CodecContext.create(_DECODERS[self._codec], "r")
        decoder.extradata, decoder.thread_count = self._record, 1
        if in_order:  # else it waits for others whether or not any come
            decoder.flags |= av.codec.context.Flags.low_delay
        return decoder

    def _anew(self, picture: av.VideoFrame) -> Iterator[Timed]:
        timed = self._waiting.pop(picture.pts, None) if picture.pts is not None else None
        if timed is None or timed.frame.pts <= self._last:
            return  # it belongs to nothing that was asked for
        at = self._last = timed.frame.pts
        if self._paint is None or self._coder is None:
            self._paint = _Paint(picture.width, picture.height)
            self._coder = Coder(self._paint.width, self._paint.height)
            self.format = self._coder.format
        taken_us = timed.frame.captured_us if self._began_us is None else self._began_us + at * 100 // 9
        shapes = self._cover.at(taken_us)
        for data in self._coder.code(self._paint.over(picture, shapes), key=timed.frame.key):
            yield Timed(Frame(data, timed.frame.key, at, at, timed.frame.captured_us), timed.duration)


class LivePainter:
    """The frames of a tap, painted: an init and fragments in, an init and fragments out."""

    def __init__(self, cover: Cover) -> None:
        self._cover = cover
        self._painter: Painter | None = None
        self._head: wire.LiveHead | None = None
        self._seq = 0
        self._told = False

    def feed(self, data: bytes) -> list[bytes]:
        """What there is to show after this. Raises Unavailable; what is no picture passes as it is."""
        head = wire.head(data)
        if head.kind is Kind.INIT:
            try:
                self._painter = Painter(self._cover, wire.segment_of(data), began_us=None)
            except ValueError as error:
                raise cannot_mask() from error
            self._head, self._seq, self._told = head, 0, False
            return []
        if head.kind is not Kind.FRAGMENT:
            return [data]
        if self._painter is None or self._head is None:
            return []
        try:
            given = frames_of(data[wire.HEAD_SIZE :])
        except ValueError as error:
            raise cannot_mask() from error
        frames = [
            Timed(replace(one.frame, key=head.key and not number, captured_us=head.captured_us), one.duration)
            for number, one in enumerate(given)
        ]
        return [each for one in self._painter.paint(frames) for each in self._framed(one, head.run)]

    def _framed(self, one: Timed, run: int) -> Iterator[bytes]:
        format_ = self._painter.format if self._painter else None
        if not self._told and format_ is not None and self._head is not None:
            self._told = True
            yield wire.init(run, self._head.captured_us, format_.mime, init_segment(format_))
        self._seq += 1
        body = fragment(self._seq, [one])
        yield wire.frame(Kind.FRAGMENT, run, self._seq, one.frame.captured_us, body, key=one.frame.key)


def paint_file(source: Path, target: Path, cover: Cover, *, began_us: int = 0) -> int:
    """The pictures of an MP4 file whose first was taken at `began_us`, painted, as another that begins at 0; how many.

    Raises Unavailable.
    """
    import av

    frames, first = 0, None
    try:
        with (
            av.open(str(source)) as taken,
            av.open(str(target), "w", format="mp4", options={"movflags": "faststart", "fflags": "+bitexact"}) as made,
        ):  # fmt: skip
            stream, paint = None, None
            for picture in taken.decode(video=0):
                if stream is None or paint is None:
                    paint = _Paint(picture.width, picture.height)
                    stream = made.add_stream(CODER, rate=15, options=dict(STORED))
                    stream.width, stream.height, stream.pix_fmt = paint.width, paint.height, "yuv420p"
                    stream.time_base = stream.codec_context.time_base = BASE
                pts = round((picture.pts or 0) * (picture.time_base or BASE) / BASE)
                first = pts if first is None else first
                shown = paint.over(picture, cover.at(began_us + (pts - first) * 100 // 9))
                shown.pts = pts - first
                made.mux(stream.encode(shown))
                frames += 1
            if stream is not None:
                made.mux(stream.encode(None))
    except av.FFmpegError as error:
        raise cannot_mask() from error
    return frames


def cannot_mask() -> Unavailable:
    """The one sentence for a picture that cannot be painted."""
    return Unavailable(
        "The picture has a mask and cannot be painted.",
        reason="cannot_mask",
        next_step="Look at another moment, or tell whoever runs watchfloor.",
    )
