"""What an edge box costs a small board, and how soon it cuts: the box as a process of its own, held to one core, before a real center.

The board is imitated: one core of this machine, whose speed is this machine's and not a board's. Pictures come from simulated cameras
over RTSP and go out over mutual TLS; CPU is the box's process, by the kernel's count. A cut is from the owner's press of the button until
the camera has lost the box's connection. The center is taken away by stopping its gate.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final
from uuid import UUID

import msgspec
import psutil

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.bench.record import all_recording, clip_at
from watchfloor.cameras.boxes import wire
from watchfloor.cameras.stream import Codec, Format, Frame, Run
from watchfloor.edge.ring_file import Head, begun, cipher_of
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.sure import sure
from watchfloor_sim import story
from watchfloor_sim.camera import Camera, CameraOptions
from watchfloor_sim.people import Form
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip, UnfitClip, load_clip
from watchfloor_sim.shop import Shop, shares
from watchfloor_sim.source import Source

_MB: Final = 2**20
_WAIT_S: Final = 120.0
# As a camera of 2 Mbit/s fills it.
_BYTES_PER_S: Final = 250_000
_PICTURES: Final = 15
_AGO_US: Final = 24 * 3600 * 1_000_000
_clock = SystemClock()


def run(
    cameras: int = 4,
    seconds: int = 30,
    clip: str = "",
    *,
    core: int = 0,
    cuts: int = 10,
    away: int = 30,
    kept_mb: int = 1024,
    as_json: bool = False,
) -> int:
    """Send `cameras` cameras that show `clip` through an edge box that is held to core `core` (-1: to none), for `seconds` seconds; cut one
    of them `cuts` times, take the center away for `away` seconds (0: not), and start again with `kept_mb` MB kept.

    Example: watchfloor bench edge --cameras 4 --seconds 30 --clip street.mp4
    """
    at_least(2, cameras=cameras)
    at_least(1, seconds=seconds, cuts=cuts, kept_mb=kept_mb)
    if core >= 0 and core not in os.sched_getaffinity(0):
        raise Invalid(f"--core is {core}; this process may use {sorted(os.sched_getaffinity(0))}.")
    try:
        feed = load_clip(clip_at(clip), audio=False)
    except (UnfitClip, OSError) as error:
        raise Invalid(f"--clip: no camera can show {clip}: {error}.") from error
    asked = Asked(cameras, seconds, core, cuts, away, kept_mb)
    say(asyncio.run(_measured(feed, asked)), as_json=as_json)
    return 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured, and for how long."""

    cameras: int
    seconds: float
    core: int
    cuts: int
    away_s: float
    kept_mb: int


def config(port: int) -> dict[str, dict[str, str | int]]:
    """What a center is told that takes edge boxes."""
    return {
        "record": {"camera_networks": "127.0.0.0/8"},
        "edge": {"host": "127.0.0.1", "port": port, "address": f"127.0.0.1:{port}"},
    }


def free_port() -> int:
    """A port for the gate: it stands in the code, so that it is known before the gate is there."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _measured(feed: Clip, asked: Asked) -> dict[str, object]:
    async with running(config(free_port())) as center:
        return await measured_in(center, feed, asked)


async def measured_in(center: Running, feed: Clip, asked: Asked) -> dict[str, object]:
    """The figures of a center that has no camera yet and takes edge boxes. Raises Unavailable."""
    async with _yard(center, feed, asked) as yard:
        box, technician = yard.box, center.night.people["technician"]
        figures: dict[str, object] = {
            "cameras": asked.cameras,
            "seconds": asked.seconds,
            "cores_of_the_box": len(os.sched_getaffinity(0)) if asked.core < 0 else 1,
            "start_s": round(await box.start(), 2),
        }
        shop = await shares(center.night, yard.ids[0])
        await all_recording(technician, asked.cameras)
        figures |= await _cost(yard, asked)
        took = [await _cut(shop, yard, center) for _ in range(asked.cuts)]
        figures |= {
            "tap_to_cut_ms_median": round(statistics.median(took), 1),
            "tap_to_cut_ms_max": round(max(took), 1),
        }
        await shop.leave()
        if asked.away_s > 0:
            figures |= await _back_filled(center, yard, asked)
        await box.stop()
        ring = box.folder / "box" / "ring"
        kept = await asyncio.to_thread(_fill, ring, inside("camera", yard.ids[1]), asked.kept_mb)
        figures |= {"kept_mb": round(kept / _MB), "start_s_full_ring": round(await box.start(), 2)}
        return figures | {"rss_mb_full_ring": round(box.usage().memory_info().rss / _MB, 1)}


@dataclass(slots=True)
class _Box:
    """The box's folder and its process."""

    folder: Path
    core: int
    process: asyncio.subprocess.Process | None = None
    _drain: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def config(self) -> Path:
        return self.folder / "edge.toml"

    async def command(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "watchfloor", "edge", *words, "--config", str(self.config), stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def start(self) -> float:
        """Seconds until it says that it is linked to its center. Raises Unavailable."""
        began = perf_counter()
        self.process = await self.command("run")
        if self.core >= 0:
            psutil.Process(self.process.pid).cpu_affinity([self.core])
        said = sure(self.process.stderr)
        async with asyncio.timeout(_WAIT_S):
            async for line in said:
                with contextlib.suppress(ValueError):
                    if json.loads(line).get("event") == "linked":
                        self._drain.add(asyncio.create_task(_drained(said)))
                        return perf_counter() - began
        raise Unavailable("The edge box ended by itself.")

    def usage(self) -> psutil.Process:
        return psutil.Process(sure(self.process).pid)

    async def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            await self.process.wait()
        for task in self._drain:
            task.cancel()


async def _drained(stream: asyncio.StreamReader) -> None:
    async for _ in stream:
        pass


@dataclass(frozen=True, slots=True)
class _Yard:
    """Cameras and the box beside them; the first camera is an owner's."""

    box: _Box
    devices: list[Camera]
    ids: list[str]


@asynccontextmanager
async def _yard(center: Running, feed: Clip, asked: Asked) -> AsyncIterator[_Yard]:
    server, source = await RtspServer.start(), Source(feed)
    devices = [server.add_camera(f"/cam{n:03}", source, CameraOptions()) for n in range(asked.cameras)]
    for technology, title in (("fixed_camera", "Fixed cameras"), ("private_camera_link", "Private cameras")):
        await story.authorise(center.night, technology, title, lambda step, facts: None)
    technician = center.night.people["technician"]
    ids = [(await technician.post("/cameras", _camera(n)))["id"] for n in range(asked.cameras)]
    made = await technician.post("/edge-boxes", {"name": "Bench", "cameras": ids})
    with TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        box = _Box(Path(folder), asked.core)
        box.config.write_text(_toml(box.folder, devices))
        box.config.chmod(0o600)
        enrolled = await box.command("enrol", made["code"])
        if await enrolled.wait() != 0:
            raise Unavailable(
                f"The edge box did not enrol: {(await sure(enrolled.stderr).read()).decode()[-300:]}"
            )
        try:
            yield _Yard(box, devices, ids)
        finally:
            await box.stop()
            await server.stop()


def _camera(number: int) -> dict[str, object]:
    return {
        "name": f"Yard {number:03}", "technology": "fixed_camera" if number else "private_camera_link",
        "place": f"Yard {number}", "lat": 38.6 + number / 10_000, "lon": -90.2, "heading_deg": None, "url": f"edge://cam-{number:03}",
    }  # fmt: skip


def _toml(folder: Path, devices: list[Camera]) -> str:
    lines = ["[box]", f'state = "{folder / "box"}"', 'camera_networks = "127.0.0.0/8"', "buffer_mb = 65536"]
    for number, device in enumerate(devices):
        lines += [f"[cameras.cam-{number:03}]", f'url = "{device.url}"']
    return "\n".join(lines) + "\n"


async def _cost(yard: _Yard, asked: Asked) -> dict[str, object]:
    used = yard.box.usage()
    before, sent = used.cpu_times(), sum(device.frames_sent for device in yard.devices)
    began = perf_counter()
    await _clock.sleep(asked.seconds)
    took, after = perf_counter() - began, used.cpu_times()
    spent = after.user + after.system - before.user - before.system
    frames = sum(device.frames_sent for device in yard.devices) - sent
    return {
        "cpu_ms_per_camera_s": round(1000 * spent / (took * asked.cameras), 2),
        "pictures_per_s": round(frames / took, 1),
        "rss_mb": round(used.memory_info().rss / _MB, 1),
    }


async def _cut(shop: Shop, yard: _Yard, center: Running) -> float:
    """Milliseconds from the owner's press of the button to the end of the connection at the camera; it goes on afterwards."""
    device, form = yard.devices[0], shop.form("suspend")
    # The registry may say of the time before the last cut that it is recorded; there has to be a connection to end.
    await device.until(lambda: bool(device.clients))
    began = perf_counter()
    sending = asyncio.create_task(shop.send(form))
    await device.until(lambda: not device.clients)
    took = 1000 * (perf_counter() - began)
    await sending
    await shop.look()
    await shop.press("resume")
    await all_recording(center.night.people["technician"], len(yard.ids))
    return took


async def _back_filled(center: Running, yard: _Yard, asked: Asked) -> dict[str, object]:
    """The gate stops answering for a while; how fast what the box kept of the city's cameras comes then."""
    gate, since = Endpoints.read(center.data).pids["gate"], _clock.now()
    os.kill(gate, signal.SIGSTOP)
    await _clock.sleep(asked.away_s)
    os.kill(gate, signal.SIGCONT)
    await all_recording(center.night.people["technician"], asked.cameras)
    analyst = center.night.people["analyst"]
    case = (await analyst.post("/cases", {"number": "B-2", "title": "An edge box"}))["id"]
    began, filled = perf_counter(), 0.0
    told: list[Form] = []
    while perf_counter() - began < _WAIT_S:
        span = {"from": rfc3339(since), "to": rfc3339(_clock.now())}
        told = [
            await analyst.get(
                f"/cameras/{one}/timeline", purpose="stolen_vehicle", case=f"case:{case}", **span
            )
            for one in yard.ids[1:]
        ]
        filled = sum(_seconds(part) for one in told for part in one["filled"])
        if all(one["filled"] and not _away(one) for one in told):
            break
        await _clock.sleep(0.2)
    took = perf_counter() - began
    return {
        "away_s": asked.away_s,
        "back_fill_camera_s": round(filled, 1),
        "back_fill_s": round(took, 1),
        "back_fill_camera_s_per_s": round(filled / took, 1),
        "gaps_left": sum(_away(one) for one in told),
    }


def _seconds(part: Form) -> float:
    return (parse_rfc3339(part["to"]) - parse_rfc3339(part["from"])).total_seconds()


def _away(timeline: Form) -> int:
    return sum("edge box was away" in gap["reason"] for gap in timeline["gaps"])


def _fill(folder: Path, camera: UUID, megabytes: int) -> int:
    """Keep so much of a camera in files as the box writes them, which are not in this machine's memory the next time; bytes kept."""
    form = Format(Codec.H264, ((b"\x67bench",), (b"\x68bench",)), 1920, 1080, "", b"", None)
    at_us = int(_clock.now().timestamp() * 1e6) - _AGO_US
    cipher, head = (
        cipher_of(folder / str(camera), make=True),
        Head(camera, wire.run_frame(Run(camera, 1, form, at_us)), "bench", 0),
    )
    data, kept = b"\0\0\0\1\x65" + secrets.token_bytes(_BYTES_PER_S // _PICTURES), 0
    while kept < megabytes * _MB:
        file = begun(folder / str(camera), head, at_us)
        for _ in range(60):
            frames = [Frame(data, n == 0, 0, 0, at_us + n * 1_000_000 // _PICTURES) for n in range(_PICTURES)]
            plain = msgspec.msgpack.encode([wire.picture_frame(1, n, one) for n, one in enumerate(frames)])
            file.append(cipher, plain, (at_us, at_us + 1_000_000), _PICTURES)
            at_us += 1_000_000
        kept += file.size
        with file.path.open("rb") as written:
            os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return kept
