"""A street that does not exist: a road, cars that pass, and one close enough to read its plate.

The same arguments give the same pictures. It must draw nobody: there are no people in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from watchfloor_sim.burnt_clock import burn_in
from watchfloor_sim.lettering import text_mask
from watchfloor_sim.plates import INVENTED
from watchfloor_sim.samples import VIDEO_RATE, Clip, Sample, Tracks, parameter_sets

Picture = NDArray[np.uint8]
Size = tuple[int, int]
_PAINTS = ((150, 40, 40), (200, 200, 205), (40, 70, 130), (60, 60, 62))


class Street:
    """Draws the picture of any moment."""

    def __init__(self, size: Size, plate: str, *, seed: int = 7) -> None:
        width, height = size
        if width % 2 or height % 2:
            raise ValueError("video has even sizes")
        self._size = size
        self._empty = _empty_street(width, height, np.random.default_rng(seed))
        self._near = _car_from_behind(int(width * 0.36), plate)
        self._far = [_car_from_aside(int(width * 0.16), paint) for paint in _PAINTS]

    def at(self, second: float) -> Picture:
        width, height = self._size
        picture = self._empty.copy()
        for lane, car in enumerate(self._far):
            way = width + car.shape[1]
            gone = (second * width * (0.12 + 0.03 * lane) + lane * width * 0.31) % way
            left = int(gone) - car.shape[1] if lane % 2 else width - int(gone)
            _paste(picture, car, left, int(height * (0.40 + 0.045 * lane)))
        sway = np.sin(second * 0.9) * width * 0.12
        _paste(picture, self._near, int(width * 0.32 + sway), int(height * 0.98) - self._near.shape[0])
        return picture


def _empty_street(width: int, height: int, chance: np.random.Generator) -> Picture:
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = np.array([150, 175, 200]) + rows * 60
    road = np.array([74, 75, 78]) + rows * 14
    picture = np.where(rows < 0.42, sky, road) * np.ones((1, width, 1))
    for left in range(0, width, max(width // 9, 1)):
        top = int(height * chance.uniform(0.12, 0.3))
        tone = chance.integers(70, 140)
        picture[top : int(height * 0.42), left : left + width // 9] = (tone + 18, tone + 4, tone - 8)
        picture[top + 8 : int(height * 0.40) : 14, left + 4 : left + width // 9 - 4 : 9] *= 0.55
    middle = int(height * 0.62)
    for left in range(0, width, max(width // 8, 1)):
        picture[middle : middle + max(height // 90, 2), left : left + width // 16] = (215, 210, 190)
    picture += chance.normal(0, 3.0, (height, width, 1))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _car_from_aside(width: int, paint: tuple[int, int, int]) -> Picture:
    height = int(width * 0.42)
    car = np.zeros((height, width, 4), np.uint8)
    car[height // 3 : int(height * 0.85), :, :] = (*paint, 255)
    car[: height // 3, width // 5 : int(width * 0.8)] = (*paint, 255)
    car[height // 10 : height // 3, width // 4 : int(width * 0.75)] = (50, 62, 74, 255)
    y, x = np.mgrid[0:height, 0:width]
    for middle in (0.22, 0.78):
        wheel = np.hypot(x - width * middle, y - height * 0.82) < height * 0.17
        car[wheel] = (18, 18, 18, 255)
    return car


def _car_from_behind(width: int, plate: str) -> Picture:
    height = int(width * 0.62)
    car = np.zeros((height, width, 4), np.uint8)
    car[height // 3 : int(height * 0.9)] = (92, 24, 30, 255)
    car[int(height * 0.06) : height // 3, width // 8 : width - width // 8] = (70, 18, 24, 255)
    car[int(height * 0.12) : height // 3, width // 6 : width - width // 6] = (44, 54, 66, 255)
    car[int(height * 0.42) : int(height * 0.56), : width // 7] = (210, 40, 30, 255)
    car[int(height * 0.42) : int(height * 0.56), -(width // 7) :] = (210, 40, 30, 255)
    car[int(height * 0.9) :, width // 12 : width // 4] = (16, 16, 16, 255)
    car[int(height * 0.9) :, -(width // 4) : -(width // 12)] = (16, 16, 16, 255)
    letters = text_mask(plate, max(int(height * 0.22), 10))
    high, wide = letters.shape
    top, left = int(height * 0.6), (width - wide) // 2
    if left < 4:
        raise ValueError(f"the plate {plate!r} does not fit on a car of this size")
    car[top - 4 : top + high + 4, left - 4 : left + wide + 4] = (236, 238, 240, 255)
    ink = 1.0 - letters[:, :, None] * np.array([0.92, 0.9, 0.8], np.float32)
    car[top : top + high, left : left + wide, :3] = (ink * 238).astype(np.uint8)
    return car


def _paste(picture: Picture, thing: Picture, left: int, top: int) -> None:
    """Put a thing with see-through parts on the picture, cut at the edges."""
    height, width = picture.shape[:2]
    x0, x1 = max(left, 0), min(left + thing.shape[1], width)
    y0, y1 = max(top, 0), min(top + thing.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    part = thing[y0 - top : y1 - top, x0 - left : x1 - left]
    solid = part[:, :, 3] > 0
    picture[y0:y1, x0:x1][solid] = part[:, :, :3][solid]


def _encoder(size: Size, fps: int, *, b_frames: int, preset: str, live: bool) -> VideoCodecContext:
    """x264 on one thread, so that the same pictures give the same bytes; a keyframe every second."""
    encoder = av.CodecContext.create("libx264", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("libx264 is a video encoder")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.framerate = Fraction(fps, 1)
    encoder.gop_size = fps
    encoder.max_b_frames = b_frames
    encoder.thread_count = 1
    encoder.options = {"preset": preset, "crf": "24", "sc_threshold": "0"} | (
        {"tune": "zerolatency"} if live else {}
    )
    return encoder


def _frame(picture: Picture, number: int, fps: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = number, Fraction(1, fps)
    return frame


def scene_clip(
    seconds: float = 5.0,
    fps: int = 15,
    size: Size = (640, 360),
    plate: str = INVENTED,
    *,
    b_frames: int = 0,
    clock: Callable[[int], int] | None = None,
) -> Clip:
    """A street as a clip in memory. `clock` burns in the milliseconds it gives for each frame's number."""
    street, count = Street(size, plate), round(seconds * fps)
    encoder = _encoder(size, fps, b_frames=b_frames, preset="veryfast", live=False)
    packets = []
    for number in range(count):
        picture = street.at(number / fps)
        if clock is not None:
            burn_in(picture, clock(number))
        packets += encoder.encode(_frame(picture, number, fps))
    packets += encoder.encode(None)
    ticks = VIDEO_RATE // fps
    samples = [
        Sample(False, (p.dts or 0) * ticks, (p.pts or 0) * ticks, p.is_keyframe, bytes(p)) for p in packets
    ]
    first = samples[0].dts
    moved = tuple(replace(s, dts=s.dts - first, pts=s.pts - first) for s in samples)
    sets = parameter_sets("h264", moved[0].data)
    tracks = Tracks("h264", sets, reorder=max(s.pts - s.dts for s in samples))
    return Clip(tracks, moved, count * ticks)


def render_clip(
    path: Path,
    seconds: float = 5.0,
    fps: int = 15,
    size: Size = (640, 360),
    plate: str = INVENTED,
    *,
    b_frames: int = 0,
    audio: bool = False,
    clock: Callable[[int], int] | None = None,
) -> Path:
    """The same street as a file (MP4), with a quiet tone in AAC if asked."""
    clip = scene_clip(seconds, fps, size, plate, b_frames=b_frames, clock=clock)
    with av.open(str(path), "w") as container:
        video = container.add_mux_stream("h264", rate=fps, width=size[0], height=size[1])
        sound = container.add_stream("aac", rate=16_000, layout="mono") if audio else None
        for sample in clip.content:
            packet: av.Packet[av.stream.Stream] = av.Packet(sample.data)
            packet.dts, packet.pts = sample.dts, sample.pts
            packet.time_base, packet.stream = Fraction(1, VIDEO_RATE), video
            packet.is_keyframe = sample.keyframe
            container.mux(packet)
        if sound is not None:
            container.mux([p for frame in _tone(seconds) for p in sound.encode(frame)])
            container.mux(sound.encode(None))
    return path


def _tone(seconds: float, rate: int = 16_000) -> Iterator[av.AudioFrame]:
    for start in range(0, int(seconds * rate), 1024):
        wave = 0.1 * np.sin(2 * np.pi * 440 * np.arange(start, start + 1024) / rate)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class ClockSource:
    """A live street, drawn and encoded at the moment it is sent, with the wall clock burnt in (`burnt_clock.py`)."""

    def __init__(
        self,
        fps: int = 15,
        size: Size = (640, 360),
        plate: str = INVENTED,
        *,
        now_ms: Callable[[], int] = _wall_ms,
    ) -> None:
        self.live_fps: int | None = fps
        self._fps = fps
        self._now_ms = now_ms
        self._street = Street(size, plate)
        self._new_encoder = partial(_encoder, size, fps, b_frames=0, preset="ultrafast", live=True)
        first = self._coded(self._new_encoder(), 0)
        self.tracks = Tracks("h264", parameter_sets("h264", first.data))

    def samples(self, *, loop: bool) -> Iterator[Sample]:
        """One sample each time it is asked; `loop` makes no difference, the day does not repeat."""
        encoder, number = self._new_encoder(), 0
        while True:
            yield self._coded(encoder, number)
            number += 1

    def _coded(self, encoder: VideoCodecContext, number: int) -> Sample:
        picture = self._street.at(number / self._fps)
        burn_in(picture, self._now_ms())
        [packet] = encoder.encode(_frame(picture, number, self._fps))
        ticks = number * VIDEO_RATE // self._fps
        return Sample(False, ticks, ticks, packet.is_keyframe, bytes(packet))
