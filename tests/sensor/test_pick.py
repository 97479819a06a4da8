"""What the sensor hears of made sound: when, how surely, and by nothing that is still to come."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sensor.sounds import RATE, Floats, sixteen, street, with_bangs
from watchfloor_sensor.band import BadRate, Thinning
from watchfloor_sensor.ears import MOST_PULSES_A_MINUTE, Ears
from watchfloor_sensor.features import COUNT, LEAST_APART_S, MOST_A_MINUTE
from watchfloor_sensor.onset import KNOWN_AFTER_S, SHORT_S
from watchfloor_sensor.outbox import Pulse
from watchfloor_sensor.timing import Recorded

BEGAN = datetime(2026, 11, 29, 3, 14, 15, tzinfo=UTC)


def ears(rate: int = RATE) -> Ears:
    return Ears(rate, Recorded(rate, BEGAN, 1.0), full_scale_db=120.0)


def pulses(wave: Floats, rate: int = RATE, piece: int = 3_000) -> list[Pulse]:
    one, whole = ears(rate), sixteen(wave)
    return [p for begins in range(0, len(whole), piece) for p in one.hears(whole[begins : begins + piece])]


def seconds(found: list[Pulse]) -> list[float]:
    return [(pulse.at - BEGAN).total_seconds() for pulse in found]


@pytest.mark.parametrize("rate", [8_000, 12_000, 16_000, 44_100, 48_000])
def test_bangs_in_a_street_are_told_to_a_millisecond_at_any_rate(rate: int) -> None:
    true = [0.8, 1.25, 1.5004, 2.9]
    found = pulses(with_bangs(street(3.5, rate=rate), true, rate=rate), rate)
    for at in true:
        (near,) = [p for p in found if abs((p.at - BEGAN).total_seconds() - at) < 0.005]
        assert abs((near.at - BEGAN).total_seconds() - at) < 0.001
        assert near.snr_db > 20 and 100 < near.peak_db <= 121
    assert len(pulses(street(3.5, rate=rate), rate)) <= 1


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(300, 9_000), min_size=1, max_size=8), st.sampled_from([12_000, 48_000]))
def test_in_whatever_pieces_it_comes_the_same_is_heard(pieces: list[int], rate: int) -> None:
    pieces = [1, *pieces]
    wave = with_bangs(street(0.9, rate=rate), [0.4, 0.55], rate=rate)
    whole, one, at = sixteen(wave), ears(rate), 0
    found: list[Pulse] = []
    while at < len(whole):
        for size in pieces:
            found += one.hears(whole[at : at + size])
            at += size
    at_once = pulses(wave, rate, len(wave))
    assert seconds(found) == seconds(at_once) and seconds(found)
    assert [p.features for p in found] == [p.features for p in at_once]


def test_nothing_is_told_by_what_is_still_to_come_and_how_late_it_is_known_is_stated() -> None:
    wave = with_bangs(street(1.2), [0.6])
    known = 0.6 + KNOWN_AFTER_S + SHORT_S + 0.002
    assert seconds(pulses(wave[: round(known * RATE)])) == seconds(pulses(wave))[:1]
    assert ears().known_after_s == KNOWN_AFTER_S
    assert 0 < ears().band.rises_s < 0.001, "the filter rises at once"


def test_what_is_thinned_is_of_its_own_moment() -> None:
    thinning = Thinning(48_000)
    click = np.zeros(4_800, dtype=np.int16)
    click[2_400] = 20_000
    out = np.concatenate([thinning.thinned(click[n : n + 700]) for n in range(0, 4_800, 700)])
    assert (int(np.argmax(np.abs(out))) - thinning.delay) * thinning.step == 2_400
    with pytest.raises(BadRate, match="7999 samples a second"):
        Thinning(7_999)


def test_silence_a_hum_and_a_microphone_that_is_overdriven_are_no_flood() -> None:
    assert pulses(np.zeros(RATE)) == []
    hum = 0.3 * np.sin(2 * np.pi * 60 * np.arange(2 * RATE) / RATE)
    assert len(pulses(hum)) <= 1, "its beginning at most"
    square = np.sign(np.sin(2 * np.pi * 500 * np.arange(2 * RATE) / RATE))
    assert len(pulses(square)) <= 1


def test_of_a_rattle_no_more_is_told_than_may_be_and_few_are_described() -> None:
    one, rattle = ears(), sixteen(with_bangs(street(2.0), list(np.arange(0.05, 2.0, 0.07))))
    found = [pulse for _ in range(24) for pulse in one.hears(rattle)]
    assert one.flooded > 0
    at = np.array(seconds(found))
    described = np.array([bool(p.features) for p in found])
    for begins in (0.0, 7.0):
        minute = (at >= begins) & (at < begins + 60)
        assert minute.sum() <= MOST_PULSES_A_MINUTE and (minute & described).sum() <= MOST_A_MINUTE
    assert np.diff(at[described]).min() >= LEAST_APART_S - 1e-3
    assert {len(p.features) for p in found} == {0, COUNT}
    assert all(-128 <= number <= 127 for p in found for number in p.features)
