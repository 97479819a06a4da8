"""Which plates an alert names, and how it describes the vehicle: from its parameters, and from its prose by a few strict rules. Pure.

What is taken from prose is a proposal to a person, never more. A part of a plate is none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from watchfloor.plates.cap import CapMessage
from watchfloor.plates.ingest.claim import words
from watchfloor.plates.model import BadPlate, BadState, Plate, state_of

MOST_PLATES: Final = 5
FEWEST, MOST = 4, 8
_PLATE: Final = (
    "licenseplate", "licenseplatenumber", "licenceplate", "plate", "platenumber", "vehiclelicenseplate",
    "vehiclelicenseplatenumber", "vehicleplate", "vehicletag", "licensetag",
)  # fmt: skip
_STATE: Final = (
    "licenseplatestate", "licensestate", "platestate", "vehiclelicenseplatestate", "vehiclelicensestate", "vehiclestate",
)  # fmt: skip
_DESCRIBES: Final = (
    ("vehicleyear",),
    ("vehiclecolor", "vehiclecolour"),
    ("vehiclemake",),
    ("vehiclemodel",),
    ("vehicledescription",),
)
_COLOURS: Final = "black|white|silver|gray|grey|red|blue|green|brown|tan|beige|gold|yellow|orange|purple|maroon|burgundy|teal"
_VEHICLE: Final = re.compile(
    rf"\b(?:(?:19|20)\d\d\s)?(?:(?:dark|light)\s)?(?:{_COLOURS})\b[A-Za-z0-9 -]{{2,50}}?"
    r"(?=\s(?:with|bearing|displaying|licen[cs]e|plate|tag)\b|[.,;:\n]|$)",
    re.IGNORECASE,
)
# "Last seen" says nothing of a plate, "last four" does.
_PARTIAL: Final = re.compile(
    r"\b(?:partial(?:ly)?|begin(?:s|ning)?|start(?:s|ing)?|end(?:s|ing)|unknown|possibl[ey]"
    r"|(?:first|last)\s(?:few|\d|two|three|four|five|six|part|half|digits?|characters?|letters?|numbers?|licen[cs]e|plate|tag|of))\b",
    re.IGNORECASE,
)
_BEFORE: Final = 40
# How much of the alert a person is shown on either side of a plate.
_AROUND: Final = 500


@dataclass(frozen=True, slots=True)
class Named:
    """A plate that an alert names, in which words; `sure` where a parameter says it and nothing has to be understood."""

    plate: Plate
    state: str | None
    sure: bool
    said: str


def named_in(message: CapMessage) -> list[Named]:
    """The plates, those of parameters first, each once."""
    found: dict[str, Named] = {}
    of_parameters = [one for part in message.parameters for one in _of_parameters(part)]
    for one in (*of_parameters, *_of_prose(message.prose)):
        found.setdefault(one.plate.text, one)
    return list(found.values())[:MOST_PLATES]


def vehicle_of(message: CapMessage) -> str | None:
    """The vehicle in words: as parameters say it, else the first words of the prose that begin with its colour or year."""
    for part in message.parameters:
        said = (next((part[n] for n in names if part.get(n)), "") for names in _DESCRIBES)
        by_parameters = words(" ".join(filter(None, said)))
        if by_parameters:
            return by_parameters
    prose = _VEHICLE.search(message.prose)
    return words(prose[0]) if prose else None


def _of_parameters(parameters: Mapping[str, str]) -> Iterator[Named]:
    state_said = next((parameters[name] for name in _STATE if parameters.get(name)), None)
    state = _state(state_said) if state_said else None
    for name in _PLATE:
        text = parameters.get(name, "")
        plate = _plate(text)
        if plate is None:
            yield from _of_prose(f"plate {text}") if text else ()
            continue
        # "MO 4QX7T" may be a plate with its state before it: somebody has to see.
        leads_with_state = re.match(r"[A-Za-z]{2}[ -]", text.strip()) is not None
        # So may "none" and "unknown", which are spelled as a plate is.
        spelled = any(map(str.isdigit, plate.text)) and not leads_with_state
        clear = (state_said is None or state is not None) and spelled
        yield Named(plate, state, clear, f"{name}: {text}{f', {state_said}' if state_said else ''}")


def _plate(text: str) -> Plate | None:
    try:
        plate = Plate.of(text)
    except BadPlate:
        return None
    return plate if 2 <= len(plate.text) <= MOST else None


def _state(text: str) -> str | None:
    name = " ".join(text.upper().split())
    if name in _states():
        return _states()[name]
    try:
        code = state_of(text)
    except BadState:
        return None
    return code if code in _states().values() else None


def _of_prose(prose: str) -> Iterator[Named]:
    for found in _pattern().finditer(prose):
        start, end = found.span("plate")
        partial = _PARTIAL.search(prose, max(0, found.start() - _BEFORE), start)
        after = prose[end : end + 1]
        plate = _plate(found["plate"])
        if (
            plate is None
            or len(plate.text) < FEWEST
            or not any(map(str.isdigit, plate.text))
            or partial is not None
            or after in ("*", "?", "-", "_")
        ):
            continue
        state = next((found[name] for name in ("before", "between", "behind") if found[name]), None)
        said = prose[max(0, start - _AROUND) : end + _AROUND]
        yield Named(plate, _state(state) if state else None, False, said)


@cache
def _states() -> dict[str, str]:
    """Names in capitals, and the codes of those."""
    text = files("watchfloor.plates.reading").joinpath("states.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["words"].split("|")[0]: row["state"] for row in rows}


@cache
def _pattern() -> re.Pattern[str]:
    """A word for plate, perhaps its state, then letters and digits in capitals: what follows with a space has a digit.

    It expects single spaces, and repeats nothing without a bound: an alert is what anybody may have written.
    """
    names = "|".join(
        re.escape(name).replace(r"\ ", r"\s") for name in sorted(_states(), key=len, reverse=True)
    )
    state = rf"(?:(?i:{names})|(?:{'|'.join(sorted(set(_states().values())))}))"
    token = r"(?=[A-Z0-9 -]{0,12}\d)(?:[A-Z0-9]{5,8}|[A-Z0-9]{1,4}(?:-[A-Z0-9]{1,4}| (?=[A-Z]{0,3}\d)[A-Z0-9]{1,4}){0,2})(?![A-Za-z0-9])"
    return re.compile(
        rf"(?:\b(?P<before>{state})\s)?\b(?i:licen[cs]e\splate|licen[cs]e|plate|tag|registration)"
        r"(?:\s?(?i:numbers?|no\.?|nr\.?)|\s?\#)?\s?(?:(?i:is|of|reads|reading)\b|[:=,])?\s?"
        rf"(?:(?P<between>{state})\b[\s:,-]{{0,4}}(?:(?i:plate|tag)\s)?)?(?P<plate>{token})"
        rf"(?:\s?[,(]?\s?(?P<behind>{state})\b)?"
    )
