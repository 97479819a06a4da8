"""Alerts whose entry answers no more: they say so at once, and are closed by rule unless somebody has them in review.

A reviewer who looks at one is told, and cannot confirm it; what is left lying is closed like the others.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import escalate_store
from watchfloor.incidents.queue import LEFT_AFTER
from watchfloor.incidents.raise_alerts import ALERT_CHANGED, News
from watchfloor.kit.logs import logger
from watchfloor.plates import entry_end, hot_list_store
from watchfloor.plates.model import EntryId

_log = logger("incidents")


async def close_ended(door: Door, agency: UUID, news: News, *, process: str = "sweep") -> list[UUID]:
    """Say of open alerts that their entry is gone, and close those that nobody reviews; which were closed."""
    async with door.open(Ask(process_actor(agency, process), Need.ALERTS_ESCALATE)) as tx:
        for stale in await hot_list_store.became_stale(tx):
            await effect(tx, "hot_list.stale", About("hot_list", stale))
            _log.error("a hot list was not renewed in its time", alarm=True, hot_list=str(stale))
        entries = [EntryId(entry) for entry in await escalate_store.entries_of_open(tx)]
        changed: set[UUID] = set()
        for entry, why in (await entry_end.why_gone(tx, entries)).items():
            changed |= set(await escalate_store.say_gone(tx, entry, why))
        closed = await escalate_store.close_gone(tx, left_since=tx.now - LEFT_AFTER)
        for alert in closed:
            await effect(tx, "alert.closed_by_rule", About("alert", alert), more={"why": "entry_withdrawn"})
        for alert in changed | set(closed):
            tx.after_commit(partial(news, ALERT_CHANGED, agency, alert))
        return closed
