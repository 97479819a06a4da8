"""The bench of drawn nights: it ends with one line, finds what was fired, and says what it cannot measure."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from watchfloor.acoustics.model import Array, Ellipse, Pulses, Shot, Source
from watchfloor.bench import acoustics
from watchfloor.bench._say import in_turn
from watchfloor.bench._sounded import Event, Told, Window
from watchfloor.bench._sounds import of_count, of_sounds
from watchfloor.bench.acoustics import ROWS, of_clean, of_crackers, of_street, of_two
from watchfloor.kit.errors import Invalid
from watchfloor_sim.acoustic_array import Place, Street, shots

AROUND = Ellipse(1.0, 1.0, 0.0)


def source(place: Place, rounds: int) -> Source:
    return Source(place, tuple(Shot(float(n), np.array([0])) for n in range(rounds)), 50.0, AROUND, AROUND)


def told(places: list[Place], *sources: Source, bound_m2: float = 1.0) -> Told:
    return Told(Event([shots(place, 2.0, 3) for place in places], Street()), sources, bound_m2, 0.1)


def test_the_bench_ends_with_one_json_line_and_finds_what_was_fired_cleanly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = acoustics.run(True, events=2, microphones=25, only="clean")
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == figures and said["clean_detected"] == 1.0
    assert said["clean_p90_m"] < 8 and 0.3 < said["rmse_over_crlb"] < 2.5
    assert acoustics.run(True, events=1, microphones=16, only="nothing")["nothing_located"] == 0


def test_what_is_missed_miscounted_or_haunted_is_said() -> None:
    found, lost = told([(0, 0)], source((3, 4), 3)), told([(0, 0)])
    assert of_clean([found, found])["rmse_over_crlb"] == 5.0
    assert of_clean([found, lost])["clean_p90_m"] is None and of_clean([found, lost])["clean_detected"] == 0.5
    haunted = told([(0, 0)], source((0, 1), 2), source((300, 0), 3))
    figures = of_street([found, haunted])
    assert (figures["street_rounds_exact"], figures["street_ghosts_per_event"]) == (0.5, 0.5)
    assert of_crackers([lost, haunted]) == {"crackers_most_sources": 2, "crackers_one_at_most": 0.5}


def test_two_are_separated_where_each_is_told_nearer_to_his_own_place() -> None:
    places: list[Place] = [(0, 0), (300, 0)]
    apart = told(places, source((10, 0), 3), source((300, 60), 3))
    as_one = told(places, source((10, 0), 6))
    assert of_two([apart, apart]) == {"two_separated": 1.0, "two_p90_m": 60.0, "two_ghosts_per_event": 0.0}
    assert of_two([apart, as_one])["two_separated"] == 0.5
    assert math.isclose(float(str(of_two([as_one])["two_p90_m"])), 290.0)


def test_options_that_nothing_can_be_measured_by_are_refused_with_the_option() -> None:
    with pytest.raises(Invalid, match="--events is 0"):
        acoustics.run(True, events=0)
    with pytest.raises(Invalid, match="--microphones is 3"):
        acoustics.run(True, microphones=3)
    with pytest.raises(Invalid, match="none of clean, street"):
        acoustics.run(True, only="thunder")
    assert set(ROWS) >= {
        "clean",
        "street",
        "two",
        "crackers",
        "count",
        "sounds",
        "warm",
        "wind",
        "nothing",
        "city",
    }


def test_a_count_that_is_said_to_be_sure_and_is_wrong_shows_and_a_kind_is_told_by_what_was_drawn() -> None:
    window = Window(
        Array(np.array([[0.0, 0.0, 6.0]]), np.full(1, 0.1)),
        Pulses(np.zeros(1, np.intp), np.ones(1), 0.0, 2.0),
        np.full(1, 90.0),
    )
    right, wrong = (
        Told(Event([shots((0, 0), 2.0, 3)], Street(), name=name), (source((0, 1), rounds),), 1.0, 0.1, window)
        for name, rounds in (("burst", 3), ("gunfire", 2))
    )
    far = Told(
        Event([shots((0, 0), 2.0, 3)], Street(), name="burst"), (source((500, 1), 3),), 1.0, 0.1, window
    )
    figures = of_count([right, wrong, far])
    assert (figures["count_events"], figures["count_located"], figures["count_exact"]) == (3, 2, 0.5)
    assert float(str(figures["count_calibration_error"])) == pytest.approx(0.5, abs=0.02)
    assert (figures["count_in_low_high"], figures["pattern_burst_told"]) == (0.5, 1.0)
    kinds = of_sounds([right, wrong])
    assert (kinds["sounds_gunfire_located"], kinds["sounds_thunder_located"]) == ("1 of 1", "0 of 0")
    assert kinds["sounds_string_said_gunfire"] is None and "our assumptions" in str(kinds["sounds_assumed"])


def test_what_takes_minutes_says_beside_its_figures_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(in_turn("tests", ["a", "b", "c"], every_s=0)) == ["a", "b", "c"]
    said = capsys.readouterr()
    assert said.out == "" and said.err.splitlines() == ["tests: 1 of 3 in 0 s", "tests: 2 of 3 in 0 s"]
