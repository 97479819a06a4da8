"""Frames into a small H.264 clip, and what they truly show into the file beside it."""

from __future__ import annotations

import bisect
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from watchfloor_sim.clips import FPS
from watchfloor_sim.plates import STATE

Picture = NDArray[np.uint8]
Seen = list[dict[str, Any]]


def write_clip(path: Path, frames: list[Picture], most_bytes: int) -> int:
    """The best quality that is no larger than asked; the constant rate factor it took."""

    def too_large(factor: int) -> bool:
        _encode(path, frames, factor)
        return path.stat().st_size > most_bytes

    factor = 18 + bisect.bisect_left(range(18, 40), True, key=lambda step: not too_large(step))
    if too_large(factor):
        raise ValueError(f"{path.name} does not fit into {most_bytes} bytes")
    return factor


def settled(frames: list[Picture]) -> list[Picture]:
    """What a camera does against noise: what changes little between frames is averaged over them.

    Twice around, so that the first frame has the last one's past.
    """
    held = frames[-1].astype(np.float32)
    out: list[Picture] = []
    for picture in [*frames, *frames]:
        change = picture - held
        most = _spread(np.abs(change).max(axis=2))
        share = np.clip((most - 5) / 12, 0.06, 1.0).astype(np.float32)
        held = held + change * share[:, :, None]
        out.append(np.clip(held + 0.5, 0, 255).astype(np.uint8))
    return out[len(frames) :]


def _spread(change: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over three by three pixels: one loud pixel is noise, several are motion."""
    for axis in (0, 1):
        change = (np.roll(change, 1, axis) + change + np.roll(change, -1, axis)) / np.float32(3)
    return change


def _encode(path: Path, frames: list[Picture], factor: int) -> None:
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        if not isinstance(stream, VideoStream):
            raise TypeError("libx264 is a video encoder")
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size, stream.max_b_frames = FPS, 0
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = Fraction(1, FPS)
        stream.options = {
            "profile": "main",
            "preset": "medium",
            "crf": str(factor),
            "x264-params": f"keyint={FPS}:min-keyint={FPS}:scenecut=0:bframes=0",
        }
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_truth(path: Path, shot: dict[str, Any], seen: list[Seen]) -> None:
    """One line for each thing that moves: its boxes from frame to frame, in stretches without a break."""
    camera = shot["camera"]
    east, north = (camera["aim"][0] - camera["place"][0], camera["place"][2] - camera["aim"][2])
    head = {
        "fps": FPS,
        "frames": len(seen),
        "size": shot["size"],
        "seed": shot["seed"],
        "camera": camera
        | {"heading_deg": round(math.degrees(math.atan2(east, north)) % 360, 1), "bend": shot["bend"]},
    }
    lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    tracks = ",\n  ".join(json.dumps(track, separators=(",", ":")) for track in _tracks(seen))
    path.write_text("{\n " + ",\n ".join(lines) + ',\n "tracks": [\n  ' + tracks + "\n ]\n}\n")


def _tracks(seen: list[Seen]) -> list[dict[str, Any]]:
    tracks: dict[str, dict[str, Any]] = {}
    for number, things in enumerate(seen):
        for thing in things:
            track = tracks.setdefault(thing["id"], {"id": thing["id"], "kind": thing["kind"], "runs": []})
            runs = track["runs"]
            if not runs or runs[-1]["from"] + len(runs[-1]["boxes"]) != number:
                runs.append({"from": number, "boxes": [], "pixels": []})
            runs[-1]["boxes"].append(thing["box"])
            runs[-1]["pixels"].append(thing["pixels"])
            if plate := thing.get("plate"):
                track |= {"plate": plate["text"], "state": STATE}
                track.setdefault("plate_seen", []).append([number, plate["rear"], plate["polygon"]])
                tracks[thing["id"]] = track
    return sorted(tracks.values(), key=lambda track: str(track["id"]))
