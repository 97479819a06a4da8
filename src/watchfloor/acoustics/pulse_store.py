"""All SQL of pulses, and of how the microphones do that they come from. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from watchfloor.acoustics.clutter import Clutter
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.pulse import TOO_OLD, Judged, Known, State
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches


@dataclass(frozen=True, slots=True)
class Under:
    """What pulses are kept under: whose, by which rule, by which authorisation, and when they came."""

    microphone: MicrophoneId
    rule: int
    authorisation: UUID
    received_at: datetime


@touches(DataClass.MACHINERY, WRITE)
async def ensure_days(tx: Tx, rule: int, days: Sequence[date]) -> None:
    """Make room for pulses of these days where there is none: the sweep makes it ahead, late pulses need older."""
    rows = await tx.fetch(
        "select day from unnest(%(days)s::date[]) as wanted (day)"
        " where to_regclass(wf_partition_name('pulse', %(rule)s::smallint, day)) is null",
        rule=rule,
        days=list(days),
    )
    if not rows:
        return
    await tx.execute("select pg_advisory_xact_lock(hashtext('wf_partitions'))")
    for row in rows:
        await tx.execute(
            "call wf_partition_create('pulse', %(rule)s::smallint, %(day)s)", rule=rule, day=row["day"]
        )


@touches(DataClass.PULSE, READ)
async def known(tx: Tx, microphone: UUID, keys: Sequence[str], minutes: Sequence[datetime]) -> Known:
    """Which of these ids are kept of it since a day and an hour, and how many pulses of these minutes."""
    if not minutes:
        return Known()
    rows = await tx.fetch(
        "select m.minute, count(p.at)::int as count from unnest(%(minutes)s::timestamptz[]) as m (minute) join pulse p"
        " on p.microphone_id = %(id)s and p.at >= m.minute and p.at < m.minute + interval '1 minute'"
        " and p.at >= %(since)s and p.at < %(until)s group by m.minute",
        id=microphone,
        minutes=list(minutes),
        since=min(minutes),
        until=max(minutes) + timedelta(minutes=1),
    )
    before = await tx.fetch(
        "select key from pulse where microphone_id = %(id)s and key = any(%(keys)s) and at >= %(since)s",
        id=microphone,
        keys=list(keys),
        since=tx.now - TOO_OLD - timedelta(hours=1),
    )
    counts = {row["minute"].astimezone(UTC): row["count"] for row in rows}
    return Known(frozenset(row["key"] for row in before), counts)


@touches(DataClass.PULSE, WRITE)
async def insert(tx: Tx, under: Under, judged: Judged) -> None:
    """Keep pulses. Whoever calls holds the microphone, and asked which are known."""
    pulses = judged.pulses
    if not pulses:
        return
    await tx.execute(
        "insert into pulse (agency_id, rule, at, microphone_id, key, received_at, clock_bound_ms, snr_db, peak_db, features, late,"
        " clock_suspect, authorisation_id) select %(agency)s, %(rule)s, w.at, %(microphone)s, w.key, %(received)s, w.bound, w.snr,"
        " w.peak, coalesce((select array_agg(f::text::real order by n) from jsonb_array_elements(%(features)s::jsonb -> w.n::int - 1)"
        " with ordinality as e (f, n)), '{}'), w.key = any(%(late)s), %(suspect)s, %(authorisation)s"
        " from unnest(%(keys)s::text[], %(ats)s::timestamptz[], %(bounds)s::real[], %(snrs)s::real[], %(peaks)s::real[])"
        " with ordinality as w (key, at, bound, snr, peak, n)",
        agency=tx.agency,
        rule=under.rule,
        microphone=under.microphone,
        received=under.received_at,
        authorisation=under.authorisation,
        suspect=judged.clock_suspect,
        late=sorted(judged.late),
        keys=[pulse.key for pulse in pulses],
        ats=[pulse.at for pulse in pulses],
        bounds=[pulse.clock_bound_ms for pulse in pulses],
        snrs=[pulse.snr_db for pulse in pulses],
        peaks=[pulse.peak_db for pulse in pulses],
        features=json.dumps([pulse.features for pulse in pulses]),
    )


@touches(DataClass.MICROPHONE, READ)
async def states(tx: Tx) -> dict[MicrophoneId, State]:
    """How each microphone does that was heard."""
    rows = await tx.fetch("select * from microphone_state")
    return {MicrophoneId(row["microphone_id"]): _state(row) for row in rows}


@touches(DataClass.MICROPHONE, READ)
async def state(tx: Tx, microphone: UUID) -> State | None:
    """How one does; None where it was not heard."""
    row = await tx.fetch_one("select * from microphone_state where microphone_id = %(id)s", id=microphone)
    return _state(row) if row else None


@touches(DataClass.MICROPHONE, WRITE)
async def keep_state(tx: Tx, microphone: UUID, state: State) -> None:
    """Write how a microphone does. Whoever calls holds the microphone."""
    await tx.execute(
        "insert into microphone_state (microphone_id, agency_id, heard_at, last_pulse_at, kept, doubled, late, refused, off_ms,"
        " best_off_ms, best_off_at, clock_off_at, jumped_at, elsewhere_at, apart_m, flooded_at, late_at, clutter_per_s,"
        " clutter_minutes, minute, minute_pulses) values (%(id)s, %(agency)s, %(heard_at)s, %(last_pulse_at)s, %(kept)s,"
        " %(doubled)s, %(late)s, %(refused)s, %(off_ms)s, %(best_off_ms)s, %(best_off_at)s, %(clock_off_at)s, %(jumped_at)s,"
        " %(elsewhere_at)s, %(apart_m)s, %(flooded_at)s, %(late_at)s, %(per_s)s, %(minutes)s, %(minute)s, %(pulses)s)"
        " on conflict (microphone_id) do update set heard_at = excluded.heard_at, last_pulse_at = excluded.last_pulse_at,"
        " kept = excluded.kept, doubled = excluded.doubled, late = excluded.late, refused = excluded.refused,"
        " off_ms = excluded.off_ms, best_off_ms = excluded.best_off_ms, best_off_at = excluded.best_off_at,"
        " clock_off_at = excluded.clock_off_at, jumped_at = excluded.jumped_at, elsewhere_at = excluded.elsewhere_at,"
        " apart_m = excluded.apart_m, flooded_at = excluded.flooded_at, late_at = excluded.late_at,"
        " clutter_per_s = excluded.clutter_per_s, clutter_minutes = excluded.clutter_minutes, minute = excluded.minute,"
        " minute_pulses = excluded.minute_pulses",
        id=microphone,
        agency=tx.agency,
        heard_at=state.heard_at,
        last_pulse_at=state.last_pulse_at,
        kept=state.kept,
        doubled=state.doubled,
        late=state.late,
        refused=state.refused,
        off_ms=state.off_ms,
        best_off_ms=state.best_off_ms,
        best_off_at=state.best_off_at,
        clock_off_at=state.clock_off_at,
        jumped_at=state.jumped_at,
        elsewhere_at=state.elsewhere_at,
        apart_m=state.apart_m,
        flooded_at=state.flooded_at,
        late_at=state.late_at,
        per_s=state.clutter.per_s,
        minutes=state.clutter.minutes,
        minute=state.clutter.minute,
        pulses=state.clutter.pulses,
    )


def _state(row: Row) -> State:
    return State(
        row["heard_at"],
        row["off_ms"],
        row["best_off_ms"],
        row["best_off_at"],
        Clutter(row["clutter_per_s"], row["clutter_minutes"], row["minute"], row["minute_pulses"]),
        last_pulse_at=row["last_pulse_at"],
        kept=row["kept"],
        doubled=row["doubled"],
        late=row["late"],
        refused=row["refused"],
        clock_off_at=row["clock_off_at"],
        jumped_at=row["jumped_at"],
        elsewhere_at=row["elsewhere_at"],
        apart_m=row["apart_m"],
        flooded_at=row["flooded_at"],
        late_at=row["late_at"],
    )
