"""How a wanted vehicle is to be handled: what stands first in every card, and what it forbids. Values and pure functions.

The words are a closed list. What a source says in words of its own is never guessed into one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Handling(StrEnum):
    """What whoever meets the vehicle must know first; in the order in which it is said."""

    DO_NOT_STOP = "do_not_stop"
    ARMED = "armed"
    EXPLOSIVES = "explosives"
    VIOLENT = "violent"
    ESCAPE_RISK = "escape_risk"
    SUICIDAL = "suicidal"
    MEDICAL = "medical"
    PRINTS = "prints"

    @property
    def words(self) -> str:
        """As a card says it."""
        return _WORDS[self]


_WORDS: Final = {
    Handling.DO_NOT_STOP: "Do not stop: watch only",
    Handling.ARMED: "Armed and dangerous",
    Handling.EXPLOSIVES: "Knows explosives",
    Handling.VIOLENT: "Violent tendencies",
    Handling.ESCAPE_RISK: "Escape risk",
    Handling.SUICIDAL: "Suicidal",
    Handling.MEDICAL: "Needs medical care",
    Handling.PRINTS: "Hold the vehicle for prints",
}

# The caution and medical conditions of national records, by their published two digits.
OF_CODE: Final = {
    "00": Handling.ARMED,
    "05": Handling.VIOLENT,
    "10": Handling.VIOLENT,
    "15": Handling.EXPLOSIVES,
    "25": Handling.ESCAPE_RISK,
    "50": Handling.MEDICAL,
    "65": Handling.MEDICAL,
    "70": Handling.SUICIDAL,
    "80": Handling.MEDICAL,
    "85": Handling.MEDICAL,
    "90": Handling.MEDICAL,
}


def in_order(found: Iterable[Handling]) -> tuple[Handling, ...]:
    """Each once, the first thing to know first."""
    there = set(found)
    return tuple(one for one in Handling if one in there)


def handling_of(raw: str) -> tuple[Handling, ...]:
    """What a cell of a file says: words of the list, or codes, between spaces, commas or semicolons.

    Raises ValueError with the word that is none: a warning that is not understood must not be lost in silence.
    """
    found = []
    for word in raw.lower().replace(";", ",").replace("|", ",").split(","):
        text = word.strip()
        if not text:
            continue
        plain = text.replace("-", "_").replace(" ", "_")
        known = OF_CODE.get(text) or _ALSO.get(plain)
        found.append(known or _word(plain, text))
    return in_order(found)


def _word(plain: str, text: str) -> Handling:
    try:
        return Handling(plain)
    except ValueError:
        raise ValueError(text) from None


_ALSO: Final = {
    "armed_and_dangerous": Handling.ARMED,
    "watch_only": Handling.DO_NOT_STOP,
    "do_not_stop_watch_only": Handling.DO_NOT_STOP,
    "silent": Handling.DO_NOT_STOP,
    "surveillance_only": Handling.DO_NOT_STOP,
    "hold_for_prints": Handling.PRINTS,
}


def forbids_stopping(handling: Iterable[str]) -> bool:
    """Whether nobody may be sent to stop the vehicle."""
    return Handling.DO_NOT_STOP in handling
