"""What can never be kept is set aside by itself, where somebody can look at it, and costs no other read."""

from __future__ import annotations

import json

import pytest

from tests.plates.conftest import Town, drained
from tests.plates.test_consume import seen
from watchfloor.kit.ids import decode
from watchfloor.plates import consume, wire
from watchfloor.storage.nats import Delivery


async def test_a_message_that_can_never_be_kept_is_quarantined_and_the_good_reads_beside_it_are_not(
    town: Town,
) -> None:
    reader = await town.reader()
    device = decode("rdr", reader.id)
    agency = town.web.parts.agency
    good = wire.ReadForm(key="id:good", plate="GOOD1", device_at=town.now())
    poison = wire.ReadForm(key="id:poison", plate="not a plate", device_at=town.now())
    batch = wire.BatchForm(agency=agency, device=device, received_at=town.now(), reads=(good, poison))
    await town.bus.put(wire.subject_of(device), json.dumps({"rubbish": True}).encode(), message_id="rubbish")
    await town.bus.put(wire.subject_of(device), wire._ENCODER.encode(batch), message_id="mixed")
    async with town.matching():

        async def aside() -> bool:
            return len(await town.rows("select 1 from quarantine")) == 2

        await town.until(aside, within_s=60)
        await drained(town)
        await reader.sends(seen(1, town))
        await town.stored(2)
    assert sorted(await town.plates()) == ["GOOD1", "T0001"]
    rows = await town.rows(
        "select message, error, attempts, erase_after > at as ends from quarantine order by error"
    )
    assert all(row["attempts"] >= 5 and row["ends"] for row in rows)
    assert any(b"not a plate" in row["message"] and b"GOOD1" not in row["message"] for row in rows)
    assert any(b"rubbish" in row["message"] for row in rows)
    entries = await town.rows("select about_id from audit_entry where reason = 'plates.quarantined'")
    assert [entry["about_id"] for entry in entries] == [device, device]


async def test_a_message_of_a_reader_nobody_has_blames_the_message_and_not_its_neighbours(town: Town) -> None:
    stranger = decode("rdr", "rdr_" + "0" * 25 + "1")
    batch = wire.BatchForm(agency=town.web.parts.agency, device=stranger, received_at=town.now(), reads=())
    matcher = consume.Matcher(town.consume_parts())
    with pytest.raises(consume.UnknownReader):
        await matcher.handle([Delivery(wire.subject_of(stranger), wire._ENCODER.encode(batch), 1, 1)])
