"""Small secrets at rest: AES-256-GCM under a key from a 0600 file. Not for footage, which has keys of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class Unreadable(ValueError):
    """The secret was sealed under another key, for another thing, or changed."""


class Envelope:
    """Seals and opens bytes bound to the thing they belong to."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Nonce and ciphertext of `plain`, bound to `about`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """The plain bytes. Raises Unreadable."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
        except (InvalidTag, ValueError) as error:  # too short to have been sealed
            raise Unreadable("the secret does not open: another key, or it was changed") from error


def key_from_file(path: Path) -> bytes:
    """The 32-byte key in `path`, made whole with mode 0600 at the first call, by whichever process comes first."""
    if not path.exists():
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name}.", dir=path.parent
        )  # 0600 from its first moment
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_bytes()
