"""A device on MQTT that does what it should not: bytes of MQTT 3.1.1, none of them from a library."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from watchfloor_sim.mqtt import packet, text


@dataclass(frozen=True)
class Letter:
    """What is to be said when somebody is gone."""

    topic: str
    payload: bytes


class Device:
    """As much of an MQTT client as a device needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(
        cls,
        port: int,
        user: str,
        password: str,
        *,
        client_id: str | None = None,
        will: Letter | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> tuple[Device, int]:
        """A client and the server's return code: 0 is accepted, 255 a closed connection."""
        client = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))
        flags = 0b11000010 | (0b00001100 if will else 0)
        said = text("MQTT") + bytes([4, flags]) + (60).to_bytes(2, "big") + text(client_id or user)
        if will is not None:
            said += text(will.topic) + len(will.payload).to_bytes(2, "big") + will.payload
        client._writer.write(packet(0x10, said + text(user) + text(password)))
        try:
            answer = await client._reader.read(4)
        except ConnectionError:
            answer = b""
        return client, answer[3] if len(answer) == 4 else 255

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> bool:
        """Whether it was acknowledged. The server may acknowledge and let go what one may not."""
        self._writer.write(packet(0x30 | qos << 1, text(topic) + (1).to_bytes(2, "big") + payload))
        return (await self._answer())[:1] == b"\x40"

    async def subscribe(self, topic: str) -> int:
        """The granted QoS, 0x80 for refused."""
        self._writer.write(packet(0x82, (2).to_bytes(2, "big") + text(topic) + b"\x01"))
        answer = await self._answer()
        return answer[-1] if answer[:1] == b"\x90" else 0x80

    @property
    def shown(self) -> str:
        """The number of the certificate that it was shown."""
        return str(self._writer.get_extra_info("ssl_object").getpeercert()["serialNumber"])

    async def ended(self) -> bool:
        """Whether the server has ended the connection, within some seconds."""
        return await self._answer() == b""

    async def _answer(self) -> bytes:
        try:
            return await asyncio.wait_for(self._reader.read(5), 60)
        except ConnectionError:
            return b""

    def close(self) -> None:
        self._writer.close()
