"""Packages at rest: sealed in pieces of a megabyte, each package under a key of its own, whose destruction is the deletion.

The keys lie beside the day keys of footage, outside database and backups. A piece that was altered or moved does not open.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import struct
from collections.abc import AsyncIterator
from io import BufferedWriter
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.engines.layout import write_private
from watchfloor.kit.envelope import Envelope, Unreadable, key_from_file
from watchfloor.kit.errors import Expired, Unavailable
from watchfloor.storage.objects import Objects

PIECE: Final = 1024 * 1024
_NONCE: Final = 12
_MORE: Final = _NONCE + 16
_CONTEXT: Final = b"watchfloor export\x00\x01"
FOLDER: Final = "exports"


def object_path(agency: UUID, export: UUID) -> str:
    """Where a package lies among the objects."""
    return f"{FOLDER}/{agency}/{export}.wfx"


class ExportKeys:
    """A key for each package, in `folder`, wrapped under the one in `keys/`."""

    def __init__(self, folder: Path, wrapping: Path) -> None:
        self._folder, self._wrapping = folder, wrapping

    def make_or_find(self, export: UUID) -> bytes:
        """The package's key, on disk before it is returned."""
        path = self._path(export)
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, self._envelope.seal(secrets.token_bytes(32), export.bytes))
        return self.find(export)

    def find(self, export: UUID) -> bytes:
        """The package's key. Raises Expired once it is destroyed, Unavailable when its file is damaged."""
        try:
            return self._envelope.open(self._path(export).read_bytes(), export.bytes)
        except FileNotFoundError as error:
            raise Expired("The export was forgotten when its time was over.") from error
        except Unreadable as error:
            raise Unavailable("The key file of the export is damaged.") from error

    def destroy(self, export: UUID) -> None:
        """Overwrite and remove the key: from then on nobody opens the package, whatever becomes of its file."""
        path = self._path(export)
        if not path.exists():
            return
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()

    def all(self) -> list[UUID]:
        """Every package that has a key, by listing."""
        return sorted(UUID(path.stem) for path in self._folder.glob("*.key"))

    @property
    def _envelope(self) -> Envelope:
        return Envelope(key_from_file(self._wrapping))

    def _path(self, export: UUID) -> Path:
        return self._folder / f"{export}.key"


class SealingFile:
    """What is written goes to `path` sealed; it can only be written, from beginning to end."""

    def __init__(self, path: Path, key: bytes, export: UUID) -> None:
        self._file: BufferedWriter = path.open("wb")
        self._cipher, self._export = AESGCM(key), export
        self._waiting = bytearray()
        self._number = self.size = 0

    def write(self, content: bytes) -> int:
        """Take what comes next."""
        self._waiting += content
        self.size += len(content)
        # The last piece is known as such, so that a package cannot be cut short at one: it waits for `close`.
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def flush(self) -> None:
        """Nothing: a piece is written when it is whole."""

    def close(self) -> None:
        """Write what is left, to disk."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._file.write(_sealed(self._cipher, self._export, self._number, piece, last=last))
        self._number += 1


async def opened(objects: Objects, name: str, key: bytes, export: UUID, size: int) -> AsyncIterator[bytes]:
    """The plain package of `size` bytes, piece by piece. Raises Unavailable when it is not as it was sealed, or away."""
    cipher, pieces = AESGCM(key), max(1, -(-size // PIECE))
    for number in range(pieces):
        length = min(PIECE, size - number * PIECE) + _MORE
        sealed = await objects.get_range(name, number * (PIECE + _MORE), length)
        try:
            yield cipher.decrypt(
                sealed[:_NONCE], sealed[_NONCE:], _bound(export, number, last=number == pieces - 1)
            )
        except InvalidTag as error:
            raise Unavailable("The stored export was altered, or lies where it does not belong.") from error


async def remove(objects: Objects, keys: ExportKeys, agency: UUID, export: UUID) -> None:
    """Destroy a package: its key first, from when on nobody opens the file."""
    await asyncio.to_thread(keys.destroy, export)
    await objects.delete(object_path(agency, export))


def _bound(export: UUID, number: int, *, last: bool) -> bytes:
    return _CONTEXT + export.bytes + struct.pack(">Q?", number, last)


def _sealed(cipher: AESGCM, of: UUID, number: int, piece: bytes, *, last: bool) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, piece, _bound(of, number, last=last))


def seal_piece(key: bytes, of: UUID, number: int, piece: bytes, *, last: bool) -> bytes:
    """One piece as it lies in a file: for what comes part by part."""
    return _sealed(AESGCM(key), of, number, piece, last=last)


def open_piece(key: bytes, of: UUID, number: int, sealed: bytes, *, last: bool) -> bytes:
    """The piece again. Raises Unavailable when it was altered."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(of, number, last=last))
    except InvalidTag as error:
        raise Unavailable("What was sent was altered where it lies.") from error
