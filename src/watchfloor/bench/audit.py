"""What the log costs a request: the same center, over HTTP, with and without a decision to write down."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Final
from urllib.parse import urlsplit

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.kit.errors import Unavailable
from watchfloor_sim.people import API, Person

PLAIN: Final = "/session"
AUDITED: Final = "/cases"
WARM_UP: Final = 320
ROUND: Final = 150


def run(requests: int = 2000, at_once: int = 16, *, as_json: bool = False) -> int:
    """Ask `requests` times, `at_once` at a time, for a list that is audited and one that is not.

    Example: watchfloor bench audit --requests 2000 --at-once 16
    """
    at_least(2, requests=requests)
    at_least(1, at_once=at_once)
    figures = asyncio.run(_measured(requests, at_once))
    say(figures, as_json=as_json)
    return 0


@dataclass(slots=True)
class Taken:
    """What the requests of one kind took in all rounds: each its milliseconds; together wall and CPU seconds."""

    ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    center_cpu_s: float = 0.0
    client_cpu_s: float = 0.0

    def figures(self, name: str) -> dict[str, float]:
        """Percentiles, rate and CPU for each request, by `name`."""
        count = len(self.ms)
        return {
            f"{name}_ms_p50": _percentile(self.ms, 50),
            f"{name}_ms_p95": _percentile(self.ms, 95),
            f"{name}_per_s": round(count / self.wall_s, 1),
            f"{name}_cpu_ms_per_request": round(1000 * self.center_cpu_s / count, 3),
            f"{name}_client_cpu_ms_per_request": round(1000 * self.client_cpu_s / count, 3),
        }


async def _measured(requests: int, at_once: int) -> dict[str, float]:
    async with running() as center:
        return await measured_in(center, requests, at_once)


async def measured_in(center: Running, requests: int, at_once: int) -> dict[str, float]:
    """The figures of a center that runs."""
    plain, audited = Taken(), Taken()
    analyst = center.night.people["analyst"]
    for path in (PLAIN, AUDITED):
        await _ask(center, analyst, path, WARM_UP, at_once)
    # In turns, so that whatever else the machine does in these seconds falls on both alike.
    rounds = max(1, requests // ROUND)
    for turn in range(rounds):
        count = requests // rounds + (turn < requests % rounds)
        await _timed(center, analyst, PLAIN, count, at_once, plain)
        await _timed(center, analyst, AUDITED, count, at_once, audited)
    return {
        "requests": requests,
        "at_once": at_once,
        **plain.figures("plain"),
        **audited.figures("audited"),
        "request_ms_p95_added": round(_percentile(audited.ms, 95) - _percentile(plain.ms, 95), 2),
    }


async def _timed(
    center: Running, person: Person, path: str, requests: int, at_once: int, taken: Taken
) -> None:
    spent, own, started = sum(center.cpu_s().values()), process_time(), perf_counter()
    taken.ms += await _ask(center, person, path, requests, at_once)
    taken.wall_s += perf_counter() - started
    taken.client_cpu_s += process_time() - own
    taken.center_cpu_s += sum(center.cpu_s().values()) - spent


async def _ask(center: Running, person: Person, path: str, requests: int, at_once: int) -> list[float]:
    """Ask over connections of our own: a client with more comfort costs more than the server that is measured."""
    cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
    address = urlsplit(center.base)
    asked = f"GET {API}{path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n\r\n".encode()
    took: list[float] = []
    left = iter(range(requests))

    async def one() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for _ in left:
            started = perf_counter()
            writer.write(asked)
            await _answered(reader)
            took.append(1000 * (perf_counter() - started))
        writer.close()

    await asyncio.gather(*(one() for _ in range(at_once)))
    return took


async def _answered(reader: asyncio.StreamReader) -> None:
    status, *fields = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
    length = next((int(f.partition(b":")[2]) for f in fields if f.startswith(b"content-length:")), None)
    if not status.startswith(b"http/1.1 200") or length is None:
        raise Unavailable(f"The center answered {status.decode('latin-1')!r}.")
    await reader.readexactly(length)


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 2)
