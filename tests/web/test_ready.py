"""What a balancer and a collector of figures are told: the whole truth about the engines, and nothing else."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time, thread_time
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.center import listening
from tests.fixtures.document import DOCUMENT
from tests.fixtures.engines import Dsns, run
from tests.recordings.test_outage import database_away
from watchfloor.engines.binaries import nats_binary
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import HOST, USER, NatsServer
from watchfloor.engines.ports import chosen
from watchfloor.engines.spawn import engine_user
from watchfloor.governance.door import Door, DoorRules
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.remember import Remembered
from watchfloor.places.skyline import Skyline
from watchfloor.recordings.looks import Looks
from watchfloor.settings import NatsSettings, Settings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus
from watchfloor.web.events import Feeds
from watchfloor.wiring.parts import CASES, Parts
from watchfloor.wiring.serve import web
from watchfloor.wiring.topics import topics

WELL = {"ready": True, "engines": {"postgres": True, "nats": True}}
NEXT = "On the center's machine, `watchfloor check --data DIR` says what is wrong and what to do."


@pytest.fixture
def own_server(short_directory: Path) -> Iterator[NatsServer]:
    """A nats-server that this test may kill."""
    layout = Layout.of(short_directory / "ready")
    layout.prepare()
    port, mqtt_port = chosen(HOST, 0, what="nats"), chosen(HOST, 0, what="mqtt")
    run_as = engine_user()
    server = NatsServer(
        layout,
        nats_binary(NatsSettings(), run_as),
        SystemClock(),
        port=port,
        mqtt_port=mqtt_port,
        store_mb=64,
        run_as=run_as,
    )
    server.prepare()
    server.start()
    try:
        run(server.ready())
        yield server
    finally:
        run(server.stop())


@dataclass
class Balancer:
    """Asks the server as it really is built."""

    client: httpx.AsyncClient

    async def asks(self, path: str = "/ready", **headers: str) -> httpx.Response:
        return await self.client.get(f"/api/v1{path}", headers=headers)

    async def until_told(self, status: int) -> dict[str, Any]:
        """Ask until the answer is that; whoever believes it for a second is a second behind."""
        clock = SystemClock()
        end = clock.monotonic() + 20
        while (answer := await self.asks()).status_code != status:
            assert clock.monotonic() < end, answer.text
            await clock.sleep(0.1)
        return dict(answer.json())


@pytest_asyncio.fixture
async def balancer(database: Database, own_server: NatsServer, tmp_path: Path) -> AsyncIterator[Balancer]:
    bus = await Bus.connect(own_server.url, user=USER, password=own_server.password(), name="test")
    async with _served(database, bus, tmp_path) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Balancer(client)
    await bus.close()


@asynccontextmanager
async def _served(database: Database, bus: Bus, folder: Path) -> AsyncIterator[str]:
    layout = Layout.of(folder)
    for needed in (layout.keys, layout.keystore, layout.objects):
        needed.mkdir(mode=0o700)
    clock = SystemClock()
    door = Door(database, clock, DoorRules(CASES, identity_store.why_ended, second_factor_required=False))
    endpoints = Endpoints(folder, "", "127.0.0.1:0", "", "", None, folder)
    parts = Parts(Settings(folder), endpoints, clock, database, bus, door, (), second_factor_required=False)
    skyline = Skyline(door, parts.objects)
    looks = Looks(door, clock, "thumbnails")
    async with listening(web(parts, Feeds(door, clock, topics(skyline)), skyline, looks)) as url:
        yield url


async def test_with_both_engines_there_the_server_is_ready(balancer: Balancer) -> None:
    assert await balancer.until_told(200) == WELL
    alive = (await balancer.asks("/health")).json()
    assert alive["ok"] is True and set(alive) == {"ok", "version", "at"}
    # Whoever asks for the document, a stranger too, holds up nobody: it is made once, in a thread of its own.
    on_the_loop_s, in_all_s = thread_time(), process_time()
    strangers = [balancer.asks("/openapi.json") for _ in range(3)]
    bodies = {answer.content for answer in await asyncio.gather(*strangers)}
    on_the_loop_s, in_all_s = thread_time() - on_the_loop_s, process_time() - in_all_s
    assert on_the_loop_s < in_all_s / 2
    assert [json.loads(body) for body in bodies] == [json.loads(DOCUMENT.read_text())]


async def test_a_database_that_is_away_is_named_until_it_is_back(balancer: Balancer, dsns: Dsns) -> None:
    assert await balancer.until_told(200) == WELL
    async with database_away(dsns):
        assert await balancer.until_told(503) == {
            "ready": False,
            "engines": {"postgres": False, "nats": True},
            "detail": "PostgreSQL does not answer.",
            "next_step": NEXT,
        }
        assert (await balancer.asks("/health")).status_code == 200
        figures = (await balancer.asks("/metrics")).text
        assert 'watchfloor_engine_up{engine="postgres"} 0.0' in figures
        assert 'watchfloor_engine_up{engine="nats"} 1.0' in figures
        # What rests on the database is left out, the rest is told.
        assert "watchfloor_log_entries" not in figures
        assert "watchfloor_http_requests_total" in figures and "watchfloor_intake_messages 0.0" in figures
    assert await balancer.until_told(200) == WELL


async def test_a_bus_that_is_away_is_named_until_it_is_back(
    balancer: Balancer, own_server: NatsServer, dsns: Dsns
) -> None:
    assert await balancer.until_told(200) == WELL
    assert own_server.child is not None
    own_server.child.send(signal.SIGKILL)
    said = await balancer.until_told(503)
    assert (said["engines"], said["detail"]) == ({"postgres": True, "nats": False}, "NATS does not answer.")
    async with database_away(dsns):
        while (said := await balancer.until_told(503))["engines"]["postgres"]:
            await SystemClock().sleep(0.1)
        assert said["detail"] == "PostgreSQL and NATS do not answer."
    assert 'watchfloor_engine_up{engine="nats"} 0.0' in (await balancer.asks("/metrics")).text
    own_server.start()
    assert await balancer.until_told(200) == WELL


async def test_the_figures_name_routes_and_no_thing_or_person(balancer: Balancer) -> None:
    named = "/cameras/cam_0195f2c0a7b47d3e9a41b2c3d4e5f607"
    assert (await balancer.asks(f"{named}/timeline?from=x", Authorization="Bearer s3cret")).status_code == 401
    assert (await balancer.asks("/nothing/of/QZ0-4417")).status_code == 404
    text = (await balancer.asks("/metrics")).text
    assert 'route="/api/v1/cameras/{camera_id}/timeline",status="401"' in text
    assert not [word for word in ("cam_0195", "QZ0", "s3cret") if word in text]


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "Via"])
async def test_through_a_proxy_on_this_machine_nobody_reads_the_figures(
    balancer: Balancer, header: str
) -> None:
    assert (await balancer.asks("/metrics")).status_code == 200
    answer = await balancer.asks("/metrics", **{header: "192.0.2.7"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing under this address.")


class Engine:
    """One that answers when it is let, counts how often it was asked, and may break."""

    def __init__(self) -> None:
        self.asked = 0
        self.breaks = False
        self.may_answer = asyncio.Event()

    async def answers(self) -> int:
        self.asked += 1
        await self.may_answer.wait()
        if self.breaks:
            raise Unavailable("Away.")
        return self.asked


async def test_a_crowd_of_strangers_asks_the_engines_once() -> None:
    engine, clock = Engine(), ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    remembered: Remembered[int] = Remembered(1.0)
    crowd = [asyncio.create_task(remembered.of(engine.answers, clock)) for _ in range(200)]
    await asyncio.wait(crowd, timeout=0)
    engine.may_answer.set()
    assert set(await asyncio.gather(*crowd)) == {1}
    assert await remembered.of(engine.answers, clock) == 1
    await clock.advance(timedelta(seconds=1))
    assert [await remembered.of(engine.answers, clock) for _ in range(50)] == [2] * 50


async def test_no_failure_is_remembered() -> None:
    engine, clock = Engine(), ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    remembered: Remembered[int] = Remembered(1.0)
    engine.may_answer.set()
    engine.breaks = True
    with pytest.raises(Unavailable):
        await remembered.of(engine.answers, clock)
    engine.breaks = False
    assert await remembered.of(engine.answers, clock) == 2
