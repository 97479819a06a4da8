"""Made-up hits, alerts and reviews: plates that no state issues, places that do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from watchfloor.governance.model import AuthorisationId
from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.incidents.model import Alert, AlertId, AlertState, ReviewId
from watchfloor.incidents.review import Agreement, EntryNow, LiveRecord, Reply, Review, Typed
from watchfloor.incidents.why import basis_of, binding_of, card_of, part_of
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.plates.model import (
    Candidate,
    EntryId,
    Hit,
    HitId,
    HotListId,
    Match,
    Plate,
    PlateRead,
    Reader,
    ReaderId,
    Wanted,
    same_vehicle,
)

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
ANALYST, COLLEAGUE = uuid7(NOW), uuid7(NOW)
NAMES = {ANALYST: "A. Reyes", COLLEAGUE: "B. Okoye"}


def reader(place: str = "N Broadway at Northgate") -> Reader:
    return Reader(
        ReaderId(uuid7(NOW)), place, TechnologyKind.PLATE_READER, place, Point(38.63, -90.19), 180.0, False, 1
    )


def wanted(**changes: Any) -> Wanted:
    entry = Wanted(
        EntryId(uuid7(NOW)),
        HotListId(uuid7(NOW)),
        Plate("QZ04417"),
        "RC",
        "stolen vehicle",
        Purpose.STOLEN_VEHICLE,
        NOW + timedelta(days=1),
        "grey hatchback",
    )
    return replace(entry, **changes)


def read(**changes: Any) -> PlateRead:
    at = changes.get("at", NOW)
    seen = PlateRead(
        device=ReaderId(uuid7(NOW)),
        source_key=uuid7(NOW).hex,
        plate=Plate("QZ04417"),
        state="RC",
        confidence=0.97,
        device_at=at,
        received_at=at,
        at=at,
        clock_suspect=False,
        picture="ab" * 32,
    )
    return replace(seen, **changes)


def hit(
    seen: PlateRead | None = None, entry: Wanted | None = None, *, at: Reader | None = None, rule: int = 1
) -> Hit:
    seen, entry, where = seen or read(), entry or wanted(), at or reader()
    answer = same_vehicle(replace(seen, device=where.id), entry, now=seen.received_at)
    assert isinstance(answer, Match | Candidate), answer
    return Hit(HitId(uuid7(NOW)), answer, where, rule, AuthorisationId(uuid7(NOW)))


def alert(state: AlertState = AlertState.WAITING, **changes: Any) -> Alert:
    of = hit()
    made = Alert(
        id=AlertId(uuid7(NOW)),
        state=state,
        card=card_of(of, now=NOW),
        spot=part_of(of).spot,
        at=NOW,
        raised_at=NOW,
        purpose=Purpose.STOLEN_VEHICLE,
        technology=TechnologyKind.PLATE_READER,
        basis=basis_of(of),
        binding=binding_of(of),
        lowered=False,
        seen=1,
        last_seen_at=NOW,
        holder=None,
        holder_role=None,
        claimed_at=None,
        reason=None,
        note=None,
        decided_by=None,
        decided_at=None,
        incident=None,
        version=1,
    )
    return replace(made, **changes)


def entry_now(**changes: Any) -> EntryNow:
    entry = EntryNow(
        id=uuid7(NOW),
        version=1,
        plate="QZ04417",
        state="RC",
        reason="stolen vehicle",
        vehicle="grey hatchback",
        source="Local",
        entered_at=NOW - timedelta(hours=3),
        expires_at=NOW + timedelta(hours=3),
        listed=True,
    )
    return replace(entry, **changes)


def review(entry: EntryNow | None, typed: Typed | None = None, **changes: Any) -> Review:
    made = Review(
        id=ReviewId(uuid7(NOW)),
        alert=AlertId(uuid7(NOW)),
        reviewer=ANALYST,
        opened_at=NOW - timedelta(seconds=40),
        typed=typed or (Typed("QZ04417", "RC", "grey hatchback") if entry else None),
        entry=entry,
        agreement=Agreement.MATCH if entry else None,
        differences=(),
        record=None,
        vehicle_agrees=None,
        verdict=None,
        closed_at=None,
    )
    return replace(made, **changes)


def confirmed_review(alert_id: UUID) -> Review:
    record = LiveRecord(Reply.ACTIVE, "LR-1", NOW)
    return review(
        entry_now(),
        alert=AlertId(alert_id),
        record=record,
        vehicle_agrees=True,
        verdict="confirmed",
        closed_at=NOW,
    )
