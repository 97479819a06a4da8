"""Warns before an authorisation ends: 90, 30, 7 and 1 days ahead, in the log and on the screens. It ends nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx

KIND: Final = "authorisation.warn"
POLICY_CHANGED: Final = "governance.policy.changed"
DAYS_BEFORE: Final = (90, 30, 7, 1)

News = Callable[[str, UUID, UUID], Awaitable[None]]


def warnings_of(expires_at: datetime, now: datetime) -> list[str]:
    """What people are shown beside an authorisation in force: nothing until 90 days before its end."""
    left = expires_at - now
    if not timedelta(0) < left <= timedelta(days=max(DAYS_BEFORE)):
        return []
    words = (
        "less than a day" if left < timedelta(days=1) else "1 day" if left.days == 1 else f"{left.days} days"
    )
    return [f"It expires in {words}; what runs under it stops then unless another is approved."]


async def plan_warnings(tx: Tx, authorisation: UUID, expires_at: datetime) -> None:
    """Add the jobs that warn, those whose time has not passed; in the transaction that puts it into force."""
    for days in DAYS_BEFORE:
        at = expires_at - timedelta(days=days)
        if at > tx.now:
            payload = {"authorisation": str(authorisation), "days": days}
            await jobs.add(tx, KIND, payload, run_at=at, key=f"{KIND} {authorisation} {days}")


def warner(door: Door, news: News) -> Callable[[Job], Awaitable[None]]:
    """The work of a job of this kind: an entry in the log and news, unless it waits, was suspended or is over."""

    async def warn(job: Job) -> None:
        if job.agency is None:
            raise ValueError("a warning is of an agency")
        agency, wanted = job.agency, UUID(job.payload["authorisation"])
        async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
            kept = await policy_store.authorisation(tx, wanted)
            if (
                kept is None
                or not kept.authorisation.approved
                or kept.authorisation.suspended_at is not None
                or kept.authorisation.expires_at <= tx.now
            ):
                return
            about = About("authorisation", wanted)
            more: dict[str, Json] = {
                "days": int(job.payload["days"]),
                "expires_at": rfc3339(kept.authorisation.expires_at),
            }
            await effect(
                tx, "authorisation.expires_soon", about, more=more, detail={"title": kept.authorisation.title}
            )
            tx.after_commit(lambda: news(POLICY_CHANGED, agency, wanted))

    return warn
