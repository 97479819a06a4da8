"""A state's record system, simulated: it knows what a test or the demo gives it, and answers questions over HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_MOST_BYTES = 64 * 1024


@dataclass
class RecordSystem:
    """What it knows: the reply for a plate and its state. `asked` counts the questions it took."""

    token: str
    records: dict[tuple[str, str | None], str] = field(default_factory=dict)
    asked: int = 0

    def answer(self, authorization: str, question: dict[str, str | None]) -> tuple[int, dict[str, str]]:
        """The status, and what it says."""
        if authorization != f"Bearer {self.token}":
            return 401, {"error": "no such token"}
        self.asked += 1
        reply = self.records.get((question.get("plate") or "", question.get("state")), "no_record")
        return 200, {"reply": reply, "reference": f"SIM-{self.asked:04}", "said": f"record is {reply}"}


@asynccontextmanager
async def standing(system: RecordSystem, port: int = 0) -> AsyncIterator[str]:
    """The record system, listening on loopback; where."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, ValueError, KeyError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            said = (line.partition(":") for line in head[1:])
            headers = {name.lower(): value.strip() for name, _, value in said}
            length = min(int(headers.get("content-length", "0")), _MOST_BYTES)
            question = json.loads(await reader.readexactly(length))
            status, answer = system.answer(headers.get("authorization", ""), question)
            text = json.dumps(answer).encode()
            writer.write(
                f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + text
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ask"
    finally:
        server.close()
