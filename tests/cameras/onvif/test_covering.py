"""A mask is set in the camera where it can, and read back; one that is gone is told, and the server's own holds until it is back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

from tests.cameras.onvif.device import REACH, a_device
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import mask_api
from watchfloor.cameras.mask_api import MaskRoutes
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import to_paint, to_paint_recorded
from watchfloor.cameras.onvif import covering
from watchfloor.governance.forms import inside
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

BOX = [[0.25, 0.5], [0.5, 0.5], [0.5, 1.0], [0.25, 1.0]]
TRIANGLE = [[0.1, 0.1], [0.3, 0.1], [0.2, 0.4]]


def _more(parts: CenterParts) -> list[Any]:
    book = MaskBook(parts.door, parts.clock)
    return [*_routers(parts), mask_api.routes(MaskRoutes(_turner(parts).cameras, book))]


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

    async def painted(self) -> tuple[int, int]:
        """How many the server paints itself, live and in what was recorded an hour ago."""
        book, parts = MaskBook(self.web.parts.door, self.web.parts.clock), self.web.parts
        masks = await book.of(parts.agency, inside("camera", self.yard.path.rpartition("/")[2]))
        return len(to_paint(masks)), len(to_paint_recorded(masks, parts.clock.now() - timedelta(hours=1)))


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


async def _is_taken_away(held: Held, device: Any) -> None:
    supervisor = await held.web.person("supervisor")
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
