"""The picture a plate reader takes: the back of a car, the plate in it, as a JPEG.

The same plate gives the same picture: one of the rendered cars of `clips/reader/` where it carries this plate, else
one drawn here. No part of either is a photograph of a real car.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from watchfloor_sim import clips
from watchfloor_sim.lettering import text_mask

Canvas = NDArray[np.float32]
WIDTH, HEIGHT = 640, 400
_PLATE = (300, 150)  # the proportions of an American plate
_PAINTS = ((96, 98, 104), (52, 62, 84), (110, 34, 36), (168, 168, 164), (40, 44, 42))


def plate_picture(plate: str, state: str) -> bytes:
    """A car's back with this plate and the state's letters above it."""
    return clips.photograph_of(plate, state) or drawn_picture(plate, state)


def drawn_picture(plate: str, state: str) -> bytes:
    """The same for any plate, drawn."""
    seed = int.from_bytes(hashlib.sha256(f"{state} {plate}".encode()).digest()[:8], "big")
    chance = np.random.default_rng(seed)
    canvas = _car(chance)
    flat = _plate(plate, state, chance)
    _hang(canvas, flat, chance)
    canvas = _blur(canvas)
    canvas += chance.normal(0, 4.0, canvas.shape).astype(np.float32)
    return jpeg(np.clip(canvas, 0, 255).astype(np.uint8))


def plate_sheet(plate: str, state: str) -> bytes:
    """The plate alone, flat on, as a JPEG: what a renderer hangs on a car."""
    seed = int.from_bytes(hashlib.sha256(f"{state} {plate}".encode()).digest()[:8], "big")
    flat = _plate(plate, state, np.random.default_rng(seed))
    return jpeg(np.clip(flat, 0, 255).astype(np.uint8))


def _car(chance: np.random.Generator) -> Canvas:
    """Body, window, lamps and bumper, lit from above."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    paint = np.array(_PAINTS[int(chance.integers(len(_PAINTS)))], np.float32)
    light = 1.25 - 0.5 * y / HEIGHT + 0.12 * np.cos((x - WIDTH / 2) / WIDTH * np.pi)
    canvas: Canvas = (paint * light[:, :, None]).astype(np.float32)
    window = (y < 92 - 0.0006 * (x - WIDTH / 2) ** 2) & (abs(x - WIDTH / 2) < 250)
    canvas[window] = np.array([30, 36, 44]) + (y[window] / 4)[:, None]
    for side in (-1, 1):
        lamp = (np.hypot((x - WIDTH / 2 - side * 268) / 62, (y - 150) / 44) ** 3) < 1
        glow = 1 - 0.4 * np.hypot((x - WIDTH / 2 - side * 268) / 62, (y - 150) / 44)
        canvas[lamp] = np.array([196, 30, 26]) * glow[lamp][:, None]
    recess = (abs(x - WIDTH / 2) < 190) & (abs(y - 222) < 102)
    canvas[recess] *= 0.62
    canvas[(y > 336) & (y < 342)] *= 0.5
    canvas[y > 342] *= 0.72
    return canvas


def _plate(plate: str, state: str, chance: np.random.Generator) -> Canvas:
    """The plate flat on: bevelled edge, embossed letters, two bolts."""
    width, height = _PLATE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    tone = np.array([226, 229, 232], np.float32) - chance.uniform(0, 18)
    sheet: Canvas = tone * (1.04 - 0.1 * y / height)[:, :, None]
    edge = np.minimum.reduce([x, y, width - 1 - x, height - 1 - y])
    sheet[edge < 5] *= 0.72
    sheet[(edge >= 5) & (edge < 7) & (x + y < (width + height) / 2)] *= 1.08
    _emboss(sheet, text_mask(plate, _fitting(plate, width - 36, 74)), 100 - 14, (28, 42, 104))
    _emboss(sheet, text_mask(state, 22), 28, (150, 40, 44))
    for bolt in (40, width - 40):
        sheet[np.hypot(x - bolt, y - 26) < 6] = (120, 118, 112)
        sheet[np.hypot(x - bolt + 1, y - 25) < 3] = (176, 174, 168)
    return sheet


def _fitting(text: str, width: int, tallest: int) -> int:
    """The height at which the text is no wider than this."""
    while tallest > 12 and text_mask(text, tallest).shape[1] > width:
        tallest -= 2
    return tallest


def _emboss(sheet: Canvas, letters: NDArray[np.float32], middle: int, ink: tuple[int, int, int]) -> None:
    """Raised letters: a lit edge above left, a shaded one below right, then the ink."""
    high, wide = letters.shape
    top, left = middle - high // 2, (sheet.shape[1] - wide) // 2
    for step, shade in ((-2, 255.0), (2, 120.0)):
        part = sheet[top + step : top + step + high, left + step : left + step + wide]
        part += 0.5 * letters[:, :, None] * (shade - part)
    part = sheet[top : top + high, left : left + wide]
    part += letters[:, :, None] * (np.array(ink, np.float32) - part)


def _hang(canvas: Canvas, flat: Canvas, chance: np.random.Generator) -> None:
    """Put the plate on the car, a little turned and seen a little from the side, with its shadow."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    turn, lean = chance.uniform(-0.05, 0.05), chance.uniform(-0.0004, 0.0004)
    away_x, away_y = x - WIDTH / 2, y - 222
    deep = 1 + lean * away_x
    at_x = (away_x * np.cos(turn) + away_y * np.sin(turn)) * deep + flat.shape[1] / 2
    at_y = (away_y * np.cos(turn) - away_x * np.sin(turn)) * deep + flat.shape[0] / 2
    shadow = _inside(at_x - 6, at_y - 8, flat)
    canvas[shadow] *= 0.45
    covered = _inside(at_x, at_y, flat)
    canvas[covered] = _between_pixels(flat, at_x[covered], at_y[covered])


def _inside(at_x: Canvas, at_y: Canvas, flat: Canvas) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (
        (at_x >= 0) & (at_y >= 0) & (at_x < flat.shape[1] - 1) & (at_y < flat.shape[0] - 1)
    )
    return inside


def _between_pixels(flat: Canvas, at_x: Canvas, at_y: Canvas) -> Canvas:
    left, top = at_x.astype(int), at_y.astype(int)
    part_x, part_y = (at_x - left)[:, None], (at_y - top)[:, None]
    upper = flat[top, left] * (1 - part_x) + flat[top, left + 1] * part_x
    lower = flat[top + 1, left] * (1 - part_x) + flat[top + 1, left + 1] * part_x
    mixed: Canvas = upper * (1 - part_y) + lower * part_y
    return mixed


def _blur(canvas: Canvas) -> Canvas:
    """A lens that is not perfect and a car that moves: one pixel up and down, two across."""
    for axis, reach in ((0, 1), (1, 1), (1, 1)):
        spread = np.roll(canvas, reach, axis) + 2 * canvas + np.roll(canvas, -reach, axis)
        canvas = (spread / 4).astype(np.float32)
    return canvas


def jpeg(picture: NDArray[np.uint8], *, coarse: int = 3) -> bytes:
    """An RGB picture as a JPEG; 2 is the finest, 31 the coarsest."""
    encoder = av.CodecContext.create("mjpeg", "w")
    if not isinstance(encoder, VideoCodecContext):
        raise TypeError("mjpeg is a video encoder")
    encoder.width, encoder.height = picture.shape[1], picture.shape[0]
    encoder.pix_fmt, encoder.time_base, encoder.thread_count = "yuvj420p", Fraction(1, 1), 1
    encoder.options = {"qmin": str(coarse), "qmax": str(coarse)}
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
