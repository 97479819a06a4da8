"""A unit on patrol: it drives along streets and reports where it is, as a vehicle's locator does.

It must not know what the center makes of a position; the HTTP client comes with the session of the person or the
token of the device that may report it.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from watchfloor_sim.http import trust
from watchfloor_sim.reader import rfc3339

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Spot:
    lat: float
    lon: float
    heading_deg: float


class Route:
    """A line through points; distances in metres on a sphere, which is plenty within a city."""

    def __init__(self, points: Sequence[Point]) -> None:
        kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
        if len(kept) < 2:
            raise ValueError("a route has two different points at least")
        self.points = tuple(kept)
        self._ends = [0.0]
        for a, b in itertools.pairwise(kept):
            self._ends.append(self._ends[-1] + metres(a, b))

    @property
    def length_m(self) -> float:
        return self._ends[-1]

    def spot(self, gone_m: float) -> Spot:
        """Where one is after so many metres; at the end one stays."""
        gone = min(max(gone_m, 0.0), self.length_m)
        leg = next(n for n in range(1, len(self._ends)) if gone <= self._ends[n] or n == len(self._ends) - 1)
        (lat_a, lon_a), (lat_b, lon_b) = self.points[leg - 1], self.points[leg]
        part = (gone - self._ends[leg - 1]) / (self._ends[leg] - self._ends[leg - 1])
        heading = _heading_deg(self.points[leg - 1], self.points[leg])
        return Spot(lat_a + part * (lat_b - lat_a), lon_a + part * (lon_b - lon_a), heading)

    def ahead(self, gone_m: float) -> list[Point]:
        """Where one is after so many metres, and the points still to come."""
        spot = self.spot(gone_m)
        return [
            (spot.lat, spot.lon),
            *(p for p, end in zip(self.points, self._ends, strict=True) if end > gone_m),
        ]


@dataclass
class SimOfficer:
    """Drives a route at a speed. `reported` are the keys of the positions that the center has taken."""

    base_url: str
    unit_id: str
    http: httpx.AsyncClient
    route: Route
    speed_mps: float = 11.0
    gone_m: float = 0.0
    reported: list[str] = field(default_factory=list)
    _count: int = 0

    @property
    def spot(self) -> Spot:
        return self.route.spot(self.gone_m)

    @property
    def arrived(self) -> bool:
        return self.gone_m >= self.route.length_m

    def turn_to(self, points: Sequence[Point]) -> None:
        """Leave the route: from here to the first of the points as the crow flies, then along them."""
        here = (self.spot.lat, self.spot.lon)
        if any(point != here for point in points):
            self.route, self.gone_m = Route([here, *points]), 0.0

    async def report(self, at: datetime) -> None:
        """Post where the unit is; raises what httpx raises when the center does not take it."""
        spot, moving = self.spot, not self.arrived
        key = f"{self.unit_id}-{self._count}"
        self._count += 1
        body = {
            "at": rfc3339(at),
            "lat": round(spot.lat, 7),
            "lon": round(spot.lon, 7),
            "heading_deg": round(spot.heading_deg, 1) if moving else None,
            "speed_mps": self.speed_mps if moving else 0.0,
            "accuracy_m": 5.0,
            "key": key,
        }
        url = f"{self.base_url.rstrip('/')}/api/v1/units/{self.unit_id}/positions"
        (await self.http.post(url, json=body)).raise_for_status()
        self.reported.append(key)

    async def step(self, seconds: float, at: datetime) -> None:
        """Drive for so long, then report; for tests that hold the clock."""
        self.gone_m = min(self.gone_m + self.speed_mps * seconds, self.route.length_m)
        await self.report(at)

    async def drive(
        self, every_s: float = 2.0, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Drive to the end of the route, reporting on the way; a report that fails is not repeated: the next one
        says more."""
        start = datetime.now(UTC)
        steps = math.ceil((self.route.length_m - self.gone_m) / (self.speed_mps * every_s))
        for number in range(1, steps + 1):
            await pause(every_s)
            try:
                await self.step(every_s, start + timedelta(seconds=number * every_s))
            except httpx.HTTPError:
                continue


async def sign_in(base_url: str, name: str, password: str) -> httpx.AsyncClient:
    """A client that carries this person's session cookie."""
    http = httpx.AsyncClient(
        base_url=base_url, timeout=15, headers={"Origin": base_url.rstrip("/")}, verify=trust()
    )
    answer = await http.post("/api/v1/session", json={"name": name, "password": password})
    answer.raise_for_status()
    return http


def metres(a: Point, b: Point) -> float:
    """Along the great circle."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b[1] - a[1]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(chord))


def _heading_deg(a: Point, b: Point) -> float:
    north = b[0] - a[0]
    east = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.degrees(math.atan2(east, north)) % 360
