"""What recording costs: real cameras' streams into a real center, every frame counted at the sender and in the files.

CPU is that of every recorder and of PostgreSQL above what it needs without cameras; sealing, leases, the index and live
fragments (one tap for each camera) are on. Frames are counted by the camera and by a decoder, not by the program.
A cold start is that of a recorder that was killed, until every camera records again. `--compare` asks others the same (`_peers.py`).
"""

from __future__ import annotations

import asyncio
import io
import math
import os
import signal
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit
from uuid import UUID

import av
import psutil

from watchfloor.bench._center import Running, running
from watchfloor.bench._peers import PEERS, Peer, ratios
from watchfloor.bench._peers import measured as peers_measured
from watchfloor.bench._say import at_least, say
from watchfloor.cameras import wire
from watchfloor.cameras.tap import Tap
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.governance.forms import inside, outside
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.recordings.seal import open_sealed
from watchfloor.recordings.segment import chunks, read_file_head
from watchfloor_sim import story
from watchfloor_sim.camera import Camera, CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.people import API, Form, Person
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip, UnfitClip, load_clip
from watchfloor_sim.source import Source

_IDLE_S = 20.0
_DECODED = 120
"""How many stored files a decoder reads, evenly among all; a large run would take longer to judge than to record."""
_SETTLE_S = 6.0
_START_S = 120.0
_clock = SystemClock()


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of recorders and of PostgreSQL, memory of the recorders, at one moment."""

    at: float
    record_s: float
    postgres_s: float
    rss: int


def run(
    cameras: int = 8,
    seconds: int = 60,
    clip: str = "",
    *,
    watched: int = -1,
    recorders: int = 1,
    compare: bool = False,
    as_json: bool = False,
) -> int:
    """Record `cameras` cameras that show `clip` for `seconds` seconds in `recorders` processes, `watched` of them (all unless said)
    live as well; with `compare` then the same cameras by ffmpeg and GStreamer, where they are installed.

    Example: watchfloor bench record --cameras 8 --seconds 60 --clip street.mp4
    """
    at_least(1, cameras=cameras, seconds=seconds, recorders=recorders)
    figures = asyncio.run(
        measured(cameras, seconds, clip_at(clip), watched=watched, recorders=recorders, compare=compare)
    )
    say(figures, as_json=as_json)
    return 0


def clip_at(clip: str) -> Path:
    """The file that cameras are to show. Raises Invalid."""
    if not Path(clip).is_file():
        raise Invalid("Say which clip the cameras show: --clip FILE (H.264 or H.265).")
    return Path(clip)


async def measured(
    count: int, seconds: int, clip: Path, *, watched: int = -1, recorders: int = 1, compare: bool = False
) -> dict[str, object]:
    """The figures of a center and its cameras, and of others that record the same. Raises Invalid or Unavailable."""
    try:
        feed = await asyncio.to_thread(load_clip, clip, audio=True)
    except (UnfitClip, av.FFmpegError) as error:
        raise Invalid(f"--clip: no camera can show {clip}: {error}.") from error
    config: dict[str, dict[str, str | int]] = {
        "record": {
            "camera_networks": "127.0.0.0/8",
            "workers": recorders,
            "cameras_per_worker": max(math.ceil(count / recorders), 100),
        }
    }
    async with running(config) as center:
        figures = await measured_in(center, feed, count, seconds, watched=watched)
    if compare:
        for peer in PEERS:
            figures[peer.name] = other = await _by_others(peer, feed, count, seconds)
            figures[f"ratios_to_{peer.name}"] = ratios(figures, other)
    return figures


async def _by_others(peer: Peer, feed: Clip, count: int, seconds: int) -> dict[str, float] | None:
    server = await RtspServer.start()
    source = Source(feed)
    devices = [server.add_camera(f"/cam{n:03}", source, CameraOptions()) for n in range(count)]
    try:
        with TemporaryDirectory(prefix="watchfloor-bench-") as folder:
            urls = [device.url for device in devices]
            return await peers_measured(peer, urls, Path(folder), float(seconds), _SETTLE_S)
    finally:
        await server.stop()


async def measured_in(
    center: Running,
    feed: Clip,
    count: int,
    seconds: int,
    *,
    watched: int = -1,
    idle_s: float = _IDLE_S,
    settle_s: float = _SETTLE_S,
) -> dict[str, object]:
    """The figures of a center that has no camera yet; `idle_s` is how long it is looked at without one."""
    server = await RtspServer.start()
    source = Source(feed)
    options = CameraOptions(credentials=Credentials("bench", "bench"))
    devices = [server.add_camera(f"/cam{n:03}", source, options) for n in range(count)]
    await story.authorise(center.night, "fixed_camera", "Fixed cameras", lambda step, facts: None)
    idle = await _over(center, idle_s)
    ids = await register(center.night.people["technician"], devices)
    await all_recording(center.night.people["technician"], count)
    async with _tapped(center.data, ids[:watched] if watched >= 0 else ids):
        await _clock.sleep(settle_s)
        busy = await _over(center, float(seconds))
    gaps, seek_ms = await _looked_at(center, ids, seconds)
    for device in devices:
        device.end()
    await all_ended(center.night.people["technician"], count)
    sent = sum(device.frames_sent for device in devices)
    await index_complete(center.data)
    recorded = await asyncio.to_thread(counted, center.data)
    cold_start_s = await _cold_start(center, devices)
    await server.stop()
    return _figures(count, seconds, idle, busy) | {
        "watched": count if watched < 0 else min(watched, count),
        "frames_in": sent,
        "frames_recorded": recorded,
        "gaps": gaps,
        "seek_ms_median": round(statistics.median(seek_ms), 1),
        "cold_start_s": round(cold_start_s, 1),
    }


async def _cold_start(center: Running, devices: list[Camera]) -> float:
    """Seconds from the death of the recorders until every camera, which sends anew, is recorded, as the registry says."""
    technician, count = center.night.people["technician"], len(devices)
    for device in devices:
        device.over = False
    for name, pid in Endpoints.read(center.data).pids.items():
        if name.startswith("record"):
            os.kill(pid, signal.SIGKILL)
    began, died_at = _clock.monotonic(), _clock.now()
    await _until(
        technician, lambda items: sum(_anew(item, died_at) for item in items) == count, "record again"
    )
    return _clock.monotonic() - began


def _anew(item: Form, since: datetime) -> bool:
    return bool(item["recording"]) and parse_rfc3339(item["state"]["since"]) > since


def _figures(count: int, seconds: int, idle: tuple[Cost, Cost], busy: tuple[Cost, Cost]) -> dict[str, object]:
    idle_s, busy_s = idle[1].at - idle[0].at, busy[1].at - busy[0].at
    record = busy[1].record_s - busy[0].record_s
    # What PostgreSQL and an idle recorder do without a camera is not the cameras' doing.
    postgres = busy[1].postgres_s - busy[0].postgres_s
    without = (idle[1].postgres_s - idle[0].postgres_s) / idle_s * busy_s
    per = 1000 / (busy_s * count)
    return {
        "cameras": count,
        "seconds": seconds,
        "cpu_ms_per_camera_s": round((record + max(postgres - without, 0.0)) * per, 2),
        "cpu_ms_recorder": round(record * per, 2),
        "cpu_ms_postgres_share": round(max(postgres - without, 0.0) * per, 2),
        "cpu_ms_recorder_without_cameras": round((idle[1].record_s - idle[0].record_s) * 1000 / idle_s, 2),
        "rss_mb_per_camera": round((busy[1].rss - idle[1].rss) / count / 2**20, 2),
        "rss_mb_without_cameras": round(idle[1].rss / 2**20, 1),
    }


def _cost(center: Running) -> Cost:
    cpu = center.cpu_s()
    pids = {name: pid for name, pid in Endpoints.read(center.data).pids.items() if name.startswith("record")}
    record = sum(spent for name, spent in cpu.items() if name in pids)
    rss = sum(psutil.Process(pid).memory_info().rss for pid in pids.values())
    return Cost(perf_counter(), record, cpu.get("postgres", 0.0), rss)


async def _over(center: Running, seconds: float) -> tuple[Cost, Cost]:
    before = _cost(center)
    await _clock.sleep(seconds)
    return before, _cost(center)


async def register(technician: Person, devices: list[Camera]) -> list[UUID]:
    ids: list[UUID] = []
    for number, device in enumerate(devices):
        body: dict[str, object] = {
            "name": f"Camera {urlsplit(device.url).port}-{number:03}",
            "technology": "fixed_camera",
            "place": f"Corner {number}",
            "lat": 38.6 + number / 10_000,
            "lon": -90.2,
            "heading_deg": None,
            "url": device.url,
            "user": "bench",
            "password": "bench",
        }
        made = await technician.post("/cameras", body)
        ids.append(inside("camera", made["id"]))
    return ids


async def all_recording(technician: Person, count: int) -> None:
    await _until(technician, lambda items: sum(item["recording"] for item in items) == count, "record")


async def all_ended(technician: Person, count: int) -> None:
    """Wait until no camera is live any more."""
    await _until(
        technician, lambda items: sum(item["state"]["word"] != "live" for item in items) == count, "end"
    )


async def _until(technician: Person, holds: Callable[[list[Form]], bool], what: str) -> None:
    ends = _clock.monotonic() + _START_S
    while not holds(await _cameras(technician)):
        if _clock.monotonic() > ends:
            raise Unavailable(f"Not all cameras {what} within {_START_S:.0f} s.")
        await _clock.sleep(0.5)


async def _cameras(technician: Person) -> list[Form]:
    found, after = list[Form](), dict[str, str]()
    while True:
        page = await technician.get("/cameras", limit="500", **after)
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


@asynccontextmanager
async def _tapped(data: Path, cameras: list[UUID]) -> AsyncIterator[None]:
    """Take every camera live, as the server does for its viewers, and throw it away."""
    layout = Layout.of(data)
    key = (layout.keys / "tap.key").read_bytes()

    async def opened(camera: UUID) -> Tap:
        for path in sorted(layout.runtime.glob("record*.tap")):
            token = wire.make_token(key, camera, camera, _clock.now())
            tap = await Tap.open(f"unix:{path}", camera, token)
            if (await tap.next())[0] != wire.Kind.END:
                return tap
            tap.close()  # another recorder has it
        raise Unavailable("No recorder has this camera.")

    async def drain(camera: UUID) -> None:
        tap = await opened(camera)
        renewed = _clock.monotonic()
        while True:
            await tap.next()
            if _clock.monotonic() - renewed > 20:
                renewed = _clock.monotonic()
                tap.renew(camera, wire.make_token(key, camera, camera, _clock.now()))

    tasks = [asyncio.create_task(drain(camera)) for camera in cameras]
    try:
        yield
        broken = [task for task in tasks if task.done()]
        for task in broken:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _looked_at(center: Running, cameras: list[UUID], seconds: int) -> tuple[int, list[float]]:
    """How many gaps the timelines tell of, and how long it takes to fetch two seconds from anywhere in the recording."""
    analyst = center.night.people["analyst"]
    case = (await analyst.post("/cases", {"number": "B-1", "title": "A bench"}))["id"]
    headers = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": f"case:{case}"}
    now = _clock.now()
    gaps, took = 0, []
    for index, camera in enumerate(cameras):
        path = f"/cameras/{outside('camera', camera)}"
        query = {"from": rfc3339(now - timedelta(hours=1)), "to": rfc3339(now)}
        seen = await analyst.get(f"{path}/timeline", purpose="stolen_vehicle", case=f"case:{case}", **query)
        gaps += len(seen["gaps"])
        begin = now - timedelta(seconds=4 + index * 7 % max(seconds - 4, 1))
        wanted = {"from": rfc3339(begin), "to": rfc3339(begin + timedelta(seconds=2))}
        started = perf_counter()
        answer = await analyst.http.get(f"{API}{path}/video", params=wanted, headers=headers)
        took.append((perf_counter() - started) * 1000)
        answer.raise_for_status()
    return gaps, took


async def index_complete(data: Path) -> None:
    """Wait until nothing waits in the spool."""
    spool = data / "spool" / "footage"
    ends = _clock.monotonic() + _START_S
    while any(spool.glob("*/rows/*.row")) or any(spool.glob("*/*/*.part")):
        if _clock.monotonic() > ends:
            raise Unavailable("The spool does not become empty.")
        await _clock.sleep(0.5)


def counted(data: Path) -> int:
    """Pictures in every stored file: what a decoder makes of it, or, beyond so many files, what the container holds."""
    layout = Layout.of(data)
    keystore = Keystore(layout.keystore, load_wrapping_key(layout.keys / "footage.key"))
    files = sorted((layout.objects / "footage").rglob("*.seg"))
    apart = -(-len(files) // _DECODED) or 1
    return sum(_frames_in(path, keystore, decode=n % apart == 0) for n, path in enumerate(files))


def _frames_in(path: Path, keystore: Keystore, *, decode: bool) -> int:
    content = path.read_bytes()
    head, start = read_file_head(content)
    key = keystore.find(head.camera, head.rule, head.day)
    plain = b"".join(
        open_sealed(key, head.label, content[at : at + chunk.size])[1] for at, chunk in chunks(content, start)
    )
    with av.open(io.BytesIO(plain), "r") as video:
        stream = video.streams.video[0]
        if not decode:
            return sum(1 for packet in video.demux(stream) if packet.size)
        stream.thread_type = "AUTO"
        return sum(1 for _ in video.decode(stream))
