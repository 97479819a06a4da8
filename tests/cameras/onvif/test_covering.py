"""A mask is set in the camera where it can, and read back; one that is gone is told, and the server's own holds until it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from tests.cameras.onvif.device import MILL_ST, NAME, REACH, WORD, a_device
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import mask_api, upkeep_api
from watchfloor.cameras.cover import to_paint, to_paint_recorded
from watchfloor.cameras.mask_api import MaskRoutes
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.onvif import covering
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.kit.errors import Unavailable
from watchfloor.places.skyline import Skyline
from watchfloor.settings import ObjectSettings
from watchfloor.storage.disks import objects_of
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

BOX = [[0.25, 0.5], [0.5, 0.5], [0.5, 1.0], [0.25, 1.0]]
TRIANGLE = [[0.1, 0.1], [0.3, 0.1], [0.2, 0.4]]


def _more(parts: CenterParts) -> list[Any]:
    book = MaskBook(parts.door, parts.clock)
    cameras = _turner(parts).cameras
    return [
        *_routers(parts),
        mask_api.routes(MaskRoutes(cameras, book, REACH, _skyline(parts))),
        upkeep_api.routes(cameras),
    ]


def _skyline(parts: CenterParts) -> Skyline:
    return Skyline(parts.door, objects_of(ObjectSettings(min_free_mb=10), parts.data / "objects"))


class Held:
    """A camera whose device can mask, and its masks."""

    def __init__(self, web: CenterWeb, yard: Yard, owner_dsn: str) -> None:
        self.web, self.yard, self.owner_dsn = web, yard, owner_dsn

    async def set(self, name: str, corners: list[list[float]]) -> str:
        body = {"name": name, "reason": "A dwelling.", "corners": corners}
        made = await (await self.web.person("supervisor")).post(f"{self.yard.path}/masks", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def look(self) -> int:
        """The time of the next look has come."""
        async with await psycopg.AsyncConnection.connect(self.owner_dsn) as connection:
            await connection.execute("update camera_device set masks_at = null")
        return await covering.cover_due(_turner(self.web.parts).cameras, REACH, self.web.parts.agency)

    async def seen(self) -> dict[str, tuple[bool, bool]]:
        """By name: whether the device holds it, and whether it is gone from there."""
        said = (await (await self.web.person("supervisor")).get(f"{self.yard.path}/masks")).json()["items"]
        return {one["name"]: (one["in_device"], one["gone_at"] is not None) for one in said}

    async def said(self, reason: str) -> int:
        """How many entries of the log are of this."""
        auditor = await self.web.person("auditor")
        entries = (await auditor.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"]
        return [one["reason"] for one in entries].count(reason)

    async def painted(self) -> tuple[int, int]:
        """How many the server paints itself, live and in what was recorded an hour ago."""
        book, parts = MaskBook(self.web.parts.door, self.web.parts.clock), self.web.parts
        masks = await book.of(parts.agency, inside("camera", self.yard.path.rpartition("/")[2]))
        return len(to_paint(masks, parts.clock.now())), len(
            to_paint_recorded(masks, parts.clock.now() - timedelta(hours=1))
        )


async def test_the_device_masks_what_it_can_and_the_server_the_rest(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device(
        most_masks=2, rectangles_only=True, masks={"theirs": ((-1.0, 1.0), (-0.9, 1.0), (-0.9, 0.9))}
    )
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        held = Held(web, await Yard.opened(web, device, server), owner_dsn)
        assert await held.look() == 0, "without a mask no device is asked"
        await held.set("Windows", BOX)
        await held.set("Gable", TRIANGLE)
        assert await held.seen() == {"Windows": (False, False), "Gable": (False, False)}
        assert await held.look() == 1
        assert await held.seen() == {"Windows": (True, False), "Gable": (False, False)}, "rectangles alone"
        (ours,) = [corners for token, corners in device.masks.items() if token != "theirs"]
        assert ours == ((-0.5, 0.0), (0.0, 0.0), (0.0, -1.0), (-0.5, -1.0)), (
            "counted right and up from the middle"
        )
        assert await held.painted() == (1, 2), (
            "what was recorded before the device had it is painted all the same"
        )
        assert await held.look() == 1 and device.asked.count("CreateMask") == 1, (
            "what is there is not set again"
        )

        device.masks = {"theirs": device.masks["theirs"]}
        device.most_masks = 1
        assert await held.look() == 1
        assert await held.seen() == {"Windows": (False, True), "Gable": (False, False)}
        assert await held.painted() == (2, 2), "the server paints it until it is back"
        for fault in (Fault.GARBAGE, Fault.SLOW, Fault.OTHER):
            device.faults = {fault}
            assert await held.look() == 1 and (await held.painted())[0] == 2
        device.faults, device.most_masks = set(), 2
        assert await held.look() == 1
        assert await held.seen() == {"Windows": (True, False), "Gable": (False, False)}, "back"
        await _is_taken_away(held, device)


async def _held(web: CenterWeb, device: Any, server: DeviceServer, owner_dsn: str) -> Held:
    """A camera whose device holds its one mask."""
    held = Held(web, await Yard.opened(web, device, server), owner_dsn)
    await held.set("Windows", BOX)
    assert await held.look() == 1 and await held.seen() == {"Windows": (True, False)}
    assert await held.painted() == (0, 1)
    return held


async def test_who_does_not_answer_or_is_another_device_holds_no_mask(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device(most_masks=2)
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        held = await _held(web, device, server, owner_dsn)
        device.faults = {Fault.GARBAGE}
        assert await held.look() == 1 and (await held.painted())[0] == 1, "the server paints it meanwhile"
        device.faults = set()
        assert await held.look() == 1 and (await held.painted())[0] == 0
        assert device.asked.count("CreateMask") == 1, "it was there all the time"
        device.faults = {Fault.GARBAGE}
        assert await held.look() == 1 and await held.said("camera.mask_gone") == 0
        device.faults, device.masks = set(), {}
        assert await held.look() == 1 and await held.seen() == {"Windows": (True, False)}
        assert await held.said("camera.mask_gone") == 1, "it started anew, and lost its mask meanwhile"

        technician = await web.person("technician")
        new = {"model": "RO-30", "reason": "It freezes", "user": NAME, "password": WORD}
        done = await technician.post(f"{held.yard.path}/replace", json=new)
        assert done.status_code == 200, done.text
        assert await held.painted() == (1, 1) and await held.seen() == {"Windows": (False, False)}
        cameras = _turner(web.parts).cameras
        assert await covering.cover_due(cameras, REACH, web.parts.agency) == 1, "it is asked at once"
        assert (await held.painted())[0] == 0

        elsewhere = {"url": "rtsp://127.0.0.1:8555/other", "user": NAME, "password": WORD}
        moved = await technician.patch(held.yard.path, json=MILL_ST | elsewhere)
        assert moved.status_code == 200, moved.text
        assert await held.painted() == (1, 1)


async def test_a_mask_that_was_lost_and_set_again_was_not_there_in_between(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device(most_masks=2)
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        held = await _held(web, device, server, owner_dsn)
        device.masks = {}
        # A device that counts from the start again calls the new one as the old one.
        device.same_token = True
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            await connection.execute(
                "update camera_mask set device_token = 'mask', in_device_since = now() - interval '2 hours'"
            )
        assert (await held.painted()) == (0, 0)
        assert await held.look() == 1 and list(device.masks) == ["mask"]
        assert await held.painted() == (0, 1), "what was recorded before it was set again is painted"
        entries = (
            await (await web.person("auditor")).get("/api/v1/audit/entries", params={"limit": 200})
        ).json()["items"]
        assert "camera.mask_gone" in [one["reason"] for one in entries]


async def test_a_mask_is_held_only_on_the_lens_of_the_camera_and_only_where_nothing_shows_through(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device(most_masks=9, other_sources=["another"])
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        held = await _held(web, device, server, owner_dsn)
        (token,) = device.masks
        assert device.mask_sources[token] == "source", "not the lens that the device names first"
        device.mask_sources[token] = "another"
        assert await held.look() == 1 and len(device.masks) == 2, "what is on another lens does not count"
        for other in device.masks:
            device.mask_types[other] = "Blurred"
        device.most_masks, asked = 2, device.asked.count("CreateMask")
        device.masks["third"], device.mask_types["third"] = ((-1.0, 1.0), (-0.9, 1.0), (-0.9, 0.9)), "Blurred"
        assert await held.look() == 1 and (await held.painted())[0] == 1, "a blur can be undone"
        assert device.asked.count("CreateMask") == asked, "what hides nothing takes a place all the same"
        del device.masks["third"]
        device.mask_types.clear()
        device.mask_sources.clear()
        device.masks = dict.fromkeys(device.masks, ((-0.5, 0.0), (-0.03, 0.0), (-0.03, -1.0), (-0.5, -1.0)))
        assert await held.look() == 1 and (await held.painted())[0] == 1, "it leaves a part open"
        await _rounds_too_far(held, device)


async def _rounds_too_far(held: Held, device: Any) -> None:
    """What it cannot hold is taken out again and not tried with each look, and what a technician sets there meanwhile stays."""

    async def technician(before: int) -> None:
        await device.until(lambda: device.asked.count("CreateMask") > before)
        device.masks["theirs"] = ((-1.0, 1.0), (-0.9, 1.0), (-0.9, 0.9))

    device.masks, device.most_masks, device.mask_grid = {}, 9, 0.3
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(technician(device.asked.count("CreateMask")))
        assert await held.look() == 1
    assert list(device.masks) == ["theirs"] and (await held.painted())[0] == 1
    device.mask_grid, asked = 0.0, device.asked.count("CreateMask")
    assert await held.look() == 1 and device.asked.count("CreateMask") == asked
    async with await psycopg.AsyncConnection.connect(held.owner_dsn) as connection:
        await connection.execute("update camera_mask set unfit_at = unfit_at - interval '25 hours'")
    assert await held.look() == 1 and (await held.painted())[0] == 0, "a day later it is tried again"


class Away:
    """A door that opens so many times, then not at all; with a barrier, each time once as many came."""

    def __init__(self, door: Door, opens: int, barrier: asyncio.Barrier | None = None) -> None:
        self.door, self.opens, self.barrier = door, opens, barrier

    @asynccontextmanager
    async def open(self, ask: Ask) -> AsyncIterator[Any]:
        self.opens -= 1
        if self.opens < 0:
            if self.barrier is None:
                raise Unavailable("The database is away.")
            async with asyncio.timeout(60):
                await self.barrier.wait()
        async with self.door.open(ask) as tx:
            yield tx


async def test_devices_are_asked_side_by_side_and_one_that_was_missed_is_asked_next(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device(most_masks=2)
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        held = Held(web, await Yard.opened(web, device, server), owner_dsn)
        await held.set("Windows", BOX)
        parts, cameras, left = web.parts, _turner(web.parts).cameras, set[UUID]()
        camera = inside("camera", held.yard.path.rpartition("/")[2])
        away: Any = Away(parts.door, 2)
        assert await covering.cover_due(replace(cameras, door=away), REACH, parts.agency, left) == 1
        assert left == {camera} and (await held.painted())[0] == 1
        assert await covering.cover_due(cameras, REACH, parts.agency, left) == 1 and left == set()
        assert (await held.painted())[0] == 0, "it does not wait ten minutes for its turn"

        technician = await web.person("technician")
        second = MILL_ST | {
            "name": "Mill St 2",
            "user": NAME,
            "password": WORD,
            "url": "rtsp://127.0.0.1:8554/sub",
        }
        path = f"/api/v1/cameras/{(await technician.post('/api/v1/cameras', json=second)).json()['id']}"
        assert (await technician.post(f"{path}/device", json={"address": server.url})).status_code == 200
        both = Held(web, Yard(web, device, path, held.yard.why), owner_dsn)
        await both.set("Door", TRIANGLE)
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            await connection.execute("update camera_device set masks_at = null")
        together: Any = Away(parts.door, 2, asyncio.Barrier(2))
        assert await covering.cover_due(replace(cameras, door=together), REACH, parts.agency) == 2


async def _is_taken_away(held: Held, device: Any) -> None:
    supervisor = await held.web.person("supervisor")
    device.mask_types = {token: "Blurred" for token in device.masks if token != "theirs"}
    for one in (await supervisor.get(f"{held.yard.path}/masks")).json()["items"]:
        assert (await supervisor.delete(f"{held.yard.path}/masks/{one['id']}")).status_code == 204
    assert await held.seen() == {}
    assert await held.look() == 1 and list(device.masks) == ["theirs"], "and nobody else's is touched"
    assert await held.look() == 0, "nothing is left to look after"
    entries = (
        await (await held.web.person("auditor")).get("/api/v1/audit/entries", params={"limit": 200})
    ).json()["items"]
    said = [one["reason"] for one in entries if one["reason"].startswith("camera.mask_")]
    assert said.count("camera.mask_gone") == 1 and said.count("camera.mask_in_device") == 2
