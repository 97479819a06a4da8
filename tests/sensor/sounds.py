"""Sounds that we make: bangs in the noise of a street, and something that is built as speech is. None was recorded."""

from __future__ import annotations

import struct
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from watchfloor_sensor.audio import Wav
from watchfloor_sensor.band import Samples

Floats = NDArray[np.float64]
RATE = 12_000


def street(seconds: float, *, rate: int = RATE, seed: int = 0, level: float = 0.002) -> Floats:
    """Rumble with some hiss, full scale 1."""
    chance = np.random.default_rng(seed)
    rough = chance.standard_normal(round(seconds * rate))
    rumble = signal.sosfilt(signal.butter(1, 300, fs=rate, output="sos"), rough)
    both: Floats = level * (4 * rumble + 0.3 * rough)
    return both


def with_bangs(
    wave: Floats, at_s: Sequence[float], *, rate: int = RATE, level: float = 0.4, seed: int = 1
) -> Floats:
    """The same with bangs that begin at these moments: a front, then what walls send back."""
    chance = np.random.default_rng(seed)
    out = wave.copy()
    after = np.arange(round(0.25 * rate)) / rate
    for at in at_s:
        bang = np.exp(-after / 0.004) * np.sin(2 * np.pi * 900 * after + 1.2)
        bang += 0.35 * np.exp(-after / 0.05) * chance.standard_normal(len(after))
        begins = round(at * rate)
        end = min(len(out), begins + len(bang))
        out[begins:end] += level * bang[: end - begins]
    return out


def sixteen(wave: Floats) -> NDArray[np.int16]:
    """As a microphone gives it."""
    whole: NDArray[np.int16] = np.clip(np.rint(wave * 32_767), -32_768, 32_767).astype(np.int16)
    return whole


def wav(path: Path, wave: Floats, rate: int = RATE) -> Path:
    """The same as a file."""
    data = sixteen(wave).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip
    return path


_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""The first three resonances of five vowels of men, Hz (Peterson and Barney 1952)."""


def speech(seconds: float, *, rate: int = RATE, seed: int = 0) -> Floats:
    """Built as speech is, of no language: a voice whose pitch falls, through the resonances of vowels, four syllables a second, each
    begun by a burst or a hiss, with pauses between words."""
    chance = np.random.default_rng(seed)
    out = np.zeros(round(seconds * rate))
    at = 0.1
    while at < seconds - 0.5:
        for _ in range(int(chance.integers(1, 4))):
            at += _syllable(out, at, chance, rate)
        at += float(chance.uniform(0.1, 0.3))
    said: Floats = 0.3 * out / np.max(np.abs(out))
    return said


def _syllable(out: Floats, at: float, chance: np.random.Generator, rate: int) -> float:
    begun, voiced = float(chance.uniform(0.03, 0.08)), float(chance.uniform(0.1, 0.2))
    hiss = chance.standard_normal(round(begun * rate))
    if chance.random() < 0.5:  # a burst: silence, then all at once
        hiss *= np.exp(-np.arange(len(hiss)) / rate / 0.006)
    low = float(chance.uniform(800, 2000))
    hiss = signal.sosfilt(signal.butter(2, (low, low + 1500), "bandpass", fs=rate, output="sos"), hiss)
    time = np.arange(round(voiced * rate)) / rate
    turns = np.cumsum(chance.uniform(95, 150) * (1 - 0.6 * time)) / rate
    voice = np.diff(np.floor(turns), prepend=0.0)
    for hertz, wide in zip(_VOWELS[int(chance.integers(len(_VOWELS)))], (80, 100, 140), strict=True):
        pole = np.exp((-np.pi * wide + 2j * np.pi * hertz) / rate)
        voice = signal.lfilter([1.0], np.poly([pole, pole.conjugate()]).real, voice)
    voice *= np.sin(np.pi * np.minimum(time / voiced, 1.0)) ** 0.5 / np.max(np.abs(voice))
    both = np.concatenate([0.25 * hiss / np.max(np.abs(hiss)), voice])
    first = round(at * rate)
    both = both[: len(out) - first]
    out[first : first + len(both)] += both
    return begun + voiced


class GoesOn(Wav):
    """A recording after which it is still, until it is told to end."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.ends = threading.Event()

    def piece(self) -> Samples | None:
        piece = super().piece()
        if piece is None:
            self.ends.wait(60)
        return piece
