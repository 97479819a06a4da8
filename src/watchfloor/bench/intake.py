"""How many reads a second become durable: senders post batches as fast as they are taken, against a real center.

Two rates. `accepted_per_s`: acknowledged with 202, which is said once the batch is on the disk of the intake buffer, until the last
sender is done. `durable_per_s`: committed as rows in PostgreSQL, counted there, from the first batch to the last row; matching is in it.
What was acknowledged and has no row is lost, what has two is doubled. CPU is of every process of the center, the senders' not.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import httpx
import numpy as np

from watchfloor.bench._center import Running, running
from watchfloor.bench._misread import plates
from watchfloor.bench._say import at_least, say
from watchfloor.bench.alerts import _CODES
from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.clock import SystemClock, rfc3339
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.storage.owner import as_owner
from watchfloor_sim import story

MOST_BATCH: Final = 500
_POOL: Final = 20_000
_SETTLE_S: Final = 120.0
_BUSY: Final = frozenset({429, 503})
_clock = SystemClock()


def run(senders: int = 8, batch: int = 500, seconds: int = 20, *, as_json: bool = False) -> int:
    """Let `senders` readers send batches of `batch` reads as fast as they are taken, for `seconds` seconds.

    Example: watchfloor bench intake --senders 8 --batch 500 --seconds 20 --json
    """
    at_least(1, senders=senders, batch=batch, seconds=seconds)
    if batch > MOST_BATCH:
        raise Invalid(f"--batch is {batch}; a reader sends at most {MOST_BATCH} at once.")
    say(asyncio.run(_measured(senders, batch, seconds)), as_json=as_json)
    return 0


async def _measured(senders: int, batch: int, seconds: int) -> dict[str, object]:
    async with running() as center:
        return await measured_in(center, senders, batch, seconds)


async def measured_in(center: Running, senders: int, batch: int, seconds: float) -> dict[str, object]:
    """The figures of a center that has no reader yet."""
    await story.authorise(center.night, "plate_reader", "Plate readers", lambda step, facts: None)
    tokens = [await _token(center, number) for number in range(senders)]
    drawn = _drawn()
    sent: list[tuple[int, int]] = []
    cpu, began, load = center.cpu_s(), _clock.monotonic(), os.getloadavg()[0]
    async with httpx.AsyncClient(base_url=center.base, timeout=60) as client:
        ends = began + seconds
        await asyncio.gather(
            *(_send(client, n, token, drawn, batch, ends, sent) for n, token in enumerate(tokens))
        )
    accepted_s = _clock.monotonic() - began
    acknowledged = sum(taken for taken, _ in sent)
    rows, keys = await _kept(center, acknowledged)
    took = _clock.monotonic() - began
    spent = {name: after - cpu.get(name, 0.0) for name, after in center.cpu_s().items()}
    return {
        "senders": senders,
        "batch": batch,
        "load": round(load, 1),
        "reads_acknowledged": acknowledged,
        "accepted_per_s": round(acknowledged / accepted_s),
        "durable_per_s": round(rows / took),
        "seconds_to_the_last_row": round(took, 1),
        "asked_to_wait": sum(waits for _, waits in sent),
        "lost": max(0, acknowledged - keys),
        "doubled": rows - keys,
        "cpu_us_per_read": {
            n: round(1e6 * s / max(1, rows), 1) for n, s in sorted(spent.items()) if s > 0.01
        },
        "cpu_us_per_read_in_all": round(1e6 * sum(spent.values()) / max(1, rows), 1),
    }


async def _token(center: Running, number: int) -> str:
    technician = center.night.people["technician"]
    place: dict[str, object] = {
        "name": f"Reader {number}",
        "place": f"Crossing {number}",
        "lat": 38.62,
        "lon": -90.2,
    }
    made = await technician.post("/readers", place)
    return str((await technician.post(f"/readers/{made['id']}/token", {}))["token"])


def _drawn() -> Iterator[tuple[str, str]]:
    """Plates of real formats under codes that nobody issues, round and round."""
    texts, states = plates(_POOL, np.random.default_rng(2026))
    pairs = [(t.decode(), _CODES[s]) for t, s in zip(texts.tolist(), states.tolist(), strict=True)]
    return itertools.cycle(pairs)


async def _send(
    client: httpx.AsyncClient,
    number: int,
    token: str,
    drawn: Iterator[tuple[str, str]],
    batch: int,
    ends: float,
    sent: list[tuple[int, int]],
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for batch_number in itertools.count():
        if _clock.monotonic() >= ends:
            return
        now = _clock.now()
        reads = [
            {
                "id": f"{number}-{batch_number}-{n}",
                "plate": plate,
                "state": state,
                "at": rfc3339(now - timedelta(microseconds=n)),
                "confidence": 0.97,
            }
            for n, (plate, state) in enumerate(itertools.islice(drawn, batch))
        ]
        body, waits = json.dumps({"reads": reads}).encode(), 0
        while (
            answer := await client.post("/api/v1/plate-reads", content=body, headers=headers)
        ).status_code in _BUSY:
            waits += 1
            await _clock.sleep(0.2)
        if not answer.is_success:
            raise Unavailable(f"A batch was not taken: {answer.text[:300]}")
        sent.append((answer.json()["accepted"], waits))


async def _kept(center: Running, acknowledged: int) -> tuple[int, int]:
    """Rows, and keys among them, once all that was acknowledged is there or nothing more comes for two minutes."""
    ends = _clock.monotonic() + _SETTLE_S
    while True:
        async with as_owner(Endpoints.read(center.data).dsn("wf_owner")) as connection:
            row = await (await connection.execute("select count(*) as n from plate_read")).fetchone()
            if row is not None and (row["n"] >= acknowledged or _clock.monotonic() > ends):
                keys = await (
                    await connection.execute(
                        "select count(*) as n, count(distinct (device_id, source_key)) as keys from plate_read"
                    )
                ).fetchone()
                return (keys["n"], keys["keys"]) if keys is not None else (0, 0)
        await _clock.sleep(0.2)
