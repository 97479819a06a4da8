"""PostgreSQL as a child of ours: made once, started in the foreground on a private socket, stopped in order.

It knows no table and no role but its superuser; `bootstrap.py` makes the roles, `storage/migrate.py` the schema.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from watchfloor.engines.binaries import PostgresBinaries
from watchfloor.engines.endpoints import dsn_of, password_file
from watchfloor.engines.keys import secret
from watchfloor.engines.layout import PRIVATE, Layout, own, untraversable
from watchfloor.engines.spawn import Child, RunAs, find, spawn, tail
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.settings import PostgresSettings

SUPERUSER: Final = "wf_super"
DATABASE: Final = "watchfloor"
_POLL_S: Final = 0.05

# What a server that holds people's data must be, whoever tunes it. Statements and error details stay out of the log:
# they hold plates and names.
_ALWAYS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_line_prefix": "%m [%p] %u ",
    "wal_level": "replica",
    "wal_compression": "pglz",
    "max_wal_size": "2GB",
    "max_locks_per_transaction": "256",
    "checkpoint_timeout": "10min",
    "jit": "off",
}
_DURABLE: Final = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_DISPOSABLE: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres:
    """A PostgreSQL of ours in `layout.pg`."""

    def __init__(
        self,
        layout: Layout,
        binaries: PostgresBinaries,
        settings: PostgresSettings,
        clock: Clock,
        *,
        run_as: RunAs | None = None,
        disposable: bool = False,
    ) -> None:
        """`disposable` trades durability for speed; a cluster that anybody will miss never gets it."""
        self.layout = layout
        self.binaries = binaries
        self._settings = settings
        self._clock = clock
        self._run_as = run_as
        self._durability = _DISPOSABLE if disposable else _DURABLE
        self.child: Child | None = None

    @property
    def place(self) -> str:
        """The connection string without user and password."""
        return make_conninfo(host=str(self.layout.postgres_socket), port=5432, dbname=DATABASE)

    def superuser_dsn(self, database: str = "postgres") -> str:
        """The connection string of the superuser, for bootstrap and backups alone."""
        dsn = dsn_of(self.place, SUPERUSER, password_file(self.layout, SUPERUSER))
        return make_conninfo(dsn, dbname=database)

    def prepare(self) -> None:
        """Make the cluster unless it is there.

        Raises Invalid when its user cannot get to it or another version made it, Unavailable when initdb fails.
        """
        uid, gid = (self._run_as.uid, self._run_as.gid) if self._run_as else (os.geteuid(), os.getegid())
        for path in (self.layout.data, self.layout.runtime):
            if self._run_as and (barred := untraversable(path, uid, gid)):
                raise Invalid(
                    f"As root, PostgreSQL runs as the user {self._run_as.name}, who may not pass through {barred}.",
                    next_step="Put the data elsewhere, under /var/lib for example, or start as an ordinary user.",
                )
        own(self.layout.postgres_socket, PRIVATE, uid=uid, gid=gid)
        if (self.layout.pg / "PG_VERSION").exists():
            self._same_version()
            own(self.layout.pg, PRIVATE, uid=uid, gid=gid)
            return
        making = self.layout.data / "pg.making"
        shutil.rmtree(making, ignore_errors=True)  # an initdb that was cut off
        own(making, PRIVATE, uid=uid, gid=gid)
        self._initdb(making, uid, gid)
        making.rename(self.layout.pg)

    def _same_version(self) -> None:
        found = (self.layout.pg / "PG_VERSION").read_text().strip()
        if found != str(self.binaries.major):
            raise Invalid(
                f"{self.layout.pg} was made by PostgreSQL {found}; the provider has {self.binaries.major}.",
                next_step=f"Use PostgreSQL {found} (postgres.provider, postgres.bin_dir), or back up and restore.",
            )

    def _initdb(self, making: Path, uid: int, gid: int) -> None:
        password = secret(password_file(self.layout, SUPERUSER))
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.binaries.major >= 17
            else ["--locale-provider=libc", "--locale=C.UTF-8"]
        )
        with tempfile.NamedTemporaryFile(dir=self.layout.postgres_socket, prefix="pw.") as file:
            file.write(password.encode() + b"\n")
            file.flush()
            os.fchown(file.fileno(), uid, gid)
            command: list[str | Path] = [
                self.binaries / "initdb",
                "-D",
                making,
                "-U",
                SUPERUSER,
                f"--pwfile={file.name}",
                "--auth=scram-sha-256",
            ]
            command += ["--encoding=UTF8", "--data-checksums", "--no-instructions", *locale]
            if self._durability is _DISPOSABLE:
                command.append("--no-sync")
            done = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                user=uid if self._run_as else None,
                group=gid if self._run_as else None,
                extra_groups=[] if self._run_as else None,
            )
        if done.returncode:
            raise Unavailable(f"PostgreSQL's initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def start(self) -> Child:
        """Start the server, or adopt the one that already runs on this cluster. It may not answer yet."""
        if (running := self.running()) is not None:
            self.child = running
            return running
        self._clear_stale_pid()
        command: list[str | Path] = [self.binaries / "postgres", "-D", self.layout.pg]
        for name, value in self._options().items():
            command += ["-c", f"{name}={value}"]
        self.child = spawn(
            "postgres",
            command,
            log=self.layout.log("postgres"),
            death_signal=signal.SIGINT,
            run_as=self._run_as,
            environment={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C",
                "PG_OOM_ADJUST_FILE": "/proc/self/oom_score_adj",
            },
            cwd=Path("/"),
        )
        return self.child

    def _options(self) -> dict[str, str]:
        return {
            **_ALWAYS,
            **self._durability,
            "unix_socket_directories": str(self.layout.postgres_socket),
            "shared_buffers": f"{self._settings.shared_buffers_mb}MB",
            "max_connections": str(self._settings.max_connections),
        }

    def running(self) -> Child | None:
        """The postmaster of this very cluster, when it runs."""
        pid = self._pid_in(self.layout.pg / "postmaster.pid")
        if pid is None:
            return None
        cluster = self.layout.pg.resolve()
        return find(
            "postgres",
            pid,
            marks=lambda p: p.name() in ("postgres", "postmaster") and Path(p.cwd()).resolve() == cluster,
        )

    @staticmethod
    def _pid_in(path: Path) -> int | None:
        try:
            return int(path.read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return None

    def _clear_stale_pid(self) -> None:
        # After a crash of the machine the pid in these files may belong to any other program, and PostgreSQL would
        # refuse to start. We hold the lock of the data directory and saw that no postmaster works here.
        for path in (self.layout.pg / "postmaster.pid", self.layout.postgres_socket / ".s.PGSQL.5432.lock"):
            if (pid := self._pid_in(path)) is not None and not self._is_postgres(pid):
                path.unlink(missing_ok=True)

    @staticmethod
    def _is_postgres(pid: int) -> bool:
        # A dead one that nobody has waited for counts as gone: in a container nobody may ever wait for it.
        try:
            process = psutil.Process(pid)
            return process.name() in ("postgres", "postmaster") and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    async def ready(self, *, within_s: float = 60.0) -> None:
        """Wait until it answers. Raises Unavailable, with the end of its log, when it ends or stays silent."""
        until = self._clock.monotonic() + within_s
        while not await self.answers():
            if self.child is None or not self.child.alive():
                raise Unavailable(
                    f"PostgreSQL ended while starting. Its log ends: {tail(self.layout.log('postgres'))}"
                )
            if self._clock.monotonic() >= until:
                raise Unavailable(
                    f"PostgreSQL did not answer within {within_s:.0f} s. Its log: {self.layout.log('postgres')}"
                )
            await self._clock.sleep(_POLL_S)

    async def answers(self) -> bool:
        """Whether a query gets an answer now."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                self.superuser_dsn(), connect_timeout=3, autocommit=True, application_name="watchfloor-up"
            )
        except psycopg.OperationalError:
            return False
        async with connection:
            try:
                await connection.execute("select 1")
            except psycopg.OperationalError:
                return False
        return True

    async def stop(self, *, within_s: float = 30.0) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is on disk."""
        if self.child is not None:
            await self.child.end(self._clock, by=signal.SIGINT, within_s=within_s)
