"""Identifiers: UUIDv7 inside (RFC 9562), `cam_<26 Crockford base32>` outside. No meaning may be read from one."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE: Final = {c: i for i, c in enumerate(_CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_LENGTH: Final = 26

_lock = threading.Lock()
_last = 0


class BadId(ValueError):
    """The text is not an identifier of the kind that was asked for."""


def uuid7(now: datetime) -> UUID:
    """A UUIDv7 of `now`: 48 bits of Unix milliseconds, then a counter that keeps this process's ids in order."""
    global _last
    millis = int(now.timestamp() * 1000)
    with _lock:
        tail = secrets.randbits(74)
        # 12 bits of rand_a carry the order within a millisecond; a clock set back must not reorder ids.
        stamp = max(millis << 12, _last + 1)
        _last = stamp
    millis, order = stamp >> 12, stamp & 0xFFF
    value = (millis << 80) | (0x7 << 76) | (order << 64) | (0b10 << 62) | (tail & ((1 << 62) - 1))
    return UUID(int=value)


def first_of(now: datetime) -> UUID:
    """What no id made from `now` on is less than: for asking an index for what is recent."""
    return UUID(int=int(now.timestamp() * 1000) << 80)


def made_at(value: UUID) -> datetime:
    """The moment of which a UUIDv7 of ours was made, in milliseconds."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)


def encode(prefix: str, value: UUID) -> str:
    """The outside form: `prefix_` and 26 Crockford base32 characters."""
    number = value.int
    digits = [_CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5)]
    return f"{prefix}_{''.join(digits)}"


def decode(prefix: str, text: str) -> UUID:
    """The UUID behind an outside form; letters of either case, O, I and L read as 0, 1 and 1.

    Raises BadId when the prefix, the length, a character or the range is wrong.
    """
    head, _, body = text.partition("_")
    if head != prefix or len(body) != _LENGTH:
        raise BadId(f"{text[:40]!r} is not an identifier of the form {prefix}_…")
    number = 0
    for character in body.upper():
        digit = _VALUE.get(character)
        if digit is None:
            raise BadId(f"{text[:40]!r} holds a character that no identifier has")
        number = (number << 5) | digit
    if number >> 128:
        raise BadId(f"{text[:40]!r} is out of range")
    return UUID(int=number)


_NAMES: Final = UUID("5b4f6c1e-7a57-5e3a-9d52-6d2f0c1b7a11")


def name_uuid(name: str) -> UUID:
    """The fixed id of something known by its name alone: a process, a role's machine."""
    return uuid5(_NAMES, name)
