"""A camera that turns is masked by where it says that it stands: covered before it turns, while it does, and elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import psycopg

from tests.cameras.onvif.device import REACH, a_device
from tests.cameras.onvif.test_covering import BOX, Held, _skyline
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts
from watchfloor.cameras import mask_api
from watchfloor.cameras.cover import Shapes
from watchfloor.cameras.mask_api import MaskRoutes
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import WHOLE
from watchfloor.cameras.onvif import turn_api
from watchfloor.cameras.onvif.stands import Following
from watchfloor.cameras.onvif.turn import Turner
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import SystemClock
from watchfloor.recordings.model import us
from watchfloor_sim.onvif.device import Look
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

PAINTED = (tuple((x, y) for x, y in BOX),)
ELSEWHERE = {"pan": 0.0, "tilt": 0.0, "zoom": 0.0}


class Quick(SystemClock):
    """Waits for nobody, and knows for how long it should have."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(0.005)


class Room:
    """A camera that turns, who follows it, and what is painted over its picture."""

    def __init__(self, held: Held, clock: Quick) -> None:
        self.held, self.clock, parts = held, clock, held.web.parts
        self.book = MaskBook(parts.door, parts.clock)
        self.following = Following(replace(_turner(parts).cameras, clock=clock), REACH, parts.agency)
        self.agency, self.camera = parts.agency, inside("camera", held.yard.path.rpartition("/")[2])

    async def live(self) -> Shapes:
        """What is painted over pictures that are taken now."""
        self.book.forget(self.agency)
        return (await self.book.live(self.agency, self.camera)).at(us(self.clock.now()))

    async def until(self, shapes: Shapes) -> None:
        """Look again and again until this is painted over."""
        async with asyncio.timeout(60):
            while await self.live() != shapes:
                assert await self.following.look() == 1
                await self.clock.sleep(0.01)

    async def sql(self, text: str) -> None:
        async with await psycopg.AsyncConnection.connect(self.held.owner_dsn) as connection:
            await connection.execute(text.encode())

    async def posted(self, corners: list[list[float]], stand: dict[str, Any]) -> httpx.Response:
        body = {"name": "Windows", "reason": "A dwelling.", "corners": corners, "stand": stand}
        return await (await self.held.web.person("supervisor")).post(
            f"{self.held.yard.path}/masks", json=body
        )

    async def stands(self) -> httpx.Response:
        return await (await self.held.web.person("technician")).get(f"{self.held.yard.path}/stand")


async def test_a_camera_that_turns_is_masked_where_it_stands_and_covered_elsewhere(
    center: CenterMaker, owner_dsn: str
) -> None:
    clock, device = Quick(), a_device(most_masks=4)

    def routers(parts: CenterParts) -> list[Any]:
        turner = _turner(parts)
        quick = Turner(replace(turner.cameras, clock=clock), REACH)
        masks = MaskRoutes(turner.cameras, MaskBook(parts.door, parts.clock), REACH, _skyline(parts))
        return [turn_api.routes(quick), *_routers(parts)[1:], mask_api.routes(masks)]

    async with DeviceServer.running(device) as server, center(routers=routers) as web:
        room = Room(Held(web, await Yard.opened(web, device, server), owner_dsn), clock)
        try:
            await _is_set_where_it_stands(room, device)
            await _follows(room, device)
            await _says_nothing(room, device)
        finally:
            await room.following.close()


async def _is_set_where_it_stands(room: Room, device: Any) -> None:
    device.look = Look(0.5, -0.2, 0.1)
    here = (await room.stands()).json()
    assert here == {"pan": 0.5, "tilt": -0.2, "zoom": 0.1, "preset": "Door"}
    moved = await room.posted(BOX, ELSEWHERE)
    assert (moved.status_code, moved.json()["reason"]) == (409, "moved")
    device.moving = (0.5, 0.0, 0.0)
    moves = await room.stands()
    assert (moves.status_code, moves.json()["reason"]) == (409, "moves")
    device.moving = (0.0, 0.0, 0.0)
    assert await room.following.look() == 0, "without such a mask nobody asks where it stands"
    made = await room.posted(BOX, here)
    assert made.status_code == 201 and made.json()["stand"] == here, made.text
    assert await room.live() == (WHOLE,), "nobody knows yet where it stands"
    device.look = Look(-0.5, 0.1, 0.6)
    nothing = await room.posted([], (await room.stands()).json())
    assert nothing.status_code == 201 and nothing.json()["corners"] == [], nothing.text
    bare = await room.posted([], {"pan": 1, "tilt": 0, "zoom": 0})
    assert bare.status_code == 409
    await room.held.look()
    assert device.masks == {}, "the device would show it everywhere"


async def _follows(room: Room, device: Any) -> None:
    await room.until(())
    device.look = Look(0.5, -0.2, 0.1)
    await room.until((WHOLE,))
    await room.until(PAINTED)
    seen_at = room.clock.now()
    went = await room.held.yard.act("supervisor", "presets/go", preset="2")
    assert went.status_code == 200 and 2.5 in room.clock.slept, "covered first, then told to turn"
    assert await room.live() == (WHOLE,)
    for _ in range(3):
        await room.following.look()
    assert await room.live() == (WHOLE,), "it may not have begun to turn"
    await room.sql("update camera_device set turned_at = turned_at - interval '1 minute'")
    await room.until(())
    cover = await room.book.then(room.agency, room.camera, seen_at, room.clock.now())
    assert cover.at(us(seen_at)) == PAINTED, "by where it stood then"
    assert cover.at(us(seen_at - timedelta(hours=1))) == (WHOLE,), "of before nobody knows"


async def _says_nothing(room: Room, device: Any) -> None:
    device.faults.add(Fault.NO_STATUS)
    await room.sql(
        "update camera_stand set seen_at = greatest(from_at, seen_at - interval '5 seconds'), from_at = from_at - interval '1 hour'"
    )
    await room.until((WHOLE,))
    no = await room.stands()
    assert (no.status_code, no.json()["reason"]) == (422, "device_refuses")
