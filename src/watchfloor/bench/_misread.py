"""Invented plates of real formats, and how the bench's reader misreads them: a stated model, drawn from chance.

Every plate is drawn from the serial patterns that US states publish, never from a real list. The confusions are those of
`plates/confusion.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.plates.confusion import ALPHABET, LENGTH_SHARE, share_of
from watchfloor.plates.hotlist import Places
from watchfloor.plates.model import MOST_CHARACTERS

# Serial patterns in use (L letter, D digit) with the share of the fleet that carries each; letters that a state leaves
# out of its serials (I, O and Q mostly) are left out here too, except in vanity plates (V: any letter or digit).
PATTERNS: Final = (
    ("LLDLDL", 0.17), ("LLLDDDD", 0.20), ("DLLLDDD", 0.12), ("LLDDDDD", 0.09), ("LLLDDD", 0.10), ("DDDLLL", 0.06),
    ("LLDDDLL", 0.05), ("DDLDDDD", 0.03), ("LDDLLL", 0.03), ("DDDDLL", 0.03), ("LDDDDDD", 0.03), ("DDLLLD", 0.03),
    ("VVVVVV", 0.03), ("VVVVVVV", 0.02), ("VVVVV", 0.01),
)  # fmt: skip
STATES: Final = 51
# Most reads, and most entries, are of the home state; the rest come from all of them.
HOME_SHARE: Final = 0.6
MISREAD: Final = 0.05
# How often the reader doubts the character that it misread, and some character of a plate that it read right.
DOUBTED_WRONG: Final = 0.8
DOUBTED_RIGHT: Final = 0.05
_LETTERS: Final = b"ABCDEFGHJKLMNPRSTUVWXYZ"

Plates = NDArray[np.bytes_]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Misread:
    """What the reader made of plates: its texts, and the characters that it doubted."""

    texts: Plates
    doubted: Places


def plates(count: int, chance: Chance) -> tuple[Plates, NDArray[np.uint8]]:
    """Invented plates of real patterns, and their states; every state draws from every pattern, the home state most."""
    out = np.zeros((count, MOST_CHARACTERS), np.uint8)
    states = np.where(chance.random(count) < HOME_SHARE, 0, chance.integers(0, STATES, count)).astype(
        np.uint8
    )
    shares = np.array([share for _, share in PATTERNS])
    drawn = chance.choice(len(PATTERNS), count, p=shares / shares.sum())
    alphabets = {"L": _LETTERS, "D": b"0123456789", "V": ALPHABET.encode()}
    for number, (pattern, _) in enumerate(PATTERNS):
        rows = np.flatnonzero(drawn == number)
        for place, sort in enumerate(pattern):
            alphabet = np.frombuffer(alphabets[sort], np.uint8)
            out[rows, place] = alphabet[chance.integers(0, len(alphabet), len(rows))]
    return out.view(f"S{MOST_CHARACTERS}").ravel(), states


def misread(given: Plates, chance: Chance, share: float = MISREAD) -> Misread:
    """The same plates, `share` of them with one character read as another, one too many or one too few."""
    texts = given.copy()
    doubted = np.zeros(len(given), np.uint16)
    wrong = chance.random(len(given)) < share
    unsure = chance.random(len(given)) < np.where(wrong, DOUBTED_WRONG, DOUBTED_RIGHT)
    for row in np.flatnonzero(wrong | unsure).tolist():
        true = given[row].decode()
        place = int(chance.integers(0, len(true)))
        if wrong[row]:
            text, place = _wrong(true, place, chance)
            texts[row] = text.encode()
        if unsure[row]:
            doubted[row] = 1 << place
    return Misread(texts, doubted)


def _wrong(true: str, place: int, chance: Chance) -> tuple[str, int]:
    """The text with a mistake at that place, and the character that a reader would doubt for it."""
    if chance.random() >= LENGTH_SHARE:
        other = ALPHABET[int(chance.choice(len(ALPHABET), p=_SHARES[true[place]]))]
        return true[:place] + other + true[place + 1 :], place
    if len(true) > 2 and chance.random() < 0.5:
        return true[:place] + true[place + 1 :], max(0, place - 1)
    return true[:place] + ALPHABET[int(chance.integers(0, len(ALPHABET)))] + true[place:], place


_SHARES: Final = {true: np.array([share_of(true, read) for read in ALPHABET]) for true in ALPHABET}
