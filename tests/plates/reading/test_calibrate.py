"""How probable a reading is: what must not be more probable than what."""

from __future__ import annotations

from watchfloor.plates.reading.calibrate import ALARM, probability
from watchfloor.plates.reading.model import Guess, Letter


def of(channel: float = 0.995, *, rank: float = 0.9, agreed: bool = False, fits: bool = True) -> float:
    letters = [Letter((("Q", 0.99),))] * 6
    return probability([Guess("QQ7X4K", channel)], letters, rank=rank, agreed=agreed, fits=fits)


def test_a_sure_reading_of_a_usual_number_is_alarm_grade() -> None:
    assert of() >= ALARM


def test_nothing_that_may_be_no_plate_is_alarm_grade() -> None:
    assert of(0.999, rank=0.3, agreed=True) < ALARM


def test_doubt_an_odd_number_and_disagreement_each_cost() -> None:
    assert of(0.9) < of(0.99)
    assert of(fits=False) < of()
    assert of() < of(agreed=True) <= 1
