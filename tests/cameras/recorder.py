"""The story of a recorder that tells by ONVIF which cameras it has: registered, its cameras added at once, read anew; and what fails."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.cameras.onvif.device import NAME, WORD
from tests.cameras.onvif.test_channels import a_recorder
from tests.cameras.test_upkeep import entries
from tests.cameras.through_recorder import is_told_of_no_more, stand_behind
from tests.fixtures.center import CenterWeb
from watchfloor.cameras.register import Cameras
from watchfloor_sim.onvif.device import Stream
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

PLACE = {"name": "Depot", "place": "Bus depot", "lat": 38.63, "lon": -90.21}
LOGIN = {"user": NAME, "password": WORD}
BATCH = {"name": "Depot {channel}", "kind": "municipal", "footage_kept": "at_site"}


async def tells_of_its_cameras(web: CenterWeb, cameras: Cameras, owner_dsn: str) -> None:
    """A site without paths is asked by ONVIF; whatever is wrong with it, nothing of it is kept."""
    technician, device = await web.person("technician"), a_recorder(2)
    async with DeviceServer.running(device) as server:
        body: dict[str, Any] = PLACE | {"device": server.url}
        await _fails(web, server, body)
        tried = await technician.post(
            "/api/v1/sites/tries", json=body | LOGIN | {"name": None, "place": None}
        )
        assert [one["channel"] for one in tried.json()["channels"]] == ["1", "2"], tried.text
        made = await technician.post("/api/v1/sites", json=body | LOGIN)
        assert made.status_code == 201, made.text
        site = made.json()
        assert (site["address"], site["stream"], site["channels_free"]) == (
            "rtsp://127.0.0.1:8554",
            "",
            ["1", "2"],
        )
        assert WORD not in made.text
        path = f"/api/v1/sites/{site['id']}"
        added = (await technician.post(f"{path}/cameras", json=BATCH | {"channels": "1, 2, 9"})).json()
        assert [one["refused"] for one in added["channels"]] == [
            None,
            None,
            "The recorder tells of no such channel.",
        ]
        assert await _shown(owner_dsn) == [
            ("1", "/unicast/c1/main", "/unicast/c1/sub"),
            ("2", "/unicast/c2/main", "/unicast/c2/sub"),
        ]
        await stand_behind(web, cameras, device, path, owner_dsn)
        await _read_anew(web, server, path, owner_dsn)
        await is_told_of_no_more(web, cameras, path)
        await _changed(web, path, owner_dsn)


async def _fails(web: CenterWeb, server: DeviceServer, body: dict[str, Any]) -> None:
    technician, device = await web.person("technician"), server.device
    assert (await (await web.person("analyst")).post("/api/v1/sites", json=body)).status_code == 403
    wrong = [
        (body, set(), "login_refused"),
        (body | LOGIN, {Fault.GARBAGE}, "not_onvif"),
        (body | LOGIN, {Fault.LYING}, "no_profile"),
        (body | LOGIN | {"address": "rtsp://127.0.0.1"}, set(), "address"),
        (body | LOGIN | {"address": "rtsp://127.0.0.2"}, set(), "device"),
        (body | LOGIN | {"device": "http://127.0.0.1:9/"}, set(), "no_answer"),
        (body | LOGIN | {"device": "http://169.254.169.254"}, set(), "address_refused"),
    ]
    for said, faults, reason in wrong:
        device.faults = faults
        refused = await technician.post("/api/v1/sites", json=said)
        assert (refused.status_code, refused.json()["reason"]) == (422, reason), refused.text
        assert WORD not in refused.text
    device.faults = set()


async def _shown(owner_dsn: str) -> list[tuple[str, str, str | None]]:
    """Where the cameras of the recorder are opened, by channel."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        rows = await owner.execute(
            "select channel, address, sub_address from camera where address like 'rtsp://127.0.0.1:855_/%' and removed_at is null"
            " order by channel"
        )
        site = "rtsp://127.0.0.1:8554"
        return [
            (row[0], row[1].removeprefix(site), row[2] and row[2].removeprefix(site))
            for row in await rows.fetchall()
        ]


async def _read_anew(web: CenterWeb, server: DeviceServer, path: str, owner_dsn: str) -> None:
    """One camera is shown elsewhere, one is there no more, and one is new: each camera keeps its channel."""
    technician, device = await web.person("technician"), server.device
    base = "rtsp://127.0.0.1:8554"
    device.streams = [
        Stream("b", "Main", 1920, 1080, f"{base}/two", source="VideoSource_2"),
        Stream("c", "Main", 1920, 1080, f"{base[:-1]}5/three", source="VideoSource_3"),
    ]
    device.faults = {Fault.GARBAGE}
    refused = await technician.post(f"{path}/channels")
    assert (refused.status_code, refused.json()["reason"]) == (422, "not_onvif")
    assert len(await _shown(owner_dsn)) == 2, "what it told before stands"
    device.faults = set()
    read = await technician.post(f"{path}/channels")
    assert read.status_code == 200, read.text
    assert [(one["channel"], one["free"]) for one in read.json()["channels"]] == [("2", False), ("3", True)]
    assert await _shown(owner_dsn) == [("1", "/unicast/c1/main", "/unicast/c1/sub"), ("2", "/two", None)]
    assert (await technician.get(path)).json()["channels_free"] == ["3"]
    (told,) = await entries(owner_dsn, "site.channels_read")
    said = {name: told[name] for name in ("channels", "changed", "gone", "opened_anew")}
    assert said == {"channels": 2, "changed": 2, "gone": 1, "opened_anew": 1}
    again = await technician.post(f"{path}/channels")
    assert again.json() == read.json()
    at_its_port = await technician.post(f"{path}/cameras", json=BATCH | {"channels": "3"})
    assert at_its_port.status_code == 201 and (await _shown(owner_dsn))[2] == (
        "3",
        "rtsp://127.0.0.1:8555/three",
        None,
    )
    (camera,) = (await technician.get(f"{path}/cameras")).json()["items"][2:]
    assert (await technician.delete(f"/api/v1/cameras/{camera['id']}")).status_code == 204
    assert (await (await web.person("analyst")).post(f"{path}/channels")).status_code == 403


async def _changed(web: CenterWeb, path: str, owner_dsn: str) -> None:
    """A path that somebody enters is that of channels of which it does not tell, and cannot be taken away from under their cameras."""
    technician = await web.person("technician")
    assert (await technician.patch(path, json={"stream": "/by-hand/{channel}"})).status_code == 200
    assert (await _shown(owner_dsn))[1] == ("2", "/two", None)
    more = await technician.post(f"{path}/cameras", json=BATCH | {"channels": "9"})
    assert more.status_code == 201 and (await _shown(owner_dsn))[2] == ("9", "/by-hand/9", None)
    refused = await technician.patch(path, json={"stream": ""})
    assert (refused.status_code, refused.json()["reason"]) == (409, "stream")
    device = (await technician.get(path)).json()["device"]
    by_hand = {"device": "", "replay": "/replay/{channel}"}
    assert (await technician.patch(path, json=by_hand)).status_code == 200
    assert await _shown(owner_dsn) == [(one, f"/by-hand/{one}", None) for one in ("1", "2", "9")], (
        "nobody can ask it again"
    )
    for one in (await technician.get(f"{path}/cameras")).json()["items"]:
        assert (await technician.delete(f"/api/v1/cameras/{one['id']}")).status_code == 204
    assert (await technician.patch(path, json={"stream": "", "device": device})).status_code == 200
    no_device = await technician.patch(path, json={"device": ""})
    assert (no_device.status_code, no_device.json()["reason"]) == (422, "stream")
    assert (await technician.delete(path)).status_code == 204
