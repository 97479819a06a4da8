"""Real clips as the packets a camera would send: access units with their times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

from watchfloor.cameras.nal import split_annex_b
from watchfloor.cameras.stream import Codec

H264 = (
    "street-bicycle-272p-h264.mp4",
    "indoor-persons-432p-h264-bframes.mp4",
    "carpark-432p-h264-aac.mp4",
    "campus-pedestrians-1080p15-h264-aac.mp4",
)
H265 = ("campus-pedestrians-1080p15-h265.mp4",)


@dataclass(frozen=True)
class Sent:
    """One access unit: its NAL units, and its times in ticks."""

    units: list[bytes]
    dts: int
    pts: int
    key: bool


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
        return self.packets[-1].dts // (len(self.packets) - 1)


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
                packets.append(Sent(split_annex_b(bytes(unit)), dts - first, pts - first, unit.is_keyframe))
            if len(packets) >= most:
                break
    return Clip(codec, record, width, height, packets)
