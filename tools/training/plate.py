"""A plate as it leaves the press and as its owner dresses it: field, pictures, words, stickers, bolts and frame.

Drawn flat, in grey, facing us: what the way to the camera does to it is `view.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.training.faces import Faces, Lettering, Mask
from tools.training.issued import Issued
from tools.training.line import Box, Points, draw_line
from tools.training.serials import draw_serial

Grey = NDArray[np.uint8]
Light = NDArray[np.float32]

_TRADE: Final = (
    "MOTORS", "AUTO SALES", "FORD", "Toyota of Springfield", "HONDA", "CHEVROLET", "www.cars.example", "Lake County",
    "Alumni", "I love my dog", "UNIVERSITY", "Go Team",
)  # fmt: skip
_CLERKS: Final = ("JUL", "DEC", "14", "2019", "APR 21", "09", "27")
DEALERS: Final = (*_TRADE, *_CLERKS)
"""What frames and stickers say that names no state."""
WORDS: Final = (
    "ALABAMA", "Alaska", "ARIZONA", "Arkansas", "California", "COLORADO", "Connecticut", "Delaware", "FLORIDA", "Georgia",
    "HAWAII", "Idaho", "Illinois", "INDIANA", "IOWA", "Kansas", "KENTUCKY", "Louisiana", "Maine", "MARYLAND",
    "Massachusetts", "MICHIGAN", "Minnesota", "MISSISSIPPI", "Missouri", "MONTANA", "Nebraska", "NEVADA", "NEW HAMPSHIRE",
    "Garden State", "NEW MEXICO", "NEW YORK", "North Carolina", "NORTH DAKOTA", "OHIO", "Oklahoma", "OREGON", "PENNSYLVANIA",
    "Rhode Island", "South Carolina", "SOUTH DAKOTA", "Tennessee", "TEXAS", "UTAH", "Vermont", "VIRGINIA", "WASHINGTON",
    "WEST VIRGINIA", "WISCONSIN", "WYOMING", "Sweet Home", "The Last Frontier", "GRAND CANYON", "Natural State",
    "Sunshine State", "Peach State", "Famous Potatoes", "Land of Lincoln", "IN GOD WE TRUST", "Bluegrass State",
    "Sportsman's Paradise", "VACATIONLAND", "10,000 lakes", "Show-Me State", "Big Sky", "LIVE FREE OR DIE", "Ocean State",
    "First in Flight", "Native America", "Mount Rushmore", "Evergreen State", "Wild, Wonderful", "America's Dairyland",
    *_TRADE, "Marine", *_CLERKS,
)  # fmt: skip


@dataclass(frozen=True)
class Plate:
    """A flat plate: its picture, what it says, the box of that line and the middles of its letters."""

    picture: Light
    text: str
    line: Box
    middles: Points


@dataclass(frozen=True)
class Scenery:
    """Soft pictures that plates are printed on, dirt is cut from and cars are made of."""

    soft: NDArray[np.uint8]

    def cut(self, dice: Generator, height: int, width: int) -> Light:
        """A piece of one of them, between 0 and 1, stretched over the given size."""
        one = self.soft[int(dice.integers(len(self.soft)))]
        h, w = (int(dice.integers(side // 4, side)) for side in one.shape)
        y, x = int(dice.integers(one.shape[0] - h)), int(dice.integers(one.shape[1] - w))
        return np.asarray(cv2.resize(one[y : y + h, x : x + w], (width, height)), np.float32) * np.float32(
            1 / 255
        )


def scenery(seed: int, pieces: int = 96) -> Scenery:
    """Clouds of noise at several scales, some with ridges, boards and bars across them."""
    dice = np.random.default_rng([seed, 7])
    made = []
    for _ in range(pieces):
        one = np.zeros((96, 192), np.float32)
        for cells in (2, 4, 9, 20):
            noise = dice.random((cells, cells * 2)).astype(np.float32) - 0.5
            one += (
                cv2.resize(noise, (192, 96), interpolation=cv2.INTER_CUBIC)
                * float(dice.random())
                / cells**0.3
            )
        for _ in range(int(dice.integers(0, 5))):
            points = (dice.random((int(dice.integers(3, 7)), 2)) * (230, 130) - 20).astype(np.int32)
            layer = np.zeros_like(one)
            cv2.fillPoly(layer, [points], 1.0)
            one += layer * float(dice.uniform(-0.6, 0.6))
        made.append(cv2.normalize(one, np.empty_like(one), 0, 255, cv2.NORM_MINMAX).astype(np.uint8))
    return Scenery(np.stack(made))


def draw_plate(
    dice: Generator, faces: Faces, around: Scenery, *, level: float, issued: Issued | None = None
) -> Plate:
    """A plate by lot, or that one. `level` runs from 0, nothing but a clear line, to 1, everything that roads and owners do."""
    europe = issued.europe if issued else dice.random() < 0.2
    height, width = (60, 260) if europe else (96, 192)
    serial = issued.serial if issued else draw_serial(dice, europe=europe, plain=dice.random() > level)
    words = faces.of(issued.jurisdiction if issued else None)
    face = faces.serial[int(dice.integers(len(faces.serial)))]
    room = _room(dice, height, width, europe=europe)
    aside = 0.0 if europe or dice.random() > 0.18 * level else width * float(dice.uniform(0.12, 0.24))
    if aside:  # an emblem takes one end, the serial the rest
        left = dice.random() < 0.75
        room = Box(
            room.left + (aside if left else 0), room.top, room.right - (0 if left else aside), room.bottom
        )
    drawn = draw_line(dice, serial, face, room, (height, width))
    mask, line = drawn.ink, drawn.box
    if dice.random() < 0.3:
        mask = _bolder(dice, mask)
    field, ink = _tones(dice)
    picture = _field(dice, around, field, ink, (height, width), level)
    if dice.random() < level and not europe:
        _pictures(dice, picture, ink)
    if aside:
        _emblem(dice, picture, Box(4, line.top, aside, line.bottom) if room.left > width / 9 else
                Box(width - aside, line.top, width - 4, line.bottom), ink)  # fmt: skip
    if words.names and (issued or dice.random() < 0.25 + 0.7 * level):
        _lettering(dice, picture, words, line, ink)
    _print(dice, picture, mask, ink)
    _fittings(dice, picture, words.beside, line, level, europe=europe)
    return Plate(np.clip(picture, 0, 255, out=picture), serial.text, line, drawn.middles)


def _room(dice: Generator, height: int, width: int, *, europe: bool) -> Box:
    high = height * float(dice.uniform(0.62, 0.82) if europe else dice.uniform(0.4, 0.62))
    wide = width * float(dice.uniform(0.78, 0.95))
    left = (width - wide) * (float(dice.uniform(0.5, 0.95)) if europe else 0.5)
    top = (height - high) / 2 + height * float(dice.uniform(-0.04, 0.06))
    return Box(left, top, left + wide, top + high)


def _bolder(dice: Generator, mask: Mask) -> Mask:
    kernel = np.ones((1, 2) if dice.random() < 0.5 else (2, 2), np.uint8)
    return cv2.dilate(mask, kernel).astype(np.uint8)


def _tones(dice: Generator) -> tuple[float, float]:
    """The field's grey and the ink's; one plate in seven is light on dark."""
    light, dark = float(dice.uniform(120, 240)), float(dice.uniform(10, 110))
    if light - dark < 45:
        dark = max(light - 45 - 60 * float(dice.random()), 0)
    return (dark, light) if dice.random() < 0.14 else (light, dark)


def _field(
    dice: Generator, around: Scenery, field: float, ink: float, size: tuple[int, int], level: float
) -> Light:
    """Plain, shaded from top to bottom, or printed with a soft picture; never darker than reading allows."""
    height, width = size
    kind, room = dice.random(), (ink - field) * 0.45 * level
    picture = np.full(size, field, np.float32)
    if kind < 0.4:
        picture += (around.cut(dice, height, width) - 0.5) * (room * float(dice.uniform(0.3, 1.4)))
    elif kind < 0.7:
        ramp = np.abs(np.linspace(-1, 1, height, dtype=np.float32)) if dice.random() < 0.5 else None
        ramp = np.linspace(0, 1, height, dtype=np.float32) if ramp is None else ramp
        picture += ramp[:, None] * (room * float(dice.uniform(-0.5, 1)))
    return picture


def _pictures(dice: Generator, picture: Light, ink: float) -> None:
    """A state's outline, a tree, a bird: shapes behind the serial or beside it, weaker than its ink."""
    height, width = picture.shape
    for _ in range(int(dice.integers(0, 3))):
        x, y = dice.uniform(0, width), dice.uniform(0.2, 0.8) * height
        size = float(dice.uniform(6, 26))
        turn = np.sort(dice.random(int(dice.integers(5, 10)))) * 6.283
        reach = size * (0.5 + dice.random(len(turn)) * 0.5)
        points = np.stack([x + np.cos(turn) * reach * 1.2, y + np.sin(turn) * reach], axis=1).astype(np.int32)
        layer = np.zeros(picture.shape, np.uint8)
        cv2.fillPoly(layer, [points], 255)
        picture += (ink - picture) * (layer.astype(np.float32) * (float(dice.uniform(0.05, 0.4)) / 255))


def _emblem(dice: Generator, picture: Light, room: Box, ink: float) -> None:
    """What clubs, colleges and permits print beside the serial: a few shapes and bars as dark as the ink."""
    layer = np.zeros(picture.shape, np.uint8)
    for _ in range(int(dice.integers(1, 5))):
        points = np.stack(
            [dice.uniform(room.left, room.right, 6), dice.uniform(room.top, room.bottom, 6)], axis=1
        )
        tone = int(dice.integers(60, 256))
        if dice.random() < 0.5:
            cv2.fillPoly(layer, [cv2.convexHull(points[: int(dice.integers(3, 7))].astype(np.int32))], tone)
        else:
            cv2.polylines(
                layer, [points[:4].astype(np.int32)], bool(dice.integers(2)), tone, int(dice.integers(1, 4))
            )
    picture += (ink - picture) * (layer.astype(np.float32) / 255)


def _lettering(dice: Generator, picture: Light, words: Lettering, line: Box, ink: float) -> None:
    """A state's name above the serial and its saying below, where it has one."""
    height = picture.shape[0]
    spare = (line.top - 2, height - line.bottom - 2)
    for n, room in enumerate(spare):
        choice = words.sayings if n else words.names
        if room < 7 or dice.random() < 0.15 or not choice:
            continue
        high = min(room * float(dice.uniform(0.55, 0.95)), 24)
        y = line.top - room / 2 - 1 if n == 0 else line.bottom + room / 2 + 1
        _word(dice, picture, choice, picture.shape[1] / 2, y, high, ink * float(dice.uniform(0.6, 1.4)))


def _word(
    dice: Generator, picture: Light, words: Sequence[Mask], x: float, y: float, high: float, ink: float
) -> None:
    """One of the words, if there are any, its middle at x and y; cut where it leaves the plate."""
    if not words:
        return
    mask = words[int(dice.integers(len(words)))]
    h = max(int(high), 3)
    w = min(
        max(int(mask.shape[1] * h / mask.shape[0] * float(dice.uniform(0.7, 1.3))), 3), picture.shape[1] - 4
    )
    drawn = cv2.resize(mask, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    left = min(max(int(x - w / 2), 0), picture.shape[1] - w)
    top = min(max(int(y - h / 2), 0), picture.shape[0] - h)
    part = picture[top : top + h, left : left + w]
    part += (ink - part) * drawn


def _print(dice: Generator, picture: Light, mask: Mask, ink: float) -> None:
    """Lay the ink on; a pressed plate also shows a light and a dark edge beside each letter."""
    ink_at = mask.astype(np.float32) * (float(dice.uniform(0.8, 1)) / 255)
    picture += (ink - picture) * ink_at
    if dice.random() < 0.6:
        edge = np.zeros_like(ink_at)
        edge[1:, 1:] = ink_at[:-1, :-1] - ink_at[1:, 1:]
        picture += edge * float(dice.uniform(-45, 45))


def _fittings(
    dice: Generator, picture: Light, words: Sequence[Mask], line: Box, level: float, *, europe: bool
) -> None:
    """What is stuck, screwed or clamped on: validation stickers, bolts, a country's band, a dealer's frame."""
    height, width = picture.shape
    if europe and dice.random() < 0.6:
        band = int(width * dice.uniform(0.05, 0.09))
        picture[:, :band] = float(dice.uniform(30, 110))
    if europe:
        cv2.rectangle(
            picture, (0, 0), (width - 1, height - 1), float(dice.uniform(0, 90)), int(dice.integers(1, 4))
        )
    if not europe and dice.random() < 0.7 * level:
        _stickers(dice, picture, words)
    if dice.random() < 0.7:
        tone, radius = float(dice.uniform(0, 255)), int(dice.integers(2, 6))
        y = height * (0.5 if europe else 0.09)
        for x in (width * 0.17, width * 0.83):
            cv2.circle(picture, (int(x), int(y)), radius, tone, -1)
            if not europe and dice.random() < 0.5:
                cv2.circle(picture, (int(x), int(height * 0.92)), radius, tone, -1)
    if dice.random() < 0.45 * level:
        _frame(dice, picture, words, line)


def _stickers(dice: Generator, picture: Light, words: Sequence[Mask]) -> None:
    height, width = picture.shape
    for corner in range(4):
        if dice.random() < 0.35:
            w, h = int(width * dice.uniform(0.08, 0.16)), int(height * dice.uniform(0.1, 0.2))
            x, y = (2 if corner % 2 else width - w - 2), (2 if corner < 2 else height - h - 2)
            tone = float(dice.uniform(40, 255))
            picture[y : y + h, x : x + w] = tone
            _word(dice, picture, words, x + w / 2, y + h / 2, h * 0.6, (tone + 128) % 256)


def _frame(dice: Generator, picture: Light, words: Sequence[Mask], line: Box) -> None:
    """A frame may cover the state's name, and the edge of the serial too."""
    height, width = picture.shape
    tone = float(dice.choice((dice.uniform(0, 60), dice.uniform(150, 255))))
    top, bottom = (
        line.top * float(dice.uniform(0.2, 1.06)),
        (height - line.bottom) * float(dice.uniform(0.2, 1.06)),
    )
    side = int(dice.integers(0, 7))
    picture[: int(top)] = tone
    picture[height - int(bottom) :] = tone
    picture[:, :side] = tone
    picture[:, width - side :] = tone
    for room, y in ((top, top / 2), (bottom, height - bottom / 2)):
        if room > 7 and dice.random() < 0.6:
            _word(
                dice, picture, words, width * float(dice.uniform(0.3, 0.7)), y, room * 0.6, (tone + 140) % 256
            )
