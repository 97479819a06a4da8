"""Keeps names and passwords of cameras and of sites: sealed in the database under a key outside it. They are never shown again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.cameras.address import Login
from watchfloor.kit.envelope import Envelope, Unreadable, key_from_file
from watchfloor.kit.errors import Unavailable

KEY_FILE: Final = "cameras.key"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A login as it is stored: the camera's own, or that of its site."""

    data: bytes
    site: UUID | None = None


class Vault:
    """Seals and opens logins, each bound to the camera or to the site it was given for."""

    def __init__(self, key: bytes) -> None:
        self._envelope = Envelope(key)

    @classmethod
    def of(cls, keys: Path) -> Vault:
        """The vault whose key is in the folder of keys."""
        return cls(key_from_file(keys / KEY_FILE))

    def seal(self, camera: UUID, login: Login) -> bytes:
        """The form that is stored."""
        return self._envelope.seal(msgspec.json.encode([login.user, login.password]), _about(camera))

    def seal_of_site(self, site: UUID, login: Login) -> bytes:
        """The form that is stored of a site's."""
        said = [login.user, login.password, *((login.authority,) if login.authority else ())]
        return self._envelope.seal(msgspec.json.encode(said), _about_site(site))

    def open(self, camera: UUID, sealed: Sealed) -> Login:
        """The login a camera is opened by. Raises Unavailable when it does not open."""
        return self._opened(sealed.data, _about(camera) if sealed.site is None else _about_site(sealed.site))

    def open_of_site(self, site: UUID, data: bytes) -> Login:
        """A site's login. Raises Unavailable when it does not open."""
        return self._opened(data, _about_site(site))

    def _opened(self, data: bytes, about: bytes) -> Login:
        try:
            said = msgspec.json.decode(self._envelope.open(data, about), type=list[str])
            return Login(*said)
        except (Unreadable, msgspec.DecodeError, TypeError) as error:
            raise Unavailable("The name and password cannot be read; enter them again.") from error


def _about(camera: UUID) -> bytes:
    return b"camera login/" + camera.bytes


def _about_site(site: UUID) -> bytes:
    return b"site login/" + site.bytes
