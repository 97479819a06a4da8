"""What else is known near a sound while it is reviewed: calls, and how many plates were read. No read is told: it is no suspect's list.

Once it is confirmed, reads are searched under the incident, within metres and minutes, and each search is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.calls import store as call_store
from watchfloor.calls.model import Call
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.store import names_of
from watchfloor.incidents.in_hand import Alerts, OtherKind, ask_of, look
from watchfloor.plates import near_store

CALLS_WITHIN_M: Final = 500
READS_WITHIN_M: Final = 300
_BEFORE: Final = timedelta(minutes=5)
_AFTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NearSound:
    """Calls near a sound with the names of who took them, and how many plates were read between `since` and `until`."""

    calls: Sequence[Call]
    names: Mapping[UUID, str]
    reads: int
    since: datetime
    until: datetime


async def near(alerts: Alerts, actor: Actor, alert: UUID) -> NearSound:
    """What is known near the sound of an alert. Raises OtherKind, NotFound or Refused."""
    known = await look(alerts, actor, alert)
    if known.sound is None:
        raise OtherKind(of_sound=True)
    middle, about = known.sound.surest.located.middle, About("alert", alert)
    since, until = known.sound.at - _BEFORE, known.sound.until + _AFTER
    async with alerts.door.open(await ask_of(alerts, actor, alert)) as tx:
        calls = await call_store.calls_near(tx, middle, CALLS_WITHIN_M, since, until)
        names = await names_of(tx, [call.taken_by for call in calls])
    async with alerts.door.open(Ask(actor, Need.READS_COUNT, about=about)) as tx:
        reads = await near_store.count_near(tx, middle, READS_WITHIN_M, since, until)
    return NearSound(calls, names, reads, since, until)
