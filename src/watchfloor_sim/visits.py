"""One client's time at a camera: what it was sent, frame by frame, and how it left.

The counts say what was handed to the connection; a client that breaks off may have read less.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from watchfloor_sim.datagrams import Datagrams
from watchfloor_sim.rtp import Unit, goodbye, interleaved, sender_report
from watchfloor_sim.source import Source

REPORT_EVERY_S = 5.0
Leaving = Literal["teardown", "closed", "ended", "died", "stopped"]


@dataclass(frozen=True, slots=True)
class Departure:
    """`teardown`: the client said so. `closed`: it broke off. `ended`: the camera had no more to send. `died` and
    `stopped`: the test did it."""

    at: datetime
    visit: int
    how: Leaving


@dataclass
class MediaClock:
    """The camera's idea of the time of day: wrong by `skew_s`, and by `drift_ppm` more every second."""

    skew_s: float = 0.0
    drift_ppm: float = 0.0
    since_s: float = field(default_factory=time.time)

    def shown(self, true_s: float) -> float:
        return true_s + self.skew_s + (true_s - self.since_s) * self.drift_ppm / 1e6


@dataclass
class _Sent:
    """Of one track to one client; the sender report wants it."""

    packets: int = 0
    payload_bytes: int = 0
    ssrc: int | None = None
    next_report_s: float | None = None


class Visit:
    """A session from SETUP to its end."""

    def __init__(
        self, number: int, writer: asyncio.StreamWriter, *, buffer_cap: int, first_report_after_s: float
    ) -> None:
        self.number = number
        self.session = secrets.token_hex(8)
        self.peer = str(writer.get_extra_info("peername"))
        self.query = ""
        """What stood behind the `?` of the address that was described."""
        self.playing = False
        self.frames_sent = 0
        self.frames_dropped = 0
        self.audio_sent = 0
        self.bytes_sent = 0
        self.first_frame: int | None = None
        self.last_frame: int | None = None
        self.channels: dict[bool, int] = {}
        """The interleaved channel of the video (False) and of the audio (True)."""
        self.beside: dict[bool, Datagrams] = {}
        """What goes as datagrams beside the connection instead."""
        self._writer = writer
        self._keep_the_kernel_from_hoarding(buffer_cap)
        self._buffer_cap = buffer_cap
        self._first_report_after_s = first_report_after_s
        self._waits_for_keyframe = True
        self._sent = {False: _Sent(), True: _Sent()}

    def _keep_the_kernel_from_hoarding(self, buffer_cap: int) -> None:
        """Else a slow client has seconds of video waiting in its socket, beyond our cap."""
        connection: socket.socket | None = self._writer.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_cap // 2)

    def play(self) -> None:
        self.playing = True

    def skip_to_keyframe(self) -> None:
        self._waits_for_keyframe = True

    def deliver(self, unit: Unit, source: Source, clock: MediaClock) -> bool:
        """Hand one unit to the connection; False if this client does not get it."""
        channel = self.channels.get(unit.sample.audio)
        if not self.playing or channel is None or not self._in_step(unit):
            return False
        if self._writer.transport.get_write_buffer_size() > self._buffer_cap:
            self.frames_dropped += not unit.sample.audio
            self._waits_for_keyframe = True
            return False
        self._report_if_due(unit, channel, source.captured_wall_s(unit.sample), clock)
        if (beside := self.beside.get(unit.sample.audio)) is None:
            self._write(unit.framed(channel))
        else:
            beside.send(unit.packets)
            self.bytes_sent += sum(map(len, unit.packets))
        self._count(unit)
        return True

    def _in_step(self, unit: Unit) -> bool:
        """Nothing before the first keyframe, nor after a gap until the next."""
        if self._waits_for_keyframe and False in self.channels:
            if unit.sample.audio:
                return False
            if not unit.sample.keyframe:
                self.frames_dropped += self.first_frame is not None
                return False
        self._waits_for_keyframe = False
        return True

    def _count(self, unit: Unit) -> None:
        sent = self._sent[unit.sample.audio]
        sent.packets += len(unit.packets)
        sent.payload_bytes += unit.payload_bytes
        sent.ssrc = unit.ssrc
        if unit.sample.audio:
            self.audio_sent += 1
            return
        self.frames_sent += 1
        self.last_frame = unit.number
        if self.first_frame is None:
            self.first_frame = unit.number

    def _report_if_due(self, unit: Unit, channel: int, captured_s: float, clock: MediaClock) -> None:
        sent = self._sent[unit.sample.audio]
        if sent.next_report_s is None:
            sent.next_report_s = captured_s + self._first_report_after_s
        if captured_s < sent.next_report_s:
            return
        sent.next_report_s = captured_s + REPORT_EVERY_S
        shown = clock.shown(captured_s)
        report = sender_report(unit.ssrc, unit.rtp_time, shown, sent.packets, sent.payload_bytes)
        self._report(unit.sample.audio, channel, report)

    def _report(self, audio: bool, channel: int, report: bytes) -> None:  # noqa: FBT001  # which track
        if (beside := self.beside.get(audio)) is None:
            self._write(interleaved(channel + 1, report))
        else:
            beside.report(report)

    def _write(self, data: bytes) -> None:
        self.bytes_sent += len(data)
        self._writer.write(data)

    def send_raw(self, data: bytes) -> None:
        self._write(data)

    async def ready(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            self.playing = False

    def end(self) -> None:
        """Say goodbye, let the connection carry what it holds, and close it."""
        for audio, channel in self.channels.items():
            if (ssrc := self._sent[audio].ssrc) is not None:
                self._report(audio, channel, goodbye(ssrc))
        self.playing = False
        self._writer.close()

    def release(self) -> None:
        """Let the ports beside the connection go."""
        for one in self.beside.values():
            one.close()

    def die(self) -> None:
        """Break the connection without a word."""
        self.playing = False
        self._writer.transport.abort()

    def status(self) -> dict[str, object]:
        return {
            "visit": self.number,
            "peer": self.peer,
            "playing": self.playing,
            "frames_sent": self.frames_sent,
            "frames_dropped": self.frames_dropped,
            "audio_sent": self.audio_sent,
            "bytes_sent": self.bytes_sent,
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
        }


def departed(visit: Visit, how: Leaving) -> Departure:
    return Departure(datetime.now(UTC), visit.number, how)
