"""Looking back at a camera's day: who could see it then, and who did. Read under the auditor's need, and itself in the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from watchfloor.cameras.carried_store import stood_between
from watchfloor.governance import lending_store
from watchfloor.governance.decide import NOT_PATROLLED, covers
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.names import kinds_told
from watchfloor.governance.needs import Need
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.pages import Cut, Extent
from watchfloor.kit.said import day as said_day
from watchfloor.reports import sight, store
from watchfloor.reports.sight import LOOKS, Approval, Could, Span
from watchfloor.reports.store import Agency, Look, Stood
from watchfloor.storage.pages import Order

_BEGINS: Final = 2000
# One row for each way in which somebody could see it.
_ORDER: Final = Order(
    "sight", (("who", "uuid"), ("need", "text"), ("since", "timestamptz"), ("under", "uuid"))
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: the camera and the day, what allowed it, who could see it (a part of them), who asked to."""

    camera: Stood
    agency: Agency
    day: Span
    remarks: tuple[str, ...]
    permitted: tuple[tuple[Approval, Span], ...]
    could: Cut[Could]
    asked: Sequence[Look]
    names: Mapping[UUID, str]
    cases: Mapping[UUID, str]


async def look_back(door: Door, actor: Actor, camera: UUID, day: date, extent: Extent) -> Seen:
    """Who could see a camera on a day of the agency's zone, and who asked to. Raises NotFound, Invalid or Refused."""
    ask = Ask(actor, Need.AUDIT_VIEW, about=About("camera", camera), detail={"day": day.isoformat()})
    async with door.open(ask) as tx:
        stood = await store.stood(tx, camera)
        if stood is None:
            raise NotFound("There is no such camera, and there was none.")
        agency = await store.agency(tx)
        span = day_of(day, agency.time_zone, now=tx.now)
        moved = (await stood_between(tx, span.since, span.until)).get(camera, [])
        places = [one.place for one in moved] or [stood.place]
        approvals = [
            approval
            for approval, area in await store.approvals(tx, stood.technology)
            if any(covers(area, place) for place in places)
        ]
        accounts = await store.accounts(tx, before=span.until)
        leased = await store.leased(tx, camera, before=span.until)
        lent = sight.lent_when(await lending_store.of_camera(tx, camera))
        asked = await store.looks(tx, camera, span, LOOKS)
        names = await names_of(tx, [look.actor for look in asked])
        cases = await store.called(tx, kinds_told(actor), [look.case_id for look in asked if look.case_id])
    there = Span(stood.registered_at, stood.removed_at or span.until)

    def found() -> list[Could]:
        titles = {approval.id: approval.title for approval in approvals}
        return [
            *sight.could_see(
                accounts, approvals, there, span, public=stood.technology not in NOT_PATROLLED, lent=lent
            ),
            *sight.recorded(leased, titles, span),
        ]

    # Thousands of accounts: not on the loop that everybody waits for.
    could = await asyncio.to_thread(found)
    permitted = tuple((approval, one) for approval in approvals for one in sight.in_force(approval, span))
    remarks = _remarks(stood, there, span, permitted, ZoneInfo(agency.time_zone))
    return Seen(stood, agency, span, remarks, permitted, _page(could, extent), asked, names, cases)


def day_of(day: date, zone: str, *, now: datetime) -> Span:
    """The day from its first moment to its last, in the agency's zone; of today what there was. Raises Invalid."""
    if day.year < _BEGINS:
        raise Invalid("Of that day no center knows anything.", reason="day")
    if day > now.date() + timedelta(days=1):
        raise _NotYet(day)
    there = ZoneInfo(zone)
    since, until = (
        datetime.combine(one, time.min, there).astimezone(UTC) for one in (day, day + timedelta(days=1))
    )
    if since >= now:
        raise _NotYet(day)
    return Span(since, min(until, now))


class _NotYet(Invalid):
    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day.day} {day:%b %Y} has not begun yet.",
            reason="day",
            next_step="Choose today or a day before.",
        )


def _remarks(
    stood: Stood, there: Span, day: Span, permitted: Sequence[tuple[Approval, Span]], zone: tzinfo
) -> tuple[str, ...]:
    """What limits the answer, in sentences."""
    said = []
    if there.since >= day.until:
        said.append(f"The camera was registered later, on {said_day(stood.registered_at, zone)}.")
    if there.until <= day.since:
        said.append(f"The camera was removed before, on {said_day(there.until, zone)}.")
    if not said and not permitted:
        said.append(
            "No authorisation of its technology was in force then that covers its place: nobody could see it."
        )
    if stood.changed_at is not None and stood.changed_at >= day.since:
        said.append(
            f"The camera's entry was changed on {said_day(stood.changed_at, zone)}: technology and place are those of today."
        )
    return tuple(said)


def _page(could: Sequence[Could], extent: Extent) -> Cut[Could]:
    rows = [
        {
            "who": one.who,
            "need": one.need.word,
            "since": one.span.since,
            "under": one.authorisation,
            "could": one,
        }
        for one in could
    ]
    return _ORDER.part_of(rows, extent).of(lambda row: cast("Could", row["could"]))
