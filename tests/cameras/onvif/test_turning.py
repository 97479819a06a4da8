"""A camera is turned by one person at a time, for a purpose, and goes home when nobody moves it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import psycopg

from tests.cameras.onvif.device import MILL_ST, NAME, REACH, WORD, a_device
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.onvif import api as devices_api
from watchfloor.cameras.onvif import turn, turn_api
from watchfloor.cameras.onvif.find import Finder
from watchfloor.cameras.onvif.turn import Move, Turner
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor_sim.onvif.device import Device
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer


def _turner(parts: CenterParts) -> Turner:
    async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

    networks = Networks.of("127.0.0.1/32")
    return Turner(Cameras(parts.door, parts.clock, Vault(b"v" * 32), networks, news), REACH)


def _routers(parts: CenterParts) -> list[Any]:
    turner = _turner(parts)
    live = Live(finder(parts.door), b"t" * 32, parts.clock)
    return [
        turn_api.routes(turner),
        devices_api.routes(Finder(turner.cameras, REACH)),
        api.routes(CameraRoutes(turner.cameras, live)),
    ]


class Yard:
    """A camera that turns, in force, and those who may turn it."""

    def __init__(self, web: CenterWeb, device: Device, path: str, why: dict[str, str]) -> None:
        self.web, self.device, self.path, self.why = web, device, path, why

    @classmethod
    async def opened(cls, web: CenterWeb, device: Device, server: DeviceServer) -> Yard:
        await web.authorise("fixed_camera")
        technician = await web.person("technician")
        login = {"user": NAME, "password": WORD}
        made = await technician.post(
            "/api/v1/cameras", json=MILL_ST | login | {"url": "rtsp://127.0.0.1:8554/main"}
        )
        path = f"/api/v1/cameras/{made.json()['id']}"
        read = await technician.post(f"{path}/device", json={"address": server.url})
        assert read.json()["device"]["turns"], read.text
        return cls(web, device, path, {"purpose": "stolen_vehicle", "case": await web.case()})

    async def act(self, role: str, what: str, **body: Any) -> httpx.Response:
        """What a person does with it, for the purpose of the yard unless another is named."""
        return await (await self.web.person(role)).post(f"{self.path}/{what}", json={**self.why, **body})

    async def later(self, owner_dsn: str, minutes: int) -> None:
        """So many minutes pass without a move."""
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            await connection.execute(
                "update camera_lock set until = until - %(by)s * interval '1 minute',"
                " moved_at = moved_at - %(by)s * interval '1 minute'",
                {"by": minutes},
            )


async def test_one_person_turns_a_camera_and_a_supervisor_goes_before_an_analyst(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_routers) as web:
        yard = await Yard.opened(web, device, server)
        moved = await yard.act("analyst", "moves", pan=0.5, tilt=-0.25)
        assert moved.status_code == 200, moved.text
        assert moved.json()["mine"] and moved.json()["holder"]["name"] == "Analyst" and moved.json()["away"]
        assert [one["name"] for one in moved.json()["presets"]] == ["Door", "Gate"]
        assert "move 0.5 -0.25 0 for PT5S" in device.asked, "it stops by itself, whatever becomes of the link"
        assert (await yard.act("analyst", "moves/stop")).status_code == 200 and device.asked[-1] == "Stop"

        await web.person("analyst", name="colleague")
        held = await yard.act("analyst", "moves", pan=1)
        assert held.status_code == 200, "who has it goes on"
        colleague = await web.person("analyst", name="colleague")
        held = await colleague.post(f"{yard.path}/moves", json={**yard.why, "pan": 1})
        assert (held.status_code, held.json()["reason"]) == (
            409,
            "held",
        ) and "Analyst turns this camera." in held.text
        taken = await yard.act("supervisor", "presets/go", preset="2")
        assert taken.status_code == 200 and device.look.pan == -0.5
        back = await yard.act("analyst", "moves", pan=1)
        assert (back.status_code, back.json()["reason"]) == (409, "held")

        released = await yard.act("supervisor", "lock/release")
        assert released.json()["holder"] is None and released.json()["away"]
        assert (await yard.act("analyst", "moves", zoom=0.2)).status_code == 200
        await yard.later(owner_dsn, 2)
        assert (await colleague.post(f"{yard.path}/moves", json={**yard.why, "pan": 1})).status_code == 200
        await _is_in_the_log(web, owner_dsn)


async def _is_in_the_log(web: CenterWeb, owner_dsn: str) -> None:
    """Each move is named there, with who was turned out."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        rows = await (
            await connection.execute(
                "select p.payload->>'how' from audit_entry e join audit_payload p on p.entry_id = e.id"
                " where convert_from(e.leaf, 'UTF8')::jsonb->>'reason' = 'camera.turned' order by e.id"
            )
        ).fetchall()
    how = [row[0] for row in rows]
    assert how == ["right 0.5, down 0.25", "stop", "right 1", "preset 2", "nearer 0.2", "right 1"]


async def test_a_camera_that_nobody_moves_for_five_minutes_goes_home(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_routers) as web:
        yard = await Yard.opened(web, device, server)
        assert (await yard.act("analyst", "presets/go", preset="1")).json()["away"]
        turner, agency = _turner(web.parts), web.parts.agency
        assert await turn.send_home(turner, agency) == 0
        await yard.later(owner_dsn, 6)
        device.faults = {Fault.NO_MOVES}
        assert await turn.send_home(turner, agency) == 1
        assert (await (await web.person("officer")).get(f"{yard.path}/lock")).json()["away"], "it did not go"
        assert await turn.send_home(turner, agency) == 0, "it is tried again, but not at once"
        await yard.later(owner_dsn, 6)
        device.faults = {Fault.ODD_SIGN_IN}
        assert await turn.send_home(turner, agency) == 1
        await yard.later(owner_dsn, 6)
        device.faults = set()
        assert await turn.send_home(turner, agency) == 1
        assert device.asked[-1] == "GotoHomePosition" and device.look.pan == 0
        assert await turn.send_home(turner, agency) == 0
        lock = (await (await web.person("officer")).get(f"{yard.path}/lock")).json()
        assert not lock["away"] and lock["holder"] is None


async def test_a_stop_comes_after_the_move_that_it_ends(center: CenterMaker) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_routers) as web:
        yard = await Yard.opened(web, device, server)
        device.asked.clear()
        first = asyncio.create_task(yard.act("analyst", "moves", pan=0.5))
        await device.until(lambda: "GetSystemDateAndTime" in device.asked)  # the move is on its way
        stopped = await yard.act("supervisor", "moves/stop")
        assert (await first).status_code == 200 and stopped.status_code == 200
        said = [one for one in device.asked if one in ("ContinuousMove", "Stop")]
        assert said == ["ContinuousMove", "Stop"] and device.moving == (0, 0, 0)
        home = await yard.act("supervisor", "presets/go", preset=None)
        assert not home.json()["away"], "it said yes to going home"
        device.faults = {Fault.NO_MOVES}
        assert (await yard.act("supervisor", "presets/go", preset=None)).status_code == 422
        assert (await (await web.person("officer")).get(f"{yard.path}/lock")).json()["away"]


async def test_patrol_monitoring_turns_without_zoom_and_nobody_turns_without_leave(
    center: CenterMaker,
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_routers) as web:
        yard = await Yard.opened(web, device, server)
        patrol = {"purpose": "patrol_monitoring", "case": None}
        assert (await yard.act("analyst", "moves", pan=0.2, **patrol)).status_code == 200
        for what, body in (("moves", {"zoom": 0.2}), ("presets/go", {"preset": "2"})):
            refused = await yard.act("analyst", what, **patrol, **body)
            assert (await web.kept_refusal(refused))["reason"] == "patrol_no_zoom"
        assert device.look.zoom == 0 and "preset 2" not in device.asked
        assert (await yard.act("technician", "moves", pan=0.2)).status_code == 403
        nowhy = await yard.act("analyst", "moves", pan=0.2, purpose=None, case=None)
        assert (nowhy.status_code, nowhy.json()["reason"]) == (403, "purpose_missing")
        for impossible in ({}, {"pan": 2.0}, {"tilt": -1.01}):
            assert (await yard.act("analyst", "moves", **impossible)).status_code == 422
        assert (await yard.act("analyst", "presets/go", preset="9")).status_code == 404
        device.faults = {Fault.GARBAGE}
        broken = await yard.act("analyst", "moves", pan=0.2)
        assert broken.json()["detail"] == "What the device answers is no ONVIF."


def test_a_move_is_named_as_people_would() -> None:
    assert Move(-0.5, 0, 1).words() == "left 0.5, nearer 1" and Move().words() == ""


async def test_a_camera_whose_device_is_not_known_is_not_turned(center: CenterMaker) -> None:
    async with center(routers=_routers) as web:
        await web.authorise("fixed_camera")
        technician = await web.person("technician")
        made = await technician.post("/api/v1/cameras", json=MILL_ST | {"url": "rtsp://127.0.0.1/x"})
        path = f"/api/v1/cameras/{made.json()['id']}"
        why = {"purpose": "stolen_vehicle", "case": await web.case()}
        answer = await (await web.person("analyst")).post(f"{path}/moves", json={**why, "pan": 1})
        assert (answer.status_code, answer.json()["reason"]) == (404, "no_device")
        assert not (await technician.get(f"{path}/lock")).json()["turns"]
