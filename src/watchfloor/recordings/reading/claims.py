"""What is told of a car that passed, in the form in which every reader's reads are taken in. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from watchfloor.plates.ingest.claim import MOST_OTHERS, Claim
from watchfloor.plates.model import Alternative, Character, Plate, Vehicle
from watchfloor.plates.reading.model import Letter
from watchfloor.recordings.model import at
from watchfloor.recordings.reading.tracks import Telling

# What a network gives another letter at a place that is worth telling.
_LEAST_OTHER = 0.02


def claim_of(telling: Telling) -> Claim:
    """The read that a telling is: its text, how sure it is, what else it may say, its picture. Raises BadPlate for what is no plate."""
    first, *others = telling.guesses
    return Claim(
        source_key=f"video:{telling.number}",
        plate=Plate(first.text),
        state=telling.state,
        confidence=first.probability,
        # A later telling of a passing is the later word by its time.
        device_at=at(telling.at_us),
        crop=telling.crop or None,
        revision=str(telling.revision),
        alternatives=tuple(Alternative(Plate(other.text), other.probability) for other in others),
        vehicle=Vehicle(colour=telling.colour, body=telling.body),
        characters=_characters(first.text, telling.letters),
    )


def _characters(text: str, letters: Sequence[Letter]) -> tuple[Character, ...]:
    """How sure the networks are of each character; nothing where a letter of theirs was left out as none."""
    if len(letters) != len(text):
        return ()
    return tuple(_character(sign, letter) for sign, letter in zip(text, letters, strict=True))


def _character(sign: str, letter: Letter) -> Character:
    options = {text: min(max(chance, 0.0), 1.0) for text, chance in letter.options}
    others = sorted(
        ((text, chance) for text, chance in options.items() if text != sign), key=lambda one: -one[1]
    )
    told = tuple((text, chance) for text, chance in others if chance >= _LEAST_OTHER)[:MOST_OTHERS]
    return Character(options.get(sign, 0.0), told)
