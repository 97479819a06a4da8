"""Typefaces as masks: one picture a letter, cut to its ink, ready to be stretched to any plate.

Reads font files and nothing else. A face is drawn once, when it is loaded: drawing type is what a plate would cost most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DRAWN_PX: Final = 64
_WORDS_PX: Final = 28


class NoFaces(Exception):
    """The folder holds no typeface: nothing can be drawn."""


@dataclass(frozen=True)
class Face:
    """The letters of one typeface, each cut to its ink; all are as high as a capital."""

    name: str
    glyphs: dict[str, Mask]

    def width(self, letter: str) -> float:
        """How wide a letter's ink is, in heights of a capital."""
        height, width = self.glyphs[letter].shape
        return float(width / height)


@dataclass(frozen=True)
class Faces:
    """What plates are drawn with: faces for the serial, and words already drawn in faces of their own. `others` are words that
    stand beside plates and are none.
    """

    serial: Sequence[Face]
    words: Sequence[Mask]
    others: Sequence[Mask] = ()


def face_of(name: str, font: Font) -> Face:
    """Draw every letter of a typeface and cut each to its ink."""
    return Face(name, {letter: _ink(letter, font) for letter in ALPHABET})


def load(folder: Path, words: Sequence[str], others: Sequence[str] = ()) -> Faces:
    """The faces under `folder/serial`, and `words` and `others` drawn in those of `folder/words` and some of the serial's."""
    serial = [(path.name, _font(path, DRAWN_PX)) for path in _files(folder / "serial")]
    if not serial:
        raise NoFaces(f"There is no typeface in {folder / 'serial'}: fonts.sh lays them out.")
    lettering = [_font(path, _WORDS_PX) for path in _files(folder / "words")]
    lettering += [_font(path, _WORDS_PX) for path in _files(folder / "serial")[::6]]
    drawn = [_ink(word, lettering[n % len(lettering)]) for n, word in enumerate([*words, *words, *words])]
    beside = [_ink(word, lettering[n % len(lettering)]) for n, word in enumerate(others)]
    return Faces([face_of(name, font) for name, font in serial], drawn, beside)


def _files(folder: Path) -> list[Path]:
    # Sorted by name: the order of a directory is no part of a seed.
    return sorted(p for p in folder.glob("*") if p.suffix in {".ttf", ".otf", ".woff"})


def _font(path: Path, size: int) -> Font:
    return ImageFont.truetype(str(path), size)


def _ink(text: str, font: Font) -> Mask:
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    picture = Image.new("L", (max(right - left, 1) + 8, max(bottom - top, 1) + 8))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=font)
    box = picture.getbbox()
    if box is None:
        raise NoFaces(f"A typeface draws nothing for {text!r}.")
    return np.asarray(picture.crop(box), dtype=np.uint8)
