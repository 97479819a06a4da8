"""Which character a reader takes for which: the stated model that the bench misreads by, and what odds begin with.

Of a hundred misread characters fifty fall into one of those that look alike, and fifty into any other. It is a model, said
to be one: a reader's own verdicts replace it.
"""

from __future__ import annotations

from typing import Final

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# Folded for matching, and those that are confused nearly as often but are too different to count as one.
ALIKE_GROUPS: Final = (
    "0OQD",
    "1IL",
    "8B",
    "5S",
    "2Z",
    "VY",
    "MN",
    "6G",
    "CG",
    "EF",
    "UV",
    "PR",
    "KX",
    "HN",
    "4A",
    "7T",
)
ALIKE_SHARE: Final = 0.5
# Of a hundred misread plates these differ by one character more or less instead of by another one.
LENGTH_SHARE: Final = 0.1

# On metal these are the same or nearly so: of each so many are read as the other, however sure a reader says that it is.
# A third of what a good recogniser misread of American plates was O for 0 and I for 1.
_SAME: Final = (
    ("0", "O", 0.15), ("0", "Q", 0.03), ("O", "Q", 0.03), ("1", "I", 0.15),
    ("8", "B", 0.03), ("5", "S", 0.03), ("2", "Z", 0.03),
)  # fmt: skip
SAME_LOOKS: Final = {pair: share for a, b, share in _SAME for pair in (a + b, b + a)}


def _alike() -> dict[str, str]:
    return {
        a: "".join(sorted({b for group in ALIKE_GROUPS if a in group for b in group} - {a})) for a in ALPHABET
    }


ALIKE: Final = _alike()


def share_of(true: str, read: str) -> float:
    """Of the misread pictures of `true`, the share that is read as `read`."""
    alike = ALIKE[true]
    if true == read:
        return 0.0
    others = len(ALPHABET) - 1 - len(alike)
    if not alike:
        return 1 / others
    return ALIKE_SHARE / len(alike) if read in alike else (1 - ALIKE_SHARE) / others
