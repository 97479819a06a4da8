"""Planned work and replaced devices, as a technician has them: what is told, what is refused, what the log keeps."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.cameras.test_registry import CAMERA
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import api, upkeep_api
from watchfloor.cameras.address import Login, Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.onvif import store as onvif_store
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Sealed, Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339

VAULT = Vault(b"v" * 32)


@pytest.fixture
def routers() -> Any:
    def made(parts: CenterParts) -> list[Any]:
        async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

        cameras = Cameras(parts.door, parts.clock, VAULT, Networks.of("10.0.0.0/8"), news)
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [api.routes(CameraRoutes(cameras, live)), upkeep_api.routes(cameras)]

    return made


async def registered(web: CenterWeb, name: str, **more: Any) -> dict[str, Any]:
    made = await (await web.person("technician")).post("/api/v1/cameras", json=CAMERA | {"name": name} | more)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def goes_down(owner_dsn: str, web: CenterWeb, *cameras: dict[str, Any]) -> None:
    """The recorder says that these do not answer."""
    now = web.parts.clock.now()
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        for camera in cameras:
            await owner.execute(
                "insert into camera_state (camera_id, agency_id, status, reason, since, said_at, recording, repaired)"
                " values (%s, %s, 'unreachable', 'It does not answer.', %s, %s, false, 0)",
                (inside("camera", camera["id"]), web.parts.agency, now, now + timedelta(minutes=5)),
            )


async def entries(owner_dsn: str, like: str) -> list[dict[str, Any]]:
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        rows = await owner.execute(
            "select e.leaf, p.payload from audit_entry e left join audit_payload p on p.entry_id = e.id"
            " where e.reason like %s and e.kind = 'effect' order by e.id",
            (like,),
        )
        return [json.loads(bytes(leaf)) | {"payload": payload} for leaf, payload in await rows.fetchall()]


def window(web: CenterWeb, **more: Any) -> dict[str, Any]:
    now = web.parts.clock.now()
    return {
        "from": rfc3339(now), "to": rfc3339(now + timedelta(hours=2)), "reason": "The switch is replaced",
    } | more  # fmt: skip


async def test_a_dead_switch_is_one_outage_and_none_while_work_on_it_is_planned(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        cameras = [await registered(web, f"C-{n}", network_switch="MDF-3") for n in range(3)]
        analyst, technician = await web.person("analyst"), await web.person("technician")
        await goes_down(owner_dsn, web, *cameras)
        said = (await analyst.get("/api/v1/camera-outages")).json()
        (outage,) = said["outages"]
        assert (said["down"], outage["title"], outage["down"], outage["of"]) == (3, "Switch MDF-3", 3, 3)

        assert (await analyst.post("/api/v1/maintenance-windows", json=window(web))).status_code == 403
        made = await technician.post("/api/v1/maintenance-windows", json=window(web, network_switch="MDF-3"))
        assert made.status_code == 201, made.text
        assert (made.json()["label"], made.json()["cameras"], made.json()["going_on"]) == (
            "Switch MDF-3",
            3,
            True,
        )
        said = (await analyst.get("/api/v1/camera-outages")).json()
        assert said == {"down": 0, "planned": 3, "outages": [], "tampered": []}
        state = (await analyst.get(f"/api/v1/cameras/{cameras[0]['id']}")).json()["state"]
        assert (state["level"], state["word"]) == ("standby", "planned work")
        assert state["reason"].endswith(": The switch is replaced")
        (listed,) = (await analyst.get("/api/v1/maintenance-windows")).json()["items"]
        assert listed == made.json()

        ended = await technician.post(f"/api/v1/maintenance-windows/{listed['id']}/end")
        assert ended.json()["over"] and (await analyst.get("/api/v1/camera-outages")).json()["down"] == 3
        again = await technician.post(f"/api/v1/maintenance-windows/{listed['id']}/end")
        assert (again.status_code, again.json()["detail"]) == (409, "This planned work is over.")
    planned, over = await entries(owner_dsn, "maintenance.%")
    assert (planned["cameras"], planned["payload"]["reason"]) == (3, "The switch is replaced")
    assert over["reason"] == "maintenance.ended"


ONE_OF_THEM = "Name cameras, or a switch, or a power feed: one of them."
REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ONE_OF_THEM),
    ({"network_switch": "a", "power_feed": "b"}, ONE_OF_THEM),
    ({"network_switch": "nobody's"}, "There is no such camera, or none on it."),
    ({"network_switch": "MDF-3", "reason": "x"}, "Say what is done, in 3 to 300 characters."),
    (
        {"network_switch": "MDF-3", "from": "2026-01-01T00:00:00Z"},
        "Work is planned before it begins; what is past cannot be planned.",
    ),
    (
        {"network_switch": "MDF-3", "to": "2099-01-01T00:00:00Z"},
        "Planned work ends after it begins, within seven days.",
    ),
)


async def test_work_that_cannot_be_planned_so_is_refused_in_words(center: CenterMaker, routers: Any) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        for changed, detail in REFUSED:
            answer = await technician.post("/api/v1/maintenance-windows", json=window(web, **changed))
            assert (answer.status_code, answer.json()["detail"]) == (422, detail)


async def test_a_device_is_replaced_by_who_may_and_with_model_and_reason(
    center: CenterMaker, routers: Any
) -> None:
    async with center(routers=routers) as web:
        path = f"/api/v1/cameras/{(await registered(web, 'Mill St'))['id']}/replace"
        technician, analyst = await web.person("technician"), await web.person("analyst")
        new = {"model": "Bosch 5100", "reason": "It freezes"}
        unsaid = await technician.post(path, json=new | {"model": " "})
        assert unsaid.json()["detail"] == "Say the new device's model, in 1 to 80 characters."
        unsaid = await technician.post(path, json=new | {"reason": ""})
        assert unsaid.json()["detail"] == "Say why it is replaced, in 3 to 200 characters."
        assert (await analyst.post(path, json=new)).status_code == 403


async def knows_its_device(owner_dsn: str, web: CenterWeb, camera: dict[str, Any]) -> None:
    """Its device was asked just now, and somebody acknowledged that it listens."""
    given = (inside("camera", camera["id"]), web.parts.agency, web.parts.clock.now())
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(
            "insert into camera_device (camera_id, agency_id, address, profile, manufacturer, model, firmware, serial, turns,"
            " answered_at, asked_at) values (%(1)s, %(2)s, 'http://10.0.0.5:80/onvif/device_service', '', '', 'Old 1', '', '',"
            " false, %(3)s, %(3)s)",
            dict(zip("123", given, strict=True)),
        )
        await owner.execute(
            "insert into camera_capability (camera_id, agency_id, capability, technology, later, found_at, acknowledged_at)"
            " values (%(1)s, %(2)s, 'audio', 'audio', false, %(3)s, %(3)s)",
            dict(zip("123", given, strict=True)),
        )


async def test_the_new_device_is_asked_at_once_and_nothing_is_acknowledged_of_it(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        camera, technician = await registered(web, "Mill St"), await web.person("technician")
        await knows_its_device(owner_dsn, web, camera)
        new = {"model": "Axis P3265", "reason": "Its glass is broken", "url": "rtsp://10.0.0.9/live"}
        assert (await technician.post(f"/api/v1/cameras/{camera['id']}/replace", json=new)).status_code == 200
        now = web.parts.clock.now()
        async with web.parts.door.open(
            Ask(process_actor(web.parts.agency, "sweep"), Need.DEVICE_WATCH)
        ) as tx:
            due = await onvif_store.take_due(tx, now - timedelta(days=1), now, 9)
            device = await onvif_store.device_of(tx, inside("camera", camera["id"]))
            left = await onvif_store.capabilities_of(tx, inside("camera", camera["id"]))
    assert due == [inside("camera", camera["id"])] and left == []
    # It is kept as one that answered before, so that what the new one can do is news; and asked where the new one is.
    assert device is not None and device.address == "http://10.0.0.9:80/onvif/device_service"


ANOTHER = {"model": "Axis P3265", "reason": "Its glass is broken", "url": "rtsp://10.0.0.9/live"}


async def test_another_device_keeps_the_cameras_history_and_gets_no_login_of_the_old_one(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        camera, technician = await registered(web, "Mill St"), await web.person("technician")
        path = f"/api/v1/cameras/{camera['id']}"
        await knows_its_device(owner_dsn, web, camera)
        new = ANOTHER | {"certificate": "AB" * 32}
        done = await technician.post(f"{path}/replace", json=new)
        assert done.status_code == 200, done.text
        assert (done.json()["id"], done.json()["name"]) == (camera["id"], "Mill St")
        assert not done.json()["has_login"] and done.json()["version"] == camera["version"] + 1
        assert done.json()["has_pin"]
        old = await technician.post(f"{path}/replace", json=new, headers={"If-Match": '"1"'})
        assert old.status_code == 412
        again = {
            "model": "Bosch 5100",
            "reason": "It freezes",
            "user": "root",
            "password": "hunter3-and-more",
        }
        other = (await technician.post(f"{path}/replace", json=again)).json()
        # What the certificate of the device before was known by is of no use for another's.
        assert other["has_login"] and not other["has_pin"] and not other["has_certificate"]
        devices = (await technician.get(f"{path}/replacements")).json()["devices"]
        assert [(one["model"], one["to"] is None) for one in devices] == [
            ("Bosch 5100", True), ("Axis P3265", False), ("Old 1", False),
        ]  # fmt: skip
        assert devices[1]["to"] == devices[0]["from"] and devices[0]["reason"] == "It freezes"
    first, second = await entries(owner_dsn, "camera.device_replaced")
    told = [(one["payload"]["model"], one["payload"]["model_before"]) for one in (first, second)]
    assert first["moved"] and told == [("Axis P3265", "Old 1"), ("Bosch 5100", "Axis P3265")]
    assert not second["moved"]
    assert [one["payload"]["certificate"] for one in (first, second)] == ["entered anew", "forgotten"]
    # An address or a password is in no log.
    assert "10.0.0" not in str([first, second]) and "hunter3" not in str([first, second])
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        row = await (await owner.execute("select camera_id, sealed from camera_secret")).fetchone()
    assert row is not None and VAULT.open(row[0], Sealed(bytes(row[1]))) == Login("root", "hunter3-and-more")
