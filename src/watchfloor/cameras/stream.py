"""What a camera's stream is made of once it is inside: formats, runs, frames, and who takes them. Values only.

A *run* is an unbroken stretch of one stream with one format and one timeline; its frames count 90 kHz ticks from its
first frame. It must know neither a device nor a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from watchfloor.cameras import h264, h265, vp9
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.state import CameraStatus

TICKS_PER_S: Final = 90_000
# A run of pictures that came late, fetched from whoever kept them: no recorder's own run has a number of this or more.
FETCHED: Final = 1 << 40


class Codec(StrEnum):
    """The codecs that are recorded: those that city cameras send over RTSP, and the one in which we, or a partner center, code masked
    pictures."""

    H264 = "h264"
    H265 = "h265"
    VP9 = "vp9"


_SET_TYPES: Final = {Codec.H264: (h264.SPS, h264.PPS), Codec.H265: (h265.VPS, h265.SPS, h265.PPS)}
_TYPE_OF: Final = {Codec.H264: h264.unit_type, Codec.H265: h265.unit_type}
_LEFT_OUT: Final = {Codec.H264: h264.LEFT_OUT, Codec.H265: h265.LEFT_OUT}
_CODED: Final = {Codec.H264: range(1, 6), Codec.H265: range(32)}
_KEYS: Final = {Codec.H264: range(h264.IDR, h264.IDR + 1), Codec.H265: h265.KEYS}


@dataclass(frozen=True, slots=True)
class Format:
    """How a run's pictures are coded: its parameter sets, by kind, and what they say.

    `record` is the avcC, hvcC or vpcC record; `mime` the codec string for MediaSource; sizes are pixels. `reorder` is how many
    pictures are sent before one that is shown earlier, where the stream says.
    """

    codec: Codec
    sets: tuple[tuple[bytes, ...], ...]
    width: int
    height: int
    mime: str
    record: bytes
    reorder: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its camera, its number (unique there, rising), format, and the wall time of its first frame in µs. `clock_set`: it began
    because our own clock was set."""

    camera: UUID
    number: int
    format: Format
    began_us: int
    clock_set: bool = False


@dataclass(slots=True)
class Frame:
    """One coded picture: length-prefixed NAL units, times in ticks since the run began, our wall time in µs."""

    data: bytes
    key: bool
    dts: int
    pts: int
    captured_us: int


class Sink(Protocol):
    """Takes a camera's runs, in the thread that has its stream: recorder, tap, keyframes for analytics.

    `end` gets the state the camera is in then, None when another run follows at once. A sink must be quick and must not
    raise for reasons of its own, such as a full disk: the others stand behind it.
    """

    def begin(self, run: Run) -> None: ...

    def frame(self, frame: Frame) -> None: ...

    def end(self, status: CameraStatus | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Picture:
    """One packet taken apart: its parameter sets by kind, the units to keep, whether any of them is coded picture, and
    whether a decoder may begin here."""

    sets: tuple[tuple[bytes, ...], ...]
    units: list[bytes]
    coded: bool
    key: bool


def take_apart(codec: Codec, sent: Sequence[bytes]) -> Picture:
    """An access unit's NAL units sorted; those that carry no picture are left out."""
    if codec is Codec.VP9:
        return _painted(sent)
    type_of, keys, left_out, coded_types = _TYPE_OF[codec], _KEYS[codec], _LEFT_OUT[codec], _CODED[codec]
    units: list[bytes] = []
    sets: dict[int, list[bytes]] | None = None
    key = coded = recovers = False
    for unit in sent:
        kind = type_of(unit)
        if kind in left_out:
            if kind in _SET_TYPES[codec]:
                sets = sets or {}
                sets.setdefault(kind, []).append(unit)
            continue
        if kind in coded_types:
            coded = True
            key = key or kind in keys
        elif kind == h264.SEI and codec is Codec.H264:
            recovers = recovers or h264.begins_anew(unit)
        units.append(unit)
    by_kind = tuple(tuple(sets.get(kind, ())) for kind in _SET_TYPES[codec]) if sets else ()
    return Picture(by_kind, units, coded, coded and (key or recovers))


def _painted(sent: Sequence[bytes]) -> Picture:
    """The same of painted pictures, which come as they are, after how they are coded where that is new."""
    told = tuple(unit for unit in sent if vp9.is_said(unit))
    units = [unit for unit in sent if vp9.is_picture(unit)]
    return Picture((told,) if told else (), units, bool(units), any(map(vp9.is_key, units)))


def merged(
    known: tuple[tuple[bytes, ...], ...], seen: tuple[tuple[bytes, ...], ...]
) -> tuple[tuple[bytes, ...], ...]:
    """The parameter sets in force after `seen`: each kind that was seen replaces what was known of it."""
    if not seen or not known:
        return seen or known
    return tuple(new or old for old, new in zip(known, seen, strict=True))


def sets_of(codec: Codec, units: Sequence[bytes]) -> tuple[tuple[bytes, ...], ...]:
    """The parameter sets among these units, by kind; empty when there are none."""
    return take_apart(codec, units).sets


def format_of(codec: Codec, sets: Sequence[Sequence[bytes]]) -> Format:
    """The format these parameter sets describe. Raises BadStream when a kind is missing or cannot be read."""
    by_kind = tuple(tuple(units) for units in sets)
    if codec is Codec.VP9:
        if len(by_kind) != 1:
            raise BadStream("the stream has not yet said how its pictures are coded")
        width, height, record, mime = vp9.read(by_kind[0][-1])
        return Format(codec, by_kind, width, height, mime, record, 0)
    if codec is Codec.H264:
        if len(by_kind) != 2:
            raise BadStream("the stream has not yet said how its pictures are coded")
        record = h264.avcc(list(by_kind[0]), list(by_kind[1]))
        sps = h264.parse_sps(by_kind[0][0])
        return Format(codec, by_kind, sps.width, sps.height, h264.mime(sps), record, sps.reorder)
    if len(by_kind) != 3:
        raise BadStream("the stream has not yet said how its pictures are coded")
    record = h265.hvcc(*by_kind)
    sps265 = h265.parse_sps(by_kind[1][0])
    return Format(codec, by_kind, sps265.width, sps265.height, h265.mime(sps265), record, sps265.reorder)
