"""All SQL of alerts: the cards, the hits behind them, what was found false. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.incidents.model import (
    Alert,
    AlertId,
    AlertState,
    Basis,
    Binding,
    Card,
    IncidentId,
    Level,
    Part,
    Spot,
    Sure,
)
from watchfloor.incidents.sound import of_basis
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.ALERT
# What is past its retention is not there, though the sweep be late.
_KEPT: Final[LiteralString] = " from alert where (erase_after is null or erase_after > %(now)s)"
_EVERY: Final[LiteralString] = "select *" + _KEPT
_LATEST_FIRST: Final = Order("closed alerts", (("decided_at", "timestamptz"), ("id", "uuid")), down=True)
# The place in the queue: by level, then the one that has waited longest.
_URGENT_FIRST: Final = Order(
    "open alerts", (("after_those", "bigint"), ("raised_at", "timestamptz"), ("id", "uuid"))
)


def spot_of(row: Row) -> Spot:
    """The place of a row."""
    return Spot(row["place"], Point(row["lat"], row["lon"]) if row["lat"] is not None else None)


def alert_from(row: Row) -> Alert:
    """The alert that a row keeps."""
    of_plate = row["kind"] == "plate_hit"
    return Alert(
        id=AlertId(row["id"]),
        state=AlertState(row["state"]),
        card=Card(
            level=Level(row["level"]),
            title=row["title"],
            why=row["why"],
            sure=Sure(row["sure_percent"], row["sure_word"]),
            unknown=tuple(row["unknown"]),
            deadline_at=row["deadline_at"],
        ),
        spot=spot_of(row),
        at=row["at"],
        raised_at=row["raised_at"],
        purpose=Purpose.of(row["purpose"]),
        technology=TechnologyKind(row["technology"]),
        basis=_basis(row["basis"]) if of_plate else None,
        binding=_binding(row) if of_plate else None,
        sound=None if of_plate else of_basis(row["basis"]),
        lowered=row["lowered_by"] is not None,
        seen=row["seen"],
        last_seen_at=row["last_seen_at"],
        holder=row["holder_id"],
        holder_role=row["holder_role"],
        claimed_at=row["claimed_at"],
        reason=row["reason"],
        note=row["note"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        incident=IncidentId(row["incident_id"]) if row["incident_id"] else None,
        version=row["version"],
        entry_gone=row["entry_gone"],
    )


def _binding(row: Row) -> Binding:
    return Binding(
        row["entry_id"], row["entry_version"], row["read_plate"], row["read_state"], row["vehicle_key"]
    )


def _basis(kept: dict[str, object]) -> Basis:
    values = {**kept, "wanted_expires_at": parse_rfc3339(str(kept["wanted_expires_at"]))}
    values["handling"] = tuple(kept.get("handling", ()))  # type: ignore[arg-type]  # a list, by `_basis_json`
    return Basis(**values)  # type: ignore[arg-type]  # written by `_basis_json` alone


def _basis_json(basis: Basis) -> dict[str, object]:
    return asdict(basis) | {"wanted_expires_at": rfc3339(basis.wanted_expires_at)}


@touches(_A, READ)
async def open_alerts(tx: Tx, extent: Extent) -> Cut[Alert]:
    """Alerts that wait for a verdict, in the order of the queue."""
    rows = await tx.fetch_page(
        "select *, array_position(array['critical', 'serious', 'caution', 'normal'], level) as after_those"
        + _KEPT
        + " and decided_at is null",
        _URGENT_FIRST,
        extent,
        now=tx.now,
    )
    return rows.of(alert_from)


@touches(_A, READ)
async def open_among(tx: Tx, wanted: Sequence[UUID]) -> list[Alert]:
    """Those of `wanted` that wait for a verdict."""
    rows = await tx.fetch(
        _EVERY + " and decided_at is null and id = any(%(wanted)s)", now=tx.now, wanted=list(wanted)
    )
    return [alert_from(row) for row in rows]


@touches(_A, READ)
async def open_versions(tx: Tx) -> dict[UUID, int]:
    """The version of every alert that waits for a verdict: each change raises it."""
    rows = await tx.fetch("select id, version" + _KEPT + " and decided_at is null", now=tx.now)
    return {row["id"]: row["version"] for row in rows}


@touches(_A, READ)
async def open_by_state(tx: Tx) -> dict[str, int]:
    """How many alerts wait for a verdict, by state."""
    rows = await tx.fetch(
        "select state, count(*) as n" + _KEPT + " and decided_at is null group by state", now=tx.now
    )
    return {row["state"]: row["n"] for row in rows}


@touches(_A, READ)
async def closed_alerts(tx: Tx, extent: Extent) -> Cut[Alert]:
    """Alerts with a verdict, the latest first."""
    only: LiteralString = " and decided_at is not null and state <> 'kept_back'"
    rows = await tx.fetch_page(_EVERY + only, _LATEST_FIRST, extent, now=tx.now)
    return rows.of(alert_from)


@touches(_A, READ)
async def kept_back_alerts(tx: Tx, extent: Extent) -> Cut[Alert]:
    """Sounds that were too unlikely gunfire to be raised, the latest first."""
    rows = await tx.fetch_page(_EVERY + " and state = 'kept_back'", _LATEST_FIRST, extent, now=tx.now)
    return rows.of(alert_from)


@touches(_A, READ)
async def decided(tx: Tx, since: datetime, until: datetime) -> dict[tuple[AlertState, str | None], int]:
    """How many alerts were decided in that time, by verdict and reason."""
    where: LiteralString = " and decided_at >= %(since)s and decided_at < %(until)s group by state, reason"
    counted: LiteralString = "select state, reason, count(*) as found" + _KEPT + where
    rows = await tx.fetch(counted, now=tx.now, since=since, until=until)
    return {(AlertState(row["state"]), row["reason"]): row["found"] for row in rows}


@touches(_A, READ)
async def alert_of(tx: Tx, alert: UUID) -> Alert | None:
    """One alert."""
    row = await tx.fetch_one(_EVERY + " and id = %(id)s", id=alert, now=tx.now)
    return alert_from(row) if row else None


@touches(_A, WRITE)
async def locked(tx: Tx, alert: UUID) -> Alert | None:
    """One alert, held until the transaction ends: two people who act at once act one after the other."""
    row = await tx.fetch_one(_EVERY + " and id = %(id)s for update", id=alert, now=tx.now)
    return alert_from(row) if row else None


@touches(_A, READ)
async def alert_is_open(tx: Tx, alert: UUID) -> bool:
    """Whether the alert waits for a verdict: what the door asks when a purpose points at it."""
    row = await tx.fetch_one(
        "select 1 as one" + _KEPT + " and id = %(id)s and decided_at is null", id=alert, now=tx.now
    )
    return row is not None


@touches(_A, READ)
async def parts_of(tx: Tx, alert: UUID) -> list[Part]:
    """The hits behind an alert, the first one first."""
    rows = await tx.fetch("select * from alert_part where alert_id = %(id)s order by at, hit_id", id=alert)
    return [
        Part(
            r["hit_id"], r["at"], r["device_id"], spot_of(r), r["heading_deg"], r["picture"], r["confidence"]
        )
        for r in rows
    ]


@touches(_A, WRITE)
async def bind_false(tx: Tx, binding_id: UUID, alert: Alert, reason: str, until: datetime) -> None:
    """Keep that this reading was found false; it ends with the entry."""
    binding = sure(alert.binding)
    await tx.execute(
        "insert into false_binding (id, agency_id, entry_id, entry_version, read_plate, read_state, vehicle_key, reason,"
        " alert_id, found_by, found_at, until) values (%(id)s, %(agency)s, %(entry)s, %(version)s, %(plate)s, %(state)s,"
        " %(vehicle)s, %(reason)s, %(alert)s, %(by)s, %(now)s, %(until)s)"
        " on conflict (agency_id, entry_id, entry_version, read_plate, read_state, vehicle_key) do update"
        " set reason = excluded.reason, found_by = excluded.found_by, found_at = excluded.found_at, until = excluded.until",
        id=binding_id,
        agency=tx.agency,
        entry=binding.entry_id,
        version=binding.entry_version,
        plate=binding.read_plate,
        state=binding.read_state,
        vehicle=binding.vehicle_key,
        reason=reason,
        alert=alert.id,
        by=tx.actor,
        now=tx.now,
        until=until,
    )


@touches(_A, WRITE, DataClass.POLICY, READ)
async def insert_alert(
    tx: Tx,
    alert: UUID,
    card: Card,
    basis: Basis,
    binding: Binding,
    part: Part,
    purpose: Purpose,
    technology: TechnologyKind,
    *,
    rule: int,
    lowered_by: UUID | None,
) -> None:
    """Keep a new card with its first hit; it lives as long as what it was read under."""
    await tx.execute_uncounted(
        "insert into alert (id, agency_id, kind, state, level, title, place, lat, lon, at, raised_at, deadline_at, why,"
        " sure_percent, sure_word, unknown, purpose, technology, basis, entry_id, entry_version, read_plate, read_state,"
        " vehicle_key, lowered_by, seen, last_seen_at, erase_after, version)"
        " values (%(id)s, %(agency)s, 'plate_hit', 'waiting', %(level)s, %(title)s, %(place)s, %(lat)s, %(lon)s, %(at)s,"
        " %(now)s, %(deadline)s, %(why)s, %(percent)s, %(word)s, %(unknown)s, %(purpose)s, %(technology)s, %(basis)s,"
        " %(entry)s, %(entry_version)s, %(read_plate)s, %(read_state)s, %(vehicle)s, %(lowered_by)s, 1, %(at)s,"
        " %(at)s + (select keep_for from retention_rule where rule = %(rule)s), 1)",
        id=alert,
        agency=tx.agency,
        **card_values(card),
        **_spot_values(part.spot),
        at=part.at,
        now=tx.now,
        purpose=purpose.word,
        technology=technology.value,
        basis=_basis_json(basis),
        **_binding_values(binding),
        lowered_by=lowered_by,
        rule=rule,
    )
    await _insert_part(tx, alert, part)


@touches(_A, WRITE)
async def add_part(tx: Tx, alert: Alert, part: Part, stronger: Card | None, basis: Basis) -> None:
    """Put a hit behind an alert and count it; where it says more than the first one, the card says it."""
    await _insert_part(tx, alert.id, part)
    await tx.execute_uncounted(
        "update alert set seen = seen + 1, last_seen_at = greatest(last_seen_at, %(at)s), at = least(at, %(at)s),"
        " version = version + 1 where id = %(id)s",
        id=alert.id,
        at=part.at,
    )
    if stronger is not None:
        await tx.execute_uncounted(
            "update alert set level = %(level)s, title = %(title)s, why = %(why)s, sure_percent = %(percent)s,"
            " sure_word = %(word)s, unknown = %(unknown)s, deadline_at = %(deadline)s, basis = %(basis)s where id = %(id)s",
            id=alert.id,
            **card_values(stronger),
            basis=_basis_json(basis),
        )


@touches(_A, WRITE)
async def _insert_part(tx: Tx, alert: UUID, part: Part) -> None:
    await tx.execute_uncounted(
        "insert into alert_part (alert_id, agency_id, hit_id, at, device_id, place, lat, lon, heading_deg, picture,"
        " confidence, added_at) values (%(alert)s, %(agency)s, %(hit)s, %(at)s, %(device)s, %(place)s, %(lat)s, %(lon)s,"
        " %(heading)s, %(picture)s, %(confidence)s, %(now)s)",
        alert=alert,
        agency=tx.agency,
        hit=part.hit,
        at=part.at,
        device=part.device,
        **_spot_values(part.spot),
        heading=part.heading_deg,
        picture=part.picture,
        confidence=part.confidence,
        now=tx.now,
    )


def _spot_values(spot: Spot) -> dict[str, object]:
    point = spot.point
    return {"place": spot.text, "lat": point.lat if point else None, "lon": point.lon if point else None}


def _binding_values(binding: Binding) -> dict[str, object]:
    return {
        "entry": binding.entry_id,
        "entry_version": binding.entry_version,
        "read_plate": binding.read_plate,
        "read_state": binding.read_state,
        "vehicle": binding.vehicle_key,
    }


def card_values(card: Card) -> dict[str, object]:
    """What a card says, as its columns."""
    return {
        "level": card.level.value,
        "title": card.title,
        "why": card.why,
        "percent": card.sure.percent,
        "word": card.sure.word,
        "unknown": list(card.unknown),
        "deadline": card.deadline_at,
    }


@touches(_A, WRITE)
async def hold(tx: Tx, alert: UUID, state: AlertState) -> None:
    """The actor holds the alert from now, in this state."""
    await tx.execute(
        "update alert set state = %(state)s, holder_id = %(by)s, holder_role = null, claimed_at = %(now)s,"
        " version = version + 1 where id = %(id)s",
        id=alert,
        state=state.value,
        by=tx.actor,
        now=tx.now,
    )


@touches(_A, WRITE)
async def decide(
    tx: Tx, alert: UUID, state: AlertState, *, reason: str | None, note: str | None, incident: UUID | None
) -> None:
    """Keep the verdict. A confirmed alert loses its own end: it goes with its incident."""
    await tx.execute(
        "update alert set state = %(state)s, reason = %(reason)s, note = %(note)s, incident_id = %(incident)s,"
        " decided_by = %(by)s, decided_at = %(now)s, holder_id = %(by)s, holder_role = null,"
        " erase_after = case when %(incident)s::uuid is null then erase_after end, version = version + 1 where id = %(id)s",
        id=alert,
        state=state.value,
        reason=reason,
        note=note,
        incident=incident,
        by=tx.actor,
        now=tx.now,
    )


@touches(_A, WRITE)
async def end_with_incident(tx: Tx, incident: UUID, erase_after: datetime) -> None:
    """The alert behind an incident that was closed has the incident's end from now."""
    await tx.execute(
        "update alert set erase_after = %(end)s where incident_id = %(id)s", id=incident, end=erase_after
    )
