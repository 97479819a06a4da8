"""A clock that survives compression: unix milliseconds as black and white squares along the top of a picture.

The picture's width is cut into 32 columns; a square is `side = floor(width / 32)` pixels wide and high (20 at
640, 60 at 1920; never under 16, so no picture narrower than 512). Two rows:

    row 0:  white black  b47 b46 ... b18                 (30 bits)
    row 1:  black white  b17 ... b0  c7 ... c0  1 0 1 0  (18 bits, 8 check bits, a pattern)

A white square is 1, b47 the highest bit of the milliseconds, c the exclusive or of their six bytes. To read it,
take the middle of each square, take as threshold the mean of the four squares of the first two columns, and trust
the number only when the pattern and the check agree. In a page:

    function readClock(luma, width) {          // luma(x, y) -> 0..255 of the drawn video
      const side = Math.floor(width / 32), at = (r, c) => luma((c + .5) * side | 0, (r + .5) * side | 0);
      const mean = (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4, bit = (r, c) => at(r, c) > mean ? 1 : 0;
      const bits = [], tail = [];
      for (let c = 2; c < 32; c++) bits.push(bit(0, c));
      for (let c = 2; c < 20; c++) bits.push(bit(1, c));
      for (let c = 20; c < 32; c++) tail.push(bit(1, c));
      const bytes = [0, 1, 2, 3, 4, 5].map(i => parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2));
      const check = bytes.reduce((a, b) => a ^ b);
      const good = tail.join("") === check.toString(2).padStart(8, "0") + "1010";
      return good ? bytes.reduce((a, b) => a * 256 + b) : null;
    }
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS = 32
NARROWEST = 16 * COLUMNS
Picture = NDArray[np.uint8]


def burn_in(picture: Picture, unix_ms: int) -> None:
    """Draw the clock over the top of an RGB picture."""
    side = _side(picture.shape[1])
    squares = np.array(_rows(unix_ms), np.uint8) * 255
    strip = squares.repeat(side, axis=0).repeat(side, axis=1)
    picture[: 2 * side, : COLUMNS * side] = strip[:, :, None]


def read_clock(luma: Picture) -> int | None:
    """The milliseconds in a grey picture; None where there is no clock, or a damaged one."""
    side = _side(luma.shape[1])
    middle = np.arange(COLUMNS) * side + side // 2
    seen = luma[np.array([side // 2, side + side // 2])[:, None], middle].astype(float)
    squares = (seen > seen[:, :2].mean()).astype(int).tolist()
    bits = squares[0][2:] + squares[1][2:20]
    unix_ms = int("".join(map(str, bits)), 2)
    return unix_ms if squares == _rows(unix_ms) else None


def _rows(unix_ms: int) -> list[list[int]]:
    check = 0
    for byte in unix_ms.to_bytes(6, "big"):
        check ^= byte
    bits = _bits(unix_ms, 48)
    return [[1, 0, *bits[:30]], [0, 1, *bits[30:], *_bits(check, 8), 1, 0, 1, 0]]


def _bits(number: int, count: int) -> list[int]:
    return [number >> shift & 1 for shift in reversed(range(count))]


def _side(width: int) -> int:
    if width < NARROWEST:
        raise ValueError(f"a burnt-in clock needs a picture at least {NARROWEST} wide")
    return width // COLUMNS
