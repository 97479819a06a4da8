"""Seals footage: one chunk per group of pictures, AES-256-GCM, bound to camera, rule, day, run and place in the run.

A chunk that was altered, moved or re-dated does not open. It keeps no key and knows no file.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.model import Label

MAGIC: Final = b"WFCK"
VERSION: Final = 1
_HEAD: Final = struct.Struct(">4sBBHIIqQII")
_NONCE: Final = 12
_TAG: Final = 16
HEAD_SIZE: Final = _HEAD.size + _NONCE
_CONTEXT: Final = b"watchfloor footage chunk\x00\x01"
_WHOLE: Final = b"watchfloor thumbnail\x00\x01"
_LARGEST: Final = 256 * 1024 * 1024


class Altered(Unavailable):
    """Sealed footage does not open: it was altered, or lies where it does not belong."""


class ChunkKind(IntEnum):
    """What a chunk holds."""

    INIT = 0  # the init segment of the file's format
    KEY = 1  # frames from a keyframe on
    MORE = 2  # the rest of a group of pictures too long for one chunk


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a chunk without opening it.

    `number` rises within a run; `captured_us` is the first frame's wall time; `ticks` its time since the run began and
    `duration` the chunk's length, in 90 kHz ticks; `length` the size of nonce-less sealed bytes.
    """

    kind: ChunkKind
    number: int
    length: int
    captured_us: int
    ticks: int
    duration: int
    frames: int

    @property
    def size(self) -> int:
        """Bytes the whole chunk takes in a file."""
        return HEAD_SIZE + self.length


def seal(key: bytes, label: Label, head: Head, plain: bytes) -> tuple[bytes, bytes]:
    """The chunk as it is written: head and nonce, then the sealed bytes. `head.length` is set here."""
    packed = _packed(head, len(plain) + _TAG)
    # Random: a day key seals fewer than 2^18 chunks, so a repeat is out of reach even when a run is numbered twice.
    nonce = secrets.token_bytes(_NONCE)
    return packed + nonce, AESGCM(key).encrypt(nonce, plain, _bound(label, packed))


def read_head(data: bytes | memoryview) -> Head:
    """The head at the start of `data`. Raises Altered when there is none or it cannot be right."""
    if len(data) < HEAD_SIZE:
        raise Altered("A chunk of footage breaks off.")
    magic, version, kind, _, number, length, captured, ticks, duration, frames = _HEAD.unpack_from(data)
    if magic != MAGIC or version != VERSION or kind not in tuple(ChunkKind) or not _TAG <= length <= _LARGEST:
        raise Altered("Footage was expected here, and something else was found.")
    return Head(ChunkKind(kind), number, length, captured, ticks, duration, frames)


def open_sealed(key: bytes, label: Label, chunk: bytes | memoryview) -> tuple[Head, bytes]:
    """The head and the plain bytes of a whole chunk. Raises Altered unless every bit is as it was sealed."""
    head = read_head(chunk)
    if len(chunk) < head.size:
        raise Altered("A chunk of footage breaks off.")
    packed, nonce = bytes(chunk[: _HEAD.size]), bytes(chunk[_HEAD.size : HEAD_SIZE])
    try:
        return head, AESGCM(key).decrypt(nonce, bytes(chunk[HEAD_SIZE : head.size]), _bound(label, packed))
    except InvalidTag as error:
        raise Altered("Footage was altered, or lies where it does not belong.") from error


def seal_whole(key: bytes, label: Label, name: bytes, plain: bytes) -> bytes:
    """A small thing that goes with a day of footage, sealed under its key: nonce, then the sealed bytes. It opens under its name alone."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, _WHOLE + _where(label) + name)


def open_whole(key: bytes, label: Label, name: bytes, sealed: bytes) -> bytes:
    """The plain bytes. Raises Altered unless every bit is as it was sealed, under that name."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _WHOLE + _where(label) + name)
    except (InvalidTag, ValueError) as error:
        raise Altered("What was sealed was altered, or lies where it does not belong.") from error


def _packed(head: Head, length: int) -> bytes:
    return _HEAD.pack(
        MAGIC,
        VERSION,
        head.kind,
        0,
        head.number,
        length,
        head.captured_us,
        head.ticks,
        head.duration,
        head.frames,
    )


def _bound(label: Label, packed: bytes) -> bytes:
    return _CONTEXT + _where(label) + packed


def _where(label: Label) -> bytes:
    day = label.day
    return struct.pack(
        ">16sHIQ", label.camera.bytes, label.rule, day.year * 10000 + day.month * 100 + day.day, label.run
    )
