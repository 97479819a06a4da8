"""All SQL of alerts of sounds: their sources with every version, and the cards. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.located import Located, SourceId
from watchfloor.acoustics.taken import TakenFor
from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.incidents.alert_store import alert_from, card_values
from watchfloor.incidents.model import Alert, AlertState, Card, Spot
from watchfloor.incidents.sound import KeptSource, Sound, SoundSource, basis_json, source_of
from watchfloor.incidents.sound_known import Past
from watchfloor.kit.geo import Point
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.ALERT


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """A version of a source that was told, and when it was kept."""

    source: SourceId
    version: int
    kept_at: datetime
    fallen: bool
    located: Located
    kind: SoundKind | None = None
    percent: int | None = None


def _source(row: Row) -> SoundSource:
    return SoundSource(SourceId(row["id"]), row["version"], row["fallen"], source_of(row["said"]))


@touches(_A, WRITE)
async def hold(tx: Tx) -> None:
    """Nobody else keeps sources of this agency until the transaction ends: two that listen at once tell each source once."""
    await tx.fetch(
        "select pg_advisory_xact_lock(hashtextextended('sounds ' || %(agency)s::text, 0))", agency=tx.agency
    )


@touches(_A, READ)
async def kept_between(
    tx: Tx, begins: datetime, ends: datetime, box: tuple[Point, Point] | None
) -> list[KeptSource]:
    """The sources, fallen ones too, of which the first round was fired between these, in a box (south-west, north-east) or everywhere."""
    south_west, north_east = box or (None, None)
    rows = await tx.fetch(
        "select * from sound_source where at >= %(begins)s and at <= %(ends)s and (%(south)s::float8 is null"
        " or lat between %(south)s and %(north)s and lon between %(west)s and %(east)s) order by id",
        begins=begins,
        ends=ends,
        south=south_west.lat if south_west else None,
        west=south_west.lon if south_west else None,
        north=north_east.lat if north_east else None,
        east=north_east.lon if north_east else None,
    )
    return [KeptSource(_source(row), row["alert_id"]) for row in rows]


@touches(_A, READ)
async def sources_of(tx: Tx, alert: UUID) -> tuple[SoundSource, ...]:
    """The sources of an alert, the first one first."""
    rows = await tx.fetch("select * from sound_source where alert_id = %(id)s order by at, id", id=alert)
    return tuple(_source(row) for row in rows)


@touches(_A, READ)
async def versions_of(tx: Tx, alert: UUID) -> tuple[ToldVersion, ...]:
    """Every version of an alert's sources, the first one first."""
    rows = await tx.fetch(
        "select v.* from sound_source s join sound_source_version v on v.source_id = s.id where s.alert_id = %(id)s"
        " order by v.kept_at, s.at, v.source_id, v.version",
        id=alert,
    )
    return tuple(
        ToldVersion(
            SourceId(row["source_id"]),
            row["version"],
            row["kept_at"],
            row["fallen"],
            source_of(row["said"]),
            SoundKind(row["kind_told"]) if row["kind_told"] is not None else None,
            row["percent_told"],
        )
        for row in rows
    )


@touches(_A, DataClass.INCIDENT, READ)
async def answered_or_open(tx: Tx, alerts: Sequence[UUID]) -> list[UUID]:
    """Those of these alerts that wait for a verdict or were kept back, or whose incident is being answered."""
    rows = await tx.fetch(
        "select a.id from alert a left join incident i on i.id = a.incident_id where a.id = any(%(ids)s)"
        " and ((a.decided_at is null or a.state = 'kept_back') and a.erase_after > %(now)s"
        " or a.state = 'confirmed' and i.state <> 'closed')",
        ids=list(alerts),
        now=tx.now,
    )
    there = {row["id"] for row in rows}
    return [alert for alert in alerts if alert in there]


@touches(_A, WRITE)
async def locked(tx: Tx, alert: UUID) -> Alert:
    """An alert that is there, held until the transaction ends."""
    row = await tx.fetch_one("select * from alert where id = %(id)s for update", id=alert)
    return alert_from(sure(row))


@touches(_A, WRITE, DataClass.POLICY, READ)
async def insert_alert(
    tx: Tx, alert: UUID, card: Card, sound: Sound, spot: Spot, *, rule: int, state: AlertState
) -> None:
    """Keep a new card, waiting or kept back; it lives as long as pulses of the authorisation that it was heard under."""
    await tx.execute(
        "insert into alert (id, agency_id, kind, state, level, title, place, lat, lon, at, raised_at, deadline_at, why, sure_percent,"
        " sure_word, unknown, purpose, technology, basis, seen, last_seen_at, decided_at, erase_after, version)"
        " values (%(id)s, %(agency)s, 'impulse', %(state)s, %(level)s, %(title)s, %(place)s, %(lat)s, %(lon)s, %(at)s, %(now)s,"
        " %(deadline)s, %(why)s, %(percent)s, %(word)s, %(unknown)s, %(purpose)s, %(technology)s, %(basis)s, %(seen)s, %(until)s,"
        " %(decided)s, %(at)s + (select keep_for from retention_rule where rule = %(rule)s), 1)",
        id=alert,
        agency=tx.agency,
        now=tx.now,
        purpose=Purpose.SHOTS_FIRED.word,
        technology=TechnologyKind.ACOUSTIC_ARRAY.value,
        rule=rule,
        state=state.value,
        decided=tx.now if state is AlertState.KEPT_BACK else None,
        **card_values(card),
        **_said(sound, spot),
    )


@touches(_A, WRITE)
async def revise_alert(tx: Tx, alert: UUID, card: Card, sound: Sound, spot: Spot) -> None:
    """Let an alert that nobody decided, or that was kept back, say what is located now; who holds it holds it on."""
    await tx.execute(
        "update alert set level = %(level)s, title = %(title)s, place = %(place)s, lat = %(lat)s, lon = %(lon)s, at = %(at)s,"
        " deadline_at = %(deadline)s, why = %(why)s, sure_percent = %(percent)s, sure_word = %(word)s, unknown = %(unknown)s,"
        " basis = %(basis)s, seen = %(seen)s, last_seen_at = %(until)s, version = version + 1"
        " where id = %(id)s and (decided_at is null or state = 'kept_back')",
        id=alert,
        **card_values(card),
        **_said(sound, spot),
    )


@touches(_A, WRITE)
async def come_back(tx: Tx, alert: UUID) -> bool:
    """Let an alert that was dismissed, or kept back, wait for a verdict from now; whether it is still kept. What it was dismissed as, and
    by whom, stays with it until it is decided again, and its reviews stay as they are."""
    done = await tx.execute(
        "update alert set state = 'waiting', decided_at = null, holder_id = null, holder_role = null, claimed_at = null,"
        " raised_at = %(now)s, version = version + 1 where id = %(id)s and state in ('dismissed', 'kept_back') and erase_after > %(now)s",
        id=alert,
        now=tx.now,
    )
    return bool(done)


@touches(_A, WRITE, DataClass.POLICY, READ)
async def keep_no_longer(tx: Tx, alert: UUID, one: Located, *, rule: int) -> None:
    """Let an alert live no longer than this source of it may be kept by the rule that it was heard under. One whose end is its incident's
    keeps that."""
    await tx.execute(
        "update alert set erase_after = least(erase_after, %(at)s + (select keep_for from retention_rule where rule = %(rule)s))"
        " where id = %(id)s and erase_after is not null",
        id=alert,
        at=one.at,
        rule=rule,
    )


@touches(_A, WRITE)
async def insert_source(tx: Tx, source: SourceId, alert: UUID, one: Located, taken: TakenFor) -> None:
    """Keep a new source, and its first version with what that is taken for."""
    await tx.execute(
        "insert into sound_source (id, agency_id, alert_id, at, lat, lon, fallen, said, version) values (%(id)s, %(agency)s,"
        " %(alert)s, %(at)s, %(lat)s, %(lon)s, false, %(said)s, 1)",
        id=source,
        agency=tx.agency,
        alert=alert,
        at=one.at,
        lat=one.middle.lat,
        lon=one.middle.lon,
        said=basis_json(one),
    )
    await _keep_version(tx, source, taken)


@touches(_A, WRITE)
async def revise_source(tx: Tx, source: SourceId, one: Located, taken: TakenFor, *, fallen: bool) -> None:
    """Let a source be as it is located now, or fallen; what was told before stays as a version."""
    await tx.execute(
        "update sound_source set at = %(at)s, lat = %(lat)s, lon = %(lon)s, fallen = %(fallen)s, said = %(said)s,"
        " version = version + 1 where id = %(id)s",
        id=source,
        at=one.at,
        lat=one.middle.lat,
        lon=one.middle.lon,
        fallen=fallen,
        said=basis_json(one),
    )
    await _keep_version(tx, source, taken)


@touches(_A, WRITE)
async def _keep_version(tx: Tx, source: SourceId, taken: TakenFor) -> None:
    await tx.execute(
        "insert into sound_source_version (source_id, agency_id, version, kept_at, fallen, said, kind_told, percent_told)"
        " select id, agency_id, version, %(now)s, fallen, said, %(kind)s, %(percent)s from sound_source where id = %(id)s",
        id=source,
        now=tx.now,
        kind=taken.kind.value,
        percent=taken.percent,
    )


@touches(_A, READ)
async def past(tx: Tx, since: datetime) -> list[Past]:
    """Alerts of sounds since then, whatever became of them: what was said of each, and a person's verdict. The first one first."""
    rows = await tx.fetch(
        "select at, (basis->'taken_for'->'likely'->>'gunfire')::float8 as gunfire, state, reason from alert"
        " where agency_id = %(agency)s and kind = 'impulse' and at >= %(since)s and (erase_after is null or erase_after > %(now)s)"
        " order by at, id",
        agency=tx.agency,
        since=since,
        now=tx.now,
    )
    return [Past(row["at"], row["gunfire"], AlertState(row["state"]), row["reason"]) for row in rows]


def _said(sound: Sound, spot: Spot) -> dict[str, object]:
    point = sure(spot.point)
    return {
        "place": spot.text,
        "lat": point.lat,
        "lon": point.lon,
        "at": sound.at,
        "until": sound.until,
        "seen": max(len(sound.sources), 1),
        "basis": basis_json(sound),
    }
