"""`watchfloor restore`: a new data directory from a backup. It starts no process of the center; `up` does, afterwards."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from watchfloor.engines import lock
from watchfloor.engines.backup import (
    CONFIG,
    DUMP,
    LEDGER,
    MAPS,
    close,
    read_manifest,
    run_client,
    superuser_dsn,
)
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.bootstrap import OWNER, bootstrap, database_of
from watchfloor.engines.endpoints import dsn_of, password_file
from watchfloor.engines.layout import Layout, write_private
from watchfloor.engines.postgres import DATABASE, Postgres
from watchfloor.engines.spawn import engine_user
from watchfloor.engines.supervise import Say
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.settings import Settings, load
from watchfloor.storage.migrate import migrate


@dataclass(frozen=True, slots=True)
class RestoreTold:
    """What the log is told of a restore: of when the backup is, by whom, and the newest checkpoint known outside.

    `log` is the folder of the backup that names the log's public key, `keys` the one that holds the private one.
    """

    backup_of: str
    by: str
    checkpoint: Path | None
    log: Path
    keys: Path


Tell = Callable[[str], Awaitable[None]]
# Judges what it is told at once, before anything is made; what it gives tells the log, when there is one to tell.
OwnUp = Callable[[RestoreTold], Callable[[str], Awaitable[str]]]


async def restore(
    data: Path,
    state: Path,
    keys: Path,
    *,
    clock: Clock,
    say: Say,
    own_up: OwnUp,
    by: str,
    checkpoint: Path | None = None,
) -> None:
    """Make `data` (new or empty) from the state and the keys, migrated to this program; the log owns up to it by `own_up`.

    Raises Conflict when `data` or the database is not empty, Invalid when the backup is not whole, was changed, or is
    of a newer program, or the checkpoint is not of its log, Unavailable when the database cannot be brought up.
    """
    layout = Layout.of(data)
    manifest = await asyncio.to_thread(read_manifest, state)
    _may_begin(layout, keys)
    told = RestoreTold(str(manifest["began_at"]), by, checkpoint, state / LEDGER, keys)
    tell_log = await asyncio.to_thread(own_up, told)
    layout.prepare()
    whole = False

    async def tell(place: str) -> None:
        say("log", await tell_log(dsn_of(place, OWNER, password_file(layout, OWNER))))

    try:
        with lock.held(layout.lock, by="watchfloor restore", now=clock.now()):
            _files(layout, state, keys)
            await _database(layout, state, clock, say, tell)
        whole = True
    finally:
        if not whole:
            # Half a center must not be started by mistake; it was empty before.
            shutil.rmtree(layout.data)
    say("restored", f"{layout.data} holds the state of {manifest['began_at']}", data=str(layout.data))
    for sentence in _AFTERWARDS:
        say("mind", sentence)


_AFTERWARDS = (
    "Footage and pictures come from the object store, where they are still there; days whose key was destroyed stay unreadable.",
    "What was revoked after the backup (device tokens, suspensions, authorisations) is in force again: go through it before `up`.",
    "Holders of checkpoints see by `watchfloor verify` that the log was restored; tell them when, why and by whom.",
    "What should have been forgotten since is forgotten by the sweep, right after `up`.",
)


def _may_begin(layout: Layout, keys: Path) -> None:
    if not (keys / f"postgres.{OWNER}").exists():
        raise Invalid(f"{keys} does not hold the keys of a center.")
    if layout.data.exists() and any(layout.data.iterdir()):
        raise Conflict(f"{layout.data} is not empty; a backup is restored into a new directory.")


def _files(layout: Layout, state: Path, keys: Path) -> None:
    shutil.copytree(keys, layout.keys, dirs_exist_ok=True)
    close(layout.keys)
    if (state / LEDGER).is_dir():
        shutil.copytree(state / LEDGER, layout.ledger, dirs_exist_ok=True)
    for name in MAPS:
        if (state / name).is_dir():
            shutil.copytree(state / name, layout.data / name, dirs_exist_ok=True)
    if (state / CONFIG).exists():
        write_private(layout.config, (state / CONFIG).read_bytes())


async def _database(layout: Layout, state: Path, clock: Clock, say: Say, tell: Tell) -> None:
    settings = load(layout.data)
    if settings.postgres.provider == "dsn":
        await _into_server(settings, layout, state, say)
        await tell(superuser_dsn(settings.postgres, "", layout))
    else:
        await _into_cluster(settings, layout, state, clock, say, tell)


async def _into_cluster(
    settings: Settings,
    layout: Layout,
    state: Path,
    clock: Clock,
    say: Say,
    tell: Tell,
) -> None:
    run_as = engine_user()
    binaries = postgres_binaries(settings.postgres, run_as)
    server = Postgres(layout, binaries, settings.postgres, clock, run_as=run_as)
    say("making", f"making a PostgreSQL {binaries.major} cluster in {layout.pg}")
    await asyncio.to_thread(server.prepare)
    server.start()
    try:
        await server.ready()
        await bootstrap(server.superuser_dsn(), layout, DATABASE)
        await _fill(settings, layout, server.place, server.superuser_dsn(DATABASE), state, say)
        await tell(server.place)
    finally:
        await server.stop()


async def _into_server(settings: Settings, layout: Layout, state: Path, say: Say) -> None:
    superuser = superuser_dsn(settings.postgres, "", layout)
    await bootstrap(make_conninfo(superuser, dbname="postgres"), layout, database_of(settings.postgres.dsn))
    async with await psycopg.AsyncConnection.connect(superuser) as connection:
        row = await (await connection.execute("select to_regclass('public.agency')")).fetchone()
    if row is not None and row[0] is not None:
        raise Conflict(
            "The database that postgres.dsn names holds a center already; restore into an empty one."
        )
    await _fill(settings, layout, superuser, superuser, state, say)


async def _fill(
    settings: Settings, layout: Layout, place: str, superuser: str, state: Path, say: Say
) -> None:
    say("filling", "filling the database")
    arguments = ["--exit-on-error", "--single-transaction", str(state / DUMP)]
    await asyncio.to_thread(run_client, settings.postgres, "pg_restore", arguments, superuser)
    await asyncio.to_thread(migrate, dsn_of(place, OWNER, password_file(layout, OWNER)))
