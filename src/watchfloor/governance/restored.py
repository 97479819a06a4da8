"""The first entry after a restore: that state was put back, from which size, what is lost by it, by whom. It restores nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.audit import restored
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.storage.classes import DataClass, Mode
from watchfloor.storage.tx import Connection, Tx

_TOUCHES = frozenset((data_class, mode) for data_class in DataClass for mode in Mode)


async def keep_restored(
    connection: Connection, *, newest: Checkpoint | None, backup_of: str, by: str, now: datetime
) -> int:
    """Write it into the log, as the owner, before any process of ours runs; the size that the state was restored at."""
    actor = process_actor(NO_AGENCY, "restore")
    anywhere = Tx(connection, NO_AGENCY, now, None, actor.id, _TOUCHES, "restore", actor.machine)
    size = await log_store.sequenced(anywhere)
    agency: UUID | None = await log_store.first_agency(anywhere)
    if agency is not None:
        tx = Tx(connection, agency, now, None, actor.id, _TOUCHES, "restore", actor.machine)
        await restored(tx, size=size, newest=newest, backup_of=backup_of, by=by)
    return size
