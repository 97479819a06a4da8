"""What plate text means: each pattern finds what a plain comparison would, and none reads everything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.kit.errors import Invalid
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.model import BadPlate, Plate, folded
from watchfloor.plates.sought import Beginnings, Endings, How, Keys, Sought, is_strict, one_edit, sought

PLATES = st.text("AB01O8", min_size=1, max_size=7)
PATTERNS = st.text("AB01O8?*", min_size=1, max_size=9)


def finds(wanted: Sought, plate: str) -> bool:
    """As the store looks it up."""
    key, backwards = key_of(plate), key_of(plate[::-1])
    if isinstance(wanted.by, Keys):
        found = key in wanted.by.keys
    else:
        sought_key = key if isinstance(wanted.by, Beginnings) else backwards
        found = any(low <= sought_key < high for low, high in wanted.by.ranges)
    said = [(wanted.strict, plate), (wanted.alike, folded(plate))]
    return found and all(like is None or re.fullmatch(_regex(like, "_", "%"), text) for like, text in said)


def _regex(pattern: str, one: str, any_: str) -> str:
    return "".join("." if c == one else ".*" if c == any_ else c for c in pattern)


@given(PATTERNS, PLATES, st.sampled_from([How.EXACT, How.ALIKE]))
def test_a_pattern_finds_what_a_plain_comparison_finds(pattern: str, plate: str, how: How) -> None:
    try:
        wanted = sought(pattern, how)
    except (Invalid, BadPlate):
        return
    plain = _regex(pattern, "?", "*")
    strictly = re.fullmatch(plain, plate) is not None
    expected = strictly if how is How.EXACT else re.fullmatch(folded(plain), folded(plate)) is not None
    assert finds(wanted, plate) is expected
    assert is_strict(pattern, Plate(plate)) is strictly


def distance(a: str, b: str) -> int:
    """Edits between two texts, the plain way."""
    if not a or not b:
        return len(a) + len(b)
    return min(distance(a[1:], b) + 1, distance(a, b[1:]) + 1, distance(a[1:], b[1:]) + (a[0] != b[0]))


@given(st.text("A01", min_size=1, max_size=5), st.text("A01", min_size=1, max_size=5))
def test_one_edit_is_one_character_other_missing_or_too_many(a: str, b: str) -> None:
    assert (b in one_edit(a)) is (distance(a, b) <= 1)
    assert finds(sought(a, How.FUZZY), b) is (distance(a, b) <= 1)


@pytest.mark.parametrize("pattern", ["AB?12*", "*A1?34", "AB-?12 *", "ab1*", "*9xy", "AB1?34", "A?*34"])
def test_what_can_be_found_by_an_end_is_taken(pattern: str) -> None:
    wanted = sought(pattern, How.ALIKE)
    assert isinstance(wanted.by, (Beginnings, Endings))
    assert 1 <= len(wanted.by.ranges) <= 30


@pytest.mark.parametrize("pattern", ["*", "AB*", "*34", "*B12*", "A?1?*", "?????", "A*1", "**"])
def test_what_would_read_everything_is_refused_with_a_sentence(pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        sought(pattern, How.ALIKE)
    assert "everything" in refused.value.detail
    assert refused.value.next_step is not None and "AB?12*" in refused.value.next_step


@pytest.mark.parametrize("text", ["", "♦", "AB♦*", "ABCDEFGHIJKLM", "ABCDEFGHIJKLM*"])
def test_what_no_plate_can_be_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        sought(text, How.EXACT)


def test_a_pattern_is_not_fuzzy_as_well() -> None:
    with pytest.raises(Invalid, match="exact or alike"):
        sought("AB1*", How.FUZZY)
