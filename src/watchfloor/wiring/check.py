"""What `watchfloor check` says of what is kept: since when, what should be gone, a sweep that is late, hot lists that are stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from watchfloor.engines.check import Finding
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.keep import is_brief, minutes_of, said
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.plates import hot_list_store
from watchfloor.plates.misuse import review_store
from watchfloor.storage.database import Database
from watchfloor.storage.tx import Tx
from watchfloor.sweep import canary_store, prove
from watchfloor.sweep.canary_model import Canary, place_of
from watchfloor.sweep.prove import Alarm, Oldest

PROCESS = "check"
_NO_DRAW: Final = timedelta(days=8)


@dataclass(slots=True)
class Retention:
    """What was found: alarms as findings, and the oldest of each thing that is kept, as listed at `listed_at`."""

    findings: list[Finding] = field(default_factory=list)
    oldest: list[Oldest] = field(default_factory=list)
    listed_at: datetime | None = None
    canaries: list[Canary] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The oldest of each thing, for people."""
        canaries = [f"  {one.stands.words}: {_gone(one)}" for one in self.canaries]
        if canaries:
            canaries.insert(
                0, "The newest canaries, invented reads that are looked for until nothing is left:"
            )
        if self.listed_at is None:
            return ["What is kept has not been listed yet: the sweep does so once a day.", *canaries]
        told = [
            f"  {one.what}: since {one.day}" + (f", kept {said(one.keep_for)}" if one.keep_for else "")
            for one in self.oldest
        ]
        when = f"{self.listed_at:%Y-%m-%d %H:%M} UTC"
        listed = f"The oldest that is kept, by listing what was stored on {when}:"
        return [listed, *(told or ["  nothing"]), *canaries]

    def as_json(self) -> Mapping[str, object]:
        """The same for programs."""
        return {
            "listed_at": rfc3339(self.listed_at) if self.listed_at else None,
            "oldest": [
                {
                    "what": one.what,
                    "day": one.day.isoformat(),
                    "keep_for_days": one.keep_for.days
                    if one.keep_for and not is_brief(one.keep_for)
                    else None,
                    "keep_for_minutes": minutes_of(one.keep_for)
                    if one.keep_for and is_brief(one.keep_for)
                    else None,
                }
                for one in self.oldest
            ],
            "canaries": [
                {
                    "minutes": one.stands.minutes,
                    "pictures": one.stands.pictures,
                    "planted_at": rfc3339(one.planted_at),
                    "gone_s": dict(one.gone_s),
                    "fault": one.fault,
                }
                for one in self.canaries
            ],
        }


async def retention(endpoints: Endpoints, clock: Clock) -> Retention | None:
    """Ask every agency's retention as the sweep's role; None for a database that is away, which is somebody else's finding."""
    try:
        database = await Database.connect(
            endpoints.dsn("wf_sweep"), role="wf_sweep", max_size=2, clock=clock, wait_s=3.0, process=PROCESS
        )
    except Unavailable:
        return None
    found = Retention()
    try:
        door = Door(database, clock, DoorRules({}, identity_store.why_ended, second_factor_required=False))
        async with door.open(Ask(process_actor(NO_AGENCY, PROCESS), Need.SESSION_LOOK_UP)) as tx:
            agencies = await identity_store.agencies(tx)
        for agency in agencies:
            async with door.open(Ask(process_actor(agency, PROCESS), Need.RETENTION_LOOK)) as tx:
                found.findings += [_finding(alarm) for alarm in await prove.alarms(tx)]
                found.findings += await look_ups_unreviewed(tx)
                found.findings += await stale_lists(tx)
                at, oldest = await prove.oldest(tx)
                found.canaries += await canary_store.newest(tx)
            found.listed_at = max(filter(None, (found.listed_at, at)), default=None)
            found.oldest += oldest
    except Unavailable:
        return None
    finally:
        await database.close()
    return found


async def look_ups_unreviewed(tx: Tx) -> list[Finding]:
    """Reviews of look-ups that nobody made in their time, and a draw that is long over."""
    found = []
    overdue, since = await review_store.overdue(tx)
    if overdue:
        found.append(
            Finding(
                f"{overdue} look-ups of plates should have been reviewed by now (the oldest since {since:%Y-%m-%d} UTC).",
                "Whether plates were looked up without a reason, nobody has judged.",
                "Have an auditor who has no role in the room review them, under Audit, Look-ups of plates.",
            )
        )
    last, waits = await review_store.last_draw(tx), await review_store.waits_since(tx)
    stuck = min((at for at in (waits, last.closed_at if last else None) if at is not None), default=None)
    if stuck is not None and tx.now - stuck > _NO_DRAW:
        found.append(
            Finding(
                f"No searches were drawn for review since {stuck:%Y-%m-%d %H:%M} UTC.",
                "What is looked up now is reviewed only where it is flagged.",
                "See that the sweep runs, and what logs/sweep.log says.",
            )
        )
    return found


async def stale_lists(tx: Tx) -> list[Finding]:
    """The hot lists whose source should have been heard again."""
    return [
        Finding(
            f"The hot list “{one.name}” is stale: it was due {one.stale_since:%Y-%m-%d %H:%M} UTC.",
            "Cars that were found may still be on it; each hit says so.",
            "Import its newest file, or have its machine send"
            + (f"; ask {one.owner}." if one.owner else "."),
        )
        for one in await hot_list_store.freshness(tx)
        if one.stale_since is not None
    ]


def _gone(canary: Canary) -> str:
    if canary.fault is not None:
        return canary.fault
    when = f"{canary.planted_at:%Y-%m-%d %H:%M} UTC"
    return f"planted {when}, gone from " + ", ".join(
        f"{place_of(canary, place)} after {after} s" for place, after in canary.gone_s.items()
    )


def _finding(alarm: Alarm) -> Finding:
    return Finding(f"{alarm.sentence} (since {alarm.since:%Y-%m-%d %H:%M} UTC)", alarm.so_what, alarm.do)
