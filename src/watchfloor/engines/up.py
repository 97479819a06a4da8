"""`watchfloor up`: the whole center on one machine, from an empty directory to every process at work.

It starts engines and processes and looks after them; what a process does is `process.py`'s business.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from watchfloor.engines import lock
from watchfloor.engines.binaries import nats_binary, postgres_binaries
from watchfloor.engines.bootstrap import OWNER, bootstrap, database_of
from watchfloor.engines.disk import Disk
from watchfloor.engines.edge_tls import EdgeAuthority
from watchfloor.engines.endpoints import Endpoints, dsn_of, password_file
from watchfloor.engines.forks import LeftBehind, take_in
from watchfloor.engines.keys import given
from watchfloor.engines.layout import Layout, write_private
from watchfloor.engines.nats import HOST, NatsServer, nats_answers
from watchfloor.engines.node_tls import make_node_files
from watchfloor.engines.ports import chosen
from watchfloor.engines.postgres import DATABASE, Postgres
from watchfloor.engines.processes import Process, processes
from watchfloor.engines.renew import keep_renewed
from watchfloor.engines.rotate import rotate
from watchfloor.engines.scrub import Scrub, keep_scrubbed
from watchfloor.engines.spawn import Child, RunAs, engine_user, find
from watchfloor.engines.start import forks_of, part_of
from watchfloor.engines.supervise import Part, Say, Supervisor, at_once
from watchfloor.engines.tls import (
    TlsFiles,
    is_loopback,
    names_of,
    refuse_open_listener,
    refuse_open_mqtt,
    tls_of,
)
from watchfloor.engines.told import Told
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.running import cancelled, side_by_side
from watchfloor.settings import HttpSettings, Settings
from watchfloor.storage.newest import at_newest

_TIDY_EVERY_S: Final = 60.0
# They were told already when their `up` died, and a kill loses nothing.
_ORPHAN_S: Final = 3.0
_SILENT_S: Final = 10.0
# So long everybody waits for the fork server: without it they would load longer.
_LOADS_S: Final = 20.0
FIRST_LINK: Final = "first-link"

Begin = Callable[[Endpoints], Awaitable[str | None]]


class Up:
    """One run of `watchfloor up`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        say: Say,
        *,
        begin: Begin | None = None,
        terminal: bool = False,
        runs: tuple[Process, ...] | None = None,
    ) -> None:
        """`begin` gets the endpoints before any process runs; what it answers is a one-time link, shown at a
        `terminal` or else put into a 0600 file. `runs` replaces the processes."""
        self._settings = settings
        self._clock = clock
        self._say = _unbroken(say)
        self._begin = begin
        self._terminal = terminal
        self._processes = processes(settings) if runs is None else runs
        self.layout = Layout.of(settings.data)
        self._forks = forks_of(self._processes, self.layout, clock)
        self._run_as: RunAs | None = None
        self._disk = Disk()
        self._told = Told(self._disk, clock, self._say)
        self._supervisor = Supervisor(clock, self._say, self._changed, self._told.tried)
        self._names: list[str] | None = None
        self._scrub = Scrub(self.layout.log("nats"))
        self._stop = asyncio.Event()
        self._beside: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Run until told to stop by `stop`, SIGINT or SIGTERM. Raises WatchfloorError when it cannot start."""
        refuse_open_listener(self._settings.http)
        refuse_open_mqtt(self._settings)
        self.layout.prepare()
        with lock.held(self.layout.lock, by="watchfloor up", now=self._clock.now()):
            self._listen_to_signals()
            scrubs = keep_scrubbed(self._scrub, self._disk, self._clock)
            loading = asyncio.create_task(self._load_ahead(), name="load ahead")
            self._beside += [loading, *map(asyncio.create_task, (self._tidy(), self._told.keep(), scrubs))]
            starting = asyncio.create_task(self._start(loading), name="start")
            stopping = asyncio.create_task(self._stop.wait(), name="stop")
            try:
                await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if starting.done():
                    await starting
                    await stopping
            finally:
                await cancelled((starting, stopping, *self._beside))
                await self._supervisor.stop()
                self._disk.close()
                self._say("down", "everything has ended")

    def stop(self) -> None:
        """Begin the ordered stop; asked a second time, kill what still runs."""
        if self._stop.is_set():
            self._say("hurry", "asked again: killing what still runs")
            self._supervisor.kill()
            return
        self._say("stopping", "stopping: processes first, engines last")
        self._stop.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)

    async def _start(self, loading: asyncio.Task[None]) -> None:
        self._run_as = engine_user()
        last = self._last_endpoints()
        sensors = self._settings.nats.mqtt_host
        tls = self._tls(self._clock.now())
        make_node_files(self._settings.record, self.layout, self._clock.now())
        if self._settings.edge.host:
            EdgeAuthority.of(self.layout, self._clock.now())
        # What is left of an earlier start ends while the engines begin; no process of ours runs beside it.
        ending = asyncio.create_task(self._end_orphans(last), name="end orphans")
        try:
            superuser, name, place = await self._database_server()
            nats_url, mqtt = await self._bus(last, None if is_loopback(sensors) else tls)
        finally:
            await ending
        await self._set_up(superuser, name, place)
        told = self._told.now = self._endpoints(place, nats_url, mqtt, tls, last)
        self._changed(self._supervisor.pids)
        await self._told.written()
        await self._first()
        await asyncio.wait({loading}, timeout=_LOADS_S)
        # Side by side: each needs only the engines, and what is done before the ledger runs waits there to be sequenced.
        parts = [part_of(process, self.layout, self._forks, self._disk) for process in self._processes]
        await side_by_side(*(self._supervisor.bring_up(part) for part in parts))
        await self._told.written()
        self._say("up", f"watchfloor is up: {told.http}", http=told.http)
        if tls is not None and tls.authority is not None:
            self._say("authority", f"install this certificate on devices that connect: {tls.authority}")

    def _tls(self, now: datetime) -> TlsFiles | None:
        also = [self._settings.nats.mqtt_host]
        if self._names is None and self._settings.http.tls == "local":
            self._names = names_of(self._settings.http, also)
        # While we run it is renewed for its time alone: a new name or address of the machine waits for the next start.
        return tls_of(self._settings.http, self.layout, now, also=also, names=self._names)

    async def _load_ahead(self) -> None:
        """Have the fork server load what the processes need, while the engines begin. Without it each loads that by itself."""
        if self._forks is None:
            return
        if not take_in():
            self._say("failed", "what is forked cannot be taken in here: each process loads by itself")
            self._forks = None
            return
        try:
            await self._supervisor.bring_up(self._forks.part())
        except OSError as error:
            self._say("failed", f"the fork server cannot be started: {error}")

    async def _database_server(self) -> tuple[str, str, str]:
        """A server that runs: how its superuser connects, what our database is called there, and its place for others."""
        settings = self._settings.postgres
        if settings.provider == "dsn":
            superuser = _with_password(settings.dsn, settings.password_file)
            name = database_of(settings.dsn)
            place = without_user(settings.dsn)
            # The database to set up may not be there yet; `postgres` always is.
            superuser = make_conninfo(superuser, dbname="postgres")
        else:
            binaries = postgres_binaries(settings, self._run_as)
            server = Postgres(self.layout, binaries, settings, self._clock, run_as=self._run_as)
            if not (self.layout.pg / "PG_VERSION").exists():
                self._say("making", f"making a PostgreSQL {binaries.major} cluster in {self.layout.pg}")
            await asyncio.to_thread(server.prepare)
            await self._supervisor.bring_up(
                Part(
                    "postgres",
                    at_once(server.start),
                    server.answers,
                    stops_with=0,
                    needed=True,
                    stop_signal=signal.SIGINT,
                    stop_s=60.0,
                    ready_s=300.0,  # recovery after a crash of the machine takes as long as it takes
                )
            )
            superuser, name, place = server.superuser_dsn(), DATABASE, server.place
        return superuser, name, place

    async def _set_up(self, superuser: str, name: str, place: str) -> None:
        """Make the database and its roles where they are missing, and bring it to our revision."""
        await bootstrap(superuser, self.layout, name)
        owner_dsn = dsn_of(place, OWNER, password_file(self.layout, OWNER))
        if not await asyncio.to_thread(at_newest, owner_dsn):
            await asyncio.to_thread(self._migrate, owner_dsn)

    def _migrate(self, owner_dsn: str) -> None:
        # Loading what migrates takes half a second: a start that has nothing to migrate, as after a fall, is spared it.
        from watchfloor.storage.migrate import migrate

        before, after = migrate(owner_dsn)
        if before != after:
            self._say("migrated", f"the database is at revision {after} (before: {before or 'empty'})")

    async def _bus(self, last: Endpoints | None, tls: TlsFiles | None) -> tuple[str, str | None]:
        """Where the bus is, and where sensors send by MQTT: shown `tls`, or plain on this machine alone."""
        settings = self._settings.nats
        if settings.provider == "url":
            user, password = _credentials(settings.credentials_file)
            if not await nats_answers(settings.url, user, password):
                raise Unavailable(
                    f"nats.url: the server at {settings.url} does not answer, or has no JetStream for us.",
                    next_step="Check nats.url and nats.credentials_file.",
                )
            return settings.url, None
        server = NatsServer(
            self.layout,
            nats_binary(settings, self._run_as),
            self._clock,
            port=0,
            mqtt_port=0,
            mqtt_host=settings.mqtt_host,
            tls=tls,
            store_mb=2 * settings.intake_max_mb,
            run_as=self._run_as,
        )
        await self._ports_of(server, last)
        # After a full disk nats-server lives on with JetStream switched off, until it is started again.
        part = Part(
            "nats", at_once(server.start), server.answers, stops_with=1, needed=True, silent_s=_SILENT_S
        )
        await self._supervisor.bring_up(part)
        if tls is not None:
            answered = self.layout.ready("serve")
            renewing = keep_renewed(server, self._tls, answered, self._disk, self._clock, self._say)
            self._beside.append(asyncio.create_task(renewing, name="renew what sensors are shown"))
        return server.url, server.mqtt

    async def _ports_of(self, server: NatsServer, last: Endpoints | None) -> None:
        """Give it its ports and its configuration. One that was left running stays, unless it would now be started otherwise."""
        settings = self._settings.nats
        was = (_port(last.nats), _port(last.mqtt)) if last is not None else (None, None)
        running = server.running()
        if running is not None and was[0] and was[1]:
            server.port, server.mqtt_port = was[0], settings.mqtt_port or was[1]
            if not server.prepare():
                return
            await running.end(self._clock, within_s=_ORPHAN_S)
        server.port = chosen(HOST, settings.port, last=was[0], what="nats.port")
        server.mqtt_port = chosen(
            settings.mqtt_host, settings.mqtt_port, last=was[1], what="nats.mqtt_host and mqtt_port"
        )
        server.prepare()

    def _endpoints(
        self, place: str, nats_url: str, mqtt: str | None, tls: TlsFiles | None, last: Endpoints | None
    ) -> Endpoints:
        http = self._settings.http
        last_port = _port(f"//{last.listen}") if last is not None else None
        port = chosen(http.host, http.port, last=last_port, what="http.port")
        return Endpoints(
            data=self.layout.data,
            http=http.public_url.rstrip("/") or f"{'https' if tls else 'http'}://{_shown(http)}:{port}",
            listen=f"[{http.host}]:{port}" if ":" in http.host else f"{http.host}:{port}",
            postgres=place,
            nats=nats_url,
            mqtt=mqtt,
            runtime=self.layout.runtime,
            certificate=str(tls.certificate) if tls else None,
            key=str(tls.key) if tls else None,
        )

    async def _first(self) -> None:
        if self._begin is None or self._told.now is None:
            return
        link = await self._begin(self._told.now)
        if link is None:
            return
        path = self.layout.keys / FIRST_LINK
        if self._terminal:
            self._say(
                "first",
                f"open this once to become the administrator, before anybody else does:\n\n  {link}\n",
            )
        else:
            # What is not a terminal is a journal or a log, and a link in a log is everybody's.
            write_private(path, link + "\n")
            self._say("first", f"the one-time link of the first administrator is in {path}", file=str(path))

    def _changed(self, pids: dict[str, int]) -> None:
        if self._told.now is not None:
            self._told.now = replace(self._told.now, pids={"up": psutil.Process().pid, **pids})

    def _last_endpoints(self) -> Endpoints | None:
        try:
            return Endpoints.read(self.layout.data)
        except WatchfloorError:
            return None

    async def _end_orphans(self, last: Endpoints | None) -> None:
        """Processes of an `up` that was killed end by themselves; those that do not are made to."""
        mine = str(self.layout.data)
        # In a container the same numbers come again at each start.
        begun = {psutil.Process().pid, *self._supervisor.pids.values()}
        orphans: list[Child] = []
        for name, pid in (last.pids if last is not None else {}).items():
            child = find(name, pid, marks=lambda p: "--data" in p.cmdline() and mine in p.cmdline())
            if child is not None and pid not in begun:
                orphans.append(child)
        if orphans:
            names = ", ".join(child.name for child in orphans)
            self._say("orphans", f"ending what an earlier start left behind: {names}")
            await asyncio.gather(*(child.end(self._clock, within_s=_ORPHAN_S) for child in orphans))

    async def _tidy(self) -> None:
        left = LeftBehind()
        while True:
            await self._clock.sleep(_TIDY_EVERY_S)
            left.bury(known=self._supervisor.pids.values())
            await self._disk.does(self._rotate_all)

    def _rotate_all(self) -> None:
        with contextlib.suppress(OSError):
            self._scrub.look_through()
        for log in self.layout.logs.glob("*.log"):
            with contextlib.suppress(OSError):  # a full disk: tried again in a minute
                rotate(log)


def _unbroken(say: Say) -> Say:
    """A closed terminal must not bring the center down."""

    def said(event: str, sentence: str, /, **facts: str | int | float | None) -> None:
        with contextlib.suppress(OSError):
            say(event, sentence, **facts)

    return said


def without_user(dsn: str) -> str:
    """A connection string without user and password: each role brings its own."""
    kept = {
        k: str(v) for k, v in conninfo_to_dict(dsn).items() if k not in ("user", "password", "passfile") and v
    }
    return make_conninfo("", **kept)


def _with_password(dsn: str, password_file: str) -> str:
    if not password_file:
        return dsn
    return make_conninfo(dsn, password=given(password_file, setting="postgres.password_file"))


def _credentials(credentials_file: str) -> tuple[str, str]:
    whole = given(credentials_file, setting="nats.credentials_file") and Path(credentials_file).read_text()
    lines = whole.split()
    if len(lines) < 2:
        raise Unavailable(
            f"nats.credentials_file: {credentials_file} should hold user and password, one a line."
        )
    return lines[0], lines[1]


def _port(url: str | None) -> int | None:
    return urlsplit(url).port if url else None


def _shown(http: HttpSettings) -> str:
    """The host part of the address people open."""
    if http.host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not listened on
        return "localhost"
    return f"[{http.host}]" if ":" in http.host else http.host
