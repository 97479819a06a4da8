"""Accounts, sessions and what may be a password. Values and pure rules only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.words import Role

MINIMUM_PASSWORD: Final = 15
MAXIMUM_PASSWORD: Final = 256
INVITATION_FOR: Final = timedelta(hours=48)
FAILURES_WITHIN: Final = timedelta(minutes=15)

_COMMON: Final = ("password", "watchfloor", "letmein", "qwerty", "123456", "welcome", "administrator")


@dataclass(frozen=True, slots=True)
class Person:
    """An account: a person of one agency and what they are to the center."""

    id: UUID
    agency: UUID
    name: str
    full_name: str
    roles: frozenset[Role]
    state: str
    second_factor: bool
    last_signed_in_at: datetime | None
    invited_until: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Credential:
    """What an account signs in with."""

    person: UUID
    password_hash: str = field(repr=False)
    totp_secret: bytes | None = field(repr=False)
    totp_last_step: int | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session as kept by the server; the token itself is with the person only."""

    id: UUID
    agency: UUID
    agency_name: str
    time_zone: str
    person: UUID
    name: str
    full_name: str
    roles: frozenset[Role]
    second_factor: bool
    has_totp: bool
    at: datetime
    seen_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brings along: the token of its session, and of the workstation it is, where there are such."""

    session: str | None = field(default=None, repr=False)
    workstation: str | None = field(default=None, repr=False)


NO_BROWSER: Final = Browser()


@dataclass(frozen=True, slots=True)
class Workstation:
    """A browser of the room that an administrator registered: while it is locked, live pictures of open incidents stay on it."""

    id: UUID
    name: str
    registered_by: str
    registered_at: datetime


def new_token() -> str:
    """A secret of 256 bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is kept of a token: SHA-256; the token has full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def password_fault(password: str, *, names: Sequence[str]) -> str | None:
    """What is wrong with a password, in a sentence; None when it will do (NIST SP 800-63B: length, no composition rules)."""
    if len(password) < MINIMUM_PASSWORD:
        return f"At least {MINIMUM_PASSWORD} characters; a short sentence does well."
    if len(password) > MAXIMUM_PASSWORD:
        return f"At most {MAXIMUM_PASSWORD} characters."
    folded = password.casefold()
    if any(len(name) >= 3 and name.casefold() in folded and len(folded) - len(name) < 8 for name in names):
        return "Too close to your own name."
    if len(set(folded)) < 6 or any(
        folded.replace(word, "", 1).strip("0123456789!.?-_ ") == "" for word in _COMMON
    ):
        return "Too easy to guess."
    return None
