"""Makes runs and frames of the access units of one connection: parameter sets, time stamps, wall time. It opens nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.cameras.anchor import Anchor, skew_us
from watchfloor.cameras.nal import BadStream, join_prefixed
from watchfloor.cameras.order import LOOK, DecodingOrder, depth_of
from watchfloor.cameras.restamp import Restamp, Stamp
from watchfloor.cameras.stream import (
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

# A camera that changes its parameter sets at each keyframe without changing the picture size must not make a file each.
_SHORTEST_RUN_S: Final = 10.0
_CLOCK_STEPPED_US: Final = 1_000_000
# Two clocks are read at one moment when the reads took no longer.
_A_MOMENT_S: Final = 0.005
_MOST_READS: Final = 5
_MOST_UNUSABLE: Final = 300
_MOST_PENDING: Final = 32
# A run can begin with a burst: what the camera sends of its past, up to the last keyframe.
_BURST_ENDS_S: Final = 0.015
_LONGEST_BURST: Final = 5 * TICKS_PER_S


@dataclass(frozen=True, slots=True)
class NewRun:
    """The frames that follow belong to this run."""

    run: Run


@dataclass(frozen=True, slots=True)
class _Coded:
    units: list[bytes]
    key: bool
    arrived_us: int
    camera_us: int | None


_Timed = list[tuple[_Coded, Stamp]]


class Assembly:
    """One connection's access units become frames.

    `number` is the last run's; `skew_ms` how far the camera's clock is ahead of ours, once known; `repaired` counts
    frames whose times were not believed; `failure` says why nothing can be made of the stream at all.
    """

    def __init__(
        self, camera: UUID, codec: Codec, sets: Sequence[bytes], clock: Clock, last_run: int
    ) -> None:
        """`sets` are the parameter sets that came with the stream's description, if any."""
        self.number = last_run
        self.skew_ms: int | None = None
        self.failure: str | None = None
        self._camera, self._codec, self._clock = camera, codec, clock
        self._sets = sets_of(codec, sets)
        self._pending: list[bytes] = []
        self._unusable = 0
        self._repaired = 0
        # Of the run at hand: its format (None before the first keyframe), and the burst until its time is known.
        self._format: Format | None = None
        self._order: DecodingOrder | None = None
        self._looking: list[tuple[_Coded, int, float]] | None = None
        self._restamp: Restamp[_Coded] = Restamp()
        self._anchor: Anchor | None = None
        self._burst: _Timed = []
        self._last_now = self._mono = 0.0
        self._clock_set = False
        self._wall_us = 0

    @property
    def repaired(self) -> int:
        """Frames whose time stamps were not believed."""
        return self._repaired + self._restamp.repaired

    def take(
        self, sent: Sequence[bytes], ticks: int, now: float, camera_us: int | None
    ) -> Iterator[NewRun | Frame]:
        """What one access unit brings.

        `sent` are its NAL units, `ticks` when it is shown by the camera's time stamps, `now` our monotonic time of its
        arrival, `camera_us` what the camera's own clock showed then, if it says so.
        """
        picture = take_apart(self._codec, sent)
        if picture.sets:
            self._sets = merged(self._sets, picture.sets)
        if not picture.coded:
            self._pending = [*self._pending, *picture.units][-_MOST_PENDING:]
            return
        units = picture.units
        if self._pending:
            units, self._pending = self._pending + units, []
        if picture.key and self._must_begin():
            yield from self._begin(now)
        if self._format is None:
            self._count_unusable()
            return
        if self._format.sets != self._sets and self._codec is not Codec.VP9:
            # Sets that changed within a run travel with the picture that needs them.
            units = [*(unit for kind in self._sets for unit in kind), *units]
        coded = _Coded(units, picture.key, self._arrived_us(now), camera_us)
        if self._looking is not None:
            self._looking.append((coded, ticks, now))
            if len(self._looking) < LOOK:
                return
            yield from self._looked()
            return
        yield from self._on(coded, ticks, now)

    def _looked(self) -> Iterator[NewRun | Frame]:
        """Enough was seen to know how far the camera reorders."""
        looked, self._looking = self._looking or [], None
        self._order = DecodingOrder(None, at_least=depth_of([ticks for _, ticks, _ in looked]))
        for coded, ticks, now in looked:
            yield from self._on(coded, ticks, now)

    def _on(self, coded: _Coded, ticks: int, now: float) -> Iterator[NewRun | Frame]:
        timed = self._push(coded, ticks, now)
        if timed is None:
            yield from self._restart(coded, ticks, now)
            return
        yield from self._out(timed, now)

    def _restart(self, coded: _Coded, ticks: int, now: float) -> Iterator[NewRun | Frame]:
        """The camera's time jumped: a new run, which begins at a keyframe."""
        yield from self.rest()
        self._format = None
        if coded.key:
            yield from self._begin(now)
            if self.failure is None:
                coded = replace(coded, arrived_us=self._arrived_us(now))
                yield from self._out(self._push(coded, ticks, now) or [], now)

    def rest(self) -> Iterator[NewRun | Frame]:
        """The frames that still wait for their times when the connection, or a run, ends."""
        if self._format is not None:
            if self._looking:
                yield from self._looked()
            self._burst.extend(self._restamp.flush())
            yield from self._settle()

    def _push(self, coded: _Coded, ticks: int, now: float) -> _Timed | None:
        dts = ticks if self._order is None else self._order.dts(ticks)
        return self._restamp.push(coded, dts, ticks, int(now * TICKS_PER_S))

    def _out(self, timed: _Timed, now: float) -> Iterator[NewRun | Frame]:
        if self._anchor is not None:
            for coded, stamp in timed:
                yield self._frame(self._anchor, coded, stamp)
            return
        waited, self._last_now = now - self._last_now, now
        held = self._burst
        over = bool(held) and (waited > _BURST_ENDS_S or held[-1][1].dts - held[0][1].dts > _LONGEST_BURST)
        held.extend(timed)
        if over:
            yield from self._settle()

    def _settle(self) -> Iterator[NewRun | Frame]:
        """The burst is over: the frame that was delayed least says when the run began."""
        held, self._burst = self._burst, []
        if not held or self._format is None:
            return
        if self._anchor is None:
            began_us = min(coded.arrived_us - _us(stamp.dts) for coded, stamp in held)
            # Unique and rising per camera, over restarts as well, without asking anybody.
            self.number = max(self.number + 1, began_us // 1_000_000)
            self._anchor = Anchor(began_us)
            yield NewRun(Run(self._camera, self.number, self._format, began_us, self._clock_set))
            self._clock_set = False
        for coded, stamp in held:
            yield self._frame(self._anchor, coded, stamp)

    def _frame(self, anchor: Anchor, coded: _Coded, stamp: Stamp) -> Frame:
        captured = anchor.at(_us(stamp.dts), coded.arrived_us)
        if coded.key and coded.camera_us is not None:
            self.skew_ms = skew_us(coded.camera_us, captured) // 1000
        data = b"".join(coded.units) if self._codec is Codec.VP9 else join_prefixed(coded.units)
        return Frame(data, coded.key, stamp.dts, stamp.pts, captured)

    def _must_begin(self) -> bool:
        known = self._format
        if known is None:
            return True
        mono, wall_us = self._both_clocks()
        if abs(wall_us - self._arrived_us(mono)) > _CLOCK_STEPPED_US:
            self._clock_set = True
            return True
        if known.sets == self._sets:
            return False
        if mono - self._mono >= _SHORTEST_RUN_S:
            return True
        try:
            fresh = format_of(self._codec, self._sets)
        except BadStream:
            return False
        return (fresh.width, fresh.height, fresh.mime) != (known.width, known.height, known.mime)

    def _begin(self, now: float) -> Iterator[NewRun | Frame]:
        yield from self.rest()
        try:
            self._format = format_of(self._codec, self._sets)
        except BadStream as error:
            self._format = None
            self.failure = f"The camera does not say how its pictures are coded: {error}."
            return
        self._last_now = now
        self._mono, self._wall_us = self._both_clocks()
        self._repaired += self._restamp.repaired
        self._restamp, self._anchor = Restamp(), None
        first = self._format.reorder is None and self._order is None
        self._looking = [] if first else None
        self._order = DecodingOrder(self._format.reorder, at_least=self._order.depth if self._order else 0)

    def _count_unusable(self) -> None:
        """Pictures before the first keyframe cannot be decoded; a stream that never has one cannot be recorded."""
        self._unusable += 1
        if self._unusable >= _MOST_UNUSABLE and self.failure is None:
            self.failure = "The camera sends no keyframe."

    def _both_clocks(self) -> tuple[float, int]:
        """Our monotonic time, and our wall time in µs, of one moment: a thread that was held up between reads them again."""
        reads: list[tuple[float, float, int]] = []
        while not reads or (reads[-1][0] > _A_MOMENT_S and len(reads) < _MOST_READS):
            mono, wall = self._clock.monotonic(), self._clock.now()
            reads.append((self._clock.monotonic() - mono, mono, int(wall.timestamp() * 1_000_000)))
        _, mono, wall_us = min(reads)
        return mono, wall_us

    def _arrived_us(self, now: float) -> int:
        return self._wall_us + int((now - self._mono) * 1_000_000)


def _us(ticks: int) -> int:
    return ticks * 1_000_000 // TICKS_PER_S
