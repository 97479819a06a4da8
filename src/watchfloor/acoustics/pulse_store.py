"""All SQL of pulses, and of how the microphones do that they come from. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from watchfloor.acoustics.clutter import Clutter
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.pulse import TOO_OLD, Best, Judged, Known, State
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches


@dataclass(frozen=True, slots=True)
class Under:
    """What pulses are kept under: whose and as which version of it was registered, by which rule and authorisation, and when they came."""

    microphone: MicrophoneId
    version: int
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
async def known(
    tx: Tx, microphone: UUID, keys: Sequence[str], minutes: Sequence[datetime], *, received_at: datetime
) -> Known:
    """Which of these ids are kept of it since a day and an hour before they came, of when, and how many pulses of these minutes."""
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
        "select key, at from pulse where microphone_id = %(id)s and key = any(%(keys)s) and at >= %(since)s",
        id=microphone,
        keys=list(keys),
        since=received_at - TOO_OLD - timedelta(hours=1),
    )
    counts = {row["minute"].astimezone(UTC): row["count"] for row in rows}
    return Known({row["key"]: row["at"] for row in before}, counts)


@touches(DataClass.PULSE, READ)
async def came_at(tx: Tx, microphone: UUID, key: str, *, begins: datetime, ends: datetime) -> datetime | None:
    """When the pulse of this id came to a microphone, of those between these moments; None where none is kept."""
    row = await tx.fetch_one(
        "select at from pulse where microphone_id = %(id)s and key = %(key)s and at >= %(begins)s and at < %(ends)s",
        id=microphone,
        key=key,
        begins=begins,
        ends=ends,
    )
    return row["at"] if row else None


@touches(DataClass.PULSE, READ)
async def last_of(
    tx: Tx, pulses: Collection[tuple[MicrophoneId, str]], since: datetime, until: datetime
) -> tuple[datetime, datetime] | None:
    """When the last of these pulses of a time arrived at a microphone, and when the last was received here; None where none is kept."""
    row = await tx.fetch_one(
        "select max(p.at) as arrived, max(p.received_at) as received from unnest(%(who)s::uuid[], %(keys)s::text[]) as w (who, key)"
        " join pulse p on p.microphone_id = w.who and p.key = w.key and p.at >= %(since)s and p.at < %(until)s",
        who=[who for who, _ in pulses],
        keys=[key for _, key in pulses],
        since=since,
        until=until,
    )
    return (row["arrived"], row["received"]) if row and row["arrived"] is not None else None


@touches(DataClass.PULSE, WRITE)
async def insert(tx: Tx, under: Under, judged: Judged) -> None:
    """Keep pulses. Whoever calls holds the microphone, and asked which are known."""
    pulses = judged.pulses
    if not pulses:
        return
    await tx.execute(
        "insert into pulse (agency_id, rule, at, microphone_id, microphone_version, key, received_at, clock_bound_ms, snr_db, peak_db,"
        " features, late, clock_suspect, authorisation_id)"
        " select %(agency)s, %(rule)s, w.at, %(microphone)s, %(version)s, w.key, %(received)s, w.bound, w.snr, w.peak,"
        " coalesce((select array_agg(f::text::smallint order by n) from jsonb_array_elements(%(features)s::jsonb -> w.n::int - 1)"
        " with ordinality as e (f, n)), '{}'), w.key = any(%(late)s), %(suspect)s, %(authorisation)s"
        " from unnest(%(keys)s::text[], %(ats)s::timestamptz[], %(bounds)s::real[], %(snrs)s::smallint[], %(peaks)s::smallint[])"
        " with ordinality as w (key, at, bound, snr, peak, n)",
        agency=tx.agency,
        rule=under.rule,
        microphone=under.microphone,
        version=under.version,
        received=under.received_at,
        authorisation=under.authorisation,
        suspect=judged.clock_suspect,
        late=sorted(judged.late),
        keys=[pulse.key for pulse in pulses],
        ats=[pulse.at for pulse in pulses],
        bounds=[pulse.clock_bound_ms for pulse in pulses],
        snrs=[round(pulse.snr_db) for pulse in pulses],
        peaks=[round(pulse.peak_db) for pulse in pulses],
        features=json.dumps([pulse.features for pulse in pulses]),
    )


@touches(DataClass.MICROPHONE, READ)
async def states(tx: Tx, microphones: Sequence[MicrophoneId]) -> dict[MicrophoneId, State]:
    """How each of these does that was heard."""
    rows = await tx.fetch(
        "select * from microphone_state where microphone_id = any(%(ids)s)", ids=list(microphones)
    )
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
        " best_since, best_off_ms, best_before_ms, clock_off_at, clock_off_ms, jumped_at, elsewhere_at, apart_m, flooded_at,"
        " reused_at, late_at, described_in, described, clutter_per_s, clutter_minutes, minute, minute_pulses, unreadable_at,"
        " unreadable) values (%(id)s,"
        " %(agency)s, %(heard_at)s, %(last_pulse_at)s, %(kept)s, %(doubled)s, %(late)s, %(refused)s, %(off_ms)s, %(best_since)s,"
        " %(best_off_ms)s, %(best_before_ms)s, %(clock_off_at)s, %(clock_off_ms)s, %(jumped_at)s, %(elsewhere_at)s, %(apart_m)s,"
        " %(flooded_at)s, %(reused_at)s, %(late_at)s, %(described_in)s, %(described)s, %(clutter_per_s)s, %(clutter_minutes)s,"
        " %(minute)s, %(minute_pulses)s, %(unreadable_at)s, %(unreadable)s) on conflict (microphone_id) do update set"
        " heard_at = excluded.heard_at, last_pulse_at ="
        " excluded.last_pulse_at, kept = excluded.kept, doubled = excluded.doubled, late = excluded.late, refused ="
        " excluded.refused, off_ms = excluded.off_ms, best_since = excluded.best_since, best_off_ms = excluded.best_off_ms,"
        " best_before_ms = excluded.best_before_ms, clock_off_at = excluded.clock_off_at, clock_off_ms = excluded.clock_off_ms,"
        " jumped_at = excluded.jumped_at, elsewhere_at = excluded.elsewhere_at, apart_m = excluded.apart_m, flooded_at ="
        " excluded.flooded_at, reused_at = excluded.reused_at, late_at = excluded.late_at, described_in = excluded.described_in,"
        " described = excluded.described, clutter_per_s = excluded.clutter_per_s, clutter_minutes = excluded.clutter_minutes,"
        " minute = excluded.minute, minute_pulses = excluded.minute_pulses,"
        " unreadable_at = excluded.unreadable_at, unreadable = excluded.unreadable",
        id=microphone,
        agency=tx.agency,
        **_plain(state),
        **_best(state.best),
        **_clutter(state.clutter),
    )


@touches(DataClass.MICROPHONE, WRITE)
async def keep_up(tx: Tx, microphone: UUID, day: date, minutes: int) -> None:
    """Keep that a microphone was there in so many more minutes of a day."""
    await tx.execute(
        "insert into microphone_day (microphone_id, agency_id, day, minutes) values (%(id)s, %(agency)s, %(day)s, %(minutes)s)"
        " on conflict (microphone_id, day) do update set minutes = least(microphone_day.minutes + excluded.minutes, 1500)",
        id=microphone,
        agency=tx.agency,
        day=day,
        minutes=minutes,
    )


def _plain(state: State) -> dict[str, object]:
    return {
        "heard_at": state.heard_at,
        "last_pulse_at": state.last_pulse_at,
        "kept": state.kept,
        "doubled": state.doubled,
        "late": state.late,
        "refused": state.refused,
        "off_ms": state.off_ms,
        "clock_off_at": state.clock_off_at,
        "clock_off_ms": state.clock_off_ms,
        "jumped_at": state.jumped_at,
        "elsewhere_at": state.elsewhere_at,
        "apart_m": state.apart_m,
        "flooded_at": state.flooded_at,
        "reused_at": state.reused_at,
        "late_at": state.late_at,
        "described_in": state.described_in,
        "described": state.described,
        "unreadable_at": state.unreadable_at,
        "unreadable": state.unreadable,
    }


def _best(best: Best | None) -> dict[str, object]:
    return {
        "best_since": best.since if best else None,
        "best_off_ms": best.now_ms if best else None,
        "best_before_ms": best.before_ms if best else None,
    }


def _clutter(clutter: Clutter) -> dict[str, object]:
    return {
        "clutter_per_s": clutter.per_s,
        "clutter_minutes": clutter.minutes,
        "minute": clutter.minute,
        "minute_pulses": clutter.pulses,
    }


def _state(row: Row) -> State:
    since, now_ms = row["best_since"], row["best_off_ms"]
    return State(
        row["heard_at"],
        row["off_ms"],
        Best(since, now_ms, row["best_before_ms"]) if since is not None else None,
        Clutter(row["clutter_per_s"], row["clutter_minutes"], row["minute"], row["minute_pulses"]),
        last_pulse_at=row["last_pulse_at"],
        kept=row["kept"],
        doubled=row["doubled"],
        late=row["late"],
        refused=row["refused"],
        clock_off_at=row["clock_off_at"],
        clock_off_ms=row["clock_off_ms"],
        jumped_at=row["jumped_at"],
        elsewhere_at=row["elsewhere_at"],
        apart_m=row["apart_m"],
        flooded_at=row["flooded_at"],
        reused_at=row["reused_at"],
        late_at=row["late_at"],
        described_in=row["described_in"],
        described=row["described"],
        unreadable_at=row["unreadable_at"],
        unreadable=row["unreadable"],
    )
