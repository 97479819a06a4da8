"""The hot list in memory: it never knows too little, and what is near is exactly one character away."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.bench._misread import plates
from watchfloor.governance.model import AgencyId
from watchfloor.plates.doubt import doubted_places, step_to
from watchfloor.plates.hotlist import EVERYWHERE, HotList, every_step, key_of, keys_of, text_of
from watchfloor.plates.ingest import plain
from watchfloor.plates.ingest.claim import Claim, Rejected
from watchfloor.plates.model import Alternative, Character, Kind, Plate, PlateRead, ReaderId, folded
from watchfloor.plates.wire import batch_of, message_of, read_of

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


def brute_steps(known: set[str], read: str, where: int) -> dict[str, Kind]:
    """Every listed plate one step from the read at a doubted place, found by trying each."""
    found = {}
    for other in known:
        for at in range(len(read)):
            if where >> at & 1:
                if one_apart(read, other) and read[at] != other[at]:
                    found[other] = Kind.SUBSTITUTION
                if read[:at] + read[at + 1 :] == other:
                    found[other] = Kind.EXTRA
        for gap in range(len(other)):
            beside = [at for at in (gap - 1, gap) if 0 <= at < len(read) and where >> at & 1]
            if beside and other[:gap] + other[gap + 1 :] == read:
                found[other] = Kind.MISSING
    return found


def steps(hot: HotList, plate: str, where: int) -> dict[str, Kind]:
    found = hot.steps(keys_of([plate]), np.array([where], np.uint16))
    assert set(found.rows.tolist()) <= {0}
    assert len(set(found.keys.tolist())) == len(found.keys)
    return dict(zip(map(text_of, found.keys.tolist()), found.kinds, strict=True))


@settings(max_examples=150)
@given(
    st.sets(FEW, max_size=25),
    st.sets(FEW, max_size=10),
    st.lists(st.tuples(FEW, st.integers(0, EVERYWHERE)), max_size=6),
)
def test_steps_are_found_only_where_the_reader_doubted_and_all_of_them(
    first: set[str], later: set[str], asked: list[tuple[str, int]]
) -> None:
    hot = HotList.of_plates(first).with_more(keys_of(sorted(later)))
    known = {folded(plate) for plate in first | later}
    for plate, where in asked:
        brute = brute_steps(known, folded(plate), where)
        assert steps(hot, plate, where) == brute
        every = every_step(keys_of([plate]), np.array([where], np.uint16))
        reached = dict(zip(map(text_of, every.keys.tolist()), every.kinds, strict=True))
        assert {other: kind for other, kind in reached.items() if other in known} == brute


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, EVERYWHERE))
def test_plates_of_real_formats_are_one_step_away_as_trying_each_says(seed: int, where: int) -> None:
    chance = np.random.default_rng(seed)
    drawn = [text.decode() for text in plates(250, chance)[0]]
    # Of some, one more that differs by a step, so that there is something to be found.
    near_by = [text[:2] + text[3:] for text in drawn[:100]] + [
        text[:3] + "7" + text[4:] for text in drawn[:200]
    ]
    known = {folded(plate) for plate in (*drawn, *near_by)}
    hot = HotList.of_plates(known)
    for plate in drawn[:10]:
        assert steps(hot, plate, where) == brute_steps(known, folded(plate), where)


def test_the_longest_plates_and_the_shortest_have_steps_too() -> None:
    hot = HotList.of_plates(["A" * 12, "A" * 11, "AX", "A"])
    assert steps(hot, "A" * 12, EVERYWHERE) == {"A" * 11: Kind.EXTRA}
    assert steps(hot, "A" * 11, EVERYWHERE) == {"A" * 12: Kind.MISSING}
    assert steps(hot, "X", EVERYWHERE) == {"A": Kind.SUBSTITUTION, "AX": Kind.MISSING}
    assert steps(hot, "A", 0) == {}


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read_with(**more: Any) -> PlateRead:
    return PlateRead(ReaderId(UUID(int=1)), "1", Plate("ABC123"), "MO", 0.8, NOW, NOW, NOW, False, **more)


@pytest.mark.parametrize(
    ("more", "doubted"),
    [
        ({}, []),
        ({"characters": (Character(0.99),) * 6}, []),
        ({"characters": (Character(None),) * 6}, []),
        ({"characters": (*(Character(0.99),) * 4, Character(0.89), Character(0.99))}, [4]),
        ({"characters": (Character(0.99, (("4", 0.01),)), *(Character(1.0),) * 5)}, [0]),
        ({"alternatives": (Alternative(Plate("ABC128"), None), Alternative(Plate("A8C123"), 0.1))}, [1, 5]),
        ({"alternatives": (Alternative(Plate("ABC1234"), None), Alternative(Plate("BC123"), 0.1))}, [0, 5]),
        ({"alternatives": (Alternative(Plate("XYZ123"), 0.5), Alternative(Plate("ABC123"), 0.5))}, []),
    ],
)
def test_what_a_reader_doubts_is_what_it_says_so_of(more: dict[str, Any], doubted: list[int]) -> None:
    assert doubted_places(read_with(**more)) == sum(1 << place for place in doubted)


def test_a_low_confidence_of_the_whole_plate_doubts_no_character() -> None:
    assert doubted_places(replace(read_with(), confidence=0.1)) == 0


@given(FEW, FEW)
def test_a_step_between_two_texts_is_what_the_list_calls_one(read: str, other: str) -> None:
    known = {kind for text, kind in brute_steps({other}, read, EVERYWHERE).items()}
    assert bool(list(step_to(read, other))) == bool(known)


def parsed(body: dict[str, Any]) -> Claim | Rejected:
    parts = plain.parse(json.dumps({"reads": [body]}).encode(), {})
    assert isinstance(parts, tuple)
    return parts[0]


def test_what_a_reader_says_of_each_character_goes_through_the_buffer() -> None:
    body = {"plate": "AB1", "id": "7", "characters": [
        {"confidence": 0.98}, {"confidence": 0.6, "others": [{"text": "8", "confidence": 0.3}, {"text": ""}]}, {}
    ]}  # fmt: skip
    claim = parsed(body)
    assert isinstance(claim, Claim)
    message, _ = message_of(AgencyId(UUID(int=9)), ReaderId(UUID(int=1)), [claim], NOW)
    batch = batch_of(message)
    read = read_of(batch, 0, keep_for=timedelta(days=1))
    assert read.characters == (Character(0.98), Character(0.6, (("8", 0.3), ("", None))), Character(None))
    assert doubted_places(read) == 0b010


@pytest.mark.parametrize(
    ("characters", "said"),
    [
        ([{}], "the plate has 3 characters, 1 are told of"),
        ([{}, {}, {"others": [{"text": "88"}]}], "another character is one letter"),
        ([{}, {}, {"confidence": 1.2}], "a confidence is 0 to 1"),
    ],
)
def test_characters_that_cannot_be_are_refused_in_words(characters: list[Any], said: str) -> None:
    body = {"plate": "AB1", "id": "7", "characters": characters}
    answer = parsed(body)
    assert isinstance(answer, Rejected)
    assert (answer.field, answer.index) == ("characters", 0)
    assert said in answer.detail


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
