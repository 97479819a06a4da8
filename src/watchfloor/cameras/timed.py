"""Makes runs and frames of pictures of the past, whose times are told by whoever kept them: `fetched` is all of it in one.

The live side of this is `frames.py`, which dates pictures by their arrival. Of what is replayed the arrival says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Final
from uuid import UUID

from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.nal import BadStream, join_prefixed
from watchfloor.cameras.order import LOOK, DecodingOrder, depth_of
from watchfloor.cameras.restamp import Restamp, Stamp
from watchfloor.cameras.rtsp.replay import NotReplayed, Past, Patience, Span, replay
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.stream import (
    FETCHED,
    TICKS_PER_S,
    Codec,
    Format,
    Frame,
    Run,
    format_of,
    merged,
    sets_of,
    take_apart,
)
from watchfloor.kit.clock import Clock

# A picture whose told time is this far from where the run's ticks put it begins another: the device's clock was set.
_OFF_US: Final = 1_000_000
# So much more is asked for: a picture that others refer to is sent before them, and shown after.
_TAIL_US: Final = 1_000_000

_Item = tuple[list[bytes], bool, int]


class Timed:
    """One replay's pictures become frames. Runs are numbered from `FETCHED` on, which no recorder's own run reaches.

    `ahead_us` is how far the device's clock is ahead of ours: frames are dated by ours. `unusable` counts pictures that nothing could be
    made of.
    """

    def __init__(self, camera: UUID, codec: Codec, sets: Sequence[bytes], ahead_us: int) -> None:
        self.unusable = 0
        self._camera, self._codec, self._ahead_us = camera, codec, ahead_us
        self._sets = sets_of(codec, sets)
        self._format: Format | None = None
        self._looking: list[tuple[_Item, int]] | None = None
        self._order = DecodingOrder(0)
        self._restamp: Restamp[_Item] = Restamp()
        self._began: tuple[int, int] | None = (
            None  # (µs by the device's clock, ticks) of the run's first picture
        )
        self._number = 0

    def take(self, past: Past) -> Iterator[NewRun | Frame]:
        """What one picture brings."""
        picture = take_apart(self._codec, past.units)
        if picture.sets:
            self._sets = merged(self._sets, picture.sets)
        if not picture.coded:
            return
        if picture.key and self._must_begin(past):
            yield from self.rest()
            self._begin(past)
        if self._format is None:
            self.unusable += 1
            return
        item: _Item = (picture.units, picture.key, past.taken_us)
        if self._looking is None:
            yield from self._on(item, past.ticks)
            return
        self._looking.append((item, past.ticks))
        if len(self._looking) == LOOK:
            yield from self._looked()

    def rest(self) -> Iterator[NewRun | Frame]:
        """The frames that still wait for their times when the replay, or a run, ends."""
        if self._format is not None:
            yield from self._looked()
            yield from self._frames(self._restamp.flush())

    def _looked(self) -> Iterator[NewRun | Frame]:
        looked, self._looking = self._looking or [], None
        if looked:
            self._order = DecodingOrder(None, at_least=depth_of([ticks for _, ticks in looked]))
        for item, ticks in looked:
            yield from self._on(item, ticks)

    def _must_begin(self, past: Past) -> bool:
        if self._format is None or self._began is None or self._format.sets != self._sets:
            return True
        began_us, ticks = self._began
        return abs(past.taken_us - began_us - (past.ticks - ticks) * 100 // 9) > _OFF_US

    def _begin(self, past: Past) -> None:
        try:
            self._format = format_of(self._codec, self._sets)
        except BadStream:
            self._format = None
            return
        self._looking = [] if self._format.reorder is None else None
        self._order = DecodingOrder(self._format.reorder)
        self._restamp, self._number = Restamp(), 0
        self._began = (past.taken_us, past.ticks)

    def _on(self, item: _Item, ticks: int) -> Iterator[NewRun | Frame]:
        timed = self._restamp.push(item, self._order.dts(ticks), ticks, item[2] * 9 // 100)
        if timed is None:
            # Its time stamps jumped: nothing is known until the next keyframe.
            yield from self._frames(self._restamp.flush())
            self._format = None
            self.unusable += 1
            return
        yield from self._frames(timed)

    def _frames(self, timed: list[tuple[_Item, Stamp]]) -> Iterator[NewRun | Frame]:
        if not timed or self._format is None or self._began is None:
            return
        began_us = self._began[0] - self._ahead_us
        if not self._number:
            self._number = FETCHED + began_us // 1_000_000
            yield NewRun(Run(self._camera, self._number, self._format, began_us))
        for (units, key, _), stamp in timed:
            at_us = began_us + stamp.dts * 1_000_000 // TICKS_PER_S
            yield Frame(join_prefixed(units), key, stamp.dts, stamp.pts, at_us)


def fetched(
    place: Place,
    span: Span,
    clock: Clock,
    *,
    camera: UUID,
    ahead_us: int,
    onvif: bool = True,
    patience: Patience = Patience(),
    goes_on: Callable[[int], bool] = lambda sent: True,
) -> Iterator[NewRun | Frame]:
    """What was kept elsewhere of a time by our clock, as runs and frames; otherwise as `replay`. Raises NotReplayed."""
    theirs = Span(span.begin_us + ahead_us, span.end_us + ahead_us + _TAIL_US)
    timed: Timed | None = None
    believed = Believed()
    with closing(replay(place, theirs, clock, onvif=onvif, patience=patience, goes_on=goes_on)) as handfuls:
        for track, pictures in handfuls:
            timed = timed or Timed(camera, track.codec, track.sets, ahead_us)
            for out in believed.checked(out for past in pictures for out in timed.take(past)):
                if isinstance(out, Frame) and out.captured_us >= span.end_us:
                    return
                yield out
    if timed is not None:
        yield from believed.checked(timed.rest())
        if not believed.any:
            raise _not_understood()


class Believed:
    """The first keyframe of each run is decoded once: noise has keyframes too, as far as its first bytes say."""

    def __init__(self) -> None:
        self.any = False
        self._format: Format | None = None

    def checked(self, made: Iterable[NewRun | Frame]) -> Iterator[NewRun | Frame]:
        """The same. Raises NotReplayed when it is no picture."""
        for out in made:
            if isinstance(out, NewRun):
                self._format = out.run.format
            elif out.key and self._format is not None:
                known, self._format = self._format, None
                if not _decodes(known, out.data):
                    raise _not_understood()
                self.any = True
            yield out


def _decodes(known: Format, picture: bytes) -> bool:
    import av  # a tenth of a second of every start, for what is seldom fetched

    decoder = av.CodecContext.create("h264" if known.codec is Codec.H264 else "hevc", "r")
    decoder.extradata = known.record
    try:
        found = [*decoder.decode(av.Packet(picture)), *decoder.decode(None)]
    except av.FFmpegError:
        return False
    return bool(found) and not any(one.is_corrupt for one in found)


def _not_understood() -> NotReplayed:
    return NotReplayed("What the device sends as a replay cannot be understood.")
