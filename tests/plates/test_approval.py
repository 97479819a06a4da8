"""Reads are taken and matched while the approval holds, and not a moment longer; the device is told why."""

from __future__ import annotations

from datetime import timedelta

from tests.fixtures.center import CHICAGO
from tests.fixtures.engines import Dsns
from tests.plates.conftest import Town, another_door, drained
from tests.plates.test_consume import seen
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.said import moment


async def test_reads_that_were_taken_and_then_lost_their_approval_are_not_kept_and_counted(
    town: Town,
) -> None:
    reader = await town.reader()
    await reader.sends(seen(1, town), seen(2, town))
    await suspend(town)
    async with town.matching():
        await drained(town)
    assert await town.plates() == []
    (state,) = await town.rows("select reads, refused from reader_state")
    assert (state["reads"], state["refused"]) == (0, 2)


async def suspend(town: Town) -> None:
    supervisor = await town.web.person("supervisor")
    items = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    (found,) = (item for item in items if item["technology"] == "plate_reader")
    done = await supervisor.post(
        f"/api/v1/authorisations/{found['id']}/suspend",
        json={"reason": "the council asked"},
        headers={"If-Match": f'"{found["version"]}"'},
    )
    assert done.status_code == 200, done.text


async def test_plates_read_on_video_are_matched_only_while_hot_lists_may_be_used(
    town: Town, dsns: Dsns
) -> None:
    """The lists belong to the technology of plate readers; another one's approval does not open them."""
    await town.a_list("ABC123")
    await town.web.authorise("plate_reading_on_video")
    reader = await town.reader("On video", technology="plate_reading_on_video")
    async with another_door(town, dsns) as door, town.matching(door=door):
        await reader.sends(seen(1, town, plate="ABC123"))
        await town.stored(1)
        await drained(town)
    await suspend(town)
    async with another_door(town, dsns) as door, town.matching(door=door):
        await reader.sends(seen(2, town, plate="ABC123"))
        await town.stored(2)
        await drained(town)
    assert [hit.answer.read.source_key for hit in town.hits] == ["id:r1"]


async def test_a_suspended_approval_stops_a_running_reader_with_the_reason_and_nothing_more_is_kept(
    town: Town,
) -> None:
    reader = await town.reader()
    async with town.matching():
        assert (await reader.sends(seen(1, town))).status_code == 202
        await town.stored(1)
        began = town.web.parts.clock.monotonic()
        await suspend(town)

        async def refused() -> bool:
            return (await reader.sends(seen(2, town))).status_code == 403

        await town.until(refused)
        assert town.web.parts.clock.monotonic() - began < 10
        answer = await reader.sends(seen(3, town))
        await drained(town)
    assert answer.json()["reason"] == "suspended"
    assert "is suspended" in answer.json()["detail"]
    assert "T0003" not in await town.plates()


async def test_an_approval_that_expires_stops_a_running_reader_with_the_reason(town: Town) -> None:
    await suspend(town)  # the one that would go on
    ends = town.now() + timedelta(seconds=6)
    await town.web.authorise("plate_reader", expires_at=rfc3339(ends))
    reader = await town.reader()
    async with town.matching():
        assert (await reader.sends(seen(1, town))).status_code == 202
        await town.stored(1)

        async def refused() -> bool:
            return (await reader.sends(seen(2, town))).status_code == 403

        await town.until(refused)
        assert ends < town.now() < ends + timedelta(seconds=10)
        answer = await reader.sends(seen(3, town))
        await drained(town)
    assert answer.status_code == 403
    # Of an approval that was suspended and a newer one that expired, the refusal names the newer one.
    assert answer.json()["reason"] == "expired"
    assert f"expired on {moment(ends, CHICAGO)}" in answer.json()["detail"]
    assert "T0003" not in await town.plates()
