"""What a source is taken for: each piece of evidence says what a person would of it, none decides alone, a room bears what it said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.acoustics.street import Fired, array, heard
from tests.acoustics.test_pattern import uneven
from watchfloor.acoustics.alarm import LEAST, Sounded, threshold_of
from watchfloor.acoustics.classify import Prior, classified
from watchfloor.acoustics.count import Count
from watchfloor.acoustics.drift import moved
from watchfloor.acoustics.evidence import Evidence, evidence_of
from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.kind import Piece, SoundKind
from watchfloor.acoustics.model import Air, Floats
from watchfloor.acoustics.nights import by_calendar, by_nights_before, evening_of, named
from watchfloor.acoustics.pattern import pattern_of
from watchfloor.acoustics.weigh import MOST, pieces
from watchfloor.kit.errors import Invalid

ST_LOUIS = timezone(timedelta(hours=-5))
USUAL = datetime(2026, 2, 10, 22, 0, tzinfo=ST_LOUIS)
FOURTH = datetime(2026, 7, 5, 1, 30, tzinfo=ST_LOUIS)
WAYS = np.linspace(80.0, 1500.0, 16)
GUN, FIREWORKS, OTHER = SoundKind.GUNFIRE, SoundKind.FIREWORKS, SoundKind.OTHER


def known(
    times: list[float],
    *,
    within_m: float = 750.0,
    loud_db: float = 157.0,
    moves_m: float = 0.1,
    local: datetime = USUAL,
    lasts_s: float = 0.0,
    nights: tuple[int, ...] = (),
) -> Evidence:
    """A source at these moments, heard by everybody within a range."""
    pattern = pattern_of(times)
    levels = np.where(within_m > WAYS, loud_db - 20 * np.log10(WAYS) - 0.035 * WAYS, np.nan)
    away: Floats = np.array([[moves_m * (-1) ** k, 0.0] for k in range(len(times))])
    return Evidence(
        WAYS, within_m > WAYS, levels, pattern, Count(len(times), len(times), (1.0,)), away, np.full(len(times), 0.3),
        max(lasts_s, pattern.lasts_s), local, nights,
    )  # fmt: skip


def of(evidence: Evidence, name: str) -> Piece:
    return next(piece for piece in pieces(evidence) if piece.name == name)


def test_rounds_of_a_weapon_are_said_to_be_gunfire_and_a_jumping_string_on_the_fourth_to_be_fireworks() -> (
    None
):
    weapon = classified(known([0.0, 0.4, 0.75, 1.2]))
    string = classified(known(uneven(0.09, 0.8, 26), moves_m=2.0, within_m=500, local=FOURTH, nights=(4, 6)))
    assert weapon.said is GUN and weapon.likely[GUN] > 0.6
    assert string.said is FIREWORKS and string.likely[GUN] < 0.05
    assert any("string of crackers" in reason for reason in string.reasons)
    assert any("night of the Fourth of July" in reason for reason in string.reasons)
    for kind in (weapon, string):
        assert sum(kind.likely.values()) == pytest.approx(1.0)
        assert kind.reasons and all(reason.endswith(".") for reason in kind.reasons)


def test_what_is_heard_less_far_and_softly_is_rather_something_else() -> None:
    near = classified(known([0.0], within_m=250, loud_db=136))
    assert near.likely[OTHER] > near.likely[GUN]
    assert "softer than weapons" in of(known([0.0], loud_db=136), "level").sentence
    assert "louder" in of(known([0.0], loud_db=185), "level").sentence
    assert "less far" in of(known([0.0], within_m=250), "reach").sentence
    assert "farther" in of(known([0.0], within_m=1600), "reach").sentence


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=6),
    st.floats(50, 2000),
    st.floats(90, 220),
    st.floats(0, 50),
    st.floats(0, 4000),
    st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- the bound has the zone of the values
    st.lists(st.integers(0, 500), max_size=20),
)
def test_whatever_is_known_the_kinds_make_one_and_no_piece_decides_alone(
    times: list[float],
    within_m: float,
    loud_db: float,
    moves_m: float,
    lasts_s: float,
    local: datetime,
    nights: list[int],
) -> None:
    evidence = known(
        times,
        within_m=within_m,
        loud_db=loud_db,
        moves_m=moves_m,
        lasts_s=lasts_s,
        local=local,
        nights=tuple(nights),
    )
    kind = classified(evidence)
    assert sum(kind.likely.values()) == pytest.approx(1.0)
    assert len(kind.pieces) == 8
    for piece in kind.pieces:
        values = list(piece.by.values())
        assert all(map(math.isfinite, values)) and max(values) - min(values) <= MOST + 1e-9
        assert sum(values) == pytest.approx(0.0, abs=1e-9)
        assert piece.sentence.endswith(".") and piece.rests_on


def test_each_piece_says_more_the_more_there_is_of_it() -> None:
    def against(name: str, *each: Evidence) -> list[float]:
        return [of(one, name).by[GUN] - of(one, name).by[FIREWORKS] for one in each]

    crackers = against("rhythm", *(known(uneven(0.09, apart, 14)) for apart in (0.02, 0.4, 0.8)))
    assert crackers[0] > crackers[2]
    for falling in (
        against("drift", *(known([0.0, 0.4, 0.8, 1.2], moves_m=by) for by in (0.1, 1.0, 2.0))),
        against("duration", *(known([0.0, 0.4], lasts_s=lasts) for lasts in (5.0, 60.0, 300.0))),
        against("rounds", *(known([0.3 * k for k in range(rounds)]) for rounds in (4, 20, 40))),
        against(
            "night", known([0.0]), known([0.0], local=FOURTH - timedelta(days=2)), known([0.0], local=FOURTH)
        ),
        against("nights_before", known([0.0]), known([0.0], nights=(3,)), known([0.0], nights=(9, 9))),
    ):
        assert (
            falling[0] > falling[1] > falling[2] or falling == sorted(falling, reverse=True) != falling[::-1]
        )


def test_what_is_not_known_says_nothing() -> None:
    bare = replace(
        known([0.0]),
        peak_db=np.full(len(WAYS), np.nan),
        moved_m=np.full((1, 2), np.nan),
        moved_error_m=np.full(1, np.nan),
    )
    for name in ("level", "rhythm", "duration", "drift", "night", "nights_before"):
        assert not any(of(bare, name).by.values())
    assert classified(bare).said in SoundKind


def test_verdicts_of_the_center_move_what_is_thought_before_anything_is_known() -> None:
    evidence = known([0.0])
    mild, hard = (
        classified(evidence, Prior(verdicts)).likely[GUN] for verdicts in ({FIREWORKS: 5}, {FIREWORKS: 500})
    )
    assert classified(evidence).likely[GUN] > mild > hard
    assert sum(Prior({GUN: 3}).share(kind) for kind in SoundKind) == pytest.approx(1.0)
    with pytest.raises(Invalid, match="fewer verdicts"):
        Prior({GUN: -1})


def test_a_night_goes_from_noon_to_noon_and_has_its_evenings_date() -> None:
    assert evening_of(FOURTH).isoformat() == "2026-07-04"
    assert named(FOURTH) == "the Fourth of July" and by_calendar(FOURTH) > 1.5
    assert named(FOURTH.replace(hour=13)) == "around the Fourth of July"
    assert by_calendar(datetime(2027, 1, 1, 0, 5, tzinfo=ST_LOUIS)) > 1.5
    assert (named(USUAL), by_calendar(USUAL), by_nights_before(())) == ("", 0.0, 0.0)
    assert by_nights_before((0,) * 14) < 0 < by_nights_before((5,))
    assert by_nights_before((5, 0, 0)) > by_nights_before((0, 0, 5))


def test_the_evidence_is_read_off_a_source_that_was_located() -> None:
    over, air = array(14, 5), Air()
    pulses = heard(over, [Fired((-150.0, 90.0), (1.0, 1.45, 1.9))], 5, echoes=0.5)
    (source,) = explained(over, pulses, air)
    levels = np.full(len(pulses), 95.0)
    evidence = evidence_of(source, over, pulses, air, local=USUAL, peaks_db=levels, nights_before=[1])
    assert evidence.heard.sum() == len(source.heard_by) and np.isfinite(evidence.peak_db).sum() == len(
        source.heard_by
    )
    assert (evidence.pattern.rounds, evidence.count.told, evidence.nights_before) == (3, 3, (1,))
    away, error = moved(source, over, pulses, air)
    assert np.hypot(*away.T).max() < 2.0 and error.max() < 2.0
    assert evidence.lasts_s == pytest.approx(0.9, abs=0.01)
    later = [replace(shot, pulses=np.full(len(over), -1)) for shot in source.shots[1:]]
    nobody = replace(source, shots=(source.shots[0], *later))
    assert np.isnan(moved(nobody, over, pulses, air)[1]).sum() == 2
    with pytest.raises(Invalid, match="level, or NaN"):
        evidence_of(source, over, pulses, air, local=USUAL, peaks_db=levels[:-1])


HERE = known([0.0, 0.4])
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(HERE, way_m=HERE.way_m[:-1]), "Each sensor needs"),
    (lambda: replace(HERE, way_m=HERE.way_m * np.nan), "finite number of metres"),
    (lambda: replace(HERE, way_m=HERE.way_m * 0), "finite number of metres"),
    (lambda: replace(HERE, peak_db=np.full(len(WAYS), np.inf)), "finite number of decibels"),
    (lambda: replace(HERE, moved_m=HERE.moved_m[:1]), "Each round needs a move"),
    (lambda: replace(HERE, local=datetime(2026, 7, 4)), "needs its zone"),  # noqa: DTZ001 -- what is refused
    (lambda: replace(HERE, lasts_s=-1.0), "not below zero"),
    (lambda: replace(HERE, lasts_s=math.nan), "not below zero"),
    (lambda: replace(HERE, nights_before=(1, -1)), "not below zero"),
]


@pytest.mark.parametrize(("made", "says"), BAD)
def test_what_cannot_be_known_of_a_source_is_refused_in_words(made: Callable[[], object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        made()


FOUR_WEEKS = timedelta(days=28)


def test_the_threshold_lets_in_no_more_false_alerts_than_the_room_bears() -> None:
    past = [Sounded(0.9, True)] * 50 + [Sounded(0.6, False)] * 84 + [Sounded(0.4, False)] * 84
    one, none, all_of_them = (
        threshold_of(past, allowed_per_shift=allowed, covered=FOUR_WEEKS) for allowed in (1.0, 0.0, 2.0)
    )
    assert 0.4 < one.probability < 0.6 and one.derived and one.false_per_shift == pytest.approx(1.0)
    assert 0.6 < none.probability <= 0.9 and none.false_per_shift == 0.0
    assert all_of_them.probability == LEAST
    assert (one.judged, one.sources, none.missed_per_shift) == (218, 218, 0.0)


def test_what_nobody_judged_counts_by_its_own_probability_and_the_first_week_says_nothing() -> None:
    past = [Sounded(0.75)] * 336
    told = threshold_of(past, allowed_per_shift=1.0, covered=FOUR_WEEKS)
    assert told.probability == LEAST and told.false_per_shift == pytest.approx(1.0) and told.judged == 0
    kept_back = threshold_of(past, allowed_per_shift=0.9, covered=FOUR_WEEKS)
    assert kept_back.probability > 0.75 and kept_back.missed_per_shift == pytest.approx(3.0)
    first = threshold_of(past, allowed_per_shift=0.1, covered=timedelta(days=6))
    assert (first.probability, first.derived) == (0.5, False)
    assert threshold_of([], allowed_per_shift=1.0, covered=FOUR_WEEKS).probability == LEAST


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.builds(Sounded, st.floats(0, 1), st.sampled_from([True, False, None])), max_size=40),
    st.floats(0, 3),
    st.floats(0, 3),
)
def test_the_more_a_room_bears_the_lower_the_threshold_and_never_more_than_that(
    past: list[Sounded], allowed: float, more: float
) -> None:
    low, high = (
        threshold_of(past, allowed_per_shift=each, covered=timedelta(days=7))
        for each in (allowed, allowed + more)
    )
    assert high.probability <= low.probability
    assert low.false_per_shift <= allowed + 1e-9
    assert threshold_of(past[::-1], allowed_per_shift=allowed, covered=timedelta(days=7)) == low


@pytest.mark.parametrize(
    ("past", "allowed", "covered"),
    [
        ([], -1.0, FOUR_WEEKS),
        ([], math.nan, FOUR_WEEKS),
        ([], 1.0, timedelta(-1)),
        ([Sounded(1.5)], 1.0, FOUR_WEEKS),
    ],
)
def test_no_threshold_comes_of_what_is_no_number_of_alerts(
    past: list[Sounded], allowed: float, covered: timedelta
) -> None:
    with pytest.raises(Invalid):
        threshold_of(past, allowed_per_shift=allowed, covered=covered)
