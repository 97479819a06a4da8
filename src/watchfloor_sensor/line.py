"""As much of an MQTT 3.1.1 client as this sensor needs: it publishes with QoS 1, knows what was taken, and hears its own topic alone.

What comes in is bounded and passed on; nothing of it is judged here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

KEEP_ALIVE_S: Final = 120
"""Something is published twice in that time."""
MOST_BYTES: Final = 64 * 1024
"""Of what comes in at once."""
_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 0x10, 0x20, 0x30, 0x40
_SUBSCRIBE, _SUBACK, _DISCONNECT = 0x82, 0x90, 0xE0
_QOS_1, _DUP, _REFUSED = 0x02, 0x08, 0x80
_NAME_PASSWORD_CLEAN: Final = 0b11000010
_WITHIN_S: Final = 10.0
_WORDS: Final = {
    1: "it does not speak MQTT 3.1.1",
    2: "it does not take this client id",
    3: "it is not available",
    4: "name or token is wrong",
    5: "it lets this sensor in by no such name and token, or cannot look now",
}


class NotLetIn(Exception):
    """The broker said no, or nothing."""


class BadBroker(Exception):
    """An address that nothing is sent to, with why."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to send, as whom. `tls` None: in the clear, on this machine alone."""

    host: str
    port: int
    name: str
    token: str = field(repr=False)
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, address: str, name: str, token: str, authority: Path | None) -> Broker:
        """Of `mqtts://host:port`, or `mqtt://` on this machine. Raises BadBroker."""
        try:
            place = urlsplit(address)
            host, port = place.hostname, place.port
        except ValueError as error:
            raise BadBroker(f"{address!r} is no address.") from error
        if place.scheme not in ("mqtt", "mqtts") or not host or place.username or place.password:
            raise BadBroker(f"{address!r}: an address is mqtts://host:port, with no name or password in it.")
        if place.scheme == "mqtt":
            if not _is_here(host):
                raise BadBroker(f"{host} is another machine: what is sent there needs mqtts://.")
            return cls(host, port or 1883, name, token, None)
        try:
            tls = ssl.create_default_context(cafile=authority)
        except (OSError, ssl.SSLError) as error:
            raise BadBroker(f"{authority} holds no authority: {error}") from error
        return cls(host, port or 8883, name, token, tls)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Line:
    """A connection. It ends with the first error; a new one is opened by `opened`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: Callable[[bytes], None]
    _number: int = 0
    _waiting: dict[int, asyncio.Future[bytes]] = field(default_factory=dict)
    _hearing: asyncio.Task[None] | None = None

    @classmethod
    async def opened(cls, broker: Broker, heard: Callable[[bytes], None]) -> Line:
        """A connection; `heard` is given what comes. Raises OSError, TimeoutError or NotLetIn."""
        with contextlib.ExitStack() as undo:
            async with asyncio.timeout(_WITHIN_S):
                reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=broker.tls)
                undo.callback(writer.close)
                about = _text("MQTT") + bytes([4, _NAME_PASSWORD_CLEAN]) + KEEP_ALIVE_S.to_bytes(2, "big")
                who = _text(broker.name) + _text(broker.name) + _text(broker.token)
                try:
                    writer.write(_packet(_CONNECT, about + who))
                    kind, said = await _read(reader)
                except (asyncio.IncompleteReadError, ConnectionError) as error:
                    raise NotLetIn("it closed the connection") from error
            if kind != _CONNACK or len(said) != 2 or said[1] != 0:
                code = said[1] if kind == _CONNACK and len(said) == 2 else 0
                raise NotLetIn(_WORDS.get(code, "it speaks no MQTT"))
            undo.pop_all()
        line = cls(reader, writer, heard)
        line._hearing = asyncio.create_task(line._hear(), name="mqtt")
        return line

    @property
    def ended(self) -> bool:
        return self._hearing is None or self._hearing.done()

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Publish with QoS 1; whether it was acknowledged. What was not may have come: it is sent again by a new line."""
        said = await self._asked(_PUBLISH | _QOS_1, lambda n: _text(topic) + n.to_bytes(2, "big") + payload)
        return said is not None

    async def subscribe(self, topic: str) -> bool:
        """Hear this topic, with QoS 0; whether one may."""
        said = await self._asked(_SUBSCRIBE, lambda n: n.to_bytes(2, "big") + _text(topic) + b"\x00")
        return said is not None and said[2:3] not in (b"", bytes([_REFUSED]))

    async def close(self) -> None:
        """Go, with a word."""
        if not self.ended:
            self.writer.write(_packet(_DISCONNECT, b""))
        self.writer.close()
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.wait([self._hearing])

    async def _asked(self, kind: int, body: Callable[[int], bytes]) -> bytes | None:
        """The answer to a packet that bears a number; None where none came."""
        if self.ended:
            return None
        self._number = self._number % 0xFFFF + 1
        number, answer = self._number, asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self.writer.write(_packet(kind, body(number)))
            async with asyncio.timeout(_WITHIN_S):
                await self.writer.drain()
                said: bytes = await answer
        except (OSError, TimeoutError):
            return None
        finally:
            self._waiting.pop(number, None)
        return said

    async def _hear(self) -> None:
        try:
            while True:
                kind, said = await _read(self.reader)
                if kind & 0xF0 == _PUBLISH:
                    self._published(kind, said)
                elif kind in (_PUBACK, _SUBACK):
                    answer = self._waiting.get(int.from_bytes(said[:2], "big"))
                    if answer is not None and not answer.done():
                        answer.set_result(said)
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self.writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the connection has ended"))

    def _published(self, kind: int, said: bytes) -> None:
        """What came on the topic; one of QoS 1 would wait for a word, and is given it."""
        after = 2 + int.from_bytes(said[:2], "big")
        if kind & _QOS_1:
            self.writer.write(_packet(_PUBACK, said[after : after + 2]))
            after += 2
        self.heard(said[after:])


def _text(value: str) -> bytes:
    said = value.encode()
    return len(said).to_bytes(2, "big") + said


def _packet(kind: int, body: bytes) -> bytes:
    length, size = len(body), bytearray()
    while True:
        length, digit = divmod(length, 128)
        size.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([kind]) + bytes(size) + body


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The first byte and the body of the next packet. Raises ConnectionError for one that is too long."""
    kind = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            break
        if shift > 21:
            raise ConnectionError("a length of more than four bytes")
    if length > MOST_BYTES:
        raise ConnectionError("more than this sensor takes at once")
    return kind, await reader.readexactly(length)
