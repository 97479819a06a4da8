"""A technician finds a camera, tries a login, adds it, and is told when its device can do more than before."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.cameras.certificates import Made, made
from tests.cameras.onvif.device import NAME, REACH, WORD, a_device
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.maintenance_store import replace_device
from watchfloor.cameras.onvif import api as devices_api
from watchfloor.cameras.onvif import keep
from watchfloor.cameras.onvif.find import Finder
from watchfloor.cameras.onvif.model import device_address, service_at
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor_sim.onvif.discovery import Responder
from watchfloor_sim.onvif.faults import Fault
from watchfloor_sim.onvif.server import DeviceServer

CITY = made("City Cameras", authority=True)
HERE = Networks.of("127.0.0.1/32")


NOTHING: dict[str, Any] = {"device": None, "through": None, "cannot": [], "notices": [], "capabilities": []}


def _cameras(parts: CenterParts) -> Cameras:
    async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

    return Cameras(parts.door, parts.clock, Vault(b"v" * 32), HERE, news)


@pytest.fixture
def routers() -> Any:
    def made(parts: CenterParts, port: int = 9) -> list[Any]:
        cameras = _cameras(parts)
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [
            devices_api.routes(Finder(cameras, REACH, port, 0.2)),
            api.routes(CameraRoutes(cameras, live)),
        ]

    return made


def entry(facts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The camera that a technician makes of what a device said."""
    urls = {profile["token"]: profile["url"] for profile in facts["profiles"]}
    return {
        "name": "Mill St at 4th",
        "technology": "fixed_camera",
        "place": "Mill St at 4th",
        "lat": 38.63,
        "lon": -90.2,
        "url": urls[facts["main"]],
        "sub_url": urls[facts["sub"]],
        "user": NAME,
        "password": WORD,
    } | changes


async def test_a_camera_is_found_tried_and_added(
    center: CenterMaker, routers: Any, owner_dsn: str, capfd: pytest.CaptureFixture[str]
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server:
        ear = await Responder.start(server.url)
        async with center(routers=lambda parts: routers(parts, ear.port)) as web:
            technician, analyst = await web.person("technician"), await web.person("analyst")
            assert (await technician.get("/api/v1/cameras/networks")).json() == {"networks": ["127.0.0.1/32"]}
            search = {"network": "127.0.0.1"}
            assert (await analyst.post("/api/v1/cameras/discoveries", json=search)).status_code == 403
            found = (await technician.post("/api/v1/cameras/discoveries", json=search)).json()
            assert found["asked"] == 1 and [one["address"] for one in found["items"]] == [server.url]
            assert found["items"][0]["name"] == "River Optics" and found["items"][0]["known"] == []

            ask = {"address": server.url, "user": NAME, "password": "wrong"}
            refused = await technician.post("/api/v1/cameras/probes", json=ask)
            assert (refused.status_code, refused.json()["reason"]) == (422, "login_refused")
            answer = await technician.post("/api/v1/cameras/probes", json=ask | {"password": WORD})
            facts = answer.json()
            assert answer.status_code == 200 and WORD not in answer.text
            assert (facts["main"], facts["sub"], facts["turns"]) == ("main", "sub", True)
            assert facts["presets"] == ["Door", "Gate"]

            camera = (await technician.post("/api/v1/cameras", json=entry(facts))).json()
            assert camera["has_login"] and camera["has_sub_stream"]
            path = f"/api/v1/cameras/{camera['id']}/device"
            assert (await analyst.get(path)).json() == NOTHING
            kept = await technician.post(path, json={"address": server.url})
            assert kept.json()["device"]["serial"] == "RO20-000117", kept.text
            # The login goes to the camera's own host, whatever address is typed.
            elsewhere = await technician.post(path, json={"address": "http://127.0.0.9/onvif/device_service"})
            assert (elsewhere.status_code, elsewhere.json()["reason"]) == (422, "address")

            again = (await technician.post("/api/v1/cameras/discoveries", json=search)).json()
            assert [one["name"] for one in again["items"][0]["known"]] == ["Mill St at 4th"]
            await _nothing_kept(owner_dsn)
        ear.stop()
    out, err = capfd.readouterr()
    assert WORD not in out + err


async def _nothing_kept(owner_dsn: str) -> None:
    """Neither the log nor what is kept of answers holds the password."""
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        for sql in ("select payload::text from audit_payload", "select idempotency::text from idempotency"):
            assert WORD not in str(await (await connection.execute(sql)).fetchall())


async def test_a_device_asked_over_https_proves_who_it_is_before_it_hears_a_word(
    center: CenterMaker, routers: Any, tmp_path: Path, owner_dsn: str
) -> None:
    own, other = made("camera-17"), made("camera-17")
    async with (
        DeviceServer.running(a_device(), tls=own.shown(tmp_path)) as server,
        DeviceServer.running(a_device(), tls=made("127.0.0.1", CITY).shown(tmp_path)) as vouched,
        center(routers=routers) as web,
    ):
        technician = await web.person("technician")
        ask = {"address": server.url, "user": NAME, "password": WORD}
        for known, says in (
            (None, "(it is signed by itself)"),
            (other.fingerprint, "another certificate than the one"),
        ):
            refused = await technician.post("/api/v1/cameras/probes", json=ask | {"certificate": known})
            assert (refused.status_code, refused.json()["reason"]) == (422, "certificate_not_trusted")
            assert says in refused.json()["detail"] and own.fingerprint in refused.json()["detail"]
        assert server.device.asked == []
        facts = (
            await technician.post("/api/v1/cameras/probes", json=ask | {"certificate": own.fingerprint})
        ).json()
        assert facts["model"] == "RO-20 dome", facts
        city = {"address": vouched.url, "certificate": CITY.pem}
        assert (await technician.post("/api/v1/cameras/probes", json=ask | city)).json()[
            "model"
        ] == "RO-20 dome"

        await _known_by_the_cameras_own(web, owner_dsn, server, own, other, facts)


async def _known_by_the_cameras_own(
    web: CenterWeb, owner_dsn: str, server: DeviceServer, own: Made, other: Made, facts: dict[str, Any]
) -> None:
    """The camera's certificate is what its device is known by, though its stream is in the clear."""
    technician = await web.person("technician")
    camera = (await technician.post("/api/v1/cameras", json=entry(facts, certificate=own.fingerprint))).json()
    path = f"/api/v1/cameras/{camera['id']}"
    assert (await technician.post(f"{path}/device", json={"address": server.url})).status_code == 200
    asked = len(server.device.asked)
    await technician.patch(path, json={"certificate": other.fingerprint})
    await _is_due(owner_dsn)
    assert await keep.ask_due(_cameras(web.parts), REACH, web.parts.agency) == 1
    problem = (await technician.get(f"{path}/device")).json()["device"]["problem"]
    assert own.fingerprint in problem and "is not opened" in problem
    assert len(server.device.asked) == asked


def test_a_device_under_tls_sends_nobody_back_to_what_is_in_the_clear() -> None:
    device = device_address("https://10.0.0.5:8443", "AB:01")
    for said in ("http://10.0.0.5/onvif/ptz", "http://10.0.0.9/onvif/ptz"):
        there, remark = service_at(device, said)
        assert str(there) == "https://10.0.0.5:8443/onvif/ptz" and there.certificate == "AB:01"
        assert remark is not None and "is asked" in remark
    there, remark = service_at(device, "https://10.0.0.5/onvif/ptz")
    assert (str(there), there.certificate, remark) == ("https://10.0.0.5/onvif/ptz", "AB:01", None)


async def test_what_a_device_can_do_since_lately_is_off_told_and_acknowledged_under_an_authorisation(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    device = a_device(analytics=["tt:CellMotionEngine"])
    async with DeviceServer.running(device) as server, center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        facts = await _asked(technician, server)
        camera = (await technician.post("/api/v1/cameras", json=entry(facts))).json()
        path = f"/api/v1/cameras/{camera['id']}"
        first = (await technician.post(f"{path}/device", json={"address": server.url})).json()
        assert [(one["capability"], one["later"]) for one in first["capabilities"]] == [
            ("CellMotionEngine", False)
        ]
        changes = "/api/v1/cameras/capability-changes"
        assert (await analyst.get(changes)).json()["items"] == []

        # A new firmware reads plates and listens; the daily look notices both.
        device.analytics, device.audio = ["tt:CellMotionEngine", "acme:LicensePlate"], True
        device.make = type(device.make)(firmware="5.0.0")
        await _is_due(owner_dsn)
        assert await keep.ask_due(_cameras(web.parts), REACH, web.parts.agency) == 1
        assert await keep.ask_due(_cameras(web.parts), REACH, web.parts.agency) == 0
        told = (await analyst.get(changes)).json()["items"]
        assert {(one["capability"], one["technology"]) for one in told} == {
            ("audio", "audio"),
            ("LicensePlate", "plate_reading_on_video"),
        }
        assert told[0]["camera"]["name"] == "Mill St at 4th"
        one = (await analyst.get(changes, params={"limit": 1})).json()
        rest = (await analyst.get(changes, params={"limit": 1, "after": one["next"]})).json()
        assert [*one["items"], *rest["items"]] == told and rest["next"] is None
        await _acknowledges(web, technician, analyst, path)
        left = (await analyst.get(changes)).json()["items"]
        assert [one["capability"] for one in left] == ["audio"]


async def _acknowledges(
    web: CenterWeb, technician: httpx.AsyncClient, analyst: httpx.AsyncClient, path: str
) -> None:
    """Only under an authorisation of that technology, and by who may."""
    url, what = f"{path}/capabilities/acknowledge", {"capability": "LicensePlate"}
    assert (await analyst.post(url, json=what)).status_code == 403
    refused = await technician.post(url, json=what)
    entry = await web.kept_refusal(refused)
    assert entry["reason"] == "no_authorisation" and "plate reading on video" in refused.json()["detail"]
    approval = await web.authorise("plate_reading_on_video")
    done = await technician.post(url, json=what)
    assert done.status_code == 200, done.text
    can = {one["capability"]: one for one in done.json()["capabilities"]}
    assert can["LicensePlate"]["acknowledged_at"] is not None and can["audio"]["acknowledged_at"] is None
    assert (can["LicensePlate"]["off"], can["audio"]["off"]) == (None, "Nobody has acknowledged it.")
    assert (await technician.post(url, json=what)).status_code == 409
    assert (await technician.post(url, json={"capability": "no plate"})).status_code == 404
    # It is on for as long as that authorisation is in force, and no longer.
    over = await (await web.person("supervisor")).post(
        f"/api/v1/authorisations/{approval}/suspend", json={"reason": "a complaint"}
    )
    assert over.status_code == 200, over.text
    device = (await technician.get(f"{path}/device")).json()
    (plates,) = (one for one in device["capabilities"] if one["capability"] == "LicensePlate")
    assert plates["off"].endswith("is suspended.") and plates["acknowledged_at"] is not None


async def test_what_a_replacement_can_do_is_a_change_and_it_is_asked_at_once(
    center: CenterMaker, routers: Any
) -> None:
    device = a_device(analytics=["tt:CellMotionEngine"])
    async with DeviceServer.running(device) as server, center(routers=routers) as web:
        technician = await web.person("technician")
        facts = await _asked(technician, server)
        camera = (await technician.post("/api/v1/cameras", json=entry(facts))).json()
        path = f"/api/v1/cameras/{camera['id']}/device"
        await technician.post(path, json={"address": server.url})
        device.analytics = ["tt:CellMotionEngine", "acme:LicensePlate"]
        ask = Ask(process_actor(web.parts.agency, "serve"), Need.CAMERA_STATE)
        async with web.parts.door.open(ask) as tx:
            which = inside("camera", camera["id"])
            assert (
                await replace_device(tx, which, "RO-30", "127.0.0.1", "it broke", "T. Wren") == "RO-20 dome"
            )
        assert (await technician.get(path)).json()["device"]["problem"] == "The new device was not asked yet."
        assert await keep.ask_due(_cameras(web.parts), REACH, web.parts.agency) == 1
        changes = (await technician.get("/api/v1/cameras/capability-changes")).json()["items"]
        assert {one["capability"] for one in changes} == {"CellMotionEngine", "LicensePlate"}


async def test_a_device_that_stops_answering_keeps_what_it_said_and_says_why(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    device = a_device()
    async with DeviceServer.running(device) as server, center(routers=routers) as web:
        technician = await web.person("technician")
        facts = await _asked(technician, server)
        camera = (await technician.post("/api/v1/cameras", json=entry(facts))).json()
        path = f"/api/v1/cameras/{camera['id']}/device"
        assert (await technician.post(path, json={})).json()["reason"] == "no_device"
        await technician.post(path, json={"address": server.url})
        device.faults = {Fault.GARBAGE}
        await _is_due(owner_dsn)
        assert await keep.ask_due(_cameras(web.parts), REACH, web.parts.agency) == 1
        kept = (await technician.get(path)).json()["device"]
        assert kept["problem"] == "What the device answers is no ONVIF." and kept["model"] == "RO-20 dome"


async def _asked(technician: httpx.AsyncClient, server: DeviceServer) -> dict[str, Any]:
    ask = {"address": server.url, "user": NAME, "password": WORD}
    facts: dict[str, Any] = (await technician.post("/api/v1/cameras/probes", json=ask)).json()
    return facts


async def _is_due(owner_dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute("update camera_device set asked_at = asked_at - interval '25 hours'")
