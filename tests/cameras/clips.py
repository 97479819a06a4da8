"""Real clips as the packets a camera would send: Annex B access units with their times."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.bitstream import BitStreamFilterContext

from watchfloor.cameras.stream import Codec

H264 = (
    "street-bicycle-272p-h264.mp4",
    "indoor-persons-432p-h264-bframes.mp4",
    "carpark-432p-h264-aac.mp4",
    "campus-pedestrians-1080p15-h264-aac.mp4",
)
H265 = ("campus-pedestrians-1080p15-h265.mp4",)


@dataclass
class Sent:
    """A packet as libav hands it over; what `frames.Assembly` reads of it."""

    data: bytes
    dts: int | None
    pts: int | None
    is_keyframe: bool
    time_base: Fraction = Fraction(1, 90_000)
    prft: bytes = b""

    def __bytes__(self) -> bytes:
        return self.data

    def has_sidedata(self, dtype: Literal["prft"], /) -> bool:
        return bool(self.prft)

    def get_sidedata(self, dtype: Literal["prft"], /) -> bytes:
        return self.prft


@dataclass(frozen=True)
class Clip:
    """A clip: its codec, the record its own file carries, its size, and its packets in ticks from 0."""

    codec: Codec
    record: bytes
    width: int
    height: int
    packets: list[Sent]

    @property
    def step(self) -> int:
        return (self.packets[-1].dts or 0) // (len(self.packets) - 1)


def load(path: Path, most: int = 200) -> Clip:
    """Read a clip without decoding it."""
    with av.open(str(path), "r") as container:
        stream = container.streams.video[0]
        codec = Codec.H264 if stream.codec_context.name == "h264" else Codec.H265
        annex_b = BitStreamFilterContext(
            "h264_mp4toannexb" if codec is Codec.H264 else "hevc_mp4toannexb", stream
        )
        record = stream.codec_context.extradata or b""
        width, height = stream.codec_context.width, stream.codec_context.height
        packets: list[Sent] = []
        first: int | None = None
        for packet in container.demux(stream):
            for unit in annex_b.filter(packet) if packet.size else ():
                assert unit.dts is not None and unit.pts is not None and unit.time_base is not None
                dts, pts = (int(t * unit.time_base * 90_000) for t in (unit.dts, unit.pts))
                first = dts if first is None else first
                packets.append(Sent(bytes(unit), dts - first, pts - first, unit.is_keyframe))
            if len(packets) >= most:
                break
    return Clip(codec, record, width, height, packets)
