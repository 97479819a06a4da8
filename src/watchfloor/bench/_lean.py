"""A reader that costs its machine next to nothing: one request as bytes on a connection that stays open. For benches of many readers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from watchfloor_sim.http import trust
from watchfloor_sim.reader import Acknowledged, PlateReader, Sighting

_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_RETRY: Final = re.compile(rb"\r\nretry-after: (\d+)", re.IGNORECASE)
_WITHIN_S: Final = 15.0
_Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LeanReader(PlateReader):
    """It repeats itself and remembers as any reader does."""

    def __init__(self, base_url: str, token: str) -> None:
        super().__init__(base_url, token)
        at = urlsplit(base_url)
        self._host, self._port = at.hostname or "", at.port or (443 if at.scheme == "https" else 80)
        self._tls = trust() if at.scheme == "https" else None
        self._head = (
            f"host: {at.netloc}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        )
        self._idle: list[_Wire] = []

    async def aclose(self) -> None:
        for _, writer in self._idle:
            writer.close()
        await super().aclose()

    async def _tell(self, path: str, body: dict[str, object], seen: Sequence[Sighting]) -> Acknowledged:
        self.history.update((sighting.source_key, sighting) for sighting in seen)
        content = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.1\r\n{self._head}content-length: {len(content)}\r\n\r\n"
        answer = await self._until_heard(lambda: self._sent(head.encode() + content))
        said = msgspec.json.decode(answer.content)
        rejected = {item["index"] for item in said["rejected"]}
        self.acknowledged |= {s.source_key for n, s in enumerate(seen) if n not in rejected}
        return Acknowledged(int(said["accepted"]), int(said["duplicates"]), len(rejected))

    async def _sent(self, request: bytes) -> httpx.Response:
        """One request and its answer. Raises httpx.TransportError where the connection did not hold."""
        wire: _Wire | None = self._idle.pop() if self._idle else None
        try:
            async with asyncio.timeout(_WITHIN_S):
                wire = wire or await asyncio.open_connection(self._host, self._port, ssl=self._tls)
                wire[1].write(request)
                head = await wire[0].readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                content = await wire[0].readexactly(int(length[1]) if length else 0)
        except (OSError, EOFError, TimeoutError) as error:
            if wire is not None:
                wire[1].close()
            raise httpx.ReadError(str(error)) from error
        self._idle.append(wire)
        later = _RETRY.search(head)
        headers = {"retry-after": later[1].decode()} if later else {}
        return httpx.Response(int(head[9:12]), headers=headers, content=content)
