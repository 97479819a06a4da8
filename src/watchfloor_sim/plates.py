"""Plates that are nobody's, decided here and nowhere else.

An invented plate is `QZ`, five digits and a hyphen after the third sign (`QZ0-4417`); its state is `RC`, River City.
No authority uses the code RC: the postal service gives it to no state, territory or province of North America. A
plate is always looked up together with its state, so the pair names no real car even where an owner could have
chosen the same signs for a personal plate. The QZ makes an invented plate easy to see, and to find in a log where
it should not be.
"""

from __future__ import annotations

import random
import re

STATE = "RC"
INVENTED = "QZ0-4417"
_PATTERN = re.compile(r"QZ[0-9]-?[0-9]{4}")
_LOOK_ALIKE = {"0": "8", "8": "0", "1": "7", "7": "1", "5": "6", "6": "5", "2": "Z"}


def invented_plate(number: int) -> str:
    """The plate of the given number, 0 to 99,999."""
    if not 0 <= number < 100_000:
        raise ValueError("there are a hundred thousand invented plates")
    return f"QZ{number // 10_000}-{number % 10_000:04}"


def random_plate(chance: random.Random) -> str:
    return invented_plate(chance.randrange(100_000))


def is_invented(plate: str) -> bool:
    return _PATTERN.fullmatch(plate.upper()) is not None


def misread(plate: str, chance: random.Random) -> str:
    """The plate as a reader might get it wrong: one digit taken for its look-alike."""
    places = [i for i, sign in enumerate(plate) if sign in _LOOK_ALIKE]
    if not places:
        return plate
    place = chance.choice(places)
    return plate[:place] + _LOOK_ALIKE[plate[place]] + plate[place + 1 :]
