"""What an alert says before anybody looked: how urgent, why, how sure, what is not known; and never a plate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.incidents.made import NOW, hit, read, wanted
from watchfloor.governance.words import Purpose
from watchfloor.incidents.model import Level
from watchfloor.incidents.why import basis_of, binding_of, card_of
from watchfloor.plates.likely import Odds, Precision
from watchfloor.plates.model import Plate, Vehicle


@pytest.mark.parametrize(
    ("purpose", "level", "seconds"),
    [
        (Purpose.VIOLENT_CRIME, Level.CRITICAL, 30),
        (Purpose.MISSING_PERSON, Level.CRITICAL, 30),
        (Purpose.STOLEN_VEHICLE, Level.SERIOUS, 90),
        (Purpose.HIT_AND_RUN, Level.SERIOUS, 90),
        (Purpose.BURGLARY_THEFT, Level.CAUTION, 300),
    ],
)
def test_how_urgent_it_is_depends_on_what_the_car_is_wanted_for(
    purpose: Purpose, level: Level, seconds: int
) -> None:
    card = card_of(hit(entry=wanted(purpose=purpose)), now=NOW)
    assert card.level is level
    assert card.deadline_at == NOW + timedelta(seconds=seconds)


def test_an_unread_state_is_less_urgent_and_said() -> None:
    card = card_of(hit(read(state=None)), now=NOW)
    assert (card.level, card.sure.word) == (Level.CAUTION, "possible")
    assert "plate alone" in card.why
    assert any("Which state issued the plate" in words for words in card.unknown)


def test_what_a_person_found_false_before_is_lowered_and_shown_and_still_there() -> None:
    before = "On 2026-11-20 a person found the same reading of this entry false: the plate was misread."
    card = card_of(hit(entry=wanted(purpose=Purpose.VIOLENT_CRIME)), now=NOW, found_false=before)
    assert (card.level, card.sure.word) == (Level.CAUTION, "doubtful")
    assert before in card.why
    assert card_of(hit(), now=NOW, found_false=before).level is Level.NORMAL


def test_how_sure_it_is() -> None:
    alike = wanted(plate=Plate("QZO4417"))
    assert card_of(hit(), now=NOW).sure.word == "probable"
    assert card_of(hit(), now=NOW).sure.percent == 97
    assert card_of(hit(read(confidence=0.6)), now=NOW).sure.word == "possible"
    assert card_of(hit(entry=alike), now=NOW).sure.word == "possible"
    assert card_of(hit(read(state=None), alike), now=NOW).sure.word == "doubtful"
    unsure = card_of(hit(read(confidence=None)), now=NOW)
    assert unsure.sure.percent is None
    assert any("it does not say" in words for words in unsure.unknown)


def test_with_odds_the_card_says_how_likely_it_is_and_what_its_reader_is_worth() -> None:
    odds = Odds(0.87, 0.1, 0.03, 2, pooled=True, verdicts=12, expected_misread=0.1, expected_wrong_state=0.03)
    record = Precision(41, 52, 0.664, 0.882)
    card = card_of(replace(hit(), odds=odds, record=record), now=NOW)
    assert (card.sure.percent, card.sure.word) == (87, "possible")
    assert "This reader: 41 of 52 alerts right in 90 days (66 to 88 %)." in card.why
    assert any("(pooled)" in words for words in card.unknown)
    own = card_of(
        replace(hit(), odds=replace(odds, probability=0.999, pooled=False), record=Precision(0, 0, 0, 1)),
        now=NOW,
    )
    assert (own.sure.percent, own.sure.word) == (99, "probable"), "a machine is never quite sure"
    assert "no alert was judged" in own.why
    assert not any("(pooled)" in words for words in own.unknown)
    assert card_of(replace(hit(), odds=replace(odds, probability=0.4)), now=NOW).sure.word == "doubtful"


def test_late_news_says_so() -> None:
    card = card_of(hit(read(at=NOW - timedelta(minutes=7))), now=NOW)
    assert any("7 minutes later" in words for words in card.unknown)
    suspect = card_of(hit(read(clock_suspect=True)), now=NOW)
    assert any("clock cannot be right" in words for words in suspect.unknown)


def test_no_card_carries_a_plate_a_reason_or_a_description() -> None:
    """The review is blind: whoever reads the queue must not know what to look for in the picture."""
    entry = wanted(reason="QZ04417 stolen by J. Doe", plate=Plate("QZO4417"))
    for seen in (read(), read(state=None), read(picture=None, vehicle=Vehicle("grey", "Acme", "Dart"))):
        card = card_of(hit(seen, entry), now=NOW)
        said = " ".join([card.title, card.why, *card.unknown])
        for secret in ("QZ", "4417", "Doe", "hatchback", "grey", "RC", "O and 0", "0 and O"):
            assert secret not in said


def test_what_it_rests_on_is_kept_and_masks_itself() -> None:
    basis = basis_of(hit(read(vehicle=Vehicle("grey", "Acme", "Dart"))))
    assert (basis.plate, basis.wanted_plate, basis.vehicle) == ("QZ04417", "QZ04417", "grey Acme Dart")
    assert "QZ04417" not in repr(basis) and "QZ04417" not in repr(binding_of(hit()))


def test_a_binding_is_of_one_reading_of_one_version_of_one_entry_and_one_vehicle() -> None:
    entry, seen = wanted(), read()
    same = binding_of(hit(seen, entry))
    assert binding_of(hit(read(), entry)) == same
    others = [
        hit(seen, replace(entry, version=2)),
        hit(read(state=None), entry),
        hit(read(vehicle=Vehicle("red")), entry),
        hit(seen, wanted()),
    ]
    assert all(binding_of(other) != same for other in others)
