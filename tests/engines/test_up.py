"""`watchfloor up` as one meets it: started, started twice, killed in part and in whole, stopped."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from tests.engines.center import CLOCK, Center, a_center, runs, until
from tests.engines.device import Device
from tests.fixtures.engines import run
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.layout import Layout
from watchfloor.engines.postgres import Postgres
from watchfloor.engines.spawn import engine_user
from watchfloor.settings import PostgresSettings
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus, Delivery


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory that was up once, and down again: what most centers are when they start."""
    with a_center() as center:
        center.start()
        run(until(lambda: bool(center.heard("up")) or center.ended, "up", 90))
        assert center.end() == 0, center.text
        yield center.data


@pytest.fixture
def center(made: Path) -> Iterator[Center]:
    with a_center(made) as cloned:
        yield cloned


@pytest.fixture
def fresh() -> Iterator[Center]:
    with a_center() as empty:
        yield empty


@pytest.fixture(scope="module")
def running(made: Path) -> Iterator[Center]:
    """A center that runs, for tests that only look."""
    with a_center(made) as cloned:
        cloned.start("serve")
        run(until(lambda: bool(cloned.heard("up")) or cloned.ended, "up", 90))
        yield cloned


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_center_comes_up_from_nothing_and_goes_down_in_order(fresh: Center) -> None:
    await fresh.up("ledger", "serve")
    ready = [s["part"] for s in fresh.heard("ready") if s["part"] != "fork-server"]
    assert ready[:2] == ["postgres", "nats"]
    assert set(ready[2:]) == {"ledger", "serve"}
    endpoints = fresh.endpoints
    database = await Database.connect(endpoints.dsn("wf_app"), role="wf_app")
    async with database.transaction(mode=READ) as connection:
        row = await (await connection.execute("select version_num as v from alembic_version")).fetchone()
    assert row is not None and row["v"] >= "0006"
    await database.close()
    address = endpoints.bus()
    bus = await Bus.connect(address.url, user=address.user, password=address.password, name="test")
    assert bus.connected
    await bus.close()
    assert fresh.end(signal.SIGINT) == 0
    ended = [s["part"] for s in fresh.heard("stopped")]
    assert set(ended[:3]) == {"ledger", "serve", "fork-server"}
    assert ended[3:] == ["nats", "postgres"]
    assert "finished what it held" in (fresh.data / "logs" / "serve.log").read_text()
    assert fresh.left() == []


async def test_secrets_are_files_that_only_we_read_and_are_in_no_command_line_log_or_endpoint(
    running: Center,
) -> None:
    keys = sorted((running.data / "keys").iterdir())
    assert {k.name for k in keys} >= {
        "postgres.wf_super",
        "postgres.wf_app",
        "postgres.wf_owner",
        "nats.watchfloor",
    }
    assert mode(running.data / "keys") == 0o700
    assert {mode(k) for k in keys} == {0o600}
    lines = "\n".join(
        " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]) if p.pid != os.getpid()
    )
    texts = lines + (running.data / "endpoints.json").read_text() + running.text
    texts += "".join(log.read_text() for log in (running.data / "logs").iterdir())
    assert [k.name for k in keys if k.read_text().strip() in texts] == []


async def test_postgresql_listens_on_no_port_and_lets_nobody_in_without_a_password(running: Center) -> None:
    postgres = psutil.Process(running.pid("postgres"))
    assert [c for c in postgres.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN] == []
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(running.endpoints.postgres, user="wf_super")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(running.endpoints.postgres, user="wf_app", password="guess")


async def test_durability_is_on(running: Center) -> None:
    with psycopg.connect(running.endpoints.dsn("wf_owner")) as connection:
        for name, value in (
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("data_checksums", "on"),
        ):
            assert connection.execute("select current_setting(%s)", (name,)).fetchone() == (value,)


async def test_a_second_start_says_who_holds_the_directory_and_disturbs_nothing(running: Center) -> None:
    second = Center(running.data, running.data.parent / "said-too")
    second.start("serve")
    assert second.end(None) == 1
    refused = second.heard("refused")[0]
    assert f"{running.data} is in use by " in refused["text"]
    assert f"process {running.pid('up')} " in refused["text"]
    assert refused["next_step"] == "Use that one, or end it before starting another."
    assert runs(running.pid("serve"))
    assert not running.heard("ended")


async def test_each_part_that_is_killed_runs_again_within_ten_seconds_where_it_was(center: Center) -> None:
    await center.up("ledger", "serve")
    before = center.endpoints
    for name in ("serve", "nats", "postgres"):
        pid = center.kill(name)
        began = CLOCK.monotonic()
        await until(lambda name=name: len(center.heard("ready", part=name)) == 2, f"{name} again")  # type: ignore[misc]  # bound early on purpose
        assert CLOCK.monotonic() - began < 10
        assert center.pid(name) != pid
        assert not runs(pid)
    after = center.endpoints
    assert (after.postgres, after.nats, after.http) == (before.postgres, before.nats, before.http)


async def test_when_postgresql_was_killed_connections_come_back_and_what_was_committed_is_there(
    center: Center,
) -> None:
    await center.up()
    owner = center.endpoints.dsn("wf_owner")
    with psycopg.connect(owner) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("grant select on kept to wf_app")
    with psycopg.connect(owner) as connection:
        connection.execute("insert into kept values (1)")
    database = await Database.connect(center.endpoints.dsn("wf_app"), role="wf_app", min_size=3)
    center.kill("postgres")
    await until(lambda: len(center.heard("ready", part="postgres")) == 2, "postgres again")
    began = CLOCK.monotonic()
    async with database.transaction(mode=READ) as app:
        assert await (await app.execute("select n from kept")).fetchall() == [{"n": 1}]
    assert CLOCK.monotonic() - began < 3
    await database.close()


async def test_an_acknowledged_message_survives_the_kill_of_the_bus(center: Center) -> None:
    await center.up()
    address = center.endpoints.bus()
    bus = await Bus.connect(address.url, user=address.user, password=address.password, name="test")
    await bus.ensure_intake(max_mb=8)
    for n in range(20):
        await bus.put("intake.plates.r1", b"%d" % n, message_id=str(n))
    center.kill("nats")
    await bus.put("intake.plates.r1", b"20", message_id="20")  # waits for it to be back, within its tries
    kept: list[bytes] = []

    async def handle(batch: Sequence[Delivery], /) -> None:
        kept.extend(d.payload for d in batch)

    async def nothing(_: Delivery, __: str, /) -> None:
        return None

    taking = asyncio.create_task(bus.take("plates", "intake.plates.>", handle, nothing))
    await until(lambda: len(kept) >= 21, "every message")
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await bus.close()
    assert sorted(kept, key=int) == [b"%d" % n for n in range(21)]


async def test_killing_up_ends_everything_and_the_next_start_is_clean(center: Center) -> None:
    await center.up("ledger", "serve", "record")
    was = center.endpoints
    owner = was.dsn("wf_owner")
    with psycopg.connect(owner) as connection:
        connection.execute("create table kept (n int)")
    center.kill("up")
    await center.up("ledger", "serve", "record")
    now = center.endpoints
    assert set(now.pids.values()).isdisjoint(was.pids.values())
    assert (now.http, now.nats) == (was.http, was.nats)
    with psycopg.connect(owner) as connection:
        assert connection.execute("select * from kept").fetchall() == []


async def test_when_up_is_killed_nothing_goes_on_without_it(center: Center) -> None:
    await center.up("ledger", "serve")
    center.kill("up")
    await until(lambda: not center.left(), "the end of every process")


async def test_a_process_that_does_not_end_when_up_is_killed_is_ended_by_the_next_start(
    center: Center,
) -> None:
    await center.up("stubborn")
    stubborn = center.pid("stubborn")
    center.kill("up")
    assert runs(stubborn)
    center.start("serve")
    await until(lambda: bool(center.heard("up")), "up", 60)
    assert center.heard("orphans")
    assert not runs(stubborn)


async def test_engines_that_run_already_are_adopted_looked_after_and_stopped_at_the_end(
    center: Center,
) -> None:
    layout, run_as = Layout.of(center.data), engine_user()
    layout.prepare()
    settings = PostgresSettings()
    server = Postgres(layout, postgres_binaries(settings, run_as), settings, CLOCK, run_as=run_as)
    server.prepare()
    server.start()
    await server.ready()
    assert server.child is not None
    await center.up("serve")
    assert "was running already" in center.heard("ready", part="postgres")[0]["text"]
    assert center.pid("postgres") == server.child.pid
    center.kill("postgres")
    # Nobody has waited for it yet, so it is a zombie now, as in a container without an init.
    await until(lambda: len(center.heard("ready", part="postgres")) == 2, "postgres again")
    assert center.end() == 0
    assert server.running() is None


async def test_a_stale_pid_of_another_program_does_not_keep_postgresql_from_starting(center: Center) -> None:
    await center.up()
    center.end()
    pid_file = center.data / "pg" / "postmaster.pid"
    pid_file.write_text(
        f"{os.getpid()}\n{center.data / 'pg'}\n0\n5432\n{center.data / 'run/pg'}\n\n\nready\n"
    )
    await center.up()


async def test_an_initdb_that_was_cut_off_is_begun_again(fresh: Center) -> None:
    making = fresh.data / "pg.making"
    making.mkdir(parents=True)
    (making / "PG_VERSION").write_text("18")
    fresh.data.chmod(0o711)
    await fresh.up()
    assert not making.exists()


async def test_a_bus_that_lives_and_does_nothing_is_started_again(center: Center) -> None:
    await center.up()
    frozen = center.pid("nats")
    os.kill(frozen, signal.SIGSTOP)
    await until(lambda: bool(center.heard("silent", part="nats")), "that nats is silent")
    await until(lambda: len(center.heard("ready", part="nats")) == 2, "nats again")
    assert not runs(frozen)


async def test_a_process_that_always_fails_does_not_keep_the_others_from_working(center: Center) -> None:
    await center.up("ledger", "broken", "serve")
    assert center.heard("late", part="broken")
    await until(lambda: len(center.heard("ended", part="broken")) >= 3, "three tries")
    assert "this program always fails" in (center.data / "logs" / "broken.log").read_text()
    assert "status 1" in center.heard("ended", part="broken")[0]["text"]
    assert not center.heard("ended", part="serve")


async def test_a_taken_port_is_said_with_its_number(center: Center) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        center.start(environment={"WATCHFLOOR_HTTP__PORT": str(port)})
        assert center.end(None) == 1
    refused = center.heard("refused")[0]["text"]
    assert refused == f"http.port: another program already listens on port {port} of 127.0.0.1."


async def test_a_listener_that_others_reach_is_refused_without_tls(fresh: Center) -> None:
    fresh.start(environment={"WATCHFLOOR_NATS__MQTT_HOST": "0.0.0.0"})
    assert fresh.end(None) == 1
    refused = fresh.heard("refused")[0]
    assert "without TLS" in refused["text"]
    assert "http.tls" in refused["next_step"]
    assert not (fresh.data / "pg").exists()


async def test_a_listener_with_our_own_authority_is_told_where_its_certificate_is(center: Center) -> None:
    environment = {"WATCHFLOOR_HTTP__HOST": "0.0.0.0", "WATCHFLOOR_NATS__MQTT_HOST": "0.0.0.0"}
    await center.up(environment=environment | {"WATCHFLOOR_HTTP__TLS": "local"})
    endpoints = center.endpoints
    assert endpoints.http.startswith("https://")
    assert endpoints.certificate is not None and endpoints.key is not None
    assert mode(Path(endpoints.key)) == 0o600
    authority = str(center.data / "watchfloor-authority.pem")
    assert authority in center.heard("authority")[0]["text"]
    # Sensors are shown the same; who speaks plainly to them is not understood.
    place = urlsplit(endpoints.mqtt or "")
    assert (place.scheme, place.hostname) == ("mqtts", "0.0.0.0")
    trusted = ssl.create_default_context(cafile=authority)
    _, writer = await asyncio.open_connection("127.0.0.1", place.port, ssl=trusted)
    writer.close()
    client, code = await Device.connect(place.port or 0, "anybody", "plainly")
    client.close()
    assert code == 255


async def test_the_first_link_is_in_a_private_file_and_in_no_line_when_nobody_sits_at_a_terminal(
    running: Center,
) -> None:
    path = running.data / "keys" / "first-link"
    assert path.read_text().strip() == f"{running.endpoints.http}/invitation#once"
    assert mode(path) == 0o600
    assert "invitation#" not in running.text


async def test_a_long_data_directory_still_gets_sockets_that_fit(fresh: Center) -> None:
    fresh.data = fresh.data.parent / ("a-long-name-" * 8) / "data"
    fresh.data.parent.mkdir(mode=0o711)
    fresh.data.parent.chmod(0o711)
    await fresh.up("serve")
    runtime = fresh.endpoints.runtime
    assert not runtime.is_relative_to(fresh.data)
    assert len(str(runtime)) < 76
    assert fresh.end() == 0


async def test_asked_twice_to_stop_it_does_not_wait_for_the_stubborn(center: Center) -> None:
    await center.up("stubborn")
    assert center.process is not None
    center.process.send_signal(signal.SIGINT)
    await until(lambda: bool(center.heard("stopping")), "stopping")
    began = CLOCK.monotonic()
    assert center.end(signal.SIGINT) == 0
    assert CLOCK.monotonic() - began < 10


async def test_asked_to_stop_while_it_starts_it_leaves_nothing(center: Center) -> None:
    center.start("serve")
    await until(lambda: bool(center.heard("ready", part="postgres")), "postgres")
    assert center.end(signal.SIGTERM) == 0
    assert center.left() == []


def machines_python() -> str:
    """The version line of the machine's own Python; empty where there is none."""
    if not Path("/usr/bin/python3").exists():
        return ""
    return subprocess.run(
        ["/usr/bin/python3", "--version"], check=True, capture_output=True, text=True
    ).stdout


async def test_an_ordinary_user_runs_a_center_too(fresh: Center) -> None:
    if os.getuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    python = machines_python()
    if f"Python {sys.version_info.major}.{sys.version_info.minor}." not in python:
        pytest.skip(f"the machine's own Python is another one: {python.strip()}")
    home = fresh.data.parent
    shutil.chown(home, "nobody")
    await fresh.up("ledger", "serve", user="nobody")
    owners = {psutil.Process(pid).username() for pid in fresh.endpoints.pids.values()}
    assert owners == {"nobody"}
    assert mode(fresh.data) == 0o700
    fresh.kill("postgres")
    await until(lambda: len(fresh.heard("ready", part="postgres")) == 2, "postgres again")
    assert fresh.end() == 0
