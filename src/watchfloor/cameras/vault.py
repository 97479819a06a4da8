"""Keeps cameras' names and passwords: sealed in the database under a key outside it. They are never shown again."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras.address import Login
from watchfloor.kit.envelope import Envelope, Unreadable, key_from_file
from watchfloor.kit.errors import Unavailable

KEY_FILE: Final = "cameras.key"


class Vault:
    """Seals and opens the login of one camera, bound to that camera."""

    def __init__(self, key: bytes) -> None:
        self._envelope = Envelope(key)

    @classmethod
    def of(cls, keys: Path) -> Vault:
        """The vault whose key is in the folder of keys."""
        return cls(key_from_file(keys / KEY_FILE))

    def seal(self, camera: UUID, login: Login) -> bytes:
        """The form that is stored."""
        return self._envelope.seal(msgspec.json.encode([login.user, login.password]), _about(camera))

    def open(self, camera: UUID, sealed: bytes) -> Login:
        """The login. Raises Unavailable when it does not open."""
        try:
            user, password = msgspec.json.decode(
                self._envelope.open(sealed, _about(camera)), type=tuple[str, str]
            )
        except (Unreadable, msgspec.DecodeError) as error:
            raise Unavailable("The camera's name and password cannot be read; enter them again.") from error
        return Login(user, password)


def _about(camera: UUID) -> bytes:
    return b"camera login/" + camera.bytes
