"""Where sound comes from: a microphone of the board, raw samples on stdin, a WAV file. It gives pieces of 16-bit samples of one channel.

A file that is none, or breaks off, is told in words; nothing of a file is trusted but its samples.
"""

from __future__ import annotations

import queue
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import numpy as np

from watchfloor_sensor.band import LEAST_RATE, MOST_RATE, Samples

PIECE_S: Final = 0.25
"""How much is read at once: a sound is known so much later at most."""
MOST_CHANNELS: Final = 16
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MOST_CHUNKS: Final = 1_000


class BadAudio(Exception):
    """Sound that cannot be read, with what is wrong with it."""


class Source(Protocol):
    """Gives sound until there is none."""

    rate: int

    def piece(self) -> Samples | None:
        """The next samples; fewer than asked at the end, None after it. It may wait. Raises BadAudio."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Form:
    coding: int
    channels: int
    rate: int
    bits: int

    @property
    def frame(self) -> int:
        return self.channels * self.bits // 8


class Stream:
    """Raw samples, 16 bits, little-endian: what `arecord -t raw -f S16_LE -c 1` writes. A pipe that breaks off has ended."""

    def __init__(self, file: BinaryIO, rate: int, channels: int = 1, channel: int = 0) -> None:
        """Raises BadAudio."""
        if not (1 <= channels <= MOST_CHANNELS and 0 <= channel < channels):
            raise BadAudio(f"Channel {channel + 1} of {channels}: there is none.")
        self.rate = checked(rate)
        self._file, self._channels, self._channel = file, channels, channel

    def piece(self) -> Samples | None:
        frame = 2 * self._channels
        raw = bytes(self._whole(round(PIECE_S * self.rate) * frame))
        raw = raw[: len(raw) // frame * frame]
        if not raw:
            return None
        samples: Samples = np.frombuffer(raw, "<i2").reshape(-1, self._channels)[:, self._channel]
        return samples

    def close(self) -> None:
        self._file.close()

    def _whole(self, size: int) -> bytearray:
        """So many bytes, fewer at the end: a pipe gives what it has."""
        raw = bytearray()
        while len(raw) < size and (more := self._file.read(size - len(raw))):
            raw += more
        return raw


class Wav:
    """A WAV file of whole numbers (8, 16, 24, 32 bits) or floats (32 bits). `broken`: it ended before it said that it would."""

    def __init__(self, path: Path, channel: int = 0) -> None:
        """Raises BadAudio."""
        try:
            self._file = path.open("rb")
            self._size = path.stat().st_size
        except OSError as error:
            raise BadAudio(f"{path} cannot be read: {error.strerror}.") from error
        try:
            self._form, self._left = self._head()
        except BadAudio:
            self._file.close()
            raise
        self.rate = self._form.rate
        if not 0 <= channel < self._form.channels:
            self._file.close()
            raise BadAudio(f"Channel {channel + 1} of {self._form.channels}: there is none.")
        self._channel = channel
        self.broken = self._left > self._size - self._file.tell()

    @property
    def seconds(self) -> float:
        """Of what is left to read."""
        there = min(self._left, self._size - self._file.tell())
        return there / self._form.frame / self.rate

    def piece(self) -> Samples | None:
        frame = self._form.frame
        raw = self._file.read(min(round(PIECE_S * self.rate) * frame, self._left))
        self._left -= len(raw)
        raw = raw[: len(raw) // frame * frame]
        if not raw:
            return None
        return _sixteen(raw, self._form)[:, self._channel]

    def close(self) -> None:
        self._file.close()

    def _head(self) -> tuple[_Form, int]:
        riff = self._file.read(12)
        if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
            raise BadAudio("It is no WAV file.")
        form = None
        for name, size in self._chunks():
            if name == b"data":
                if form is None:
                    raise BadAudio("Its samples come before their form (fmt) is told.")
                return form, size
            if name == b"fmt ":
                form = _form(self._file.read(min(size, 64)))
                self._file.seek(max(0, size - 64) + size % 2, 1)
            else:
                self._file.seek(size + size % 2, 1)
        raise BadAudio("There are no samples in it.")

    def _chunks(self) -> Iterator[tuple[bytes, int]]:
        for _ in range(_MOST_CHUNKS):
            head = self._file.read(8)
            if len(head) < 8:
                return
            yield head[:4], struct.unpack("<I", head[4:])[0]


def _form(chunk: bytes) -> _Form:
    if len(chunk) < 16:
        raise BadAudio("The form of its samples (fmt) breaks off.")
    coding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if coding == _EXTENSIBLE and len(chunk) >= 26:
        coding = struct.unpack("<H", chunk[24:26])[0]
    known = (coding == _PCM and bits in (8, 16, 24, 32)) or (coding == _FLOAT and bits == 32)
    if not known:
        raise BadAudio(f"Its samples are of {bits} bits, coded as {coding}: 8 to 32 bits of PCM are read.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadAudio(f"It has {channels} channels.")
    return _Form(coding, channels, checked(rate), bits)


def checked(rate: int) -> int:
    """A rate that can be listened at. Raises BadAudio."""
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise BadAudio(f"{rate} samples a second; {LEAST_RATE} to {MOST_RATE} can be listened to.")
    return rate


def _sixteen(raw: bytes, form: _Form) -> Samples:
    """Any form as 16 bits, one row a moment."""
    if form.coding == _FLOAT:
        level = np.nan_to_num(np.frombuffer(raw, "<f4").astype(np.float64), nan=0.0, posinf=1.0, neginf=-1.0)
        whole = np.clip(level * 32_768, -32_768, 32_767).astype(np.int16)
    elif form.bits == 8:
        whole = (np.frombuffer(raw, np.uint8).astype(np.int16) - 128) * np.int16(256)
    elif form.bits == 16:
        whole = np.frombuffer(raw, "<i2").astype(np.int16)
    else:
        size = form.bits // 8
        parts = np.frombuffer(raw, np.uint8).reshape(-1, size)[:, -2:]
        whole = np.ascontiguousarray(parts).view("<i2")[:, 0].astype(np.int16)
    return whole.reshape(-1, form.channels)


class Microphone:
    """A microphone of this board, by the package `sounddevice`. `lost` is called where the board did not keep up."""

    def __init__(self, rate: int, device: str | None, lost: Callable[[], None]) -> None:
        """Raises BadAudio."""
        self.rate = checked(rate)
        self._lost = lost
        self._pieces: queue.Queue[bytes] = queue.Queue(maxsize=240)
        try:
            sounds = import_module("sounddevice")
        except (ImportError, OSError) as error:
            raise BadAudio(
                "A microphone is read by the package sounddevice and the library PortAudio, of which one is not here."
                " Install them, or pipe it in: arecord -t raw -f S16_LE -c 1 -r 48000 | watchfloor-sensor run --source -"
            ) from error
        try:
            self._stream = sounds.RawInputStream(
                samplerate=rate, channels=1, dtype="int16", device=device, callback=self._came,
                blocksize=round(PIECE_S * rate),
            )  # fmt: skip
            self._stream.start()
        except (sounds.PortAudioError, ValueError) as error:
            raise BadAudio(f"The microphone does not open: {error}") from error

    def piece(self) -> Samples | None:
        return np.frombuffer(self._pieces.get(), "<i2")

    def close(self) -> None:
        self._stream.close()

    def _came(self, data: bytes, _frames: int, _time: object, status: object) -> None:
        if status:
            self._lost()
        try:
            self._pieces.put_nowait(bytes(data))
        except queue.Full:
            self._lost()
