"""Letters weighed against how plates are numbered: what was read wins unless the numbers speak clearly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.plates.reading.eyes import weights_of
from watchfloor.plates.reading.formats import MOST_GUESSES, Weights, fits, judged
from watchfloor.plates.reading.model import Letter


def letters(text: str, chance: float = 0.97) -> list[Letter]:
    return [Letter(((letter, chance),)) for letter in text]


US = weights_of("us")
EU = weights_of("eu")


@pytest.mark.parametrize(
    ("read", "state", "says"),
    [
        (
            "ABOC1D",
            None,
            "AB0C1D",
        ),  # a digit stands third in Missouri, and in no other state's a letter there
        ("ABIC1D", "MO", "AB1C1D"),
        ("AB7X4K", None, "AB7X4K"),
        ("MYCAR", None, "MYCAR"),  # an owner's own choice fits nothing and stays
        ("MYCAR", "OH", "MYCAR"),
    ],
)
def test_a_letter_that_no_format_has_there_becomes_the_digit_it_looks_like(
    read: str, state: str | None, says: str
) -> None:
    assert judged(letters(read), US.when(state))[0].text == says


def test_the_state_that_was_read_decides_which_format_counts() -> None:
    doubtful = [*letters("AB"), Letter((("O", 0.55), ("0", 0.44))), *letters("123")]
    assert judged(doubtful, US.when("HI"))[0].text == "ABO123"
    assert judged(doubtful, US.when("DC"))[0].text == "AB0123"
    assert fits("ABC123", US)
    assert not fits("ABC123", Weights({"NH": 1.0}))


def test_a_heart_between_the_groups_is_left_out_where_it_was_doubtful() -> None:
    read = [*letters("ABC", 0.999), Letter((("4", 0.4),)), *letters("777", 0.999)]
    assert judged(read, Weights({"MN": 1.0}))[0].text == "ABC777"


def test_a_sure_letter_is_never_left_out_for_a_format() -> None:
    assert judged(letters("ABCDEF7", 0.999), US)[0].text == "ABCDEF7"


def test_slovak_letters_are_no_digits_and_german_digits_no_letters() -> None:
    assert judged(letters("AB777B0"), Weights({"EU-SK": 1.0}))[0].text == "AB777BO"
    assert judged(letters("ABCO77"), Weights({"EU-DE": 1.0}))[0].text == "ABC077"


def test_nothing_is_made_of_nothing_or_of_a_sentence() -> None:
    assert judged([], US) == ()
    assert judged(letters("Q" * 12), US) == ()


@given(st.text("ABQ0178", min_size=1, max_size=8), st.floats(0.3, 1.0))
def test_the_guesses_are_few_differ_and_share_one_probability(text: str, chance: float) -> None:
    guesses = judged(letters(text, chance), EU)
    assert 1 <= len(guesses) <= MOST_GUESSES
    assert len({guess.text for guess in guesses}) == len(guesses)
    assert sum(guess.probability for guess in guesses) <= 1 + 1e-9
    assert [guess.probability for guess in guesses] == sorted((g.probability for g in guesses), reverse=True)
