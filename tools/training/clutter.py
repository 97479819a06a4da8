"""Lettering that is no plate, for whole streets: makers' badges, telephone numbers, vans' numbers, signs, stickers, a camera's own clock.

What ranks lines has to be taught what to leave alone. Every number here is invented; telephone numbers are of the block kept for such use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from tools.training.faces import Mask
from tools.training.line import Box
from tools.training.plate import Light

_BADGES: Final = (
    "SIERRA", "GX 460", "XLE V6", "C 300", "TURBO", "AWD", "4x4", "HYBRID", "FLEX FUEL", "LIMITED", "SPORT", "EcoDrive", "2500 HD", "L200",
    "GLS 4.6", "S60", "Z71", "RAM 1500", "X5 M", "TDI", "328i", "3.5 SE", "E350", "Q7", "MONTANA", "SILVERLINE", "R-LINE",
)  # fmt: skip
_WORDS: Final = (
    "Plumbing & Heating", "FRESH BREAD DAILY", "Student Driver", "How am I driving?", "Baby on board", "My other car", "FOR SALE", "TAXI",
    "DELIVERY", "Lawn Care", "Rent me", "Coast to coast", "LICENSED & INSURED", "Keep back", "Vote", "Cash only", "NO PARKING", "ONE WAY",
    "SPEED LIMIT", "OPEN 24 HOURS", "Diner", "PHARMACY", "Roofing", "FIRE LANE", "TOW AWAY ZONE", "Flowers",
)  # fmt: skip
_ABOVE: Final = 0.4
_MOST: Final = 4
_TRIES: Final = 8


def texts(seed: int, count: int = 160) -> list[str]:
    """What stands on cars, houses, signs and pictures beside plates; the same for a seed."""
    dice = np.random.default_rng([seed, 11])
    return [_text(dice) for _ in range(count)]


def _text(dice: Generator) -> str:
    area, number, other = (
        int(dice.integers(201, 990)),
        int(dice.integers(100, 200)),
        int(dice.integers(1, 9999)),
    )
    hour, minute, second = (int(dice.integers(0, most)) for most in (24, 60, 60))
    month, day = int(dice.integers(1, 13)), int(dice.integers(1, 29))
    kinds = (
        str(dice.choice(_BADGES)), str(dice.choice(_BADGES)), str(dice.choice(_WORDS)), str(dice.choice(_WORDS)),
        f"({area}) 555-0{number}", f"{area}-555-0{number}", f"1-800-555-0{number}", f"555-0{number}",
        f"www.{str(dice.choice(_WORDS)).split()[0].lower()}.example", f"UNIT {other}", f"No. {other}", f"{other}", f"USDOT {other * 137}",
        f"{hour:02}:{minute:02}:{second:02}", f"2019-{month:02}-{day:02} {hour:02}:{minute:02}", f"{month:02}/{day:02}/2019",
        f"EXIT {other % 90}", f"{other % 9000} ELM ST", f"{other % 12 + 1}.{other % 10:02} GAL", f"{other % 15 + 2}'{other % 12}\"",
    )  # fmt: skip
    return str(dice.choice(kinds))


def letter(dice: Generator, picture: Light, masks: Sequence[Mask], line: Box, plate: Box) -> None:
    """Write some of them on a street, in place, around the plate that stands there and nowhere over it."""
    if not masks:
        return
    for _ in range(int(dice.integers(0, _MOST + 1))):
        mask = masks[int(dice.integers(len(masks)))]
        high = max(round(line.height * float(np.exp(dice.normal(-0.25, 0.45)))), 5)
        wide = max(round(mask.shape[1] * high / mask.shape[0] * float(dice.uniform(0.8, 1.2))), 5)
        place = _place(dice, picture, (high, wide), plate)
        if place is not None:
            _write(dice, picture, mask, place, (high, wide))


def _place(dice: Generator, picture: Light, size: tuple[int, int], plate: Box) -> tuple[int, int] | None:
    """Where it may stand, top and left: on the car near the plate, or anywhere."""
    high, wide = size
    if wide >= picture.shape[1] - 4 or high >= picture.shape[0] - 4:
        return None
    for _ in range(_TRIES):
        if dice.random() < _ABOVE:
            left = int((plate.left + plate.right) / 2 + dice.normal(0, plate.width * 0.6) - wide / 2)
            top = int(plate.top - dice.uniform(0.1, 1.2) * plate.height - high)
        else:
            left, top = (
                int(dice.integers(2, picture.shape[1] - wide - 2)),
                int(dice.integers(2, picture.shape[0] - high - 2)),
            )
        apart = (
            left + wide < plate.left - 3
            or left > plate.right + 3
            or top + high < plate.top - 3
            or top > plate.bottom + 3
        )
        if apart and 0 <= left < picture.shape[1] - wide and 0 <= top < picture.shape[0] - high:
            return top, left
    return None


def _write(
    dice: Generator, picture: Light, mask: Mask, place: tuple[int, int], size: tuple[int, int]
) -> None:
    (top, left), (high, wide) = place, size
    part = picture[top : top + high, left : left + wide]
    ground = float(part.mean())
    ink = ground + float(dice.uniform(60, 150)) * (1 if ground < 128 else -1)
    if dice.random() < 0.3:
        ground = float(dice.uniform(0, 255))
        ink = (ground + 128) % 256
        part[:] = ground
    drawn = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    part += (ink - part) * drawn
