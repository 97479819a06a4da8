"""An RTSP client that shares nothing with the simulated camera: libav's, through PyAV."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import av
from av.stream import Stream


@dataclass
class Received:
    """What came over the wire, in order; `decoded` only where it was asked for."""

    video: list[tuple[int | None, int | None]] = field(default_factory=list)
    audio: int = 0
    keyframes: list[bool] = field(default_factory=list)
    decoded: list[tuple[int, int]] = field(default_factory=list)
    camera_wall_us: list[int] = field(default_factory=list)

    @property
    def dts(self) -> list[int]:
        return [dts for dts, _ in self.video if dts is not None]


def receive(url: str, *, decode: bool = False, enough: Callable[[Received], bool] | None = None) -> Received:
    """Read until the camera ends the stream, or until it is enough. Blocks: run it in a thread."""
    got = Received()
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=(20, 20)) as container:
        for packet in container.demux():
            if packet.size == 0:
                continue
            if packet.stream.type == "audio":
                got.audio += 1
            else:
                _take(packet, got)
                if decode:
                    got.decoded += [
                        (f.width, f.height) for f in packet.decode() if isinstance(f, av.VideoFrame)
                    ]
            if enough is not None and enough(got):
                return got
        if decode:
            got.decoded += [(f.width, f.height) for f in container.streams.video[0].decode(None)]
    return got


def _take(packet: av.Packet[Stream], got: Received) -> None:
    got.video.append((packet.dts, packet.pts))
    got.keyframes.append(packet.is_keyframe)
    if packet.has_sidedata("prft"):
        got.camera_wall_us.append(struct.unpack_from("<q", bytes(packet.get_sidedata("prft")))[0])
