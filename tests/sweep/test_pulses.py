"""Pulses of microphones under the sweep: they go with their day, and a hold of one microphone holds what that one heard."""

from __future__ import annotations

from datetime import UTC, date
from uuid import UUID

from tests.sweep.conftest import Night
from watchfloor.storage.classes import DataClass

HELD, OTHER = UUID(int=1), UUID(int=2)


async def test_pulses_go_with_their_day_and_what_a_held_microphone_heard_stays(night: Night) -> None:
    async def heard() -> list[tuple[UUID, date]]:
        rows = await night.owner("select microphone_id, at from pulse order by at, microphone_id")
        return [(row["microphone_id"], row["at"].astimezone(UTC).date()) for row in rows]

    for microphone, ago in ((HELD, 40), (OTHER, 40), (OTHER, 29)):
        await night.pulse(microphone, ago)
    hold = await night.hold(HELD, 40, DataClass.PULSE)
    first = [r for r in await night.sweep.round(night.agency) if r.of.table == "pulse"]
    assert [(r.of.day, r.objects, r.kept_by_hold) for r in first] == [(night.day(40), 1, 1)]
    assert await heard() == [(HELD, night.day(40)), (OTHER, night.day(29))]
    await night.owner("update hold set ended_at = %(now)s where id = %(id)s", now=night.clock.now(), id=hold)
    last = [r for r in await night.sweep.round(night.agency) if r.of.table == "pulse"]
    assert [(r.objects, r.kept_by_hold) for r in last] == [(1, 0)]
    assert await heard() == [(OTHER, night.day(29))]
    assert f"pulse_r{night.rule}_{night.day(40):%Y%m%d}" not in await night.partitions("pulse")
