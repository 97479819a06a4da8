"""Password hashes and second factors. Slow by design: it runs in threads, few at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STEP_S: Final = 30
_AT_ONCE: Final = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's figures for argon2id
_DUMMY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$7aGZ9b8y2m7hJm0m3vWn2b1o8m8dQxq3i0b8oQv2c1A"
)


class Passwords:
    """argon2id, bounded so that a storm of sign-ins cannot take the machine."""

    def __init__(self, hasher: PasswordHasher = _hasher) -> None:
        self._hasher = hasher
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """The argon2id hash of a password."""
        async with self._few:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; with nobody to compare to, the same work is done and the answer is no."""
        async with self._few:
            return await asyncio.to_thread(self._verify, kept or _DUMMY, password) and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def new_totp_secret() -> str:
    """A base32 secret of 160 bits (RFC 4226)."""
    return pyotp.random_base32()


def totp_uri(secret: str, name: str, agency: str) -> str:
    """The `otpauth://` form that authenticator programs read."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"watchfloor {agency}")


def totp_step(secret: str, code: str, *, now: datetime, last_step: int | None) -> int | None:
    """The time step that `code` belongs to: this one or the one before, never one already used; None when wrong."""
    current = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1):
        if (last_step is None or step > last_step) and pyotp.utils.strings_equal(
            code.strip(), totp.at(step * STEP_S)
        ):
            return step
    return None
