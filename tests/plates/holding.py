"""What becomes of reads that are kept for minutes and held, and what is said of those that went."""

from __future__ import annotations

from datetime import timedelta

from tests.plates.conftest import Device, Town, drained
from tests.plates.test_keeping import sees
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.sweep import brief_store, store
from watchfloor.sweep.canary import Nest
from watchfloor.sweep.forget import Sweep

_KEPT = "select at, number, (select sum(reads) from reader_state) as reads from plate_read where plate = %s"


async def hold(town: Town, plate: str) -> None:
    """A person holds that read and its picture, and nothing before or after."""
    analyst, case = await town.web.person("analyst"), await town.web.case()
    (held,) = await town.rows("select device_id, at from plate_read where plate = %s", plate)
    for what in ("plate_read", "plate_picture"):
        wish = {
            "data_class": what,
            "about": outside("reader", held["device_id"]),
            "from_at": rfc3339(held["at"]),
            "to_at": rfc3339(held["at"] + timedelta(microseconds=1)),
            "reason": "an arrest",
            "purpose": "violent_crime",
            "case": case,
        }
        answer = await analyst.post("/api/v1/holds", json=wish)
        assert answer.status_code == 201, answer.text


async def logged(town: Town) -> dict[str, bool]:
    """Of each plate, whether its read and the index of its picture are in the write-ahead log."""
    rows = await town.rows(
        "select r.plate, bool_and(c.relpersistence = 'p') as logged from plate_read r join plate_picture p on p.sha256 = r.picture"
        " join pg_class c on c.oid in (r.tableoid, p.tableoid) group by 1"
    )
    return {row["plate"]: row["logged"] for row in rows}


async def is_moved_by_a_hold(town: Town, reader: Device, plate: str, other: str, picture: bytes) -> None:
    """One of two reads is held: a crash loses it no more. The same read once more, with its picture and without: it is there, stays the
    one that it was, and counts once.
    """
    (before,) = await town.rows(_KEPT, plate)
    await hold(town, plate)
    assert await logged(town) == {plate: True, other: False}
    again = {"id": plate, "plate": plate, "state": "MO", "at": rfc3339(before["at"])}
    await sees(town, reader, plate, picture, at=again["at"], confidence=0.5)
    async with town.matching():
        await drained(town)
        await reader.sends(again)
        await drained(town)
    assert await town.rows(_KEPT, plate) == [before]


async def receipt_says_two(town: Town, nest: Nest) -> None:
    """What the day's receipts say when the day itself goes, of the two reads that went before: that which was held lay by itself."""
    (tally,) = await town.rows(
        "select sum((payload ->> 'rows')::int)::int as n from job where kind = 'retention.brief'"
    )
    assert tally["n"] == 4
    rules = await town.rows("select rule, keep_for from retention_rule where keep_for < interval '1 day'")
    async with nest.door.open(Ask(process_actor(town.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        days = [
            one
            for rule in rules
            for one in await store.days_of(tx, "plate_read", rule["rule"])
            if await brief_store.forgotten(tx, one)
        ]
    sweep = Sweep(nest.door, nest.clock, {}, town.objects.clear_leftovers)
    receipts = [await sweep._day(town.web.parts.agency, day, rules[0]["keep_for"]) for day in days]
    went = [receipt.objects for receipt in receipts if receipt is not None]
    assert went == [1, 1], "the receipt of each day says how many went"
