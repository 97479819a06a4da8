"""The server's end of a recorder's tap: one connection per camera, frames as they come. It decides nothing."""

from __future__ import annotations

import asyncio
from typing import Self
from uuid import UUID

import msgspec

from watchfloor.cameras import wire
from watchfloor.cameras.wire import TapAsk
from watchfloor.kit.errors import Invalid, Unavailable

_SCHEME = "unix:"
_CONNECT_S = 2.0


class Tap:
    """A connection to a tap."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str, camera: UUID, token: str) -> Self:
        """Connect and ask. Raises Unavailable when nobody listens there."""
        if not url.startswith(_SCHEME):
            raise Unavailable(
                "The recorder of this camera is on another machine, which is not supported yet."
            )
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_unix_connection(url.removeprefix(_SCHEME))
        except (OSError, TimeoutError) as error:
            raise Unavailable("The recorder of this camera does not answer.") from error
        tap = cls(reader, writer)
        tap.renew(camera, token)
        return tap

    def renew(self, camera: UUID, token: str) -> None:
        """Show a fresh token; the tap closes when the last one ends."""
        write_frame(self._writer, msgspec.json.encode(TapAsk(camera, token)))

    async def next(self) -> bytes:
        """The next live frame. Raises Unavailable when the tap is closed."""
        try:
            return await read_frame(self._reader, wire.LONGEST)
        except (asyncio.IncompleteReadError, OSError, Invalid) as error:
            raise Unavailable("The recorder of this camera has gone.") from error

    def close(self) -> None:
        """Leave."""
        self._writer.close()


async def read_frame(reader: asyncio.StreamReader, longest: int) -> bytes:
    """One frame of a tap's stream. Raises IncompleteReadError at its end, Invalid when it is too long."""
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > longest:
        raise Invalid(f"a frame of {size} bytes on a tap")
    return await reader.readexactly(size)


def write_frame(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Put one frame on a tap's stream."""
    writer.write(b"".join((len(data).to_bytes(4, "big"), data)))  # in one piece: each write is a system call
