"""Pictures that are never stored go within their minutes whoever has died; what is still there is an alarm."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from tests.sweep.conftest import Night
from tests.sweep.test_prove import alarms
from watchfloor.kit.clock import SystemClock
from watchfloor.plates.picture import Shelf, folder_of
from watchfloor.storage.nats import Bus
from watchfloor.sweep import prove_store, transient

NOW = SystemClock().now()


def aged(path: Path, seconds: int) -> None:
    then = NOW.timestamp() - seconds
    os.utime(path, (then, then))


async def test_pictures_that_are_never_stored_go_within_minutes_and_no_other_does(
    night: Night, tmp_path: Path
) -> None:
    objects, short = night.objects, folder_of(night.agency, Shelf.TRANSIENT)
    for name, seconds in (("old", 151), ("new", 30)):
        await objects.put(f"{short}/{name}", b"a picture")
        aged(tmp_path / "objects" / short / name, seconds)
    kept = f"{folder_of(night.agency)}/old"
    await objects.put(kept, b"a picture")
    aged(tmp_path / "objects" / kept, 3000)
    for name in ("transient-pictures.half", "footage.half"):
        (tmp_path / "objects" / ".putting" / name).write_bytes(b"half")
        aged(tmp_path / "objects" / ".putting" / name, 151)
    await transient.forget_old(objects, NOW)
    assert [stored.key async for stored in objects.listed("transient-pictures")] == [f"{short}/new"]
    assert await objects.has(kept)
    assert [path.name for path in (tmp_path / "objects" / ".putting").iterdir()] == ["footage.half"]


async def test_a_read_that_is_never_stored_and_is_still_there_is_an_alarm_until_it_is_gone(
    night: Night, bus: Bus
) -> None:
    assert await transient.fault(night.objects, bus, NOW) is None
    await bus.put("transient.plates.r1", b"ZZCANARY00", message_id="canary")
    now = SystemClock().now()
    assert await transient.fault(night.objects, bus, now) is None
    found = await transient.fault(night.objects, bus, now + timedelta(minutes=4))
    assert found is not None and "should be gone after 3 minutes" in found and "CANARY" not in found
    await transient._say(night.door, night.agency, found)
    async with night.door.open(night.ask) as tx:
        assert [(what, error) for what, error, _ in await prove_store.failing(tx)] == [
            (transient.WHAT, found)
        ]
    await transient._say(night.door, night.agency, None)
    async with night.door.open(night.ask) as tx:
        assert await prove_store.failing(tx) == []
        assert await prove_store.short_proven(tx) == tx.now
    assert await alarms(night) == []
    await night.clock.advance(timedelta(minutes=11))
    (late,) = await alarms(night)
    assert "was last proven on" in late.sentence
