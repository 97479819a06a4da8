"""What reading plates on cameras' video costs, what of it is dropped, how late a read is, and that no recorder loses a frame for it.

Real cameras' streams into a real center in which each is read. Pictures are those that the process that reads counted by what became of
them; frames are counted at the cameras and in the stored files, not by the program; the delay is from when a picture was taken to when
its read was in the intake buffer. CPU is that of the process that reads, decoding included.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import av

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.bench.record import all_ended, all_recording, clip_at, counted, index_complete, register
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock, parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor_sim import story
from watchfloor_sim.camera import CameraOptions
from watchfloor_sim.digest import Credentials
from watchfloor_sim.people import Form, Person
from watchfloor_sim.rtsp import RtspServer
from watchfloor_sim.samples import Clip, UnfitClip, load_clip
from watchfloor_sim.scene import scene_clip
from watchfloor_sim.source import Source

# Until the networks are opened and the first pictures are looked at.
_SETTLE_S: Final = 12.0
# Of counts that are kept every five seconds.
_LAG_S: Final = 7.0
_SIZE: Final = (1280, 720)
_PLATE: Final = "QQ7X4K"
_MOST: Final = 500
_clock = SystemClock()


def run(
    cameras: int = 4,
    seconds: int = 60,
    clip: str = "",
    *,
    cores: float = 1.0,
    threads: int = 1,
    as_json: bool = False,
) -> int:
    """Have `cameras` cameras read for `seconds` seconds, that all show `clip` (a drawn street with one invented plate, unless said),
    with `cores` processor cores for looking.

    Example: watchfloor bench reading --cameras 4 --seconds 60 --json
    """
    at_least(1, cameras=cameras, seconds=seconds, threads=threads)
    say(asyncio.run(measured(cameras, seconds, clip, cores=cores, threads=threads)), as_json=as_json)
    return 0


async def measured(count: int, seconds: int, clip: str, *, cores: float, threads: int) -> dict[str, object]:
    """The figures of a center and its cameras. Raises Invalid or Unavailable."""
    config: dict[str, dict[str, str | int]] = {
        "record": {"camera_networks": "127.0.0.0/8", "cameras_per_worker": max(count, 100)},
        "reading": {"cores": str(cores), "threads": threads},
    }
    feed = await asyncio.to_thread(_feed, clip)
    async with running(config) as center:
        return await measured_in(center, feed, count, seconds)


async def measured_in(center: Running, feed: Clip, count: int, seconds: int) -> dict[str, object]:
    """The figures of a center that has no camera yet."""
    server = await RtspServer.start()
    options = CameraOptions(credentials=Credentials("bench", "bench"))
    devices = [server.add_camera(f"/cam{n:03}", Source(feed), options) for n in range(count)]
    people = center.night.people
    for technology in ("fixed_camera", "plate_reading_on_video", "plate_reader"):
        await story.authorise(center.night, technology, technology, lambda step, facts: None)
    ids = await register(people["technician"], devices)
    await all_recording(people["technician"], count)
    for camera in ids:
        await people["technician"].post(f"/cameras/{outside('camera', camera)}/plate-reading", {})
    await _clock.sleep(_SETTLE_S)
    before, cpu_before, since = await _counts(people["technician"], ids), _cpu_s(center), _clock.now()
    await _clock.sleep(float(seconds))
    cpu_s = _cpu_s(center) - cpu_before
    until = _clock.now()
    await _clock.sleep(_LAG_S)
    after = await _counts(people["technician"], ids)
    delays = await _delays(people["analyst"], since, until)
    for device in devices:
        device.end()
    await all_ended(people["technician"], count)
    await index_complete(center.data)
    recorded = await asyncio.to_thread(counted, center.data)
    sent = sum(device.frames_sent for device in devices)
    await server.stop()
    figures = figures_of({name: after[name] - before[name] for name in after}, cpu_s, seconds)
    return (
        {"cameras": count, "seconds": seconds}
        | figures
        | told(delays)
        | {"frames_in": sent, "frames_recorded": recorded}
    )


def _feed(clip: str) -> Clip:
    if not clip:
        return scene_clip(10.0, 15, _SIZE, _PLATE)
    try:
        return load_clip(clip_at(clip), audio=False)
    except (UnfitClip, av.FFmpegError) as error:
        raise Invalid(f"--clip: no camera can show {clip}: {error}.") from error


def _cpu_s(center: Running) -> float:
    return center.cpu_s().get("read", 0.0)


async def _counts(technician: Person, cameras: Sequence[UUID]) -> dict[str, float]:
    """What became of pictures so far, of all cameras."""
    sums: dict[str, float] = {}
    for camera in cameras:
        seen = await technician.get(f"/cameras/{outside('camera', camera)}/plate-reading")
        for name, value in seen["reader"]["video"]["day"].items():
            if name != "sentence":
                sums[name] = sums.get(name, 0.0) + float(value)
    return sums


async def _delays(analyst: Person, since: datetime, until: datetime) -> list[float]:
    """How long each read was on its way, in seconds: from the picture on which its plate was seen last to the intake buffer."""
    case = (await analyst.post("/cases", {"number": "B-2", "title": "A bench"}))["id"]
    body: Form = {
        "plate": f"{_PLATE[:4]}*",
        "from": rfc3339(since - timedelta(seconds=_SETTLE_S)),
        "to": rfc3339(until + timedelta(seconds=_LAG_S)),
        "purpose": "stolen_vehicle",
        "case": f"case:{case}",
        "limit": _MOST,
    }
    found = await analyst.post("/plate-searches", body)
    return [
        (parse_rfc3339(one["received_at"]) - parse_rfc3339(one["device_at"])) / timedelta(seconds=1)
        for one in found["items"]
        if one["device_at"] is not None
    ]


def figures_of(counts: dict[str, float], cpu_s: float, seconds: int) -> dict[str, object]:
    """The figures of counts that came in so many seconds, in which the process that reads used so much CPU."""
    looked = counts["looked"]
    return {name: round(value) for name, value in counts.items() if name != "cpu_s"} | {
        "looked_a_second": round(looked / seconds, 2),
        "cpu_s_per_looked": round(counts["cpu_s"] / looked, 3) if looked else None,
        "cpu_s_per_looked_with_decoding": round(cpu_s / looked, 3) if looked else None,
        "cores": round(cpu_s / seconds, 2),
    }


def told(delays: Sequence[float]) -> dict[str, object]:
    """How many reads there were, and how late."""
    if not delays:
        return {"reads": 0, "delay_s_median": None, "delay_s_most": None}
    return {
        "reads": len(delays),
        "delay_s_median": round(statistics.median(delays), 2),
        "delay_s_most": round(max(delays), 2),
    }
