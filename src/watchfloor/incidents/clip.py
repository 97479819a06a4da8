"""Sound that was pulled of a located source: which pulse it is around, what came of it, how it is heard and drawn. Pure.

It decides nothing of who may: a clip may hold speech, and whoever opens one is in the log.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal, NewType
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.pull import FEWEST
from watchfloor.incidents.sound import Sound, SoundSource
from watchfloor.kit.errors import Conflict

SoundClipId = NewType("SoundClipId", UUID)
State = Literal["asked", "clip", "refused", "silent"]
BEFORE: Final = timedelta(seconds=1)
AFTER: Final = timedelta(seconds=2)
"""Around the first pulse of it at that microphone: within two seconds of it, as the microphone itself wants it."""
_MOST_NAMED: Final = 100
_STEP: Final = 128
_LEAST_DB: Final = -100.0


class NotHeardThere(Conflict):
    """A microphone of which no sound of a source can be asked."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason="not_heard_there", next_step="Choose a microphone that heard it.")


@dataclass(frozen=True, slots=True)
class SoundClip:
    """A pull and what came of it; `samples` are 16 bits of one channel, little-endian, where a clip came."""

    id: SoundClipId
    alert: UUID
    source: UUID
    microphone: MicrophoneId
    authorisation: UUID
    entry: UUID
    asked_by: UUID
    asked_at: datetime
    begins: datetime
    ends: datetime
    erase_after: datetime
    state: State = "asked"
    answered_at: datetime | None = None
    reason: str | None = None
    detail: str | None = None
    clip_begins: datetime | None = None
    rate: int | None = None
    sha256: str | None = None
    samples: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """The source and its pulse at a microphone that sound is pulled around, and the pulses that a microphone is told of."""

    source: SoundSource
    key: str
    heard_by: tuple[tuple[MicrophoneId, str], ...]


def around(sound: Sound, microphone: MicrophoneId) -> Around:
    """What of a sound this microphone is asked around: the first pulse that it has of the surest source that stands.

    Raises NotHeardThere where it heard none, or fewer than three did.
    """
    heard = [one for one in sound.standing if microphone in one.located.heard]
    if not heard:
        raise NotHeardThere("This microphone heard nothing of what is located.")
    source = max(heard, key=lambda one: one.located.log_odds)
    first: dict[MicrophoneId, str] = {}
    for fired in source.located.rounds:
        for who, key in fired.heard:
            first.setdefault(who, key)
    if len(first) < FEWEST:
        raise NotHeardThere("Fewer than three microphones heard it: sound is pulled of what three located.")
    others = [(who, key) for who, key in first.items() if who != microphone][: _MOST_NAMED - 1]
    return Around(source, first[microphone], ((microphone, first[microphone]), *others))


def wav(samples: bytes, rate: int) -> bytes:
    """The same as a file that players know."""
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    head = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", len(head) + len(samples)) + head + samples


@dataclass(frozen=True, slots=True)
class Drawn:
    """How loud it is, dB below the loudest that there can be, in steps of `step_s`: in all, and in each band whose middle is in `hertz`."""

    step_s: float
    hertz: Sequence[int]
    loudness: Sequence[int]
    bands: Sequence[Sequence[int]]
    """One row a band, the lowest first."""


_BANDS: Final = 48
_LOWEST_HZ: Final = 80.0


def drawn(samples: bytes, rate: int) -> Drawn:
    """A spectrogram of bands that are as wide as their pitch, and the envelope."""
    wave = np.frombuffer(samples, "<i2") / 32_768
    size = 4 * _STEP
    padded = np.concatenate([wave, np.zeros(max(0, size - len(wave)))])
    parts = np.lib.stride_tricks.sliding_window_view(padded, size)[::_STEP]
    power = np.abs(np.fft.rfft(parts * np.hanning(size), axis=1)) ** 2 * (4 / size**2)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    edges = [float(edge) for edge in np.geomspace(_LOWEST_HZ, 0.49 * rate, _BANDS + 1)]
    lines = power.T
    rows = [_decibels(lines[_between(hertz, low, high)].mean(axis=0)) for low, high in pairwise(edges)]
    middles = [round((low * high) ** 0.5) for low, high in pairwise(edges)]
    return Drawn(_STEP / rate, middles, _decibels((parts**2).mean(axis=1)), rows)


def _between(hertz: NDArray[np.floating], low: float, high: float) -> slice:
    """The lines of a spectrum in a band; the nearest one where it is narrower than a line."""
    begins, ends = (int(np.searchsorted(hertz, edge)) for edge in (low, high))
    nearest = int(np.argmin(np.abs(hertz - (low + high) / 2)))
    return slice(begins, ends) if ends > begins else slice(nearest, nearest + 1)


def _decibels(power: NDArray[np.float64]) -> list[int]:
    levels: list[int] = np.rint(np.maximum(10 * np.log10(power + 1e-12), _LEAST_DB)).astype(int).tolist()
    return levels
