"""Which states and formats pass the readers: what a plate is likely to be before anybody reads it.

Counted in memory as reads come, and no plate is kept: only that of so many cars of a state so many had three letters and
four digits. It decides nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS: Final = "0123456789"
_FORMAT: Final = str.maketrans(LETTERS + DIGITS, "L" * 26 + "D" * 10)
# Before anything was counted: the formats that most US passenger plates have, and little for every other.
_USUAL: Final = {
    "LLLDDDD": 0.2, "LLDLDL": 0.15, "DLLLDDD": 0.1, "LLLDDD": 0.1, "LLDDDDD": 0.08, "DDDLLL": 0.06, "LLDDDLL": 0.05,
    "DDLDDDD": 0.03, "LDDLLL": 0.03, "DDDDLL": 0.03, "LDDDDDD": 0.03, "DDLLLD": 0.03,
}  # fmt: skip
_UNUSUAL: Final = 1e-4
_STATES: Final = 60
# How many counted reads weigh as much as what was assumed before: of states, of formats anywhere, of a state's formats.
_AS_STATES, _AS_FORMATS, _AS_OWN_FORMATS = 100.0, 500.0, 100.0
_UNCLEAR: Final = "?"
_CLEAR_FORMAT: Final = _FORMAT | str.maketrans(dict.fromkeys("0OQ1I", _UNCLEAR))
_LETTER_CLEAR, _DIGIT_CLEAR = 23 / 26, 8 / 10
# After so many reads it is reckoned anew what one plate is worth.
_ANEW: Final = 1000
# When so many were counted all counts are halved: what passes changes.
_MOST: Final = 1_000_000


def format_of(text: str) -> str:
    """L for each letter, D for each digit."""
    return text.translate(_FORMAT)


def size_of(form: str) -> float:
    """How many texts a format has."""
    return 26.0 ** form.count("L") * 10.0 ** form.count("D")


class Traffic:
    """Counts of states and formats, and the shares that follow."""

    def __init__(self) -> None:
        self._states: Counter[str] = Counter()
        self._formats: defaultdict[str, float] = defaultdict(float)
        self._own: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._clear: defaultdict[str, float] = defaultdict(float)
        self._count = 0
        self._typical: float | None = None

    def saw(self, state: str | None, text: str) -> None:
        """Count one read."""
        self.saw_all([(state, text)])

    def saw_all(self, reads: Iterable[tuple[str | None, str]]) -> None:
        """Count reads by state and plate; of one without a state nothing is learnt.

        Of its format only where no character is one that readers take for another sort: O for 0 would make formats that
        no state issues. The rest stands for those left out.
        """
        read = [(state, text) for state, text in reads if state is not None]
        if not read:
            return
        before = self._count // _ANEW
        self._states.update(state for state, _ in read)
        self._count += len(read)
        if self._count // _ANEW != before:
            self._typical = None
        # All texts are made formats at once: a line each.
        forms = "\n".join(text for _, text in read).translate(_CLEAR_FORMAT).split("\n")
        for (state, form), count in Counter(zip((state for state, _ in read), forms, strict=True)).items():
            if _UNCLEAR in form:
                continue
            weight = count * _LETTER_CLEAR ** -form.count("L") * _DIGIT_CLEAR ** -form.count("D")
            self._formats[form] += weight
            self._own[state, form] += weight
            self._clear[state] += weight
        if self._count > _MOST:
            self._halve()

    def share(self, state: str) -> float:
        """Of all cars that pass, those of this state."""
        return (self._states[state] + _AS_STATES / _STATES) / (self._count + _AS_STATES)

    def anywhere(self, form: str) -> float:
        """Of all cars that pass, those with a plate of this format."""
        assumed = _USUAL.get(form, _UNUSUAL)
        seen = sum(self._clear.values())
        return (self._formats.get(form, 0.0) + _AS_FORMATS * assumed) / (seen + _AS_FORMATS)

    def typical(self) -> float:
        """Of all cars, those that carry one text of the format that a car is likely to have: what one plate is worth."""
        if self._typical is None:
            forms = {*self._formats, *_USUAL}
            self._typical = sum(self.anywhere(form) ** 2 / size_of(form) for form in forms)
        return self._typical

    def within(self, form: str, state: str) -> float:
        """Of the cars of this state that pass, those with a plate of this format."""
        seen = self._clear.get(state, 0.0)
        return (self._own.get((state, form), 0.0) + _AS_OWN_FORMATS * self.anywhere(form)) / (
            seen + _AS_OWN_FORMATS
        )

    def _halve(self) -> None:
        for state in list(self._states):
            self._states[state] //= 2
            self._clear[state] /= 2
        for form in list(self._formats):
            self._formats[form] /= 2
        for own in list(self._own):
            self._own[own] /= 2
        self._count = sum(self._states.values())
