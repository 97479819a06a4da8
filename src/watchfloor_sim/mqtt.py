"""As much of an MQTT 3.1.1 client as a sensor needs: it comes in with name and password, publishes with QoS 1 and knows what was taken.

It imports nothing of the center, subscribes to nothing and keeps nothing: whoever publishes sends again what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Final

KEEP_ALIVE_S: Final = 120
"""A sensor sends something twice in that time."""
_CONNECT, _CONNACK, _PUBLISH_QOS_1, _PUBACK, _DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xE0
_DUP: Final = 0x08
_NAME_PASSWORD_CLEAN: Final = 0b11000010
_WORDS: Final = {
    1: "it does not speak MQTT 3.1.1",
    2: "it does not take this client id",
    3: "it is not available",
    4: "name or password is wrong",
    5: "it does not let this client in",
}


class NotLetIn(Exception):
    """The server said no, or nothing. `code` is its CONNACK's, 0 where it said nothing."""

    def __init__(self, code: int) -> None:
        super().__init__(_WORDS.get(code, "it closed the connection"))
        self.code = code


@dataclass
class Line:
    """A connection over which one publishes. It ends with the first error; a new one is opened by `opened`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _number: int = 0
    _waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    _hearing: asyncio.Task[None] | None = None

    @classmethod
    async def opened(
        cls, host: str, port: int, *, name: str, password: str, tls: ssl.SSLContext | None = None
    ) -> Line:
        """A connection; the client id is the name. Raises OSError, TimeoutError or NotLetIn."""
        async with asyncio.timeout(10):
            line = cls(*await asyncio.open_connection(host, port, ssl=tls))
            about = text("MQTT") + bytes([4, _NAME_PASSWORD_CLEAN]) + KEEP_ALIVE_S.to_bytes(2, "big")
            line.writer.write(packet(_CONNECT, about + text(name) + text(name) + text(password)))
            try:
                kind, said = await _read(line.reader)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                line.writer.close()
                raise NotLetIn(0) from error
        if kind != _CONNACK or len(said) != 2 or said[1] != 0:
            line.writer.close()
            raise NotLetIn(said[1] if kind == _CONNACK and len(said) == 2 else 0)
        line._hearing = asyncio.create_task(line._hear(), name=f"mqtt: {name}")
        return line

    @property
    def ended(self) -> bool:
        return self._hearing is None or self._hearing.done()

    async def publish(self, topic: str, payload: bytes, *, again: bool = False, within_s: float = 10) -> bool:
        """Publish with QoS 1; whether it was acknowledged. `again`: it may have come already."""
        if self.ended:
            return False
        self._number = self._number % 0xFFFF + 1
        number, taken = self._number, asyncio.get_running_loop().create_future()
        self._waiting[number] = taken
        kind = _PUBLISH_QOS_1 | (_DUP if again else 0)
        try:
            self.writer.write(packet(kind, text(topic) + number.to_bytes(2, "big") + payload))
            await self.writer.drain()
            await asyncio.wait_for(taken, within_s)
        except (OSError, TimeoutError):
            return False
        finally:
            self._waiting.pop(number, None)
        return True

    async def close(self) -> None:
        """Go, with a word."""
        if not self.ended:
            self.writer.write(packet(_DISCONNECT, b""))
        self.writer.close()
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.wait([self._hearing])

    async def _hear(self) -> None:
        try:
            while True:
                kind, said = await _read(self.reader)
                taken = self._waiting.get(int.from_bytes(said[:2], "big")) if kind == _PUBACK else None
                if taken is not None and not taken.done():
                    taken.set_result(None)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self.writer.close()
            for taken in self._waiting.values():
                if not taken.done():
                    taken.set_exception(ConnectionError("the connection has ended"))


def text(value: str) -> bytes:
    """A string as MQTT writes it."""
    said = value.encode()
    return len(said).to_bytes(2, "big") + said


def packet(kind: int, body: bytes) -> bytes:
    """A packet of this first byte."""
    length, size = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        size.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([kind]) + bytes(size) + body


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The first byte and the body of the next packet."""
    kind = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return kind, await reader.readexactly(length)
        if shift > 21:
            raise ConnectionError("a length of more than four bytes")
