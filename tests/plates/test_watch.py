"""What answers to a watch: against a matcher written the slow way, over random patterns, descriptions and reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures.center import new_id
from watchfloor.governance.words import Purpose
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.plates.hotlist import keys_of
from watchfloor.plates.model import Mismatch, Plate, PlateRead, ReaderId, Vehicle
from watchfloor.plates.watch import Answers, Expected, Watch, Watched, WatchId, answer, pattern_of
from watchfloor.plates.watching import Watching
from watchfloor.plates.where import Where

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
HERE, THERE = Point(38.64, -90.19), Point(38.75, -90.19)
READERS = tuple(ReaderId(new_id()) for _ in range(3))
# Few letters, alike ones among them, so that chance brings what agrees and what only looks so.
_LETTERS = st.sampled_from("AB8O0Q1")
_COLOURS, _MAKES, _BODIES = ("white", "red"), ("Ford", "Kia"), ("pickup", "van")
NEAR = Where("near", (HERE,), 500.0)


def _maybe(words: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(words))


@st.composite
def _patterns(draw: st.DrawFn) -> str:
    """A pattern that can be looked up: two known at the one end or the other, three in all."""
    middle = draw(st.text(st.sampled_from("AB8O0?*"), max_size=6))
    known = draw(st.text(_LETTERS, min_size=2, max_size=4))
    text = known + "*" + middle if draw(st.booleans()) else middle + "*" + known
    if draw(st.booleans()):
        text = text.replace("*", "?", 1)
    try:
        return pattern_of(text)
    except Invalid:
        return pattern_of(known + "A*")


@st.composite
def _watched(draw: st.DrawFn) -> Watched:
    pattern = draw(st.one_of(st.none(), _patterns()))
    hours = draw(
        st.one_of(st.none(), st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda h: h[0] != h[1]))
    )
    readers = draw(st.sampled_from([(), READERS[:1], READERS[:2]]))
    return Watched(
        pattern,
        draw(_maybe(("MO", "IL"))),
        draw(_maybe(_COLOURS)) if pattern is not None else draw(st.sampled_from(_COLOURS)),
        draw(_maybe(_MAKES)),
        draw(_maybe(_BODIES)),
        NEAR if pattern is None or draw(st.booleans()) else None,
        readers,
        hours,
    )


@st.composite
def _read(draw: st.DrawFn) -> tuple[PlateRead, Point]:
    at = NOW + timedelta(hours=draw(st.integers(0, 23)))
    vehicle = Vehicle(
        draw(_maybe(("White", "red"))), draw(_maybe(("FORD", "kia"))), None, draw(_maybe(_BODIES))
    )
    read = PlateRead(
        draw(st.sampled_from(READERS)), "1", Plate(draw(st.text(_LETTERS, min_size=1, max_size=9))),
        draw(_maybe(("MO", "IL"))), 0.9, at, at, at, False, vehicle=vehicle,
    )  # fmt: skip
    return read, draw(st.sampled_from((HERE, THERE)))


_ALIKE = {"O": "0", "Q": "0", "B": "8", "I": "1", "S": "5", "Z": "2"}


def _slowly_fits(pattern: str, text: str) -> bool:
    """By the rule alone, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_slowly_fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
    first = pattern[0] == "?" or (text and _ALIKE.get(pattern[0], pattern[0]) == _ALIKE.get(text[0], text[0]))
    return bool(text) and bool(first) and _slowly_fits(pattern[1:], text[1:])


def _slowly(watched: Watched, read: PlateRead, at: Point) -> bool:
    if watched.pattern is not None and not _slowly_fits(watched.pattern, read.plate.text):
        return False
    pairs = [
        (watched.state, read.state), (watched.colour, read.vehicle.colour), (watched.make, read.vehicle.make),
        (watched.body, read.vehicle.body),
    ]  # fmt: skip
    for wanted, said in pairs:
        if wanted is not None and said is None and watched.pattern is None:
            return False
        if wanted is not None and said is not None and wanted.lower() != said.lower():
            return False
    if watched.readers and read.device not in watched.readers:
        return False
    if watched.where is not None and at != HERE:
        return False
    if watched.hours is None:
        return True
    hour, (first, last) = read.at.astimezone(ZONE).hour, watched.hours
    while first != last:
        if hour == first:
            return True
        first = (first + 1) % 24
    return False


def watch_of(watched: Watched) -> Watch:
    """A watch in force."""
    who = new_id()
    return Watch(
        WatchId(new_id()), watched, who, Purpose.STOLEN_VEHICLE, "seen at a robbery", NOW, NOW + timedelta(days=3),
        Expected(0, 168.0), 25, NOW, who, who,
    )  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.lists(_watched(), min_size=1, max_size=3), st.lists(_read(), min_size=1, max_size=10))
def test_a_watch_answers_to_what_fits_it_and_memory_misses_none(
    watched: list[Watched], reads: list[tuple[PlateRead, Point]]
) -> None:
    watches = [watch_of(one) for one in watched]
    keys = keys_of([read.plate.text for read, _ in reads])
    may = {
        watch.id: set(rows)
        for watch, rows in Watching.of(1, watches).may_answer([one for one, _ in reads], keys)
    }
    for watch in watches:
        for row, (read, at) in enumerate(reads):
            found = answer(watch.watched, read, at, ZONE)
            assert isinstance(found, Answers) is _slowly(watch.watched, read, at), (
                watch.watched,
                read,
                found,
            )
            if isinstance(found, Answers):
                assert row in may.get(watch.id, set()), "memory knew too little"
                pattern = watch.watched.pattern
                same = pattern is None or pattern_fits_letter_by_letter(pattern, read.plate.text)
                assert found.strict is same


def pattern_fits_letter_by_letter(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(pattern_fits_letter_by_letter(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return (
        bool(text) and pattern[0] in ("?", text[0]) and pattern_fits_letter_by_letter(pattern[1:], text[1:])
    )


@settings(deadline=None, max_examples=100)
@given(_patterns(), st.lists(st.text(_LETTERS, min_size=1, max_size=12), min_size=1, max_size=40))
def test_a_pattern_with_one_star_at_most_is_decided_in_memory_alone(pattern: str, texts: list[str]) -> None:
    reads = [PlateRead(READERS[0], "1", Plate(text), None, None, None, NOW, NOW, False) for text in texts]
    found = Watching.of(1, [watch_of(Watched(pattern))]).may_answer(reads, keys_of(texts))
    rows = found[0][1] if found else []
    slow = [row for row, text in enumerate(texts) if _slowly_fits(pattern, text)]
    assert set(slow) <= set(rows)
    if pattern.count("*") < 2:
        assert rows == slow


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"pattern": "QZ04417"}, "pattern"),
        ({"pattern": "A*"}, "pattern"),
        ({"pattern": "?????"}, "pattern"),
        ({}, "pattern"),
        ({"state": "MO"}, "pattern"),
        ({"colour": "white"}, "where"),
        ({"colour": "x" * 41, "readers": READERS}, "colour"),
        ({"pattern": "AB1*", "hours": (3, 3)}, "hours"),
    ],
)
def test_what_no_watch_may_be_is_said_beside_its_field(said: dict[str, object], reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        if said.get("pattern"):
            said = said | {"pattern": pattern_of(str(said["pattern"]))}
        Watched(**said)  # type: ignore[arg-type]  # a table of what is wrong
    assert refused.value.reason == reason


def test_a_watch_says_in_words_what_it_looks_for_and_why_a_read_answers() -> None:
    watched = Watched(pattern_of(" ab?12* "), "MO", "white", "Ford", None, NEAR, READERS[:2], (22, 4))
    assert watched.sentence == (
        "plates like AB?12* of MO, white Ford, near a place, at 2 named readers, from 22:00 to 04:00"
    )
    read = PlateRead(
        READERS[0], "1", Plate("A8X12K"), None, 0.9, NOW, NOW, NOW + timedelta(hours=1), False,
        vehicle=Vehicle(colour="White"),
    )  # fmt: skip
    found = answer(watched, read, HERE, ZONE)
    assert found == Answers(
        False,
        "the plate fits when characters that look alike count as one; colour agrees; make and state not said by the reader",
    )
    assert answer(watched, read, THERE, ZONE) == Mismatch("elsewhere, or at another time")


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            Expected(None, 0),
            "Nothing was read there in the last week, so how many hits to expect is not known.",
        ),
        (
            Expected(1, 168),
            "One read of the last 7 days would have answered: about 0.0 a shift of eight hours.",
        ),
        (
            Expected(1_470, 168),
            "1,470 reads of the last 7 days would have answered: about 70 a shift of eight hours.",
        ),
        (
            Expected(3, 6),
            "3 reads of the last 6 hours would have answered: about 3.0 a shift of eight hours.",
        ),
    ],
)
def test_what_is_to_be_expected_is_said_for_who_decides(found: Expected, sentence: str) -> None:
    assert found.sentence == sentence
    assert np.isclose(found.per_shift or 0, (found.reads or 0) * 8 / max(found.hours, 8))
