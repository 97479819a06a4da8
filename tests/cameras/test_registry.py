"""Cameras are entered by technicians, seen by all staff, and never give their credentials back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.fixtures.center import CenterMaker, CenterParts
from watchfloor.cameras import api, import_api
from watchfloor.cameras.address import Login, Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Sealed, Vault
from watchfloor.kit.errors import Unavailable

CAMERA: dict[str, Any] = {
    "name": "Mill St at 4th",
    "technology": "fixed_camera",
    "place": "Mill St at 4th",
    "lat": 38.63,
    "lon": -90.2,
    "heading_deg": 90,
    "field_deg": 84,
    "url": "rtsp://10.0.0.5/live",
    "user": "admin",
    "password": "hunter2-and-more",
}


@pytest.fixture
def routers(tmp_path: Path) -> Any:
    def made(parts: CenterParts) -> list[Any]:
        async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

        vault = Vault(b"v" * 32)
        cameras = Cameras(parts.door, parts.clock, vault, Networks.of("10.0.0.0/8"), news)
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [api.routes(CameraRoutes(cameras, live)), import_api.routes(cameras)]

    return made


async def test_a_camera_is_entered_seen_changed_and_removed(
    center: CenterMaker, routers: Any, owner_dsn: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        made = await technician.post("/api/v1/cameras", json=CAMERA)
        assert made.status_code == 201, made.text
        camera = made.json()
        path = f"/api/v1/cameras/{camera['id']}"
        assert camera["name"] == "Mill St at 4th" and camera["has_login"] and not camera["recording"]
        assert camera["state"]["word"] == "not recorded yet" and camera["authorisation"] is None
        assert camera["place"] == {"text": "Mill St at 4th", "lat": 38.63, "lon": -90.2}

        # Staff see it; nobody sees where it is reached or how.
        listed = await analyst.get("/api/v1/cameras")
        assert [item["id"] for item in listed.json()["items"]] == [camera["id"]]
        for secret in ("hunter2", "10.0.0.5", "admin"):
            assert secret not in made.text + listed.text
        assert (await analyst.post("/api/v1/cameras", json=CAMERA | {"name": "Another"})).status_code == 403
        assert (await technician.post("/api/v1/cameras", json=CAMERA)).json()["reason"] == "name_taken"

        # What is kept is sealed, and bound to this camera.
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            row = await (await connection.execute("select camera_id, sealed from camera_secret")).fetchone()
            assert row is not None and b"hunter2" not in bytes(row[1])
            assert Vault(b"v" * 32).open(row[0], Sealed(bytes(row[1]))) == Login("admin", "hunter2-and-more")
            with pytest.raises(Unavailable):
                Vault(b"v" * 32).open(UUID(int=1), Sealed(bytes(row[1])))
            audit = await (await connection.execute("select payload::text from audit_payload")).fetchall()
            assert "hunter2" not in str(audit) and "10.0.0.5" not in str(audit)

        # A change needs the version it was made on; fields left out stay.
        stale = await technician.patch(path, json={"name": "Mill St"}, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        changed = await technician.patch(path, json={"name": "Mill St"}, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert (
            changed.json()["name"] == "Mill St"
            and changed.json()["has_login"]
            and changed.json()["version"] == 2
        )
        assert changed.json()["heading_deg"] == 90

        # A login belongs to the address it was given for: a new address does not inherit it.
        moved = await technician.patch(path, json={"url": "rtsp://10.0.0.66/live"})
        assert moved.status_code == 200 and not moved.json()["has_login"]

        off = await technician.patch(path, json={"enabled": False})
        assert off.json()["state"]["word"] == "switched off"
        assert (await technician.delete(path)).status_code == 204
        assert (await analyst.get(path)).status_code == 404
        assert (await technician.post("/api/v1/cameras", json=CAMERA)).status_code == 201
    out, err = capfd.readouterr()
    assert "hunter2" not in out + err


async def test_how_wide_and_far_a_camera_sees_is_said_changed_and_taken_back(
    center: CenterMaker, routers: Any
) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        made = (await technician.post("/api/v1/cameras", json=CAMERA)).json()
        assert (made["field_deg"], made["range_m"]) == (84, None)
        path = f"/api/v1/cameras/{made['id']}"
        seen = (await technician.patch(path, json={"range_m": 45, "field_deg": None})).json()
        assert (seen["heading_deg"], seen["field_deg"], seen["range_m"], seen["version"]) == (90, None, 45, 2)
        await _what_hangs_where_is_kept(technician, made, path)


async def _what_hangs_where_is_kept(technician: Any, made: dict[str, Any], path: str) -> None:
    # Kind and technology say one thing: what is said of one decides the other.
    assert (made["kind"], made["night"], made["footage_kept"], made["mount"]) == (
        "municipal",
        "unknown",
        "here",
        None,
    )
    shop = {
        "kind": "business",
        "mount": "Wall",
        "height_m": 4.5,
        "night": "low light",
        "network_switch": "SW-12",
        "power_feed": "Feeder 3",
        "external_id": "GIS-118",
    }
    kept = (await technician.patch(path, json=shop)).json()
    assert (kept["technology"], kept["night"], kept["mount"]) == ("private_camera_link", "low_light", "wall")
    assert (kept["owner_text"], kept["network_switch"], kept["height_m"]) == ("", "SW-12", 4.5)
    # Who owns a private camera is nothing that all staff read; of a public one it is.
    named = await technician.patch(path, json={"owner_text": "R. Alvarez"})
    assert (named.status_code, named.json()["reason"]) == (422, "owner_text")
    public = {"kind": "municipal", "owner_text": " Parks\nDepartment "}
    assert (await technician.patch(path, json=public)).json()["owner_text"] == "Parks Department"
    assert (await technician.patch(path, json=shop)).json()["reason"] == "owner_text"
    assert (await technician.patch(path, json=shop | {"owner_text": ""})).status_code == 200
    # A field left out stays, one that is null goes; a private camera may be of two kinds, and stays what it was.
    again = (
        await technician.patch(path, json={"technology": "private_camera_link", "power_feed": None})
    ).json()
    assert (again["kind"], again["power_feed"], again["external_id"]) == ("business", None, "GIS-118")
    twin = await technician.post("/api/v1/cameras", json=CAMERA | {"name": "Twin", "external_id": "GIS-118"})
    assert twin.status_code == 409 and "GIS-118" in twin.json()["detail"]


async def test_a_sub_stream_is_on_the_cameras_host_and_goes_with_it(
    center: CenterMaker, routers: Any, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        made = (
            await technician.post("/api/v1/cameras", json=CAMERA | {"sub_url": "rtsp://10.0.0.5/sub"})
        ).json()
        path = f"/api/v1/cameras/{made['id']}"

        async def after(**change: Any) -> tuple[bool, bool, object]:
            said = (await technician.patch(path, json=change)).json()
            async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
                row = await (await connection.execute("select sub_address from camera")).fetchone()
            assert row is not None
            return said["has_sub_stream"], said["has_login"], row[0]

        assert made["has_sub_stream"] and "10.0.0.5" not in str(made)
        assert await after(name="Mill St") == (True, True, "rtsp://10.0.0.5/sub")
        assert await after(sub_url="rtsp://10.0.0.5:8554/small") == (True, True, "rtsp://10.0.0.5:8554/small")
        assert await after(url="rtsp://10.0.0.5/other") == (True, False, "rtsp://10.0.0.5:8554/small")
        assert await after(sub_url="") == (False, False, None)
        assert await after(sub_url="rtsp://10.0.0.5/sub") == (True, False, "rtsp://10.0.0.5/sub")
        assert await after(url="rtsp://10.0.0.6/main") == (False, False, None), "a new host forgets it"
        await _how_it_is_carried(technician, path, owner_dsn)


async def _how_it_is_carried(technician: Any, path: str, owner_dsn: str) -> None:
    """Over what, and by which certificate: said, left, forgotten with the host; the certificate itself is not told."""
    pin = ":".join(["AB"] * 32)

    async def after(**change: Any) -> tuple[str, bool, object]:
        said = (await technician.patch(path, json=change)).json()
        assert pin not in str(said)
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            row = await (await connection.execute("select transport, certificate from camera")).fetchone()
        assert row is not None and row[0] == said["transport"]
        return said["transport"], said["has_certificate"], row[1]

    assert await after(name="Mill St") == ("tcp", False, None)
    assert await after(transport="UDP") == ("udp", False, None)
    assert await after(name="Mill St 4") == ("udp", False, None)
    assert await after(url="rtsps://10.0.0.6/main", certificate=pin.lower()) == ("tcp", True, pin)
    assert await after(name="Mill St") == ("tcp", True, pin)
    assert await after(url="rtsps://10.0.0.7/main") == ("tcp", False, None)


SAID: dict[str, str] = {
    "rtsp://127.0.0.1/x": "That address is in none of the networks set for cameras.",
    "rtsp://169.254.169.254/latest": "That address is in none of the networks set for cameras.",
    "rtsp://localhost/x": "That address is in none of the networks set for cameras.",
    "http://10.0.0.5/x": "A camera's address begins with rtsp:// or rtsps://.",
    "rtsp://no-such-host.invalid/x": "The name in the address leads nowhere.",
}

IMPOSSIBLE: list[tuple[dict[str, Any], str | None]] = [
    ({"url": "rtsp://127.0.0.1/x"}, "address_refused"),
    ({"url": "rtsp://169.254.169.254/latest"}, "address_refused"),
    ({"url": "rtsp://192.168.0.9/x"}, "address_refused"),
    ({"url": "rtsp://localhost/x"}, "address_refused"),
    ({"url": "http://10.0.0.5/x"}, "url"),
    ({"url": "rtsp://no-such-host.invalid/x"}, "url"),
    ({"url": None}, "url"),
    ({"technology": "acoustic_array"}, "technology"),
    ({"technology": "face_recognition"}, "entry"),
    ({"lat": 91}, "entry"),
    ({"lat": None}, "place"),
    ({"name": " "}, "name"),
    ({"place": ""}, "place"),
    ({"heading_deg": 400}, "heading_deg"),
    ({"field_deg": 0}, "field_deg"),
    ({"field_deg": 361}, "field_deg"),
    ({"range_m": -5}, "range_m"),
    ({"range_m": 2001}, "range_m"),
    ({"kind": "drone"}, "kind"),
    ({"kind": "body", "technology": "fixed_camera"}, "kind"),
    ({"kind": "residential"}, "kind"),
    ({"technology": None}, "technology"),
    ({"mount": "cloud"}, "mount"),
    ({"height_m": 0}, "height_m"),
    ({"height_m": 301}, "height_m"),
    ({"night": "moonlight"}, "night"),
    ({"footage_kept": "at_site"}, "footage_kept"),
    ({"footage_kept": "elsewhere"}, "footage_kept"),
    ({"owner_text": "x" * 121}, "owner_text"),
    ({"network_switch": "SW\x00"}, "network_switch"),
    ({"power_feed": "x" * 61}, "power_feed"),
    ({"external_id": "\u202e1"}, "external_id"),
    ({"user": "x" * 101}, None),
    ({"user": None}, "user"),
    ({"sub_url": "rtsp://10.0.0.6/sub"}, "sub_url"),
    ({"sub_url": "http://10.0.0.5/sub"}, "sub_url"),
    ({"transport": "pigeon"}, "transport"),
    ({"url": "rtsps://10.0.0.5/live", "transport": "udp"}, "transport"),
    ({"url": "rtsps://10.0.0.5/live", "certificate": "AB"}, "certificate"),
    ({"url": "edge://yard", "user": None, "password": None, "transport": "udp"}, "transport"),
    ({"sub_url": "rtsp://u:hunter2@10.0.0.5/sub"}, "sub_url"),
]


async def test_an_entry_that_cannot_be_is_refused_with_its_reason(center: CenterMaker, routers: Any) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        for change, reason in IMPOSSIBLE:
            answer = await technician.post("/api/v1/cameras", json=CAMERA | change)
            assert answer.status_code == 422, (change, answer.text)
            assert reason in (None, answer.json()["reason"]), (change, answer.text)
            if (url := change.get("url")) in SAID:
                assert answer.json()["detail"] == SAID[url]
            assert "hunter2" not in answer.text
        assert (await technician.get("/api/v1/cameras")).json()["items"] == []


async def test_a_camera_that_nobody_has_is_not_found(center: CenterMaker, routers: Any) -> None:
    async with center(routers=routers) as web:
        technician = await web.person("technician")
        path = "/api/v1/cameras/cam_00000000000000000000000007"
        missing = await technician.get(path)
        assert (missing.status_code, missing.json()["detail"]) == (404, "There is no such camera.")
        assert (await technician.get("/api/v1/cameras/cam_x")).status_code == 422
        assert (await technician.patch(path, json={"name": "x"})).status_code == 404
        assert (await technician.delete(path)).status_code == 404
