"""The server's end of a recorder's tap: one connection per camera, frames as they come. It decides nothing."""

from __future__ import annotations

import asyncio
import ssl
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from watchfloor.cameras import wire
from watchfloor.cameras.wire import TapAsk
from watchfloor.kit.errors import Invalid, Unavailable

_SCHEME = "unix:"
_TLS = "tls"
_CONNECT_S = 2.0


class Tap:
    """A connection to a tap."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(
        cls, url: str, camera: UUID, token: str, tls: ssl.SSLContext | None = None, *, sub: bool = False
    ) -> Self:
        """Connect and ask. Raises Unavailable when nobody listens there whom we know, or who knows us by `tls`."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await _connected(url, tls)
        except (OSError, TimeoutError) as error:
            raise Unavailable("The recorder of this camera does not answer.") from error
        tap = cls(reader, writer)
        tap.renew(camera, token, sub=sub)
        return tap

    def renew(self, camera: UUID, token: str, *, sub: bool = False) -> None:
        """Show a fresh token; the tap closes when the last one ends."""
        write_frame(self._writer, msgspec.json.encode(TapAsk(camera, token, sub)))

    async def next(self) -> bytes:
        """The next live frame. Raises Unavailable when the tap is closed."""
        try:
            return await read_frame(self._reader, wire.LONGEST)
        except (asyncio.IncompleteReadError, OSError, Invalid) as error:
            raise Unavailable("The recorder of this camera has gone.") from error

    def close(self) -> None:
        """Leave."""
        self._writer.close()


async def _connected(
    url: str, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if url.startswith(_SCHEME):
        return await asyncio.open_unix_connection(url.removeprefix(_SCHEME))
    place = urlsplit(url)
    if place.scheme != _TLS or place.hostname is None:
        raise Unavailable("The recorder of this camera cannot be reached from here.")
    if tls is None:
        raise Unavailable(
            "The recorder of this camera is on another machine, and this one has no certificate to show it.",
            next_step="See record.tap_cert_file.",
        )
    return await asyncio.open_connection(place.hostname, place.port, ssl=tls)


async def read_frame(reader: asyncio.StreamReader, longest: int) -> bytes:
    """One frame of a tap's stream. Raises IncompleteReadError at its end, Invalid when it is too long."""
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > longest:
        raise Invalid(f"a frame of {size} bytes on a tap")
    return await reader.readexactly(size)


def write_frame(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Put one frame on a tap's stream."""
    writer.write(b"".join((len(data).to_bytes(4, "big"), data)))  # in one piece: each write is a system call
