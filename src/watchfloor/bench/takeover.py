"""How long cameras are not recorded when their recorder dies or hangs: a real center of two recorders, one of them killed, one stopped.

Counted from what is stored: the end of the gap that each camera's timeline tells of, after the moment of the signal. Which recorder
has how many cameras is told by the connections that the system knows of, not by the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
from datetime import datetime, timedelta
from typing import Final

import psutil

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.bench.record import all_recording, clip_at, register
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor_sim import story
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.people import Form, Person
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip, UnfitClip, load_clip
from watchfloor_sim.source import Source

_clock = SystemClock()
_WITHIN_S: Final = 90.0
_SETTLE_S: Final = 12.0
_FAILED: Final = "The recorder failed and another took over."
# What was not whole when its recorder died is of the time before.
_BEFORE: Final = timedelta(seconds=10)


def run(cameras: int = 8, clip: str = "", *, as_json: bool = False) -> int:
    """Kill (SIGKILL), then stop (SIGSTOP), the recorder that has most of `cameras` cameras, which show `clip`.

    Example: watchfloor bench takeover --cameras 8 --clip street.mp4
    """
    at_least(1, cameras=cameras)
    try:
        feed = load_clip(clip_at(clip), audio=False)
    except (UnfitClip, OSError) as error:
        raise Invalid(f"--clip: no camera can show {clip}: {error}.") from error
    say(asyncio.run(_measured(feed, cameras)), as_json=as_json)
    return 0


async def _measured(feed: Clip, count: int) -> dict[str, object]:
    config: dict[str, dict[str, str | int]] = {
        "record": {"camera_networks": "127.0.0.0/8", "workers": 2, "cameras_per_worker": max(count, 100)}
    }
    async with running(config) as center:
        return await measured_in(center, feed, count)


async def measured_in(center: Running, feed: Clip, count: int) -> dict[str, object]:
    """The figures of a center of two recorders that has no camera yet. Raises Unavailable."""
    server, source = await RtspServer.start(), Source(feed)
    options = CameraOptions(credentials=Credentials("bench", "bench"))
    devices = [server.add_camera(f"/cam{n:03}", source, options) for n in range(count)]
    await story.authorise(center.night, "fixed_camera", "Fixed cameras", lambda step, facts: None)
    technician, analyst = center.night.people["technician"], center.night.people["analyst"]
    ids = [outside("camera", one) for one in await register(technician, devices)]
    case = (await analyst.post("/cases", {"number": "B-4", "title": "A bench"}))["id"]
    figures: dict[str, object] = {"cameras": count}
    for word, fault in (("killed", signal.SIGKILL), ("stopped", signal.SIGSTOP)):
        await all_recording(technician, count)
        await _clock.sleep(_SETTLE_S)
        pid, had = _busiest(center, server.port)
        since = _clock.now()
        os.kill(pid, fault)
        try:
            took = await _taken_over(analyst, case, ids, had, since)
        finally:
            if fault == signal.SIGSTOP:
                with contextlib.suppress(ProcessLookupError):  # `up` has killed it by then
                    os.kill(pid, signal.SIGCONT)
        figures |= {
            f"{word}_cameras": had,
            f"{word}_s_median": round(statistics.median(took), 1),
            f"{word}_s_max": round(max(took), 1),
        }
    await server.stop()
    return figures


def _busiest(center: Running, port: int) -> tuple[int, int]:
    """The recorder with most connections to the cameras, and how many. Raises Unavailable."""
    pids = [pid for name, pid in Endpoints.read(center.data).pids.items() if name.startswith("record")]
    found = [
        (
            sum(
                one.status == psutil.CONN_ESTABLISHED and one.raddr.port == port
                for one in psutil.Process(pid).net_connections()
            ),
            pid,
        )
        for pid in pids
    ]
    had, pid = max(found, default=(0, 0))
    if had == 0:
        raise Unavailable("No recorder has a camera.")
    return pid, had


async def _taken_over(
    analyst: Person, case: str, cameras: list[str], had: int, since: datetime
) -> list[float]:
    """Seconds from then until each camera that the recorder had was recorded again. Raises Unavailable."""
    ends = _clock.monotonic() + _WITHIN_S
    while True:
        span = {"from": rfc3339(since - _BEFORE), "to": rfc3339(_clock.now())}
        told = [
            await analyst.get(
                f"/cameras/{one}/timeline", purpose="stolen_vehicle", case=f"case:{case}", **span
            )
            for one in cameras
        ]
        found = [took for one in told if (took := recorded_again(one, since)) is not None]
        if len(found) >= had:
            return found
        if _clock.monotonic() > ends:
            raise Unavailable(f"Of {had} cameras {len(found)} are recorded again.")
        await _clock.sleep(1.0)


def recorded_again(timeline: Form, since: datetime) -> float | None:
    """Seconds from then to the end of the gap that a recorder's end left; None while there is none, or nothing after it."""
    newest = max((parse_rfc3339(one["to"]) for one in timeline["ranges"]), default=since)
    for gap in timeline["gaps"]:
        end = parse_rfc3339(gap["to"])
        if gap["reason"] == _FAILED and since < end < newest:
            return (end - since).total_seconds()
    return None
