"""What a center is told once, as its owner: its first administrator, that it was restored, who is invited from the terminal.

What runs in each process is wired in `wiring/` and started by `process.py`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from watchfloor.governance.restored import keep_restored
from watchfloor.identity.first import FirstLink, first_start, invite_from_terminal
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.settings import Settings
from watchfloor.storage.owner import as_owner

if TYPE_CHECKING:
    from watchfloor.engines.restore import RestoreTold  # half a second of every start


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
