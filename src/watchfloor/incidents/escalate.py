"""An alert that nobody claims in its time goes up to the supervisor; one whose holder signed out is given back. It judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import ask_agency, ended, escalate_store
from watchfloor.incidents.raise_alerts import ALERT_CHANGED, News
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger

EVERY_S: Final = 1.0
_log = logger("incidents")


async def release(
    door: Door, agency: UUID, news: News, *, idle: timedelta, process: str = "sweep"
) -> list[UUID]:
    """Give the queue back what people hold who are signed in nowhere any more; which alerts.

    They locked, signed out, were replaced or suspended, or made no request for longer than `idle`.
    """
    async with door.open(Ask(process_actor(agency, process), Need.ALERTS_ESCALATE)) as tx:
        left = await escalate_store.release_left(tx, idle=idle)
        for alert, holder in left:
            await effect(tx, "alert.released", About("alert", alert), more={"from": str(holder)})
            tx.after_commit(partial(news, ALERT_CHANGED, agency, alert))
        return [alert for alert, _ in left]


async def escalate(door: Door, agency: UUID, news: News, *, process: str = "sweep") -> list[UUID]:
    """Hand the agency's overdue alerts to the supervisor; which those were. Two that do it at once hand each over once."""
    async with door.open(Ask(process_actor(agency, process), Need.ALERTS_ESCALATE)) as tx:
        overdue = await escalate_store.escalate_overdue(tx)
        for alert in overdue:
            await effect(tx, "alert.escalated", About("alert", alert), more={"to": "supervisor"})
            tx.after_commit(partial(news, ALERT_CHANGED, agency, alert))
        return overdue


async def watch(door: Door, clock: Clock, agencies: Sequence[UUID], news: News, *, idle: timedelta) -> None:
    """Look each second, for ever; an engine that is away is asked again."""
    while True:
        for agency in agencies:
            try:
                await release(door, agency, news, idle=idle)
                await escalate(door, agency, news)
                await ended.close_ended(door, agency, news)
                await ask_agency.remind(door, agency, news)
            except WatchfloorError as error:
                _log.warning("escalation waits", why=error.detail)
        await clock.sleep(EVERY_S)
