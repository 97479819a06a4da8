"""One camera: what it shows, whom it lets in, what it sent to whom, and the faults a test can switch on.

It must not parse RTSP; `rtsp.py` does and asks here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import quote

from watchfloor_sim.datagrams import Line
from watchfloor_sim.digest import Algorithm, Credentials, Guard
from watchfloor_sim.rtp import Unit
from watchfloor_sim.samples import Feed
from watchfloor_sim.source import Source
from watchfloor_sim.visits import Departure, Leaving, MediaClock, Visit, departed

SOUND_CHANNEL = 2
"""Where sound goes for which nobody named a channel."""


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """How a camera is set up; the faults are switched on later."""

    credentials: Credentials | None = None
    algorithm: Algorithm = "MD5"
    limit_frames: int | None = None
    """So many video frames to a client, then goodbye and the end of the camera."""
    sprop: bool = True
    """False: the parameter sets are not in the SDP but only in the stream."""
    first_report_after_s: float = 0.0
    """Media time before the first sender report: many cameras let the receiver wait some seconds for their clock."""
    sound_unasked: bool = False
    """Send the sound too, though only the picture was set up: some devices do."""
    transports: Collection[str] = ("tcp",)
    """Over what it sends: "tcp" in the connection, "udp" beside it. What it does not, it refuses with 461."""
    names_source: bool = True
    """Whether it says beforehand of which source (SSRC) its datagrams are."""
    buffer_cap: int = 4 * 1024 * 1024
    """Bytes that may wait for a slow client before frames are dropped, up to the next keyframe."""


class Camera:
    """A path on a server. `visits` are the sessions of all times, `clients` those that play now."""

    def __init__(self, base_url: str, path: str, source: Source, options: CameraOptions) -> None:
        self.path = path
        self.url = base_url + path
        self.source = source
        self.options = options
        self.credentials = options.credentials
        self.guard = Guard(algorithm=options.algorithm)
        self.sprop = options.sprop
        self.line = Line()
        """What happens to its datagrams on their way."""
        self.clock = MediaClock()
        self.visits: list[Visit] = []
        self.departures: list[Departure] = []
        self.requests: list[str] = []
        """The methods asked for, in order."""
        self.refused_logins = 0
        self.unavailable = False
        """Fault: answer 503 to everybody."""
        self.over = False
        self._awake = asyncio.Event()
        self._awake.set()
        self._present: list[Visit] = []
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        source.listen(self)

    # -- what was sent

    @property
    def clients(self) -> list[Visit]:
        return [visit for visit in self._present if visit.playing]

    @property
    def frames_sent(self) -> int:
        return sum(visit.frames_sent for visit in self.visits)

    @property
    def teardowns(self) -> list[Departure]:
        return [departure for departure in self.departures if departure.how == "teardown"]

    @property
    def url_with_credentials(self) -> str:
        """For clients that take a password no other way. Not for logs."""
        if self.credentials is None:
            return self.url
        user, word = quote(self.credentials.username, safe=""), quote(self.credentials.password, safe="")
        return self.url.replace("://", f"://{user}:{word}@", 1)

    async def until(self, condition: Callable[[], bool], *, timeout_s: float | None = 20.0) -> None:
        """Wait until the condition holds; it is asked again after every unit, request and departure."""
        if condition():
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, waiter))
        async with asyncio.timeout(timeout_s):
            await waiter

    def changed(self) -> None:
        """Something a test may wait for has happened."""
        for entry in [entry for entry in self._waiters if entry[1].done() or entry[0]()]:
            self._waiters.remove(entry)
            if not entry[1].done():
                entry[1].set_result(None)

    def status(self) -> dict[str, object]:
        return {
            "path": self.path,
            "url": self.url,
            "over": self.over,
            "frames_sent": self.frames_sent,
            "frames_dropped": sum(visit.frames_dropped for visit in self.visits),
            "refused_logins": self.refused_logins,
            "playing": len(self.clients),
            "visits": [visit.status() for visit in self.visits],
            "departures": [asdict(gone) | {"at": gone.at.isoformat()} for gone in self.departures],
        }

    # -- faults

    def hang(self) -> None:
        """Freeze: no picture, no answer, the connections stay."""
        self._awake.clear()

    def resume(self) -> None:
        """Go on after a freeze, each client from the next keyframe; what went by meanwhile is not sent."""
        for visit in self._present:
            visit.skip_to_keyframe()
        self._awake.set()

    def die(self) -> None:
        """Break every connection without a word; the next one is answered."""
        for visit in list(self._present):
            visit.die()
            self.leave(visit, "died")

    def send_garbage(self, size: int = 4096) -> None:
        """Random bytes between two frames, outside any frame of the protocol."""
        for visit in self.clients:
            visit.send_raw(os.urandom(size))

    def change_password(self, password: str) -> None:
        """From now on the old one is wrong; sessions that play go on, as at real cameras."""
        if self.credentials is None:
            raise ValueError("this camera asks for no password")
        self.credentials = Credentials(self.credentials.username, password)

    def switch_to(self, feed: Feed) -> None:
        """Another picture, size or rate from the next keyframe on, without a word to the clients."""
        self.source.timeline.switch_to(feed)

    def slow_down(self, factor: float) -> None:
        """Frames `factor` times as far apart from the next keyframe on."""
        self.source.timeline.stretch(factor)

    def jump(self, seconds: float) -> None:
        """Let its time stamps jump, as after it was set."""
        self.source.jump(seconds)

    def set_clock(self, *, skew_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        """Let the wall clock in the sender reports be wrong."""
        self.clock = MediaClock(skew_s, drift_ppm)

    def end(self) -> None:
        """Say goodbye to every client and have nothing more to send."""
        self.over = True
        for visit in list(self._present):
            visit.end()
            self.leave(visit, "ended")
        self.changed()

    # -- what the server tells the camera

    def arrive(self, writer: asyncio.StreamWriter) -> Visit:
        visit = Visit(
            len(self.visits),
            writer,
            buffer_cap=self.options.buffer_cap,
            first_report_after_s=self.options.first_report_after_s,
        )
        if self.options.sound_unasked and self.source.tracks.audio is not None:
            visit.channels[True] = SOUND_CHANNEL
        self.visits.append(visit)
        self._present.append(visit)
        return visit

    def play(self, visit: Visit) -> None:
        visit.play()
        self.source.start()
        self.changed()

    def obey(self, visit: Visit, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        """PLAY, with what was said beside it: the answer's status and headers. It begins once that answer is written."""
        asyncio.get_running_loop().call_soon(self.play, visit)
        return 200, {"Range": "npt=now-"}

    def leave(self, visit: Visit, how: Leaving) -> None:
        """Only the first word about a departure counts."""
        if visit in self._present:
            self._present.remove(visit)
            visit.playing = False
            visit.release()
            self.departures.append(departed(visit, how))
            self.changed()

    async def awake(self) -> None:
        """Returns when the camera is not frozen."""
        await self._awake.wait()

    # -- what the source tells the camera

    def wants(self) -> bool:
        return self._awake.is_set() and any(visit.playing for visit in self._present)

    def deliver(self, unit: Unit) -> None:
        for visit in self.clients:
            visit.deliver(unit, self.source, self.clock)
            if visit.frames_sent == self.options.limit_frames:
                self.over = True
                visit.end()
                self.leave(visit, "ended")
        if self._waiters:
            self.changed()

    async def ready(self) -> None:
        for visit in self.clients:
            await visit.ready()
        await self._awake.wait()

    def source_over(self) -> None:
        self.end()
