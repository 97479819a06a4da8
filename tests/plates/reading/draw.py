"""Pictures of plates for tests, drawn: numbers that nobody issues, on cars that are boxes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from watchfloor.plates.reading.model import Picture

# Two letters, a digit, a letter, a digit, a letter is Missouri's, which never issued a Q.
NUMBER = "QQ7X4K"
STREET = (1280, 720)
SHOWN = (960, 540)


def plate(number: str, *, above: str = "", below: str = "", wide: int = 240) -> Image.Image:
    """A flat plate, twice as wide as high."""
    high = wide // 2
    picture = Image.new("RGB", (wide, high), (236, 236, 228))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((1, 1, wide - 2, high - 2), outline=(60, 60, 90), width=max(1, wide // 80))
    _middle(pen, number, high * 0.5, wide, size=int(high * 0.46))
    _middle(pen, above, high * 0.13, wide, size=int(high * 0.15))
    _middle(pen, below, high * 0.87, wide, size=int(high * 0.14))
    return picture


def street(
    plates: list[tuple[Image.Image, int, int]], *, words: list[tuple[str, int, int, int]] | None = None
) -> Picture:
    """A grey street, a dark car behind each plate, words (text, left, top, size) on it; drawn at 1280 pixels, given at 960."""
    picture = Image.new("RGB", STREET, (120, 124, 128))
    pen = ImageDraw.Draw(picture)
    for image, left, top in plates:
        wide, high = image.size
        pen.rectangle((left - wide, top - 2 * high, left + 2 * wide, top + 2 * high), fill=(52, 40, 44))
        picture.paste(image, (left, top))
    for text, left, top, size in words or []:
        pen.text((left, top), text, font=_font(size), fill=(225, 225, 225))
    small = picture.resize(SHOWN, Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(small, np.uint8)[:, :, ::-1])


def _middle(pen: ImageDraw.ImageDraw, text: str, at: float, wide: int, *, size: int) -> None:
    if text:
        pen.text((wide / 2, at), text, font=_font(size), fill=(24, 28, 80), anchor="mm")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
