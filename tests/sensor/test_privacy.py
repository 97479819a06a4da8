"""What leaves of speech, measured on sound that is built as speech is: how many bits, and what can be made of them again.

It shows that the numbers sent hold too little for words, and that the best that a decoder who knows their meaning makes of them is no
nearer to what was said than anything of that loudness. It does not show that nobody could tell more who trained on one speaker's few words,
nor anything of a clip, which is sound and may hold speech.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from tests.sensor.sounds import RATE, Floats, sixteen, speech, street
from watchfloor_sensor.ears import MOST_PULSES_A_MINUTE, Ears
from watchfloor_sensor.features import COUNT, MOST_A_MINUTE
from watchfloor_sensor.outbox import Pulse
from watchfloor_sensor.timing import Recorded

SECONDS = 12.0
_DIVIDES = (400.0, 700.0, 1_200.0, 2_000.0, 3_500.0)
LEAST_CODER = 450.0
"""Bits a second of Codec 2's slowest way, the least that is known to carry a voice."""


@pytest.fixture(scope="module")
def said() -> Floats:
    return speech(SECONDS, seed=3)


@pytest.fixture(scope="module")
def sent(said: Floats) -> list[Pulse]:
    """What a sensor right beside the speaker sends."""
    ears = Ears(RATE, Recorded(RATE, datetime.fromtimestamp(0, UTC), 1.0), full_scale_db=120.0)
    whole = sixteen(said + street(SECONDS, level=0.0005))
    return [p for n in range(0, len(whole), 3_000) for p in ears.hears(whole[n : n + 3_000])]


def test_what_is_sent_of_speech_is_fewer_bits_than_any_coder_of_a_voice_needs(sent: list[Pulse]) -> None:
    assert len(sent) > SECONDS, "speech beside it is heard: that is what is asked here"
    described = [pulse.features for pulse in sent if pulse.features]
    of_features = sum(_entropy([one[n] for one in described]) for n in range(COUNT)) * len(described)
    gaps = np.diff([round(pulse.at.timestamp() * RATE) for pulse in sent])
    # When: no more than a uniform choice among the samples of the mean gap and e times as many.
    of_times = len(sent) * np.log2(np.e * float(gaps.mean()))
    of_levels = len(sent) * sum(
        _entropy([round(value) for value in values])
        for values in ([p.snr_db for p in sent], [p.peak_db for p in sent])
    )
    assert (of_features + of_times + of_levels) / SECONDS < LEAST_CODER
    # However it is driven, by the limits alone: described sounds of 8 bits a number.
    assert MOST_A_MINUTE * COUNT * 8 / 60 <= 96
    assert len(sent) <= MOST_PULSES_A_MINUTE


def test_what_a_decoder_makes_of_it_is_hardly_nearer_to_what_was_said_than_other_speech(
    said: Floats, sent: list[Pulse]
) -> None:
    chance = np.random.default_rng(9)
    rebuilt = _likeness(said, _rebuilt(sent, len(said), chance))
    other = _likeness(said, speech(SECONDS, seed=50))
    # A measure that could not tell would prove nothing: noise in four bands that follows the voice can be understood (Shannon 1995).
    understood = _likeness(said, _vocoded(said, chance))
    noisy = _likeness(said, said + said.std() * chance.standard_normal(len(said)))
    assert understood > 0.5 and noisy > 0.7 and _likeness(said, said) > 0.99
    assert rebuilt < 0.3 and rebuilt - other < 0.15


def _entropy(values: list[int]) -> float:
    """Bits a value, by how often each comes."""
    _, counts = np.unique(values, return_counts=True)
    parts = counts / counts.sum()
    return float(-(parts * np.log2(parts)).sum())


def _rebuilt(sent: list[Pulse], count: int, chance: np.random.Generator) -> Floats:
    """Noise of each pulse's bands that dies away as it says, at its moment and of its level: all that is known, put to use."""
    out, length = np.zeros(count), round(0.2 * RATE)
    after = np.arange(length) / RATE
    for pulse in sent:
        noise = chance.standard_normal(length)
        parts: tuple[int, ...] = (-2,) * 4
        dies: tuple[int, ...] = (-1, -3, -5, -8)
        if pulse.features:
            parts, dies = pulse.features[3:7], pulse.features[7:11]
        gains = [10 ** (3 * part / 20) for part in parts]
        wave = sum(
            gain * _band(noise, low, high)
            for gain, (low, high) in zip(gains, pairwise(_DIVIDES), strict=True)
        )
        levels = [1.0, *(10 ** (3 * step / 20) for step in dies), 1e-3]
        wave = np.asarray(wave) * np.interp(after, [0, 0.006, 0.012, 0.024, 0.048, 0.2], levels)
        wave *= 10 ** ((pulse.peak_db - 120) / 20) / np.max(np.abs(wave))
        first = round(pulse.at.timestamp() * RATE)
        wave = wave[: max(0, count - first)]
        out[first : first + len(wave)] += wave
    return out


def _vocoded(wave: Floats, chance: np.random.Generator) -> Floats:
    noise, out = chance.standard_normal(len(wave)), np.zeros(len(wave))
    slow = signal.butter(2, 32, fs=RATE, output="sos")
    for low, high in pairwise(_DIVIDES):
        loudness = signal.sosfilt(slow, np.abs(_band(wave, low, high)))
        out += _band(noise, low, high) * np.maximum(loudness, 0.0)
    return out


def _band(wave: Floats, low: float, high: float) -> Floats:
    out: Floats = signal.sosfilt(signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos"), wave)
    return out


def _loudness(wave: Floats) -> Floats:
    hertz, _, parts = signal.stft(wave, RATE, nperseg=256, noverlap=128, nfft=512)
    power, middle = np.abs(parts) ** 2, 150 * 2 ** (np.arange(15) / 3)
    edges = [(hertz >= one * 2 ** (-1 / 6)) & (hertz < one * 2 ** (1 / 6)) for one in middle]
    return np.array([np.sqrt(power[edge].sum(axis=0) + 1e-12) for edge in edges])


def _likeness(clean: Floats, other: Floats) -> float:
    """How far the loudness of third octaves goes together over 0.4 s, as STOI has it (Taal 2011): 1 is the same, 0 nothing."""
    one, two = _loudness(clean), _loudness(other)
    loud = np.linalg.norm(one, axis=0)
    heard = loud > loud.max() / 100
    spans = [
        np.lib.stride_tricks.sliding_window_view(part[:, heard], 36, axis=1)[:, ::5] for part in (one, two)
    ]
    x, y = (span - span.mean(axis=2, keepdims=True) for span in _clipped(*spans))
    both = (x * y).sum(axis=2) / (np.linalg.norm(x, axis=2) * np.linalg.norm(y, axis=2) + 1e-9)
    return float(both.mean())


def _clipped(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    scale = np.linalg.norm(x, axis=2, keepdims=True) / (np.linalg.norm(y, axis=2, keepdims=True) + 1e-9)
    return x, np.minimum(y * scale, x * (1 + 10 ** (15 / 20)))
