"""The route of what is kept: the oldest of each thing by listing storage, how long it may be kept, and what is wrong with forgetting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.actors import process_actor
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.keep import is_brief, minutes_of
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.route import Stated
from watchfloor.storage.streams import TRANSIENT_FOR
from watchfloor.sweep import canary_store, prove, prove_store
from watchfloor.sweep.canary_model import PLACES, Canary, Place


class OldestKept(TypedDict):
    """The oldest day of a table or of a kind of file, and the longest that any of it may be kept, in days."""

    what: Annotated[str, Field(description="A table, or `files of CLASS`, or `files of CLASS under rule N`.")]
    day: date
    kept_days: int | None
    kept_minutes: Annotated[int | None, Field(description="The same where that is less than a day.")]


class CanaryGone(TypedDict):
    """Where an invented read was, and after how many seconds it was first found gone from there."""

    place: Annotated[Place, Field(description="Table, pictures, bus, other files.")]
    after_s: int


class ShownCanary(TypedDict):
    """The newest invented read of one length that was followed until nothing of it was left; `minutes` is 0 for never stored.

    With `pictures` it is of pictures alone, whose reads are kept for days: `row` is the index of pictures then.
    """

    minutes: int
    pictures: bool
    planted_at: datetime
    gone: list[CanaryGone]
    fault: Annotated[str | None, Field(description="What was wrong, in a sentence.")]


class RetentionAlarm(TypedDict):
    """What is wrong with forgetting, what it means and what to do."""

    sentence: str
    since: datetime
    so_what: str
    do: str


class Retention(TypedDict):
    """What is kept since when, as storage was listed, and what is wrong; `listed_at` is null before the first listing."""

    listed_at: datetime | None
    oldest: list[OldestKept]
    alarms: list[RetentionAlarm]
    short_proven_at: Annotated[
        datetime | None,
        Field(description="When nothing of what is never stored was last found older than its minutes."),
    ]
    short_minutes: int
    canaries: Annotated[
        list[ShownCanary], Field(description="One of each length below a day; each hour anew.")
    ]


def routes(door: Door) -> APIRouter:
    """The route of retention."""
    router = APIRouter(tags=["retention"], route_class=Stated)

    @router.get("/retention", openapi_extra=asks(Need.RETENTION_VIEW))
    async def get_retention(actor: Signed) -> Retention:
        """The oldest that is kept of each thing, listed from storage once a day, and what was not forgotten on time."""
        async with door.open(Ask(actor, Need.RETENTION_VIEW)) as tx:
            listed_at, oldest = await prove.oldest(tx)
        # Whether anything is late is counted over every table: no person's need reads them all.
        async with door.open(Ask(process_actor(actor.agency, "serve"), Need.RETENTION_LOOK)) as tx:
            alarms = await prove.alarms(tx)
            short = await prove_store.short_proven(tx)
            canaries = await canary_store.newest(tx)
        return {
            "listed_at": listed_at,
            "oldest": [_oldest(one) for one in oldest],
            "alarms": [
                {"sentence": one.sentence, "since": one.since, "so_what": one.so_what, "do": one.do}
                for one in alarms
            ],
            "short_proven_at": short,
            "short_minutes": TRANSIENT_FOR // timedelta(minutes=1),
            "canaries": [_canary(one) for one in canaries],
        }

    return router


def _oldest(one: prove.Oldest) -> OldestKept:
    keep_for = one.keep_for or timedelta(0)
    brief = is_brief(keep_for)
    return {
        "what": one.what,
        "day": one.day,
        "kept_days": keep_for.days if one.keep_for and not brief else None,
        "kept_minutes": minutes_of(keep_for) if brief else None,
    }


def _canary(one: Canary) -> ShownCanary:
    return {
        "minutes": one.stands.minutes,
        "pictures": one.stands.pictures,
        "planted_at": one.planted_at,
        "gone": [{"place": place, "after_s": one.gone_s[place]} for place in PLACES if place in one.gone_s],
        "fault": one.fault,
    }
