"""What others cost for the same cameras on the same machine: ffmpeg with a process for each, GStreamer with one for all.

They write plain files and do less: nothing is sealed, hashed, indexed, leased or offered live. Only those that are installed are asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable

_clock = SystemClock()
_END_WITHIN_S: Final = 10.0
_SEGMENT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Peer:
    """A program others record with, and what it is told; a list of commands, a process each."""

    name: str
    program: str
    commands: Callable[[Sequence[str], Path], list[list[str]]]


def _ffmpeg(urls: Sequence[str], folder: Path) -> list[list[str]]:
    return [
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-map", "0:v",
         "-c", "copy", "-f", "segment", "-segment_time", str(_SEGMENT_S), "-segment_format", "mp4",
         "-segment_format_options", "movflags=+frag_keyframe+empty_moov", str(folder / f"{n:04}-%03d.mp4")]
        for n, url in enumerate(urls)
    ]  # fmt: skip


def _gstreamer(urls: Sequence[str], folder: Path) -> list[list[str]]:
    command = ["gst-launch-1.0", "-q", "-e"]
    for n, url in enumerate(urls):
        command += [
            "rtspsrc", f"location={url}", "protocols=tcp", "!", "rtph264depay", "!", "h264parse", "!",
            "splitmuxsink", f"max-size-time={_SEGMENT_S}000000000", f"location={folder / f'{n:04}-%05d.mp4'}",
        ]  # fmt: skip
    return [command]


PEERS: Final = (
    Peer("ffmpeg_copy", "ffmpeg", _ffmpeg),
    Peer("gstreamer_splitmuxsink", "gst-launch-1.0", _gstreamer),
)


def ratios(ours: Mapping[str, object], theirs: Mapping[str, float] | None) -> dict[str, float] | None:
    """Our CPU and our memory for each camera as parts of theirs; None where they are not installed. Seconds do not travel, these do."""
    cpu, memory = ours["cpu_ms_per_camera_s"], ours["rss_mb_per_camera"]
    if theirs is None or not isinstance(cpu, float) or not isinstance(memory, float):
        return None
    return {
        "cpu": round(cpu / max(theirs["cpu_ms_per_camera_s"], 0.01), 2),
        "memory": round(memory / theirs["pss_mb_per_camera"], 2),
    }


async def measured(
    peer: Peer,
    urls: Sequence[str],
    folder: Path,
    seconds: float,
    settle_s: float,
    *,
    opened_within_s: float = 60.0,
) -> dict[str, float] | None:
    """CPU ms per camera-second and MB per camera (PSS: what is shared counts once); None where it is not installed.

    Raises Unavailable when it does not write a file for each camera.
    """
    if shutil.which(peer.program) is None:
        return None
    processes = [
        await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        for command in peer.commands(urls, folder)
    ]
    try:
        await _all_write(peer, folder, len(urls), opened_within_s)
        await _clock.sleep(settle_s)
        known = [psutil.Process(process.pid) for process in processes]
        before, began = _cpu_s(known), _clock.monotonic()
        await _clock.sleep(seconds)
        spent, took = _cpu_s(known) - before, _clock.monotonic() - began
        held = sum(process.memory_full_info().pss for process in known)
    except psutil.NoSuchProcess as error:
        raise Unavailable(f"{peer.name} ended while it was measured.") from error
    finally:
        await asyncio.gather(*(_ended(process) for process in processes))
    return {
        "cpu_ms_per_camera_s": round(1000 * spent / took / len(urls), 2),
        "pss_mb_per_camera": round(held / len(urls) / 2**20, 2),
    }


async def _all_write(peer: Peer, folder: Path, count: int, within_s: float) -> None:
    ends = _clock.monotonic() + within_s
    while (writing := await asyncio.to_thread(_writing, folder)) < count:
        if _clock.monotonic() > ends:
            raise Unavailable(f"{peer.name} writes {writing} of {count} files after {within_s:.0f} s.")
        await _clock.sleep(0.2)


def _writing(folder: Path) -> int:
    return sum(1 for file in folder.iterdir() if file.stat().st_size > 0)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def _ended(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), _END_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()
