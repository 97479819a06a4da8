"""Many looks at one plate: the length is agreed first, then each letter."""

from __future__ import annotations

from watchfloor.plates.reading.model import Letter, Reading
from watchfloor.plates.reading.vote import voted


def read(text: str, *chances: float) -> Reading:
    sure = chances or (0.9,) * len(text)
    return Reading(tuple(Letter(((a, b),)) for a, b in zip(text, sure, strict=True)), text)


def said(*readings: Reading) -> str:
    return "".join(letter.text for letter in voted(readings))


def test_two_doubtful_looks_give_way_to_a_sure_one() -> None:
    assert said(read("QB7", 0.9, 0.5, 0.9), read("QB7", 0.9, 0.5, 0.9), read("Q87", 0.9, 0.99, 0.9)) == "Q87"


def test_three_doubtful_looks_do_not() -> None:
    assert said(*[read("QB7", 0.9, 0.6, 0.9)] * 3, read("Q87", 0.9, 0.99, 0.9)) == "QB7"


def test_the_length_is_voted_before_any_letter() -> None:
    assert said(read("QQ7X"), read("QQ7X"), read("1QQ7X", 0.99, 0.99, 0.99, 0.99, 0.99)) == "QQ7X"


def test_a_tie_in_length_goes_to_the_longer() -> None:
    assert said(read("QQ7"), read("QQ7X")) == "QQ7X"


def test_nothing_read_is_nothing_told() -> None:
    assert voted([]) == ()
    assert voted([Reading((), "...")]) == ()


def test_what_a_look_was_unsure_of_stays_as_an_option() -> None:
    letters = voted([Reading((Letter((("O", 0.6), ("0", 0.4))),), "O")])
    assert [option for option, _ in letters[0].options] == ["O", "0"]


def test_another_network_decides_where_the_first_doubts_and_nowhere_else() -> None:
    doubt, sure = read("QB7", 0.9, 0.5, 0.9), read("QB7", 0.95, 0.95, 0.95)
    other = read("Q87", 0.9, 0.99, 0.9)
    assert [letter.text for letter in voted([doubt], other, voice=0.5)] == ["Q", "8", "7"]
    assert [letter.text for letter in voted([sure, sure], other, voice=0.5)] == ["Q", "B", "7"]
    assert voted([doubt], other, voice=0.0) == voted([doubt])


def test_another_network_alone_makes_no_plate() -> None:
    assert voted([Reading((), "")], read("QQ7X4K"), voice=1.0) == ()


def test_where_both_read_the_same_it_is_as_sure_as_they_are() -> None:
    letters = voted([read("QQ7", 0.8, 0.8, 0.8)], read("QQ7", 0.8, 0.8, 0.8), voice=0.25)
    assert [round(letter.chance, 6) for letter in letters] == [0.8, 0.8, 0.8]
