"""A mobile trailer: it says where it is and how it is, and switches its lights when it is asked with the right signature.

It was written from docs/operate/trailers.md and imports nothing of the center.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from watchfloor_sim.http import trust
from watchfloor_sim.reader import rfc3339

_MOST_BYTES = 4096
# A clock may be so far off; what is older could be somebody's recording of what was said before.
_FRESH_S = 300
_FULL_WH = 2400.0
_USES_W = 65.0
_SUN_W = 380.0


@dataclass
class TrailerDevice:
    """What the trailer knows of itself. Its battery is fed by the sun and drained by what is on it."""

    lat: float
    lon: float
    battery_pct: float = 82.0
    signal_dbm: float = -78.0
    carrier: str = "River Mobile"
    lights: str = "off"
    secret: str = ""
    broken: str = ""
    """What its switch answers instead of switching, for who wants to see it fail."""
    asked: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def solar_w(self, hour: float) -> float:
        """What the panel gives at an hour of the day."""
        return round(max(0.0, math.sin((hour - 6) / 12 * math.pi)) * _SUN_W, 1)

    def lived(self, seconds: float, hour: float) -> None:
        """So much time went by."""
        change_wh = (self.solar_w(hour) - _USES_W) * seconds / 3600
        self.battery_pct = min(100.0, max(0.0, self.battery_pct + change_wh / _FULL_WH * 100))

    def report(self, now: float) -> dict[str, object]:
        """What it says of itself."""
        hour = time.localtime(now).tm_hour + time.localtime(now).tm_min / 60
        return {
            "at": rfc3339_of(now), "lat": self.lat, "lon": self.lon, "accuracy_m": 6.0,
            "battery_pct": round(self.battery_pct, 1), "solar_w": self.solar_w(hour), "signal_dbm": self.signal_dbm,
            "carrier": self.carrier, "lights": self.lights,
        }  # fmt: skip

    def signed(self, stamp: str, signature: str, body: bytes, now: float) -> bool:
        """Whether the center said it, just now."""
        wanted = hmac.new(self.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        fresh = stamp.isdigit() and abs(now - int(stamp)) <= _FRESH_S
        return fresh and hmac.compare_digest(f"sha256={wanted}", signature)

    def answer(self, headers: dict[str, str], body: bytes, now: float) -> tuple[int, dict[str, object]]:
        """What its switch answers."""
        if not self.signed(headers.get("wf-timestamp", ""), headers.get("wf-signature", ""), body, now):
            return 401, {"detail": "the signature is not ours"}
        if self.broken:
            return 503, {"detail": self.broken}
        asked = json.loads(body)
        if asked["id"] not in self.seen:
            self.seen.add(asked["id"])
            self.lights = str(asked["lights"])
            self.asked.append(self.lights)
        return 200, {"lights": self.lights, "detail": f"the lights are {self.lights}"}


def rfc3339_of(now: float) -> str:
    """A time of this machine as the center takes it."""
    return rfc3339(datetime.fromtimestamp(now, UTC))


@asynccontextmanager
async def switch_of(device: TrailerDevice, port: int = 0) -> AsyncIterator[str]:
    """The switch of its lights, listening on loopback; where."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, ValueError, KeyError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
            }
            length = min(int(headers.get("content-length", "0")), _MOST_BYTES)
            status, said = device.answer(headers, await reader.readexactly(length), time.time())
            text = json.dumps(said).encode()
            writer.write(
                f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + text
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lights"
    finally:
        server.close()


async def tell(device: TrailerDevice, base: str, token: str, every_s: float) -> None:
    """Report for ever; what does not answer is asked again the next time."""
    async with httpx.AsyncClient(
        base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=10, verify=trust()
    ) as client:
        while True:
            with suppress(httpx.HTTPError):
                await client.post("/api/v1/trailer-reports", json={"reports": [device.report(time.time())]})
            await asyncio.sleep(every_s)
            device.lived(every_s, time.localtime().tm_hour)
