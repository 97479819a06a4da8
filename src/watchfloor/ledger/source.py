"""Where a log is read from for verifying: a folder, or a web address that serves one. It reads, and trusts nothing."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import httpx

from watchfloor.governance.merkle import HASH_BYTES
from watchfloor.governance.tiles import (
    ENTRIES,
    LARGEST_BUNDLE,
    WIDTH,
    Tile,
    decode_bundle,
    encode_bundle,
)
from watchfloor.kit.errors import Invalid, Unavailable

_TIMEOUT_S: Final = 30.0


class Source(Protocol):
    """Something that has the files of a log."""

    def read(self, path: str, most: int) -> bytes | None:
        """The file, None when there is none. Raises Unavailable when that cannot be told, Invalid when over `most`."""
        ...


class Folder:
    """A log in a directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, most: int) -> bytes | None:
        try:
            with (self._root / path).open("rb") as file:
                content = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}.") from error
        return _within(path, content, most)


class Web:
    """A log behind http(s)."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/"
        self._client = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, path: str, most: int) -> bytes | None:
        try:
            with self._client.stream("GET", self._url + path) as answer:
                if answer.status_code in (404, 410):
                    return None
                if answer.status_code != 200:
                    raise Unavailable(f"{self._url}{path} answers with status {answer.status_code}.")
                content = bytearray()
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > most:
                        break
                return _within(path, bytes(content), most)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(
                f"{self._url}{path} cannot be fetched: {str(error) or type(error).__name__}."
            ) from error


def _within(path: str, content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise Invalid(f"{path} is larger than {most} bytes, which no such file of a log is")
    return content


def read_tile(source: Source, tile: Tile) -> bytes | None:
    """A tile's bytes at its width, cut from the full one where that has replaced it; None when neither is there.

    Raises Unavailable when it cannot be read, Invalid when it is malformed.
    """
    most = LARGEST_BUNDLE if tile.level == ENTRIES else WIDTH * HASH_BYTES
    content = source.read(tile.path, most)
    if content is None and tile.width < WIDTH:
        full = source.read(tile.full.path, most)
        if full is None:
            return None
        if tile.level == ENTRIES:
            return encode_bundle(decode_bundle(full)[: tile.width])
        return full[: tile.width * HASH_BYTES]
    return content
