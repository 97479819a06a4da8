"""From the device's POST to reads, hits and the log: nothing that was acknowledged is lost, nothing is kept twice."""

from __future__ import annotations

from tests.plates.conftest import Town


async def test_a_wanted_car_passes_a_reader_and_is_a_hit_that_says_why(town: Town) -> None:
    await town.a_list("ABC123")
    reader = await town.reader()
    async with town.matching():
        answer = await reader.sends(
            {"id": "1", "plate": "abc 123", "state": "us-mo", "at": town.ago(seconds=2), "confidence": 0.97}
        )
        assert answer.status_code == 202
        assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": [], "notes": []}
        await town.stored(1)
    assert [type(hit.answer).__name__ for hit in town.hits] == ["Match"]
    assert town.hits[0].answer.reason == "plate and state agree"
    (row,) = await town.rows("select * from plate_hit")
    assert (row["plate"], row["wanted_plate"], row["answer"], row["strict"]) == (
        "ABC123",
        "ABC123",
        "match",
        True,
    )
    assert row["wanted_reason"] == "stolen"
    (entry,) = await town.rows("select * from audit_entry where reason = 'plates.hit'")
    assert entry["about_id"] == row["id"]
