"""Typefaces as masks: one picture a letter, cut to its ink, ready to be stretched to any plate.

Reads font files and nothing else. A face is drawn once, when it is loaded: drawing type is what a plate would cost most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import capwords
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
    stand beside plates and are none; `stated` each state's name and its sayings; `dealers` words that name no state.
    """

    serial: Sequence[Face]
    words: Sequence[Mask]
    others: Sequence[Mask] = ()
    stated: Mapping[str, tuple[Sequence[Mask], Sequence[Mask]]] = field(default_factory=dict)
    dealers: Sequence[Mask] = ()

    def of(self, jurisdiction: str | None) -> Lettering:
        """What a plate of that jurisdiction may say beside its serial; of None, of any, in any mixture."""
        if jurisdiction is None:
            return Lettering(self.words, self.words, self.words)
        names, sayings = self.stated.get(jurisdiction, ((), ()))
        return Lettering(names, sayings, self.dealers)


@dataclass(frozen=True)
class Lettering:
    """Words to choose from: for the larger line beside the serial, for the other one, and for stickers and frames."""

    names: Sequence[Mask]
    sayings: Sequence[Mask]
    beside: Sequence[Mask]


@dataclass(frozen=True)
class Wording:
    """What is written beside serials: on any plate, around plates, by each state (its name first), and by dealers and clerks."""

    words: Sequence[str]
    others: Sequence[str] = ()
    states: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dealers: Sequence[str] = ()


def face_of(name: str, font: Font) -> Face:
    """Draw every letter of a typeface and cut each to its ink."""
    return Face(name, {letter: _ink(letter, font) for letter in ALPHABET})


def load(folder: Path, wording: Wording, *, kind: str = "serial") -> Faces:
    """The faces under `folder/kind`, and the words drawn in those of `folder/words` and some of the serial's."""
    serial = [(path.name, _font(path, DRAWN_PX)) for path in _files(folder / kind)]
    if not serial:
        raise NoFaces(f"There is no typeface in {folder / kind}: fonts.sh lays them out.")
    lettering = [_font(path, _WORDS_PX) for path in _files(folder / "words")]
    lettering += [_font(path, _WORDS_PX) for path in _files(folder / kind)[::6]]
    stated = {
        state: (_drawn([name, capwords(name)] * 3, lettering, n), _drawn([*more, *map(capwords, more)], lettering, n))
        for n, (state, (name, *more)) in enumerate(wording.states.items())
    }  # fmt: skip
    return Faces(
        [face_of(name, font) for name, font in serial],
        _drawn([*wording.words] * 3, lettering),
        _drawn(wording.others, lettering),
        stated,
        _drawn(wording.dealers, lettering),
    )


def _drawn(words: Sequence[str], lettering: Sequence[Font], first: int = 0) -> list[Mask]:
    return [_ink(word, lettering[(first + n) % len(lettering)]) for n, word in enumerate(words)]


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
