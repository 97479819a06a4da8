"""Draws the console's icons as PNG, from the same ring and dot as `favicon.svg`: phones take no SVG for an installed page.

`python tools/icons.py` writes them into console/public.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PUBLIC: Final = Path(__file__).resolve().parent.parent / "console/public"
_GROUND, _RING, _DOT = (0x11, 0x18, 0x20), (0x5A, 0xA9, 0xFF), (0xE8, 0xEE, 0xF4)
_FINE: Final = 4  # so many samples a pixel, each way

# By name: the size in pixels, and whether the system cuts the corners itself, so that the ground must reach them.
ICONS: Final = {
    "icon-180.png": (180, True),
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
}


def draw(size: int, *, whole: bool) -> bytes:
    """The icon as a PNG with transparency. In a `whole` one the mark stays in the middle four fifths."""
    unit = (np.arange(size * _FINE) + 0.5) / (size * _FINE) * 32 - 16
    x, y = np.meshgrid(unit, unit)
    scale = 0.8 if whole else 1.0
    away = np.hypot(x, y) / scale
    colour = np.empty((*x.shape, 3))
    colour[:] = _GROUND
    colour[np.abs(away - 9) <= 1.5] = _RING
    colour[away <= 3.2] = _DOT
    corner = np.hypot(np.maximum(np.abs(x) - 9, 0), np.maximum(np.abs(y) - 9, 0))
    shown = np.ones_like(x) if whole else (corner <= 7).astype(float)
    alpha = _shrink(shown)
    rgb = _shrink(colour * shown[..., None]) / np.maximum(alpha, 1e-9)[..., None]
    pixels = np.concatenate([rgb, alpha[..., None] * 255], axis=2).round().astype(np.uint8)
    return _png(pixels)


def _shrink(fine: Floats) -> Floats:
    size = fine.shape[0] // _FINE
    shrunk: Floats = fine.reshape(size, _FINE, size, _FINE, *fine.shape[2:]).mean(axis=(1, 3))
    return shrunk


def _png(pixels: NDArray[np.uint8]) -> bytes:
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    for name, (size, whole) in ICONS.items():
        (PUBLIC / name).write_bytes(draw(size, whole=whole))
