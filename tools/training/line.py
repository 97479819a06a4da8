"""The serial's line as a mask: where each letter stands, stretched to the plate, with what parts the groups.

Knows nothing of light, colour or cameras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.training.faces import Face, Mask
from tools.training.serials import Group, Serial, Shape

Points = NDArray[np.float64]

_NARROWEST: Final = 0.45


@dataclass(frozen=True)
class Box:
    """A rectangle on a picture, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True)
class _Cell:
    """One letter, in heights of a capital: its left edge and its top from those of the line."""

    letter: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """The serial as drawn: its ink, the box it fills, and the middle of each letter, in the order of reading."""

    ink: Mask
    box: Box
    middles: Points


def draw_line(dice: Generator, serial: Serial, face: Face, room: Box, canvas: tuple[int, int]) -> Line:
    """The serial drawn into `room` of a canvas (height, width)."""
    cells, gaps, total = _placed(dice, serial, face)
    high = room.height
    stretch = min(room.width / (total * high), float(dice.uniform(0.7, 1.25)))
    if stretch < _NARROWEST:
        high, stretch = high * stretch / _NARROWEST, _NARROWEST
    wide = total * high * stretch
    left = room.left + (room.width - wide) * float(dice.choice((0.5, dice.random())))
    top = room.top + (room.height - high) / 2
    mask = np.zeros(canvas, np.uint8)
    for cell in cells:
        _paste(mask, face.glyphs[cell.letter], left + cell.left * high * stretch, top + cell.top * high,
               cell.width * high * stretch, cell.height * high)  # fmt: skip
    for gap in gaps:
        _part(dice, mask, left + gap[0] * high * stretch, top + high * float(dice.choice((0.5, 0.55, 0.4))),
              gap[1] * high * stretch, high)  # fmt: skip
    return Line(
        mask, Box(left, top, left + wide, top + high), _middles(cells, serial, left, top, high, stretch)
    )


def _middles(
    cells: Sequence[_Cell], serial: Serial, left: float, top: float, high: float, stretch: float
) -> Points:
    """Of a stack, the upper letter's is moved to the left and the lower's to the right: a line is read along its width."""
    shapes = [group.shape for group in serial.groups for _ in group.letters]
    aside = [0.0] * len(cells)
    for n in range(1, len(cells)):
        if shapes[n] is shapes[n - 1] is Shape.STACK:
            aside[n - 1], aside[n] = -cells[n].width / 4, cells[n].width / 4
    return np.array([
        (left + (cell.left + cell.width / 2 + by) * high * stretch, top + (cell.top + cell.height / 2) * high)
        for cell, by in zip(cells, aside, strict=True)
    ])  # fmt: skip


def _placed(
    dice: Generator, serial: Serial, face: Face
) -> tuple[list[_Cell], list[tuple[float, float]], float]:
    """Each letter's cell, the middle and width of each gap that holds a mark, and the whole width."""
    tracking, between = float(dice.uniform(0.06, 0.22)), float(dice.uniform(0.1, 0.45))
    if dice.random() < 0.2:  # room for an emblem or a sticker
        between += 0.4
    cell = face.width("0") * float(dice.uniform(1.0, 1.15)) if dice.random() < 0.5 else 0.0
    marked = dice.random() < (0.85 if between > 0.45 else 0.45)
    cells: list[_Cell] = []
    gaps: list[tuple[float, float]] = []
    at = 0.0
    for n, group in enumerate(serial.groups):
        if n:
            gaps += [(at + (between - tracking) / 2, between - tracking)] if marked and between > 0.25 else []
            at += between
        more, at = _group(dice, group, face, at, tracking, cell)
        cells += more
        at -= 0 if n + 1 == len(serial.groups) else tracking
    return cells, gaps, max(at - tracking, 0.1)


def _group(
    dice: Generator, group: Group, face: Face, at: float, tracking: float, cell: float
) -> tuple[list[_Cell], float]:
    if group.shape is Shape.STACK:
        return _stack(dice, group, face, at, tracking)
    high = 1.0 if group.shape is Shape.FULL else float(dice.uniform(0.45, 0.72))
    top = (1 - high) * (1.0 if group.shape is Shape.FULL else float(dice.choice((1.0, 0.5, 0.0))))
    cells = []
    for letter in group.letters:
        own = face.width(letter) * high
        step = max(own, cell * high)
        cells.append(_Cell(letter, at + (step - own) / 2, top, own, high))
        at += step + tracking * high
    return cells, at


def _stack(
    dice: Generator, group: Group, face: Face, at: float, tracking: float
) -> tuple[list[_Cell], float]:
    high = float(dice.uniform(0.4, 0.48))
    widths = [face.width(letter) * high * float(dice.uniform(1.0, 1.15)) for letter in group.letters]
    step = max(widths)
    # On some plates the lower letter stands a little to the right.
    shift = step * 0.5 if dice.random() < 0.15 else 0.0
    tops = (0.0, 1 - high)
    cells = [
        _Cell(letter, at + (step - width) / 2 + shift * n, tops[n], width, high)
        for n, (letter, width) in enumerate(zip(group.letters, widths, strict=True))
    ]
    return cells, at + step + shift + tracking


def _paste(mask: Mask, glyph: Mask, left: float, top: float, width: float, height: float) -> None:
    """Stretch a letter into its place; what falls off the canvas is cut."""
    x, y, w, h = round(left), round(top), max(round(width), 2), max(round(height), 4)
    drawn = cv2.resize(glyph, (w, h), interpolation=cv2.INTER_AREA)
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, mask.shape[1]), min(y + h, mask.shape[0])
    if x1 > x0 and y1 > y0:
        part = mask[y0:y1, x0:x1]
        np.maximum(part, drawn[y0 - y : y1 - y, x0 - x : x1 - x], out=part)


def _part(dice: Generator, mask: Mask, x: float, y: float, wide: float, high: float) -> None:
    """A dash, a dot, an emblem or a sticker between two groups: it is no letter."""
    value, size = int(dice.integers(120, 256)), high * float(dice.uniform(0.05, 0.1))
    wide = max(min(wide, 0.8 * high), 3)
    kind = int(dice.integers(4)) if wide < 0.3 * high else int(dice.integers(2, 6))
    if kind == 0:
        cv2.rectangle(
            mask, (round(x - size), round(y - size / 2)), (round(x + size), round(y + size / 2)), value, -1
        )
    elif kind == 1:
        cv2.circle(mask, (round(x), round(y)), max(round(size), 1), value, -1)
    elif kind < 5:
        tall = float(dice.uniform(wide, max(0.7 * high, wide)))
        corners = np.stack(
            [x + wide * 0.9 * (dice.random(7) - 0.5), y + tall * (dice.random(7) - 0.5)], axis=1
        )
        outline = (
            corners.astype(np.int32) if dice.random() < 0.3 else cv2.convexHull(corners.astype(np.int32))
        )
        cv2.fillPoly(mask, [outline], int(dice.integers(40, 256)))
    else:
        half, tall = wide * 0.4, float(dice.uniform(0.3, 0.8)) * high / 2
        cv2.rectangle(mask, (round(x - half), round(y - tall)), (round(x + half), round(y + tall)), int(dice.integers(40, 200)),
                      -1 if dice.random() < 0.6 else 1)  # fmt: skip
        for row in (-0.4, 0.4):
            ends = dice.uniform(-0.8, 0.8, 2) * half
            cv2.line(mask, (round(x + ends[0]), round(y + row * tall)), (round(x + ends[1]), round(y + row * tall)), 255,
                     max(round(tall * 0.3), 1))  # fmt: skip
