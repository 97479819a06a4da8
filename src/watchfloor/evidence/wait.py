"""An export whose footage lies where nobody reaches it at present waits for that to come back: a day, then it fails. It makes none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from watchfloor.evidence import store
from watchfloor.evidence.model import ExportId
from watchfloor.evidence.request import MAKE
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.said import moment
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

WAITS_FOR: Final = timedelta(hours=24)
_AGAIN_IN: Final = timedelta(minutes=2)
_SINCE: Final = "away_since"


async def wait(tx: Tx, export: ExportId, job: Job, error: WatchfloorError) -> str | None:
    """Plan the next look, and say so where the export stands; why it is over, once it waited for long enough."""
    since = datetime.fromisoformat(job.payload.get(_SINCE, rfc3339(tx.now)))
    again, until = tx.now + _AGAIN_IN, since + WAITS_FOR
    if again > until:
        hours = int(WAITS_FOR.total_seconds() // 3600)
        return f"{error.detail} It did not come back within {hours} hours, so nothing was made: ask for it again once it is back."
    said = f"{error.detail} The export waits, and goes on when it is back: until {moment(until, tx.zone)} at most."
    await store.waits(tx, export, said)
    payload = {"export": str(export), _SINCE: rfc3339(since)}
    await jobs.add(tx, MAKE, payload, run_at=again, key=f"{MAKE} {export} {rfc3339(again)}")
    return None
