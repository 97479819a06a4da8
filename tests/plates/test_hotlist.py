"""The hot list in memory: it never knows too little, and what is near is exactly one character away."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.plates.hotlist import HotList, key_of, keys_of, text_of
from watchfloor.plates.model import Plate, folded

ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
FEW = st.text(alphabet="AB8O0Q1IZ2X", min_size=1, max_size=5)
PLATE = st.text(alphabet=ANY, min_size=1, max_size=12)


def listed(hot: HotList, *plates: str) -> list[bool]:
    return list(map(bool, hot.has(keys_of(plates))))


def near(hot: HotList, plate: str) -> set[str]:
    rows, keys = hot.near(keys_of([plate]))
    assert set(rows.tolist()) <= {0}
    return {text_of(int(key)) for key in keys}


def one_apart(a: str, b: str) -> bool:
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1


@given(PLATE)
def test_a_key_goes_back_to_the_folded_plate(plate: str) -> None:
    assert text_of(key_of(plate)) == folded(plate) == Plate(plate).folded


@given(PLATE, PLATE)
def test_two_plates_have_one_key_exactly_when_they_look_alike(a: str, b: str) -> None:
    assert (key_of(a) == key_of(b)) == (folded(a) == folded(b))


def test_the_highest_key_fits_the_databases_bigint() -> None:
    assert key_of("Y" * 12) < 2**63


@settings(max_examples=300)
@given(st.sets(FEW, max_size=40), st.sets(FEW, max_size=15), st.lists(FEW, max_size=40))
def test_it_holds_and_nears_what_a_plain_set_would(
    first: set[str], later: set[str], asked: list[str]
) -> None:
    hot = HotList.of_plates(first).with_more(keys_of(sorted(later)))
    known = {folded(plate) for plate in first | later}
    assert len(hot) == len(known)
    assert listed(hot, *asked) == [folded(plate) in known for plate in asked]
    for plate in asked:
        assert near(hot, plate) == {other for other in known if one_apart(other, folded(plate))}


def test_a_plate_added_since_is_found_beside_the_big_part() -> None:
    hot = HotList.of_plates(["ABC123", "XYZ987"])
    more = hot.with_more(keys_of(["NEW111", "ABC123"]))
    assert listed(hot, "NEW111") == [False]
    assert listed(more, "NEW111", "NEWIII", "ABC123", "XYZ988") == [True, True, True, False]
    assert (more.added, len(more)) == (1, 3)
    assert near(more, "NEW112") == {"NEW111"}


def test_an_empty_list_holds_nothing_and_is_asked_nothing() -> None:
    hot = HotList.of_plates([])
    assert len(hot) == 0
    assert listed(hot, "ABC123") == [False]
    assert listed(hot) == []
    assert near(hot, "ABC123") == set()


def test_every_length_of_plate_is_matched_and_only_its_own() -> None:
    plates = ["1", "12", "ABC", "ABCD", "A" * 11, "A" * 12]
    hot = HotList.of_plates(plates)
    assert listed(hot, *plates) == [True] * len(plates)
    assert listed(hot, "AB", "ABCDE", "A" * 10) == [False] * 3


def test_two_hundred_thousand_plates_agree_with_a_set_and_five_percent_misread_are_near() -> None:
    chance = random.Random(11)
    letters, digits = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
    plates = ["".join(chance.choices(letters, k=3) + chance.choices(digits, k=4)) for _ in range(200_000)]
    hot = HotList.of_plates(plates)
    known = {folded(p) for p in plates}
    asked = ["".join(chance.choices(letters, k=3) + chance.choices(digits, k=4)) for _ in range(20_000)]
    assert listed(hot, *asked) == [folded(p) in known for p in asked]
    for plate in chance.sample(plates, 1000):
        place = chance.randrange(7)
        other = plate[:place] + chance.choice(ANY.replace(plate[place], "")) + plate[place + 1 :]
        found = listed(hot, other)[0] or folded(plate) in near(hot, other)
        assert found, "a wanted plate with one character misread must be on the list or near it"


def test_keys_of_one_plate_and_of_a_batch_are_the_same() -> None:
    plates = ["A", "AB12", "ABCDEFGHIJKL"]
    assert np.array_equal(keys_of(plates), np.array([key_of(p) for p in plates], np.uint64))
