"""Composition root: which process is built where, and the first start. Everything is wired in `wiring/`, nothing elsewhere.

| process | wired in | what it is built from |
|---|---|---|
| `ledger` | `wiring/ledger.py` | the log's key and files |
| `serve` | `wiring/serve.py` | the slices' routes, the lists people watch, live pictures |
| `record` | `wiring/record.py` | cameras, footage, keys |
| `sense` | `wiring/sense.py` | reads, hot lists, alerts |
| `sweep` | `wiring/sweep.py` | retention, timers, escalation |
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final

import uvloop

from watchfloor import settings as settings_module
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.restore import RestoreTold
from watchfloor.governance.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from watchfloor.governance.restored import keep_restored
from watchfloor.identity.first import FirstLink, first_start, invite_from_terminal
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, WatchfloorError
from watchfloor.kit.logs import configure, logger
from watchfloor.kit.running import until_told
from watchfloor.settings import Settings
from watchfloor.storage.owner import as_owner

PROCESSES: Final = ("ledger", "serve", "record", "sense", "sweep")
_log = logger("app")


def run(name: str, data: Path, **options: int | tuple[str, ...]) -> int:
    """Run one process until it is told to end; its exit status (75 asks the supervisor to start it again)."""
    configure(name)
    settings = settings_module.load(data)
    # Imported by name, so that a process loads what it runs and no more.
    wired = import_module(f"watchfloor.wiring.{name}")
    try:
        # What a person waits for is a few hundred wake-ups of this loop: uvloop makes each a good deal cheaper.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop if name == "serve" else None) as runner:
            runner.run(until_told(lambda stop: wired.run(settings, stop, **options)))
    except WatchfloorError as error:
        _log.error("ended", why=error.detail, next_step=error.next_step)
        return 75
    return 0


async def begin(settings: Settings, *, agency: str, time_zone: str, now: datetime) -> FirstLink | None:
    """The first start, as the owner: one agency and one administrator where there is none. `up` calls it after migrating."""
    async with as_owner(Endpoints.read(settings.data).dsn("wf_owner")) as connection:
        return await first_start(connection, agency=agency, time_zone=time_zone, now=now)


async def own_up(owner_dsn: str, log_key: Path, told: RestoreTold) -> str:
    """The log's first entry after a restore; what it says, for the terminal. Raises Invalid for a checkpoint of another log."""
    newest = _opened(told.checkpoint, log_key) if told.checkpoint is not None else None
    now = SystemClock().now()
    async with as_owner(owner_dsn) as connection:
        size = await keep_restored(connection, newest=newest, backup_of=told.backup_of, by=told.by, now=now)
    if newest is None:
        return f"the log says that it was restored at size {size}; no checkpoint was told, so later ones stay an alarm"
    return f"the log says that it was restored at size {size}; the newest checkpoint told is over {newest.size} entries"


def _opened(checkpoint: Path, log_key: Path) -> Checkpoint:
    try:
        return open_checkpoint(checkpoint.read_bytes(), VerifierKey.parse(log_key.read_text()))
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}.") from error


async def invite(settings: Settings, name: str) -> str:
    """A one-time link for a registered person, from this machine's terminal. Raises NotFound."""
    endpoints, clock = Endpoints.read(settings.data), SystemClock()
    async with as_owner(endpoints.dsn("wf_owner")) as connection:
        return f"{endpoints.http}/invitation#{await invite_from_terminal(connection, name, now=clock.now())}"
