"""All SQL of listening: which slots of time hold pulses that were not looked at, what was heard then. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.acoustics.due import SLOT_S, slot_of
from watchfloor.acoustics.located import Heard, moment, seconds
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.stream import Stretch
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_SLOT: Final = timedelta(seconds=SLOT_S)


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot with how many pulses there are of it, and whether it hinted at anything when it was looked at last."""

    number: int
    pulses: int
    hinted: bool


@touches(DataClass.PULSE, DataClass.MACHINERY, READ)
async def unlooked(tx: Tx, since: datetime, until: datetime) -> list[Slot]:
    """The slots between these of which other pulses are kept than were looked at, the latest first.

    Pulses become visible in no order of their times, and are never deleted within these hours: their number says whether one came.
    """
    rows = await tx.fetch(
        "select s.slot, s.pulses, coalesce(l.hinted, false) as hinted from (select date_bin(%(wide)s, at, 'epoch'::timestamptz) as slot,"
        " count(*)::int as pulses from pulse where agency_id = %(agency)s and at >= %(since)s and at < %(until)s group by 1) s"
        " left join pulse_look l on l.agency_id = %(agency)s and l.slot = s.slot where l.pulses is distinct from s.pulses"
        " order by s.slot desc",
        wide=_SLOT,
        agency=tx.agency,
        since=since,
        until=until,
    )
    return [Slot(slot_of(seconds(row["slot"])), row["pulses"], row["hinted"]) for row in rows]


@touches(DataClass.PULSE, DataClass.MACHINERY, READ)
async def never_looked(tx: Tx, since: datetime, until: datetime, *, in_time: timedelta) -> list[datetime]:
    """The beginnings of the slots between these that nobody looked at, of which pulses came `in_time`: what comes later is looked at by
    nobody."""
    rows = await tx.fetch(
        "select s.slot from (select distinct date_bin(%(wide)s, at, 'epoch'::timestamptz) as slot from pulse where agency_id = %(agency)s"
        " and at >= %(since)s and at < %(until)s and received_at < at + %(in_time)s) s"
        " left join pulse_look l on l.agency_id = %(agency)s and l.slot = s.slot where l.slot is null order by s.slot",
        wide=_SLOT,
        agency=tx.agency,
        since=since,
        until=until,
        in_time=in_time,
    )
    return [row["slot"] for row in rows]


@touches(DataClass.MACHINERY, READ)
async def hinted(tx: Tx, since: datetime, until: datetime) -> list[int]:
    """The slots between these that hinted at something when they were looked at last."""
    rows = await tx.fetch(
        "select slot from pulse_look where agency_id = %(agency)s and hinted and slot >= %(since)s and slot < %(until)s",
        agency=tx.agency,
        since=since,
        until=until,
    )
    return [slot_of(seconds(row["slot"])) for row in rows]


@touches(DataClass.PULSE, DataClass.MICROPHONE, READ)
async def heard(tx: Tx, begins_s: float, ends_s: float, ears: Sequence[UUID]) -> Stretch:
    """What is kept of these seconds (since 1970), of those of these microphones that hung there then, by clocks that are not suspect."""
    since, until = moment(begins_s), moment(ends_s)
    rows = await tx.fetch(
        "select p.microphone_id, array_agg(p.key order by p.at, p.key) as keys,"
        " array_agg(extract(epoch from p.at - %(since)s)::float8 order by p.at, p.key) as times,"
        " array_agg(p.peak_db::float8 order by p.at, p.key) as peaks from pulse p join lateral"
        " (select since from microphone_place m where m.microphone_id = p.microphone_id order by version desc limit 1) m"
        " on p.at >= m.since where p.agency_id = %(agency)s and p.at >= %(since)s and p.at < %(until)s and not p.clock_suspect"
        " and p.microphone_id = any(%(ears)s) group by p.microphone_id",
        agency=tx.agency,
        since=since,
        until=until,
        ears=list(ears),
    )
    pulses: list[Heard] = [(MicrophoneId(row["microphone_id"]), key) for row in rows for key in row["keys"]]
    times = [at for row in rows for at in row["times"]]
    peaks = [level for row in rows for level in row["peaks"]]
    return Stretch(
        begins_s,
        ends_s,
        tuple(pulses),
        np.array(times, dtype=np.float64) + begins_s,
        np.array(peaks, dtype=np.float64),
    )


@touches(DataClass.MACHINERY, WRITE)
async def keep_looked(tx: Tx, slots: Sequence[Slot]) -> None:
    """Keep that these were looked at, with so many pulses (0: as many as before); of two who look at once the better informed counts."""
    await tx.execute(
        "insert into pulse_look (agency_id, slot, pulses, hinted, looked_at) select %(agency)s, w.slot, w.pulses, w.hinted, %(now)s"
        " from unnest(%(slots)s::timestamptz[], %(pulses)s::int[], %(hinted)s::bool[]) as w (slot, pulses, hinted)"
        " on conflict (agency_id, slot) do update set pulses = greatest(pulse_look.pulses, excluded.pulses),"
        " hinted = excluded.hinted, looked_at = excluded.looked_at",
        agency=tx.agency,
        now=tx.now,
        slots=[begin_of(one.number) for one in slots],
        pulses=[one.pulses for one in slots],
        hinted=[one.hinted for one in slots],
    )


def begin_of(slot: int) -> datetime:
    """When a slot begins."""
    return datetime(1970, 1, 1, tzinfo=UTC) + slot * _SLOT
