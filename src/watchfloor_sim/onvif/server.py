"""The HTTP side of a simulated device: SOAP by POST, a snapshot by GET, and the faults of the wire."""

from __future__ import annotations

import asyncio
import os
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from watchfloor_sim.digest import Answer, Guard
from watchfloor_sim.onvif import answers, soap
from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.turning import MOVES
from watchfloor_sim.picture import plate_picture
from watchfloor_sim.plates import INVENTED, STATE

MOST_BYTES = 1 << 20
_SOAP = "application/soap+xml; charset=utf-8"
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "boom">'
    + b"".join(b'<!ENTITY %c "%s">' % (ord("b") + n, b"&%c;" % (ord("a") + n) * 20) for n in range(9))
    + b"]><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&j;</s:Body></s:Envelope>"
)


class DeviceServer:
    """Listens on one port of one loopback address and answers for its device."""

    def __init__(self, device: Device, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.device = device
        self.host = host
        self.tls = tls
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._guard = Guard()
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(
        cls, device: Device, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> DeviceServer:
        server = cls(device, host, tls)
        server._listener = await asyncio.start_server(server._serve, host, port, ssl=tls)
        server.port = server._listener.sockets[0].getsockname()[1]
        return server

    @classmethod
    @asynccontextmanager
    async def running(
        cls, device: Device, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[DeviceServer]:
        server = await cls.start(device, host=host, port=port, tls=tls)
        try:
            yield server
        finally:
            await server.stop()

    @property
    def url(self) -> str:
        """Where its device service is."""
        return f"{self.base}/device_service"

    @property
    def base(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://{self.host}:{self.port}/onvif"

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever asked broke off, or is no client of ours
        except asyncio.CancelledError:
            pass  # the device is switched off
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ", 2)
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        length = int(headers.get("content-length", "0"))
        if length > MOST_BYTES:
            return False
        body = await reader.readexactly(length)
        if method == "GET":
            found = target.startswith("/onvif/snapshot/")
            picture = await asyncio.to_thread(plate_picture, INVENTED, STATE) if found else b""
            await _write(writer, 200 if found else 404, "image/jpeg", picture)
            return True
        if not await self._let_in(writer, method, target, headers.get("authorization")):
            return True
        return await self._soap(writer, body)

    async def _let_in(self, writer: asyncio.StreamWriter, method: str, target: str, said: str | None) -> bool:
        """Whether HTTP itself lets them in; where it does not, it has said so."""
        device = self.device
        if Fault.ODD_SIGN_IN in device.faults:
            asked = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"\r\n'
        elif Fault.FULL_REFUSAL in device.faults:
            await _packed_for_ever(writer, self._guard.challenge())
            return False
        elif (
            not device.http_digest
            or device.credentials is None
            or self._guard.judge(said, method, target, device.credentials) is Answer.RIGHT
        ):
            return True
        else:
            device.refused += said is not None
            asked = f"WWW-Authenticate: {self._guard.challenge()}\r\n"
        await _write(writer, 401, "text/plain", b"", asked)
        return False

    async def _soap(self, writer: asyncio.StreamWriter, body: bytes) -> bool:
        faults = self.device.faults
        if Fault.REDIRECT in faults:
            where = f"Location: http://{self.device.elsewhere}/onvif/device_service\r\n"
            await _write(writer, 307, "text/plain", b"", where)
        elif Fault.SLOW in faults:
            await _slowly(writer)
        elif Fault.HUGE in faults:
            await _for_ever(writer)
        elif Fault.GARBAGE in faults:
            await _write(writer, 200, _SOAP, bytes(range(256)) * 8)
        elif Fault.BOMB in faults:
            await _write(writer, 200, _SOAP, _BOMB)
        else:
            await self._answer(writer, body)
        return True

    async def _answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        try:
            request = soap.read(body)
        except soap.Malformed:
            await _write(writer, 400, _SOAP, soap.fault("Well-formed fault", subcode="ter:WellFormed"))
            return
        elsewhere = Fault.FOREIGN_SERVICES in self.device.faults
        base = f"http://{self.device.elsewhere}/onvif" if elsewhere else self.base
        said = answers.answer(self.device, request, base)
        if request.operation in MOVES and Fault.MUTE_MOVES in self.device.faults:
            await _slowly(writer)
        if Fault.HALF in self.device.faults:
            said = said[: len(said) // 2]
        await _write(writer, 400 if b"<s:Fault>" in said else 200, _SOAP, said)


async def _write(writer: asyncio.StreamWriter, code: int, kind: str, body: bytes, more: str = "") -> None:
    head = f"HTTP/1.1 {code} Said\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _slowly(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _packed_for_ever(writer: asyncio.StreamWriter, challenge: str) -> None:
    head = f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Encoding: gzip\r\n\r\n"
    packing = zlib.compressobj(wbits=31)
    writer.write(head.encode())
    while True:
        writer.write(packing.compress(os.urandom(1 << 16)) + packing.flush(zlib.Z_SYNC_FLUSH))
        await writer.drain()


async def _for_ever(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<a>")
    while True:
        writer.write(b"<b>" * 20_000)
        await writer.drain()
