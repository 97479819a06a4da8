"""Makes runs and frames of the packets of one connection: parameter sets, time stamps, wall time. It opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, Protocol, SupportsBytes
from uuid import UUID

from watchfloor.cameras.anchor import Anchor, skew_us
from watchfloor.cameras.nal import BadStream, join_prefixed
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
_MOST_UNUSABLE: Final = 300
# A run begins with a burst: what libav read ahead to probe the stream, and what the camera sends of its past.
_BURST_ENDS_S: Final = 0.015
_LONGEST_BURST: Final = 5 * TICKS_PER_S
_PRFT: Final[Literal["prft"]] = "prft"


class Packet(Protocol):
    """What is read of a libav packet."""

    pts: int | None
    dts: int | None
    time_base: Fraction
    is_keyframe: bool

    def __bytes__(self) -> bytes: ...

    def has_sidedata(self, dtype: Literal["prft"], /) -> bool: ...

    def get_sidedata(self, dtype: Literal["prft"], /) -> SupportsBytes: ...


@dataclass(frozen=True, slots=True)
class NewRun:
    """The frames that follow belong to this run."""

    run: Run


@dataclass(frozen=True, slots=True)
class _Coded:
    units: list[bytes]
    key: bool
    arrived_us: int
    prft: bytes


_Timed = list[tuple[_Coded, Stamp]]


class Assembly:
    """One connection's packets become frames.

    `number` is the last run's; `skew_ms` how far the camera's clock is ahead of ours, once known; `repaired` counts
    frames whose times were not believed; `failure` says why nothing can be made of the stream at all.
    """

    def __init__(self, camera: UUID, codec: Codec, extradata: bytes, clock: Clock, last_run: int) -> None:
        self.number = last_run
        self.skew_ms: int | None = None
        self.failure: str | None = None
        self._camera, self._codec, self._clock = camera, codec, clock
        self._sets = sets_of(codec, extradata)
        self._pending: list[bytes] = []
        self._unusable = 0
        self._repaired = 0
        # Of the run at hand: its format (None before the first keyframe), and the burst until its time is known.
        self._format: Format | None = None
        self._restamp: Restamp[_Coded] = Restamp()
        self._anchor: Anchor | None = None
        self._burst: _Timed = []
        self._last_now = self._mono = 0.0
        self._wall_us = 0

    @property
    def repaired(self) -> int:
        """Frames whose time stamps were not believed."""
        return self._repaired + self._restamp.repaired

    def take(self, packet: Packet, now: float) -> Iterator[NewRun | Frame]:
        """What the packet brings; `now` is our monotonic time of its arrival."""
        picture = take_apart(self._codec, bytes(packet))
        if picture.sets:
            self._sets = merged(self._sets, picture.sets)
        if not picture.coded:
            self._pending.extend(picture.units)
            return
        units = picture.units
        if self._pending:
            units, self._pending = self._pending + units, []
        key = picture.key or packet.is_keyframe
        if key and self._must_begin(now):
            yield from self._begin(now)
        if self._format is None:
            self._count_unusable()
            return
        if self._format.sets != self._sets:
            # Sets that changed within a run travel with the picture that needs them.
            units = [*(unit for kind in self._sets for unit in kind), *units]
        timed = self._push(packet, units, now, key=key)
        if timed is None:
            yield from self._restart(packet, picture.units, now, key=key)
            return
        yield from self._out(timed, now)

    def _restart(
        self, packet: Packet, units: list[bytes], now: float, *, key: bool
    ) -> Iterator[NewRun | Frame]:
        """The camera's time jumped: a new run, which begins at a keyframe."""
        yield from self.rest()
        self._format = None
        if key:
            yield from self._begin(now)
            if self.failure is None:
                yield from self._out(self._push(packet, units, now, key=key) or [], now)

    def rest(self) -> Iterator[NewRun | Frame]:
        """The frames that still wait for their times when the connection, or a run, ends."""
        if self._format is not None:
            self._burst.extend(self._restamp.flush())
            yield from self._settle()

    def _push(self, packet: Packet, units: list[bytes], now: float, *, key: bool) -> _Timed | None:
        prft = bytes(packet.get_sidedata(_PRFT)) if key and packet.has_sidedata(_PRFT) else b""
        dts, pts = _ticks(packet)
        coded = _Coded(units, key, self._arrived_us(now), prft)
        return self._restamp.push(coded, dts, pts, int(now * TICKS_PER_S))

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
            yield NewRun(Run(self._camera, self.number, self._format, began_us))
        for coded, stamp in held:
            yield self._frame(self._anchor, coded, stamp)

    def _frame(self, anchor: Anchor, coded: _Coded, stamp: Stamp) -> Frame:
        captured = anchor.at(_us(stamp.dts), coded.arrived_us)
        if len(coded.prft) >= 8:
            camera_wall_us = int.from_bytes(coded.prft[:8], "little", signed=True)
            self.skew_ms = skew_us(camera_wall_us, captured) // 1000
        return Frame(join_prefixed(coded.units), coded.key, stamp.dts, stamp.pts, captured)

    def _must_begin(self, now: float) -> bool:
        known = self._format
        if known is None:
            return True
        if abs(self._now_us() - self._arrived_us(now)) > _CLOCK_STEPPED_US:
            return True
        if known.sets == self._sets:
            return False
        if now - self._mono >= _SHORTEST_RUN_S:
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
        self._mono = self._last_now = now
        self._wall_us = self._now_us()
        self._repaired += self._restamp.repaired
        self._restamp, self._anchor = Restamp(), None

    def _count_unusable(self) -> None:
        """Pictures before the first keyframe cannot be decoded; a stream that never has one cannot be recorded."""
        self._unusable += 1
        if self._unusable >= _MOST_UNUSABLE and self.failure is None:
            self.failure = "The camera sends no keyframe."

    def _now_us(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000)

    def _arrived_us(self, now: float) -> int:
        return self._wall_us + int((now - self._mono) * 1_000_000)


def _us(ticks: int) -> int:
    return ticks * 1_000_000 // TICKS_PER_S


def _ticks(packet: Packet) -> tuple[int | None, int | None]:
    base, dts, pts = packet.time_base, packet.dts, packet.pts
    if base.numerator == 1 and base.denominator == TICKS_PER_S:
        return dts, pts
    scale = base * TICKS_PER_S
    return None if dts is None else int(dts * scale), None if pts is None else int(pts * scale)
