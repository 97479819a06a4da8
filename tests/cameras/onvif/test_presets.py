"""Presets are set and removed by who may; a camera looks at a dwelling for two hours of a day, and longer by a court's order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from tests.cameras.onvif.device import a_device
from tests.cameras.onvif.test_covering import _skyline
from tests.cameras.onvif.test_turning import Yard, _routers, _turner
from tests.fixtures.center import CenterMaker, CenterParts
from watchfloor.cameras import dwelling_api
from watchfloor.cameras.dwelling_budget import Budget, none_exported
from watchfloor.cameras.onvif import turn
from watchfloor.cameras.onvif.turn import Turner
from watchfloor_sim.onvif.device import Device, Look
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer


def _more(parts: CenterParts) -> list[Any]:
    return [
        *_routers(parts),
        dwelling_api.routes(
            parts.door, Budget(parts.door, _turner(parts).dwelling_limit, none_exported), _skyline(parts)
        ),
    ]


async def test_presets_are_set_named_and_removed_by_who_may(center: CenterMaker) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        yard = await Yard.opened(web, device, server)
        device.look = Look(0.25, 0.5, 0.75)
        made = await yard.act("supervisor", "presets/set", name=" Quay ")
        assert made.status_code == 200, made.text
        new = made.json()["presets"][-1]
        assert new["name"] == "Quay" and device.presets[new["token"]][1].zoom == 0.75
        anew = await yard.act("technician", "presets/set", preset=new["token"], name="Quay, north")
        assert [one["name"] for one in anew.json()["presets"]] == ["Door", "Gate", "Quay, north"]
        assert (await yard.act("analyst", "presets/go", preset=new["token"])).status_code == 200
        held = await yard.act("technician", "presets/set", name="Yard")
        assert (held.status_code, held.json()["reason"]) == (409, "held"), (
            "it is not where the technician thinks"
        )
        assert (await yard.act("analyst", "presets/set", name="Yard")).status_code == 403
        assert (await yard.act("supervisor", "presets/remove", preset="none")).status_code == 404
        for name in ("", " ", "two\nlines", "x" * 61):
            wrong = await yard.act("supervisor", "presets/set", name=name)
            assert (wrong.status_code, wrong.json()["reason"]) == (422, "name"), name
        gone = await yard.act("supervisor", "presets/remove", preset=new["token"])
        assert [one["token"] for one in gone.json()["presets"]] == ["1", "2"] == list(device.presets)
        device.faults = {Fault.GARBAGE}
        broken = await yard.act("supervisor", "presets/set", name="Yard")
        assert (broken.status_code, broken.json()["reason"]) == (422, "not_onvif")
        said = [one["reason"] for one in await _log(yard) if one["reason"].startswith("camera.preset_")]
        assert sorted(said) == ["camera.preset_removed", "camera.preset_set", "camera.preset_set"]


async def _is_stuck(turner: Turner, device: Device, agency: UUID) -> None:
    """It does not go, and is told again after five minutes."""
    device.faults = {Fault.NO_MOVES}
    tries = [await turn.leave_dwellings(turner, agency) for _ in range(3)]
    assert tries == [1, 0, 0], "not every ten seconds"
    device.faults = set()
    turner.stuck.update({one: then - turn.HOME_AFTER for one, then in turner.stuck.items()})


async def test_more_than_two_hours_at_a_dwelling_need_a_courts_order(
    center: CenterMaker, owner_dsn: str
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=_more) as web:
        yard = await Yard.opened(web, device, server)
        turner, agency = _turner(web.parts), web.parts.agency
        marked = await yard.act("technician", "presets/dwelling", preset="1", dwelling="12 Elm St")
        assert marked.json()["presets"][0]["dwelling"] == "12 Elm St", marked.text
        assert (await yard.act("analyst", "presets/go", preset="1")).status_code == 200
        assert await _seen(yard) == ("fine", True, False) and await turn.leave_dwellings(turner, agency) == 0
        await _ago(owner_dsn, 106)
        assert await turn.leave_dwellings(turner, agency) == 0
        assert await turn.leave_dwellings(turner, agency) == 0
        assert await _seen(yard) == ("soon", True, False)
        await _ago(owner_dsn, 15)
        await _is_stuck(turner, device, agency)
        assert await turn.leave_dwellings(turner, agency) == 1
        assert device.look.pan == 0 and await _seen(yard) == ("over", False, False), "it went home by itself"
        refused = await yard.act("analyst", "presets/go", preset="1")
        assert (await web.kept_refusal(refused))["reason"] == "dwelling_over"
        assert "court" in refused.json()["next_step"] and device.look.pan == 0
        assert (await yard.act("analyst", "presets/go", preset="2")).status_code == 200, (
            "elsewhere it may look"
        )
        order = {"purpose": "court_order", "case": yard.why["case"]}
        by_order = await yard.act("analyst", "presets/go", preset="1", **order)
        assert by_order.status_code == 200 and await _seen(yard) == ("over", True, True)
        assert await turn.leave_dwellings(turner, agency) == 0, "who has the order holds it"
        await yard.later(owner_dsn, 2)
        assert await turn.leave_dwellings(turner, agency) == 1, "nobody holds it any more"
        said = [one["reason"] for one in await _log(yard) if one["reason"].startswith("camera.dwelling_")]
        assert (said.count("camera.dwelling_soon"), said.count("camera.dwelling_marked")) == (1, 1)
        assert said.count("camera.dwelling_over") == 2
        await _ago(owner_dsn, 24 * 60)
        assert await _seen(yard) == ("fine", False, False), "the day has gone by"
        assert (await (await web.person("analyst")).get("/api/v1/dwelling-views")).status_code == 403
        unmarked = await yard.act("supervisor", "presets/dwelling", preset="1", dwelling="")
        assert unmarked.json()["presets"][0]["dwelling"] is None


async def _seen(yard: Yard) -> tuple[str, bool, bool]:
    """What an auditor sees of the one view."""
    said = await (await yard.web.person("auditor")).get("/api/v1/dwelling-views")
    (one,) = said.json()["items"]
    # No footprints were supplied: nobody knows what else looks at a dwelling.
    assert (said.json()["unmarked"], said.json()["unmarked_known"]) == ([], False)
    assert (one["camera_name"], one["dwelling"], said.json()["limit_s"]) == ("Mill St", "12 Elm St", 7200)
    return one["standing"], one["now"], one["by_order"]


async def _ago(owner_dsn: str, minutes: int) -> None:
    """So many minutes pass."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute(
            "update camera_aim set from_at = from_at - %(by)s * interval '1 minute',"
            " until_at = until_at - %(by)s * interval '1 minute'",
            {"by": minutes},
        )


async def _log(yard: Yard) -> list[dict[str, Any]]:
    auditor = await yard.web.person("auditor")
    found = (await auditor.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"]
    return list(found)
