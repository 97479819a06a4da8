"""One car is one telling, whatever single pictures say; what stands is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.recordings.reading.made import NOON_US, S, seen, sighting
from watchfloor.plates.reading.eyes import weights_of
from watchfloor.plates.reading.model import VehicleSeen
from watchfloor.recordings.reading.claims import claim_of
from watchfloor.recordings.reading.tracks import GONE_AFTER_US, Sighting, Telling, Tracks


def tracks() -> Tracks:
    return Tracks(weights_of("us"))


def passed(pictures: Sequence[Sequence[Sighting]], *, every_s: float = 0.5) -> list[Telling]:
    """All that is told of pictures half a second apart, and of the time after."""
    made = tracks()
    told: list[Telling] = []
    for number, found in enumerate(pictures):
        told += made.add(found, NOON_US + round(number * every_s * S))
    return told + made.gone(NOON_US + round(len(pictures) * every_s * S) + GONE_AFTER_US)


def drives(texts: Sequence[str], **how: float) -> list[list[Sighting]]:
    """A car that comes on, read so on each picture; nothing where a text is empty."""
    return [
        [sighting(seen(text, 200 + 60 * number, **how), number * 0.5)] if text else []
        for number, text in enumerate(texts)
    ]


def test_a_car_is_told_once_as_soon_as_it_is_sure() -> None:
    made = tracks()
    first, second, third = drives(["QQ7X4K"] * 3)
    assert made.add(first, first[0].at_us) == [], "one picture alone waits for another"
    (telling,) = made.add(second, second[0].at_us)
    assert (telling.text, telling.revision, telling.sightings) == ("QQ7X4K", 1, 2)
    assert made.add(third, third[0].at_us) == [] == made.gone(third[0].at_us + GONE_AFTER_US)


def test_what_most_pictures_say_is_told_and_a_wrong_one_is_outvoted() -> None:
    (telling,) = passed(drives(["QQ7X4K", "QQ7X4K", "OQ7X4K", "QQ7X4X", "QQ7X4K"]))
    assert telling.text == "QQ7X4K"


def test_a_length_that_few_pictures_have_does_not_vote() -> None:
    (telling,) = passed(drives(["QQ7X4K", "QQ7X4", "QQ7X4K", "QQ7X4K"], sure=0.8))
    assert telling.text == "QQ7X4K"


def test_a_car_seen_once_is_told_once_it_has_gone() -> None:
    made = tracks()
    (one,) = drives(["QQ7X4K"])
    assert made.add(one, one[0].at_us) == [] == made.gone(one[0].at_us + GONE_AFTER_US - 1)
    (telling,) = made.gone(one[0].at_us + GONE_AFTER_US)
    assert (telling.text, telling.sightings) == ("QQ7X4K", 1)


def test_a_car_seen_once_where_nothing_moved_is_told_nowhere() -> None:
    made = tracks()
    made.add([sighting(seen("QQ7X4K", 300), 0, moved=False)], NOON_US)
    assert made.close() == []


def test_what_is_read_better_later_is_a_revision_of_the_same_passing() -> None:
    first, *rest = told = passed(
        drives(["QX7X4K", "QX7X4K", "QQ7X4K", "QQ7X4K", "QQ7X4K", "QQ7X4K"], sure=0.97)
    )
    assert first.text == "QX7X4K" and rest[-1].text == "QQ7X4K"
    assert {one.number for one in told} == {first.number}
    assert [one.revision for one in told] == list(range(1, len(told) + 1))
    times = [one.at_us for one in told]
    assert times == sorted(times), "the later word is the later by its time"


def test_a_sign_is_told_nowhere_though_cars_pass_before_it() -> None:
    made = tracks()
    told: list[Telling] = []
    for number in range(60):
        sign = sighting(seen("TOWING5", 900, 100), number * 0.5)
        shown = [] if number % 7 == 3 else [sign]  # a lorry hides it now and then
        told += made.add(shown, sign.at_us)
    # Nothing moves for minutes, then a car does, and the sign is on one picture alone.
    late = sighting(seen("TOWING5", 901, 101), 150)
    told += made.add([late], late.at_us)
    assert told + made.close() == []


def test_a_car_that_stays_in_sight_is_one_passing_however_seldom_there_is_time_to_look() -> None:
    made = tracks()
    told: list[Telling] = []
    for number in range(6):
        one = sighting(seen("QQ7X4K", 300 + 60 * number), 3.5 * number)
        told += made.add([one], one.at_us)
    told += made.close()
    assert len({one.number for one in told}) == 1


def test_a_parked_car_is_told_when_it_drives_off() -> None:
    stands = [[sighting(seen("QQ7X4K", 300), number * 0.5)] for number in range(10)]
    leaves = [[sighting(seen("QQ7X4K", 300 + 50 * number), 5 + number * 0.5)] for number in range(6)]
    assert passed(stands) == []
    (telling,) = passed([*stands, *leaves])
    assert telling.text == "QQ7X4K"


def test_two_cars_side_by_side_are_two_tellings() -> None:
    told = passed(
        [
            [
                sighting(seen("QQ7X4K", 200 + 60 * n, 300), n * 0.5),
                sighting(seen("ZZ3R8W", 260 + 60 * n, 500), n * 0.5),
            ]
            for n in range(5)
        ]
    )
    assert sorted(one.text for one in told) == ["QQ7X4K", "ZZ3R8W"] and len({one.number for one in told}) == 2


def test_a_clock_that_jumps_ends_what_was_in_sight_and_loses_nothing() -> None:
    for jump_s in (-3600.0, 3600.0):
        made = tracks()
        first, *_ = drives(["QQ7X4K"])
        told = made.add(first, first[0].at_us)
        later = sighting(seen("QQ7X4K", 500), jump_s)
        told += made.add([later], later.at_us)
        told += made.close()
        assert [one.text for one in told] == ["QQ7X4K", "QQ7X4K"], jump_s
        assert len({one.number for one in told}) == 2


def test_a_line_that_is_hardly_a_plate_is_told_nowhere() -> None:
    assert passed(drives(["QQ7X4K"] * 4, rank=0.2)) == []


def test_the_picture_is_of_the_best_sighting() -> None:
    pictures = [
        [sighting(seen("QQ7X4K", 200 + 90 * n, wide=60 + 30 * n), n * 0.5, crop=bytes([n]))] for n in range(2)
    ]
    (telling,) = passed(pictures)
    assert telling.crop == b"\x01"


@given(
    st.lists(st.sampled_from(["QQ7X4K", "QQ7X4X", "OQ7X4K", "QQ7X4", ""]), max_size=12), st.integers(0, 40)
)
def test_whatever_is_read_of_one_car_it_is_one_passing_whose_revisions_count_up(
    texts: list[str], dx: int
) -> None:
    pictures = [
        [sighting(seen(text, 200 + (20 + dx) * n), n * 0.5)] if text else [] for n, text in enumerate(texts)
    ]
    made = tracks()
    told: list[Telling] = []
    for number, found in enumerate(pictures):
        told += made.add(found, NOON_US + round(number * 0.5 * S))
    told += made.close()
    by_number: dict[str, list[int]] = {}
    for one in told:
        by_number.setdefault(one.number, []).append(one.revision)
    assert all(revisions == list(range(1, len(revisions) + 1)) for revisions in by_number.values())
    assert all(0 < one.probability <= 1 and len(one.guesses) <= 5 for one in told)
    assert made.close() == []


def test_what_a_detector_s_labels_say_of_a_car_is_told_by_vote_and_nothing_without_one() -> None:
    said = [("red", "pickup", 0.9), (None, "car", 0.5), ("blue", "pickup", 0.4)]
    drive = drives(["QQ7X4K"] * 3)
    for found, (colour, body, score) in zip(drive, said, strict=True):
        vehicle = VehicleSeen((0, 0, 9, 9), score, colour, body)
        found[0] = replace(found[0], seen=replace(found[0].seen, vehicle=vehicle))
    made = tracks()
    assert [made.add(found, found[0].at_us) for found in drive[:1]] == [[]]
    (telling,) = made.add(drive[1], drive[1][0].at_us)
    assert (telling.colour, telling.body) == ("red", "pickup")
    told = claim_of(telling).vehicle
    assert (told.colour, told.body, told.make) == ("red", "pickup", None)
    (plain,) = passed(drives(["QQ7X4K"] * 3))
    assert claim_of(plain).vehicle.colour is None
