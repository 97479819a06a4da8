"""A plate as a camera gives it: angle, distance, shade, dirt, glare, night, movement, noise, and the cut a reader makes.

The cut is either of the whole plate, loosely, or of the serial's line: a reader is handed both kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.training.clutter import letter
from tools.training.faces import Mask
from tools.training.line import Box
from tools.training.plate import Grey, Light, Plate, Scenery

HEIGHT: Final = 32
WIDTH: Final = 112
"""What the network is given: any cut, stretched to this."""
STREET: Final = (360, 640)
"""Of a whole picture: height and width."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """What the network is shown, and how far along its width each letter stands, from 0 to 1."""

    picture: Grey
    places: NDArray[np.float64]


def look(dice: Generator, plate: Plate, around: Scenery, *, level: float) -> View:
    """The cut that a reader would make of this plate in a camera's picture."""
    cut, turned = _cut(dice, plate, around, level)
    places = cv2.perspectiveTransform(plate.middles[None], turned)[0, :, 0] / cut.shape[1]
    seen = _taken(_through_air(dice, cut, around, level, cut.shape[1]))
    if dice.random() < 0.85:
        seen = _coded(dice, seen, level)
    if dice.random() < 0.1:
        seen = 255 - seen
    # Sorted: leaning far enough, a stack's upper letter stands to the right of its lower one, and is read first all the same.
    return View(fitted(seen), np.sort(np.asarray(places, np.float64)))


def fitted(picture: Grey) -> Grey:
    """Stretch a cut to what the network is given, as the product does."""
    shrinks = picture.shape[1] > 2 * WIDTH or picture.shape[0] > 2 * HEIGHT
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=how), np.uint8)


def nothing(dice: Generator, around: Scenery, *, level: float) -> View:
    """A cut that shows no plate at all: the network must answer with nothing."""
    height, width = int(dice.integers(16, 64)), int(dice.integers(40, 180))
    picture = around.cut(dice, height, width) * float(dice.uniform(40, 220)) + float(dice.uniform(0, 80))
    return View(fitted(_taken(_through_air(dice, picture, around, level, width))), np.empty(0))


def street(
    dice: Generator, plate: Plate, around: Scenery, others: Sequence[Mask] = (), *, level: float
) -> tuple[Grey, Box]:
    """A whole picture with this plate on a car somewhere in it and `others` written around, and the box of the serial's line there."""
    turned, wide = _turned(dice, plate, level)
    height, width = STREET
    whole = _bounds(turned, Box(0, 0, plate.picture.shape[1], plate.picture.shape[0]))
    left = float(dice.uniform(0.15, 0.85)) * (width - whole.width) - whole.left
    top = float(dice.uniform(0.3, 0.9)) * (height - whole.height) - whole.top
    turned = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]]) @ turned
    whole = _bounds(turned, Box(0, 0, plate.picture.shape[1], plate.picture.shape[0]))
    picture = around.cut(dice, height, width) * float(dice.uniform(30, 150)) + float(dice.uniform(0, 90))
    _car(dice, picture, around, whole)
    _stand(picture, plate, turned, wide)
    letter(dice, picture, others, _bounds(turned, plate.line), whole)
    seen = _coded(dice, _taken(_through_air(dice, picture, around, level, wide)), level)
    return seen, _bounds(turned, plate.line)


def near(dice: Generator, picture: Grey, line: Box) -> tuple[Grey, Box]:
    """The part of a street that a camera close by sees: the plate and its neighbourhood."""
    height, width = picture.shape
    left = max(round(line.left - line.width * dice.uniform(0.2, 1.2)), 0)
    right = min(round(line.right + line.width * dice.uniform(0.2, 1.2)), width)
    top = max(round(line.top - line.height * dice.uniform(0.7, 3.0)), 0)
    bottom = min(round(line.bottom + line.height * dice.uniform(0.7, 2.5)), height)
    moved = Box(line.left - left, line.top - top, line.right - left, line.bottom - top)
    return np.ascontiguousarray(picture[top:bottom, left:right]), moved


def _car(dice: Generator, picture: Light, around: Scenery, plate: Box) -> None:
    """Something like a car's rear around the plate: a body, a window, two lamps."""
    height, width = picture.shape
    reach = plate.width * float(dice.uniform(1.0, 1.8))
    x, top, bottom = (plate.left + plate.right) / 2, plate.top - reach, plate.bottom + reach * 0.5
    x0, x1 = max(int(x - reach * 1.4), 0), min(int(x + reach * 1.4), width)
    y0, y1 = max(int(top), 0), min(int(bottom), height)
    picture[y0:y1, x0:x1] = around.cut(dice, y1 - y0, x1 - x0) * 50 + float(dice.uniform(10, 190))
    cv2.rectangle(
        picture, (x0 + 12, y0 + 6), (x1 - 12, int(top + reach * 0.5)), float(dice.uniform(0, 90)), -1
    )
    for lamp in (x0 + 14, x1 - 14):
        cv2.circle(
            picture, (lamp, int(plate.top)), max(int(plate.height / 2), 3), float(dice.uniform(60, 250)), -1
        )


def _cut(dice: Generator, plate: Plate, around: Scenery, level: float) -> tuple[Light, Matrix]:
    """The plate seen from its angle at its distance, in front of its car, cut loosely; and the way there from the flat one."""
    turned, wide = _turned(dice, plate, level)
    whole = dice.random() < 0.5
    height, width = plate.picture.shape
    box = _bounds(turned, Box(0, 0, width, height) if whole else plate.line)
    by = box.height if not whole else min(box.height, box.width) * 0.9
    less, more = (-0.05, 0.14) if whole else (0.0, 0.4)
    spare = dice.uniform(less, more, 4) * by * (0.4 + 0.6 * level)
    left, top = box.left - spare[0], box.top - spare[1]
    w, h = max(round(box.right + spare[2] - left), 16), max(round(box.bottom + spare[3] - top), 8)
    move = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    behind = around.cut(dice, h, w) * float(dice.uniform(10, 160)) + float(dice.uniform(0, 90))
    _stand(behind, plate, move @ turned, wide)
    return behind, move @ turned


def _stand(picture: Light, plate: Plate, turned: Matrix, wide: float) -> None:
    """Put the plate where it is seen; a far one is softened first, as many of its points become one."""
    source = plate.picture
    if (shrink := plate.picture.shape[1] / wide) > 1.3:
        source = cv2.GaussianBlur(source, (0, 0), 0.38 * shrink).astype(np.float32)
    cv2.warpPerspective(source, turned, picture.shape[::-1], dst=picture, flags=cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_TRANSPARENT)  # fmt: skip


def _taken(light: Light) -> Grey:
    return np.clip(light, 0, 255).astype(np.uint8)


def _coded(dice: Generator, picture: Grey, level: float) -> Grey:
    quality = int(dice.integers(round(60 - 42 * level), 95))
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)


def _turned(dice: Generator, plate: Plate, level: float) -> tuple[Matrix, float]:
    """The way from the flat plate to the camera's picture, and how wide the plate is there."""
    height, width = plate.picture.shape
    wide = float(np.exp(dice.uniform(np.log(110 - 62 * level), np.log(210)))) * (1.2 if width > 200 else 1)
    high = wide * height / width * float(dice.uniform(0.8, 1.15))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]])
    roll = float(dice.normal(0, 0.045 * level))
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    lean = float(dice.normal(0, 0.08 * level)) * np.array([[1, 0], [1, 0], [-1, 0], [-1, 0]]) * high / 2
    seen = corners @ turn + lean + dice.normal(0, 0.035 * level, (4, 2)) * high
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, seen.astype(np.float32))), wide


def _bounds(turned: Matrix, box: Box) -> Box:
    flat = np.array([[[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]]],
                    np.float64)  # fmt: skip
    seen = cv2.perspectiveTransform(flat, turned)[0]
    (left, top), (right, bottom) = seen.min(axis=0), seen.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))


def _through_air(dice: Generator, picture: Light, around: Scenery, level: float, wide: float) -> Light:
    """Dirt and shade on a plate `wide` pixels wide, then the lens, the movement, the light and the sensor."""
    height, width = picture.shape
    if dice.random() < 0.3 * level:
        dirt = around.cut(dice, height, width)
        picture += (float(dice.uniform(30, 150)) - picture) * np.clip(dirt * 2.4 - 1.3, 0, 0.75)
    if dice.random() < 0.35 * level:
        picture *= _shade(dice, height, width)
    if dice.random() < 0.12 * level:
        picture = _night(dice, picture)
    picture = _blurred(dice, picture, level, wide)
    gain = float(np.exp(dice.normal(0, 0.35 * level)))
    mean = float(picture.mean())
    picture = (picture - mean) * gain + mean + float(dice.normal(0, 22 * level))
    if dice.random() < 0.9:
        picture += (
            dice.standard_normal(picture.shape, np.float32)
            * float(dice.uniform(0, 1)) ** 2
            * (10 * level + 1)
        )
    return picture


def _shade(dice: Generator, height: int, width: int) -> Light:
    """A shadow's straight edge across the plate, sharp or soft."""
    angle, soft = dice.uniform(0, 6.283), dice.uniform(0.5, 0.5 * height)
    y, x = np.ogrid[:height, :width]
    far = (x - width * dice.uniform(0.2, 0.8)) * np.cos(angle) + (
        y - height * dice.uniform(0.2, 0.8)
    ) * np.sin(angle)
    depth = float(dice.uniform(0.3, 0.75))
    return np.asarray(1 - depth / (1 + np.exp(np.clip(far / soft * 2, -30, 30))), np.float32)


def _night(dice: Generator, picture: Light) -> Light:
    """By night: a lamp's glare over the plate, or the plate bright in infrared and everything else dark."""
    height, width = picture.shape
    if dice.random() < 0.5:
        y, x = np.ogrid[:height, :width]
        far = ((x - dice.uniform(0, width)) / width) ** 2 + ((y - dice.uniform(0, height)) / height) ** 2
        return np.asarray(
            picture * 0.7 + 200 * np.exp(-far * dice.uniform(4, 20)) * dice.uniform(0.3, 0.9), np.float32
        )
    return np.asarray(
        255 * (np.clip(picture, 0, 255) / 255) ** dice.uniform(1.6, 2.6) * dice.uniform(0.3, 1.3), np.float32
    )


def _blurred(dice: Generator, picture: Light, level: float, wide: float) -> Light:
    soft = wide / 100
    if dice.random() < 0.3 * level:
        length = float(dice.uniform(1.5, 3.0)) * max(soft, 0.6)
        size = int(length) * 2 + 1
        kernel = np.zeros((size, size), np.float32)
        angle = dice.uniform(0, 6.283)
        reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        (x0, y0), (x1, y1) = ((np.rint(size // 2 + side * reach)).astype(int).tolist() for side in (-1, 1))
        cv2.line(kernel, (x0, y0), (x1, y1), 1.0)
        return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
    sigma = float(dice.uniform(0, 1.0)) * level * max(soft, 0.7)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32) if sigma > 0.25 else picture
