"""The SQL that counts watches and searches for co-travellers in the log. It decides nothing, and no plate stands in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, LiteralString

from watchfloor.kit.clock import parse_rfc3339
from watchfloor.plates.misuse.looks import Looks, Told, companions, expired
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# A watch that ends in a time began no longer before it than this.
_LONGEST: Final = timedelta(days=366)
# The words of the index `audit_entry_plate_looks`, or some of them, literal so that it is used.
_COUNTED: Final[LiteralString] = (
    "select reason, count(*) as n from audit_entry where agency_id = %(agency)s and at >= %(since)s and at < %(until)s"
    " and kind = 'effect' and reason in ('plate_watch.proposed', 'plate_watch.refused', 'plate_watch.in_force', 'plate_watch.withdrawn',"
    " 'plate_watch.ended', 'plate_watch.paused', 'plate_watch.hit', 'co_travel.proposed', 'co_travel.refused', 'co_travel.in_work',"
    " 'co_travel.found', 'co_travel.stopped', 'co_travel.failed') group by reason"
)
_TOLD: Final[LiteralString] = (
    "select about_id, at, reason, leaf from audit_entry where agency_id = %(agency)s and at >= %(since)s and at < %(until)s"
    " and kind = 'effect' and reason in ('plate_watch.in_force', 'plate_watch.withdrawn', 'plate_watch.ended', 'co_travel.found')"
    " and about_id is not null order by at, id"
)


@touches(DataClass.AUDIT, READ)
async def looks(tx: Tx, since: datetime, until: datetime) -> Looks:
    """What the log tells of watches and of searches for co-travellers between two times, and no later than now."""
    end = min(until, tx.now)
    counted: Mapping[str, int] = {
        row["reason"]: row["n"] for row in await tx.fetch(_COUNTED, agency=tx.agency, since=since, until=end)
    }
    rows = await tx.fetch(_TOLD, agency=tx.agency, since=since - _LONGEST, until=end)
    told = [_told(row) for row in rows]
    return Looks(counted, expired(told, since, end), companions(told, since, end))


def _told(row: Row) -> Told:
    leaf = json.loads(bytes(row["leaf"]))
    ends = leaf.get("expires_at")
    return Told(
        row["about_id"],
        row["at"],
        row["reason"],
        parse_rfc3339(ends) if ends is not None else None,
        int(leaf.get("companions", 0)),
    )
