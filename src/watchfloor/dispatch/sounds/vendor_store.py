"""All SQL of other vendors' alerts of sounds. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from watchfloor.dispatch.sounds.vendor import VendorAlert
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.OUTCOME, READ)
async def known(tx: Tx, vendor: str, refs: Sequence[str]) -> set[str]:
    """Which of these ids are kept of that vendor."""
    rows = await tx.fetch(
        "select source_ref from sound_record where source = %(vendor)s and source_ref = any(%(refs)s)",
        vendor=vendor,
        refs=list(refs),
    )
    return {row["source_ref"] for row in rows}


@touches(DataClass.OUTCOME, WRITE)
async def insert(tx: Tx, vendor: str, alerts: Sequence[VendorAlert], districts: Sequence[str | None]) -> int:
    """Keep alerts of a vendor with the district that each is in; how many are new."""
    return await tx.execute(
        "insert into sound_record (id, agency_id, what, source, source_ref, at, told_at, district, lat, lon, note, recorded_by)"
        " select w.id, %(agency)s, 'alert', %(vendor)s, w.ref, w.at, w.told, w.district, round(w.lat::numeric, 3),"
        " round(w.lon::numeric, 3), w.note, %(by)s from unnest(%(ids)s::uuid[], %(refs)s::text[], %(ats)s::timestamptz[],"
        " %(tolds)s::timestamptz[], %(districts)s::text[], %(lats)s::float8[], %(lons)s::float8[], %(notes)s::text[])"
        " as w (id, ref, at, told, district, lat, lon, note) on conflict (agency_id, source, source_ref) do nothing",
        agency=tx.agency,
        vendor=vendor,
        by=tx.actor,
        ids=[uuid7(tx.now) for _ in alerts],
        refs=[one.ref for one in alerts],
        ats=[one.at for one in alerts],
        tolds=[one.told_at for one in alerts],
        districts=list(districts),
        lats=[one.place.lat for one in alerts],
        lons=[one.place.lon for one in alerts],
        notes=[one.what for one in alerts],
    )
