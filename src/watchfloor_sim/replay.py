"""A camera's past over RTSP: `Replay` is a path on a server that plays what the device kept of a time that is asked for.

As ONVIF has it (Streaming, section 6): `Require: onvif-replay`, `Range: clock=`, and in each picture's first packet the
extension 0xABAC with its time. Without `onvif` it is a recorder of another kind: the time stands in the address, its begin in
the answer to PLAY.
"""

from __future__ import annotations

import asyncio
import os
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from watchfloor_sim.camera import Camera
from watchfloor_sim.kept import Kept, KeptPicture, ReplayFault
from watchfloor_sim.rtp import NTP_EPOCH_S, VideoPacketiser, goodbye, interleaved
from watchfloor_sim.samples import VIDEO_RATE
from watchfloor_sim.visits import Visit

_RANGE = re.compile(r"clock=(\d{8}T\d{6}(?:\.\d+)?Z)-(\d{8}T\d{6}(?:\.\d+)?Z)")
_EXTENSION = 0xABAC
_CLEAN, _END = 0x80, 0x40
_ANOTHER_S = -3 * 3600.0


class Replay(Camera):
    """What the camera `of` kept, at a path of its own with the camera's login and clock."""

    def __init__(self, of: Camera, kept: Kept, path: str, base_url: str, *, onvif: bool = True) -> None:
        super().__init__(base_url, path, of.source, of.options)
        self.of, self.kept, self.onvif = of, kept, onvif
        self.asked: list[tuple[float, float]] = []
        """The times asked for, by the device's clock."""
        self._tasks: set[asyncio.Task[None]] = set()

    def wants(self) -> bool:
        return False  # what is shown now is none of its business

    def obey(self, visit: Visit, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        said = _RANGE.search(headers.get("range", "") if self.onvif else visit.query)
        if ReplayFault.REFUSES in self.kept.faults or said is None:
            return 455, {}
        if self.onvif and headers.get("require") != "onvif-replay":
            return 455, {}
        begin, end = _moment(said[1]), _moment(said[2])
        self.asked.append((begin, end))
        found = self._found(begin, end)
        asyncio.get_running_loop().call_soon(self._begin, visit, found)
        if self.onvif or not found or ReplayFault.NO_TIMES in self.kept.faults:
            return 200, {"Range": f"clock={said[1]}-{said[2]}"} if self.onvif else {}
        return 200, {"Range": f"clock={_written(self._shown(found[0]))}-{said[2]}"}

    def _shown(self, one: KeptPicture) -> float:
        shown = self.of.clock.shown(one.at_s)
        return shown + _ANOTHER_S if ReplayFault.ANOTHER_TIME in self.kept.faults else shown

    def _found(self, begin: float, end: float) -> list[KeptPicture]:
        off = self.of.clock.skew_s
        found = self.kept.between(begin - off, end - off)
        faults = self.kept.faults
        if ReplayFault.NOTHING in faults:
            return []
        if ReplayFault.BACKWARDS in faults:
            times = [one.at_s for one in found]
            return [KeptPicture(one.sample, at) for one, at in zip(found, reversed(times), strict=True)]
        if faults & {ReplayFault.LESS, ReplayFault.STOPS, ReplayFault.BREAKS}:
            return found[: len(found) // 2]
        return found

    def _begin(self, visit: Visit, found: list[KeptPicture]) -> None:
        visit.play()
        task = asyncio.create_task(self._send(visit, found), name="watchfloor_sim replay")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, visit: Visit, found: list[KeptPicture]) -> None:
        packetiser = VideoPacketiser(self.source.tracks.codec)
        channel, faults, ssrc = visit.channels[False], self.kept.faults, 0
        try:
            for one, last in self._round(found):
                if not visit.playing:
                    return
                packets = self._stamped(packetiser.cut(one.sample), one, last=last)
                ssrc = int.from_bytes(packets[0][8:12], "big")
                visit.send_raw(b"".join(interleaved(channel, packet) for packet in packets))
                visit.frames_sent += 1
                self.changed()
                await visit.ready()
            if ReplayFault.BREAKS in faults:
                visit.die()
            elif ReplayFault.STOPS not in faults:
                visit.send_raw(interleaved(channel + 1, goodbye(ssrc)))
        except ConnectionError:
            visit.playing = False
        finally:
            packetiser.close()

    def _round(self, found: list[KeptPicture]) -> Iterator[tuple[KeptPicture, bool]]:
        """Each picture, and whether it is the last; over and over with that fault."""
        while found:
            for one in found:
                yield one, one is found[-1]
            if ReplayFault.WITHOUT_END not in self.kept.faults:
                return
            length = found[-1].at_s - found[0].at_s + 0.04
            found = [_moved(one, length) for one in found]

    def _stamped(self, packets: tuple[bytes, ...], one: KeptPicture, *, last: bool) -> tuple[bytes, ...]:
        if ReplayFault.GARBAGE in self.kept.faults:
            packets = tuple(packet[:12] + os.urandom(max(len(packet) - 12, 1)) for packet in packets)
        if not self.onvif or ReplayFault.NO_TIMES in self.kept.faults:
            return packets
        flags = _CLEAN if one.sample.keyframe else 0
        said = [_extended(packets[0], self._shown(one), flags), *packets[1:]]
        if last:
            said[-1] = _extended(packets[-1], self._shown(one), flags | _END)
        return tuple(said)


def _moved(one: KeptPicture, by_s: float) -> KeptPicture:
    ticks, sample = round(by_s * VIDEO_RATE), one.sample
    return KeptPicture(replace(sample, dts=sample.dts + ticks, pts=sample.pts + ticks), one.at_s + by_s)


def _extended(packet: bytes, wall_s: float, flags: int) -> bytes:
    whole = int(wall_s)
    ntp = struct.pack(">II", (whole + NTP_EPOCH_S) & 0xFFFFFFFF, int((wall_s - whole) * 2**32))
    extension = struct.pack(">HH", _EXTENSION, 3) + ntp + struct.pack(">BBH", flags, 0, 0)
    return bytes((packet[0] | 0x10,)) + packet[1:12] + extension + packet[12:]


def _moment(text: str) -> float:
    form = "%Y%m%dT%H%M%S.%fZ" if "." in text else "%Y%m%dT%H%M%SZ"
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def _written(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
