"""From samples to RTP packets, once for everybody who watches (RFC 3550, 6184, 7798, 3640).

libavformat cuts the video; sound needs so little that it is done here. It must not know of clients.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass, field
from fractions import Fraction

import av

from watchfloor_sim.samples import VIDEO_RATE, Sample, VideoCodec

PACKET_SIZE = 1400
VIDEO_TYPE = 96
AUDIO_TYPE = 97
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit cut into RTP packets; `number` counts the video frames of the source from zero."""

    sample: Sample
    number: int
    packets: tuple[bytes, ...]
    _framed: dict[int, bytes] = field(default_factory=dict)

    @property
    def ssrc(self) -> int:
        return int.from_bytes(self.packets[0][8:12], "big")

    @property
    def rtp_time(self) -> int:
        return int.from_bytes(self.packets[0][4:8], "big")

    @property
    def payload_bytes(self) -> int:
        return sum(len(packet) - 12 for packet in self.packets)

    def framed(self, channel: int) -> bytes:
        """The bytes of this unit on an interleaved connection; made once for all clients of the same channel."""
        if channel not in self._framed:
            self._framed[channel] = b"".join(interleaved(channel, packet) for packet in self.packets)
        return self._framed[channel]


def interleaved(channel: int, packet: bytes) -> bytes:
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


class VideoPacketiser:
    """libavformat's `rtp` muxer, writing into a list."""

    def __init__(self, codec: VideoCodec, ssrc: int | None = None) -> None:
        self.ssrc = ssrc or secrets.randbits(31)
        self._written: list[bytes] = []
        options = {
            "packetsize": str(PACKET_SIZE),
            "payload_type": str(VIDEO_TYPE),
            "rtpflags": "skip_rtcp",
            "ssrc": str(self.ssrc),
        }
        self._muxer = av.open(self, "w", format="rtp", options=options)
        # The muxer asks for a size and never sends it.
        self._stream = self._muxer.add_mux_stream(codec, width=16, height=16)

    def write(self, packet: bytes) -> int:
        """libavformat hands over each RTP packet here."""
        self._written.append(bytes(packet))
        return len(packet)

    def cut(self, sample: Sample) -> tuple[bytes, ...]:
        packet: av.Packet[av.stream.Stream] = av.Packet(sample.data)
        packet.dts, packet.pts = sample.dts, sample.pts
        packet.time_base = Fraction(1, VIDEO_RATE)
        packet.is_keyframe = sample.keyframe
        packet.stream = self._stream
        self._muxer.mux_one(packet)
        packets = tuple(self._written)
        self._written.clear()
        return packets

    def close(self) -> None:
        self._muxer.close()


class AudioPacketiser:
    """AAC, high bit-rate mode of RFC 3640: one access unit at a time, so that none waits for the next."""

    def __init__(self) -> None:
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._base = secrets.randbits(32)

    def cut(self, sample: Sample) -> tuple[bytes, ...]:
        header = struct.pack(">HH", 16, len(sample.data) << 3)
        room = PACKET_SIZE - 12 - len(header)
        pieces = [sample.data[at : at + room] for at in range(0, len(sample.data), room)]
        return tuple(self._head(sample, last=piece is pieces[-1]) + header + piece for piece in pieces)

    def _head(self, sample: Sample, *, last: bool) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        marked = AUDIO_TYPE | (0x80 if last else 0)
        time = (self._base + sample.pts) & 0xFFFFFFFF
        return struct.pack(">BBHII", 0x80, marked, self._sequence, time, self._ssrc)


def sender_report(ssrc: int, rtp_time: int, wall_s: float, packets: int, payload_bytes: int) -> bytes:
    """RTCP: at this moment of the camera's wall clock its media clock showed `rtp_time`."""
    whole = int(wall_s)
    fraction = int((wall_s - whole) * 2**32)
    ntp = (whole + NTP_EPOCH_S) & 0xFFFFFFFF
    return struct.pack(
        ">BBHIIIIII",
        0x80,
        200,
        6,
        ssrc,
        ntp,
        fraction,
        rtp_time,
        packets & 0xFFFFFFFF,
        payload_bytes & 0xFFFFFFFF,
    )


def goodbye(ssrc: int) -> bytes:
    """RTCP: nothing more will come."""
    return struct.pack(">BBHI", 0x81, 203, 1, ssrc)
