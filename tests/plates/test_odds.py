"""How likely a hit is right: eight in ten of those of which it is said are, and what makes it less is what should."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.bench._calibrate import Answer, answers, reliability
from watchfloor.governance.words import Purpose
from watchfloor.plates.confusion import ALPHABET
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import (
    Alternative,
    Character,
    EntryId,
    HotListId,
    Kind,
    Plate,
    PlateRead,
    ReaderId,
    Wanted,
)
from watchfloor.plates.odds import Weigh, odds_of
from watchfloor.plates.record import (
    NOTHING_KNOWN,
    OWN_FROM,
    Errors,
    Judged,
    ReaderVerdict,
    errors_of,
    pairs_between,
    precision_of,
    tally,
)
from watchfloor.plates.traffic import Traffic

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
READ = PlateRead(ReaderId(UUID(int=1)), "1", Plate("ABC1234"), "MO", 0.97, NOW, NOW, NOW, False)
UNTIL = NOW + timedelta(days=1)
ENTRY = Wanted(
    EntryId(UUID(int=2)), HotListId(UUID(int=3)), Plate("ABC1234"), "MO", "", Purpose.STOLEN_VEHICLE, UNTIL
)


def home() -> Traffic:
    """Most cars are of the home state, with three letters and four digits."""
    traffic = Traffic()
    for number in range(2000):
        traffic.saw("MO" if number % 10 < 7 else "IL", "ABC1234" if number % 10 < 8 else "AB12345")
    return traffic


HOME = home()


def odds(
    read: PlateRead = READ,
    entry: Wanted = ENTRY,
    kind: Kind = Kind.EXACT,
    near: tuple[str, ...] = (),
    errors: Errors = NOTHING_KNOWN,
) -> Odds:
    (said,) = odds_of(read, [(entry, kind)], near, Weigh(HOME, errors))
    assert said.probability + said.misread + said.wrong_state == pytest.approx(1)
    return said


def test_a_probability_means_what_it_says() -> None:
    said = answers(20_000, 3)
    bands = reliability(said)
    assert len(said) > 2000 and len(bands) == 8
    for band in bands:
        # Three standard errors, and three parts in a hundred for what the odds do not know.
        slack = 0.03 + 3 * math.sqrt(max(band.said * (1 - band.said), 0.01) / band.hits)
        assert abs(band.said - band.right) <= slack, band
    right = sum(one.right for one in said)
    assert right * 0.9 < sum(one.odds.probability for one in said) < right * 1.1


def test_odds_that_promise_too_much_learn_it_from_verdicts() -> None:
    """Wanted cars are out a twentieth as often as reckoned, so that far more of the hits are misreads."""
    seldom: dict[str, Any] = {"wanted_share": 0.3, "out": 0.05}
    said = [one for one in answers(8_000, 5, **seldom) if one.odds.probability > 0.3]
    judged = [
        Judged(
            ReaderVerdict.RIGHT
            if one.right
            else ReaderVerdict.WRONG_STATE
            if one.same_plate
            else ReaderVerdict.MISREAD,
            False,
            pairs_between(one.true, one.text),
            one.odds.expected_misread,
            one.odds.expected_wrong_state,
        )
        for one in said
    ]
    errors = errors_of(judged, [], night=False)
    assert not errors.pooled and errors.misread_scale > 2
    again = [one for one in answers(8_000, 6, errors=errors, **seldom) if one.odds.probability > 0.3]
    assert promised(said) > 0.08 and abs(promised(again)) < promised(said) / 2


def promised(said: list[Answer]) -> float:
    """By how much more than was right the odds promised, for each hit."""
    return sum(one.odds.probability - one.right for one in said) / len(said)


def test_plate_and_state_agreeing_is_likely_and_every_doubt_makes_it_less() -> None:
    best = odds()
    assert best.probability > 0.95
    unread = odds(replace(READ, state=None))
    unsure = odds(replace(READ, confidence=0.6))
    other_format = odds(replace(READ, plate=Plate("ABC12B4")), replace(ENTRY, plate=Plate("ABC12B4")))
    for less in (unread, unsure, other_format):
        assert less.probability < best.probability
    assert unread.wrong_state > unread.misread
    assert unsure.misread > unsure.wrong_state


def test_an_entry_of_another_state_is_less_likely_than_one_of_home_where_the_state_is_unread() -> None:
    unread = replace(READ, state=None)
    at_home, away = odds(unread), odds(unread, replace(ENTRY, state="WY"))
    nowhere = odds(READ, replace(ENTRY, state=None))
    assert away.probability < 0.05 < at_home.probability < nowhere.probability < odds().probability


def test_every_entry_one_step_away_takes_its_part() -> None:
    doubted = replace(READ, confidence=0.7)
    alone = odds(doubted).probability
    # As the list has them, folded: A8C stands for ABC too.
    many = tuple(f"A8C12{digit}4" for digit in "0456789")
    two = odds(doubted, near=many[:2])
    assert (two.probability < alone, two.near) == (True, 2)
    assert odds(doubted, near=many).probability < two.probability


def test_two_entries_that_one_read_answers_to_share_one_car_but_two_lists_with_one_plate_do_not() -> None:
    other = replace(ENTRY, id=EntryId(UUID(int=9)), plate=Plate("ABC1284"))
    characters = (*[Character(0.99)] * 5, Character(0.6, (("8", 0.35),)), Character(0.99))
    read = replace(READ, characters=characters)
    first, second = odds_of(
        read, [(ENTRY, Kind.EXACT), (other, Kind.SUBSTITUTION)], ("A8C1284",), Weigh(HOME, NOTHING_KNOWN)
    )
    assert first.probability + second.probability < 1
    assert first.probability > second.probability > 0.1
    twin = replace(ENTRY, id=EntryId(UUID(int=10)))
    same = odds_of(READ, [(ENTRY, Kind.EXACT), (twin, Kind.EXACT)], (), Weigh(HOME, NOTHING_KNOWN))
    assert same[0] == same[1] == odds()


@pytest.mark.parametrize(
    ("read", "entry", "kind", "more"),
    [
        ("ABC1234", "ABC1284", Kind.SUBSTITUTION, {}),
        ("ABC123", "ABC1234", Kind.MISSING, {}),
        ("ABC12344", "ABC1234", Kind.EXTRA, {}),
        ("ABC1234", "A8C1284", Kind.SUBSTITUTION, {}),
        ("A8C123", "ABC1234", Kind.MISSING, {}),
        ("A8C12344", "ABC1234", Kind.EXTRA, {}),
        ("ABC1234", "ABC1284", Kind.SUBSTITUTION, {"alternatives": (Alternative(Plate("ABC1284"), 0.4),)}),
    ],
)
def test_a_step_is_possible_and_less_likely_than_what_was_read(
    read: str, entry: str, kind: Kind, more: dict[str, Any]
) -> None:
    characters = tuple(Character(0.6 if at == len(read) - 2 else 0.99) for at in range(len(read)))
    seen = replace(READ, plate=Plate(read), **({"characters": characters} | more))
    said = odds(seen, replace(ENTRY, plate=Plate(entry)), kind)
    assert 0 < said.probability < 0.99 * odds().probability
    assert said.misread > said.wrong_state


PLATES = st.text(alphabet=ALPHABET, min_size=1, max_size=8)


@given(
    PLATES, st.floats(0, 1) | st.none(), st.sampled_from(["MO", "WY", None]), st.sampled_from(["MO", None])
)
def test_whatever_is_read_the_parts_come_to_one(
    text: str, sure: float | None, state: str | None, of: str | None
) -> None:
    read = replace(READ, plate=Plate(text), confidence=sure, state=state)
    if state in (of, None) or of is None:
        said = odds(read, replace(ENTRY, plate=Plate(text), state=of))
        assert 0 < said.probability < 1


def judged(verdict: ReaderVerdict, count: int, **more: Any) -> list[Judged]:
    return [Judged(verdict, **({"night": False} | more))] * count


def test_until_two_hundred_verdicts_everybodys_stand_in_and_it_is_said() -> None:
    everybody = judged(ReaderVerdict.MISREAD, 50, pairs=(("8", "B"),), expected_misread=0.1)
    few = errors_of(judged(ReaderVerdict.RIGHT, OWN_FROM - 1), everybody, night=False)
    assert (few.pooled, few.verdicts) == (True, OWN_FROM - 1)
    assert few.misread_scale > 3
    own = errors_of(judged(ReaderVerdict.RIGHT, OWN_FROM, expected_misread=0.1), everybody, night=False)
    assert (own.pooled, own.verdicts) == (False, OWN_FROM)
    assert own.misread_scale < 0.3
    assert odds(errors=few).probability < odds().probability < odds(errors=own).probability


def test_by_night_a_reader_is_judged_by_its_nights() -> None:
    days = judged(ReaderVerdict.RIGHT, 300, expected_misread=0.05)
    nights = judged(ReaderVerdict.MISREAD, 30, night=True, expected_misread=0.05) + judged(
        ReaderVerdict.RIGHT, 30, night=True, expected_misread=0.05
    )
    by_day, by_night = (errors_of(days + nights, [], night=night) for night in (False, True))
    assert by_night.misread_scale > 2 * by_day.misread_scale


def test_what_a_reader_takes_for_what_moves_the_odds_of_that_pair() -> None:
    seen = judged(ReaderVerdict.MISREAD, 200, pairs=(("Y", "4"),), expected_misread=1.0)
    errors = errors_of(seen, [], night=False)
    for table in errors.true_of.values():
        assert sum(table.values()) == pytest.approx(1)
    assert errors.true_of["4"]["Y"] > 0.8
    assert NOTHING_KNOWN.true_of["4"]["Y"] < 0.05
    assert errors.true_of["8"] == NOTHING_KNOWN.true_of["8"]


def test_pairs_are_of_misread_characters_and_of_no_other_plate() -> None:
    assert pairs_between("ABC123", "A8C123") == (("B", "8"),)
    assert pairs_between("ABC123", "ABC12") == ()
    assert pairs_between("ABC123", "XYZ987") == ()


def test_a_reader_of_52_judged_alerts_41_right_is_said_so_with_how_sure_that_is() -> None:
    sums = tally(
        judged(ReaderVerdict.RIGHT, 41)
        + judged(ReaderVerdict.MISREAD, 8)
        + judged(ReaderVerdict.WRONG_STATE, 3)
    )
    said = precision_of(sums)
    assert (said.right, said.of) == (41, 52)
    assert [said.low, said.high] == pytest.approx([0.664, 0.882], abs=0.005)
    stale = precision_of(tally(judged(ReaderVerdict.RIGHT, 41) + judged(ReaderVerdict.STALE, 30)))
    assert (stale.right, stale.of, stale.high) == (41, 41, 1.0)
    nothing = precision_of(tally([]))
    assert (nothing.right, nothing.of, nothing.low, nothing.high) == (0, 0, 0.0, 1.0)
