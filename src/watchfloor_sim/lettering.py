"""Letters and digits drawn as strokes, in the manner of a number plate, at any size.

Each glyph is a few polylines on a grid of 4 by 6, written as pairs of digits (x, y from the top left).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]

_GLYPHS = {
    "0": "103041453616050110",
    "1": "112026 1636",
    "2": "01103041420646",
    "3": "0110304142334445361605 1333",
    "4": "36300444",
    "5": "40000312324345361605",
    "6": "413010010516364544331304",
    "7": "004016",
    "8": "103041423313020110 133344453616050413",
    "9": "051636454130100102133342",
    "A": "062046 1434",
    "B": "00063645443303334241300000",
    "C": "4130100105163645",
    "D": "00062644422000",
    "E": "40000646 0333",
    "F": "400006 0333",
    "G": "41301001051636454323",
    "H": "0006 4046 0343",
    "I": "1030 2026 1636",
    "J": "4045361605",
    "K": "0006 400346",
    "L": "000646",
    "M": "0600234046",
    "N": "06004640",
    "O": "103041453616050110",
    "P": "06003041423303",
    "Q": "103041453616050110 2446",
    "R": "06003041423303 2346",
    "S": "413010010213334445361605",
    "T": "0040 2026",
    "U": "000516364540",
    "V": "002640",
    "W": "0016233640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "Z": "00400646",
    "-": "1333",
    " ": "",
}


def text_mask(text: str, height: int, *, weight: float = 0.13) -> Mask:
    """How much ink each pixel has, 0 to 1. `weight` is the stroke's breadth in heights."""
    return np.concatenate([_glyph_mask(character, height, weight) for character in text], axis=1)


def _glyph_mask(character: str, height: int, weight: float) -> Mask:
    breadth = weight * height
    unit = (height - breadth) / 6
    width = round(4 * unit * 0.85 + breadth + 0.18 * height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    nearest = np.full((height, width), 1e9, np.float32)
    left = (width - 4 * unit * 0.85) / 2
    for stroke in _GLYPHS[character.upper()].split():
        points = [
            (left + int(stroke[i]) * unit * 0.85, breadth / 2 + int(stroke[i + 1]) * unit)
            for i in range(0, len(stroke), 2)
        ]
        for a, b in itertools.pairwise(points):
            nearest = np.minimum(nearest, _distance(x, y, a, b))
    ink: Mask = np.clip(breadth / 2 - nearest + 0.5, 0.0, 1.0).astype(np.float32)
    return ink


def _distance(x: Mask, y: Mask, a: tuple[float, float], b: tuple[float, float]) -> Mask:
    """From every pixel to the segment from a to b."""
    along_x, along_y = b[0] - a[0], b[1] - a[1]
    length = along_x**2 + along_y**2
    part = np.clip(((x - a[0]) * along_x + (y - a[1]) * along_y) / (length or 1.0), 0.0, 1.0)
    return np.hypot(x - a[0] - part * along_x, y - a[1] - part * along_y).astype(np.float32)
