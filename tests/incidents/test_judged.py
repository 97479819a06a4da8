"""What a person's verdict on an alert says of its reader."""

from __future__ import annotations

from datetime import timedelta

from tests.incidents.floor import Floor
from watchfloor.plates.model import Plate


async def test_a_verdict_on_an_alert_is_kept_for_its_readers_record_without_the_plate(floor: Floor) -> None:
    misread = floor.read_of(plate=Plate("QZO4417"))
    await floor.sees(floor.hit_of(misread))
    (alert,) = await floor.queue()
    unlooked = await floor.alert()
    dismissed = await floor.post(f"/alerts/{unlooked}/dismiss", {"reason": "misread"})
    assert dismissed.status_code == 200
    await floor.reviewed(alert["id"], plate="QZD4411")
    assert (await floor.post(f"/alerts/{alert['id']}/dismiss", {"reason": "misread"})).status_code == 200
    right = await floor.alert()
    await floor.reviewed(right)
    assert (await floor.confirm(right)).status_code == 200
    async with floor.upkeep() as tx:
        rows = await tx.fetch("select * from plate_verdict order by judged_at")
    assert [(row["verdict"], row["pairs"]) for row in rows] == [("misread", ["DO", "17"]), ("right", [])]
    assert rows[0]["device_id"] == floor.reader.id
    assert rows[0]["erase_after"] - rows[0]["judged_at"] == timedelta(days=90)
    assert "QZ" not in str([dict(row) for row in rows])
