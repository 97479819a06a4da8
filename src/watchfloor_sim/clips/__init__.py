"""The street clips of the simulated cameras and the photographs of the simulated readers, with what they truly show.

They are rendered by `tools/clips` and only read here: nothing is drawn or coded anew. Every clip repeats without a
seam. Positions in a truth are pixels from the top left of the picture.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from watchfloor_sim.samples import Clip, load_clip

_HERE = Path(__file__).resolve().parent
FPS: Final = 10
Box = tuple[int, int, int, int]
Point = tuple[float, float]


class NoSuchClip(Exception):
    """There is no clip of this name; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A plate that can be made out in a frame: its four corners from the upper left, clockwise as it hangs."""

    frame: int
    rear: bool
    polygon: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """One car or person through the clip: by frame, its box and how many pixels of it are seen."""

    id: str
    kind: Literal["car", "person"]
    boxes: dict[int, Box]
    pixels: dict[int, int]
    plate: str | None
    state: str | None
    plates_seen: tuple[PlateSeen, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a clip truly shows."""

    fps: int
    frames: int
    size: tuple[int, int]
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Photograph:
    """A reader's picture of one car. `reported` is what the reader makes of the plate, right or wrong."""

    name: str
    plate: str
    state: str
    reported: str
    night: bool
    polygon: tuple[Point, ...]

    @property
    def path(self) -> Path:
        return _HERE / "reader" / f"{self.name}.jpg"

    def jpeg(self) -> bytes:
        return self.path.read_bytes()


@cache
def names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _HERE.glob("*.mp4")))


def path_of(name: str) -> Path:
    """The clip's file."""
    if name not in names():
        raise NoSuchClip(f"there is no clip {name!r}; there are: {', '.join(names())}")
    return _HERE / f"{name}.mp4"


@cache
def clip(name: str) -> Clip:
    """The clip as it is stored, read once; cameras that show the same one share it."""
    return load_clip(path_of(name), audio=False)


def truth(name: str) -> Truth:
    """What the clip of this name truly shows."""
    said = json.loads(path_of(name).with_suffix(".json").read_text())
    width, height = said["size"]
    return Truth(said["fps"], said["frames"], (width, height), tuple(_track(each) for each in said["tracks"]))


def _track(said: dict[str, Any]) -> Track:
    boxes: dict[int, Box] = {}
    pixels: dict[int, int] = {}
    for run in said["runs"]:
        frames = range(run["from"], run["from"] + len(run["boxes"]))
        boxes |= dict(zip(frames, map(tuple, run["boxes"]), strict=True))
        pixels |= dict(zip(frames, run["pixels"], strict=True))
    seen = tuple(
        PlateSeen(frame, rear, tuple((x, y) for x, y in polygon))
        for frame, rear, polygon in said.get("plate_seen", ())
    )
    return Track(said["id"], said["kind"], boxes, pixels, said.get("plate"), said.get("state"), seen)


@cache
def photographs() -> tuple[Photograph, ...]:
    """The readers' pictures, in the order of their names."""
    said = json.loads((_HERE / "reader" / "truth.json").read_text())
    return tuple(Photograph(**each | {"polygon": tuple((x, y) for x, y in each["polygon"])}) for each in said)


def photograph_of(plate: str, state: str) -> bytes | None:
    """A picture of the car with this plate, JPEG; None when there is none."""
    found = (each for each in photographs() if (each.plate, each.state) == (plate, state))
    return next((each.jpeg() for each in found if not each.night), None)
