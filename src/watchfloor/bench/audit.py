"""What the log costs a request: the same center, over HTTP, with and without a decision to write down."""

from __future__ import annotations

import asyncio
import json
import statistics
from time import perf_counter

from watchfloor.bench.center import Running, running
from watchfloor_sim.people import API, Person


def run(requests: int = 2000, at_once: int = 16, *, as_json: bool = False) -> int:
    """Ask `requests` times, `at_once` at a time, for a list that is audited and one that is not."""
    figures = asyncio.run(_measured(requests, at_once))
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return 0


async def _measured(requests: int, at_once: int) -> dict[str, float]:
    async with running() as center:
        analyst = center.night.people["analyst"]
        await _ask(analyst, "/cases", 200, at_once)
        plain, plain_s, _ = await _timed(center, analyst, "/session", requests, at_once)
        audited, audited_s, cpu_s = await _timed(center, analyst, "/cases", requests, at_once)
    return {
        "requests": requests,
        "at_once": at_once,
        "plain_ms_p50": _percentile(plain, 50),
        "plain_ms_p95": _percentile(plain, 95),
        "plain_per_s": round(requests / plain_s, 1),
        "audited_ms_p50": _percentile(audited, 50),
        "audited_ms_p95": _percentile(audited, 95),
        "audited_per_s": round(requests / audited_s, 1),
        "request_ms_p95_added": round(_percentile(audited, 95) - _percentile(plain, 95), 2),
        "audited_cpu_ms_per_request": round(1000 * cpu_s / requests, 3),
    }


async def _timed(
    center: Running, person: Person, path: str, requests: int, at_once: int
) -> tuple[list[float], float, float]:
    before, started = sum(center.cpu_s().values()), perf_counter()
    took = await _ask(person, path, requests, at_once)
    return took, perf_counter() - started, sum(center.cpu_s().values()) - before


async def _ask(person: Person, path: str, requests: int, at_once: int) -> list[float]:
    took: list[float] = []
    left = iter(range(requests))

    async def one() -> None:
        for _ in left:
            started = perf_counter()
            answer = await person.http.get(API + path)
            answer.raise_for_status()
            took.append(1000 * (perf_counter() - started))

    await asyncio.gather(*(one() for _ in range(at_once)))
    return took


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 2)
