"""Forgets exports whose time is over, unless a hold keeps them, and says what of them is stored. It makes none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.evidence import store
from watchfloor.evidence.request import CHANGED, FORGET, News
from watchfloor.evidence.sealed import FOLDER, ExportKeys, remove
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.sure import sure
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.storage.objects import Objects

_AGAIN: Final = timedelta(days=1)
_STRAY_AFTER: Final = timedelta(hours=24)


def forgetting(
    door: Door, objects: Objects, keys: ExportKeys, news: News
) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of a job to forget an export: a held one is asked about again a day later."""

    async def forget(job: Job) -> None:
        agency, export = sure(job.agency, "an export's agency"), UUID(job.payload["export"])
        ask = Ask(process_actor(agency, "sweep"), Need.EXPORT_STATE, about=About("export", export))
        async with door.open(ask) as tx:
            found = await store.export_of(tx, export)
            if found is None or found.state != "ready":
                return
            if await store.is_held(tx, export):
                again = tx.now + _AGAIN
                key = f"{FORGET} {export} {rfc3339(again)}"
                await jobs.add(tx, FORGET, job.payload, run_at=again, key=key)
                return
        await remove(objects, keys, agency, export)
        async with door.open(ask) as tx:
            if await store.end(tx, export, "forgotten", "Its time was over.", ("ready",)):
                more = {"bytes": found.size, "due_at": rfc3339(sure(found.expires_at))}
                await effect(tx, "export.forgotten", About("export", export), more=more)
            tx.after_commit(lambda: news(CHANGED, agency, export))

    return {FORGET: forget}


async def oldest(objects: Objects, agency: UUID) -> date | None:
    """The UTC day of the oldest package that is stored, by listing."""
    found = await objects.oldest(f"{FOLDER}/{agency}")
    return found.stored_at.astimezone(UTC).date() if found else None


async def strays(door: Door, objects: Objects, keys: ExportKeys, agency: UUID, now: datetime) -> int:
    """Delete packages that no export has, a day after they were put; how many."""
    async with door.open(Ask(process_actor(agency, "sweep"), Need.EXPORT_STATE)) as tx:
        kept = await store.kept_ids(tx)
    gone = 0
    async for stored in objects.listed(f"{FOLDER}/{agency}"):
        export = UUID(Path(stored.key).stem)
        if export not in kept and now - stored.stored_at > _STRAY_AFTER:
            await remove(objects, keys, agency, export)
            gone += 1
    return gone
