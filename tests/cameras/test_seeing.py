"""Asking which cameras see a place, over HTTP; and the buildings that hide it, brought in from a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.cameras.test_registry import CAMERA
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.governance.test_cases import Later
from tests.places.footprints import WAREHOUSE, footprints
from watchfloor.cameras import api, dwelling_api, seeing_api, sight_api, store
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.dwelling_budget import Budget, none_exported
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.places import buildings_api
from watchfloor.places.skyline import Skyline
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects

SEEING, BUILDINGS = "/api/v1/cameras/seeing", "/api/v1/map/buildings"
# A hundred metres east of the camera, which looks east.
PLACE = {"lat": 38.63, "lon": -90.19885}
AS_GEOJSON = {"name": "Assessor's footprints", "form": "geojson", "attribution": "City of Rivermouth"}


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(ObjectSettings(), tmp_path / "objects")


AGAIN_AFTER = timedelta(seconds=30)


@pytest.fixture
def routers(objects: Objects) -> Any:
    def made(parts: CenterParts) -> list[Any]:
        async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

        cameras = Cameras(parts.door, parts.clock, Vault(b"v" * 32), Networks.of("10.0.0.0/8"), news)
        skyline = Skyline(parts.door, objects, again_after=AGAIN_AFTER)
        live = Live(finder(parts.door), b"t" * 32, parts.clock)
        return [
            seeing_api.routes(parts.door, skyline),
            sight_api.routes(parts.door, skyline),
            dwelling_api.routes(parts.door, Budget(parts.door, timedelta(hours=2), none_exported), skyline),
            api.routes(CameraRoutes(cameras, live)),
            buildings_api.routes(skyline),
        ]

    return made


async def test_the_cameras_that_see_a_place_are_told_with_the_reason(
    center: CenterMaker, routers: Any
) -> None:
    async with center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        views: tuple[dict[str, Any], ...] = (
            {"range_m": 150},
            {"range_m": 50},
            {"range_m": 150, "heading_deg": 270},
            {"field_deg": None},
        )
        for number, view in enumerate(views):
            made = await technician.post(
                "/api/v1/cameras", json=CAMERA | view | {"name": f"Mill St {number}"}
            )
            assert made.status_code == 201, made.text
        off = CAMERA | {"name": "Off", "range_m": 150, "enabled": False}
        assert (await technician.post("/api/v1/cameras", json=off)).status_code == 201
        answer = (await analyst.get(SEEING, params=PLACE)).json()
        assert [(one["name"], one["distance_m"], one["visibility"]) for one in answer["cameras"]] == [
            ("Mill St 0", 100, "sees"),
            ("Mill St 3", 100, "may_see"),
            ("Mill St 1", 100, "near"),
        ]
        assert answer["seeing"] == 2 and answer["cameras"][0]["why"] == "It looks there from 100 m away."
        assert len((await analyst.get(SEEING, params=PLACE | {"most": 1})).json()["cameras"]) == 1
        await _from_far_away(technician, analyst)
        nowhere = await analyst.get(SEEING, params={"lat": 91, "lon": 0})
        assert (nowhere.status_code, nowhere.json()["kind"]) == (422, "invalid")


async def _from_far_away(technician: Any, analyst: Any) -> None:
    """Those alone are of use that see so far; over the 180th meridian, too."""
    for name, reach in (("Tower", 2000), ("Mast", 1000)):
        far = {"name": name, "lat": 38.643, "lon": -90.19885, "heading_deg": 180, "range_m": reach}
        assert (await technician.post("/api/v1/cameras", json=CAMERA | far)).status_code == 201
    answer = (await analyst.get(SEEING, params=PLACE)).json()
    assert (
        answer["seeing"] == 3
        and {one["name"]: one["distance_m"] for one in answer["cameras"]}["Tower"] == 1446
    )
    assert "Mast" not in {one["name"] for one in answer["cameras"]}
    fiji = {"name": "Quay", "lat": -16.8, "lon": 179.9995, "heading_deg": 90, "range_m": 150}
    assert (await technician.post("/api/v1/cameras", json=CAMERA | fiji)).status_code == 201
    (beyond,) = (await analyst.get(SEEING, params={"lat": -16.8, "lon": -179.9996})).json()["cameras"]
    assert (beyond["name"], beyond["visibility"], beyond["distance_m"]) == ("Quay", "sees", 96)


async def test_buildings_hide_what_is_behind_them_from_the_moment_they_are_in(
    center: CenterMaker, routers: Any, objects: Objects, owner_dsn: str
) -> None:
    async with center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        made = await technician.post("/api/v1/cameras", json=CAMERA | {"range_m": 150})
        assert made.status_code == 201
        area = f"/api/v1/cameras/{made.json()['id']}/visible-area"
        before = (await analyst.get(area)).json()
        assert (before["hidden"], before["assumed"]) == (0, False)

        async def seen() -> int:
            return int((await analyst.get(SEEING, params=PLACE)).json()["seeing"])

        none = await technician.get(BUILDINGS)
        assert (await seen(), none.status_code, none.json()["reason"]) == (1, 404, "no_buildings")
        refused = await analyst.put(BUILDINGS, params=AS_GEOJSON, content=footprints(WAREHOUSE))
        assert (refused.status_code, await seen()) == (403, 1)

        brought = await technician.put(BUILDINGS, params=AS_GEOJSON, content=footprints(WAREHOUSE))
        assert (brought.status_code, brought.json()["buildings"], await seen()) == (200, 1, 0)
        behind = (await analyst.get(area)).json()
        assert behind["hidden"] > 0.1 and behind["square_m"] < before["square_m"]
        await _nobody_looks_there(web, technician, analyst, made.json()["id"])
        bad = await technician.put(BUILDINGS, params=AS_GEOJSON, content=b"{}")
        unnamed = await technician.put(
            BUILDINGS, params=AS_GEOJSON | {"name": " "}, content=footprints(WAREHOUSE)
        )
        assert (bad.status_code, bad.json()["reason"], unnamed.json()["reason"]) == (
            422,
            "bad_map_file",
            "name",
        )
        assert (await technician.get(BUILDINGS)).json() == brought.json() and await seen() == 0

        elsewhere = [[lon + 0.1, lat] for lon, lat in WAREHOUSE]
        assert (await technician.put(BUILDINGS, params=AS_GEOJSON, content=footprints(elsewhere))).is_success
        kept = [stored.key async for stored in objects.listed("buildings")]
        assert (await seen(), len(kept)) == (1, 1)
        await _looks_mostly_at_a_home(web, technician, made.json()["id"], owner_dsn)


async def _looks_mostly_at_a_home(web: CenterWeb, technician: Any, camera: str, owner_dsn: str) -> None:
    """Once footprints say which buildings are dwellings it is told who looks at one that nobody marked, until somebody does."""
    auditor = await web.person("auditor")

    async def told() -> Any:
        said = (await auditor.get("/api/v1/dwelling-views")).json()
        return said["unmarked_known"], said["unmarked_in_all"], said["unmarked"]

    assert await told() == (False, 0, []), "this city's file says no kinds"
    across = [[-90.1998, 38.6297], [-90.1997, 38.6297], [-90.1997, 38.6303], [-90.1998, 38.6303]]
    home = footprints([*across, across[0]], kind="house")
    assert (await technician.put(BUILDINGS, params=AS_GEOJSON, content=home)).is_success
    assert await told() == (
        True,
        1,
        [{"camera": camera, "camera_name": CAMERA["name"], "percent": 100}],
    )
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(
            "insert into dwelling_view (camera_id, agency_id, preset, dwelling, marked_by, marked_at)"
            " select id, agency_id, '', '12 Elm St', created_by, created_at from camera where id = %s",
            (inside("camera", camera),),
        )
    assert await told() == (True, 0, [])


async def _nobody_looks_there(web: CenterWeb, technician: Any, analyst: Any, camera: str) -> None:
    """What no live camera sees around the place, before and after one sends pictures; and what could be moved there."""
    blind = "/api/v1/cameras/blind-area"
    dark = (await analyst.get(blind, params=PLACE)).json()
    assert (dark["share"], dark["cameras"], dark["movable"]) == (1, 0, [])
    trailer = {"name": "Trailer 2", "technology": "mobile_trailer", "lat": 38.64, "heading_deg": None}
    assert (await technician.post("/api/v1/cameras", json=CAMERA | trailer)).status_code == 201
    said: dict[str, object] = {
        "camera": inside("camera", camera), "status": "live", "reason": "", "since": web.parts.clock.now(), "recording": True,
        "last_frame_at": web.parts.clock.now(), "skew_ms": 0, "width": 1920, "height": 1080, "mime": "video/mp4", "repaired": 0,
    }  # fmt: skip
    async with web.parts.door.open(Ask(process_actor(web.parts.agency, "record"), Need.CAMERA_STATE)) as tx:
        await store.say(tx, [said])
    seen = (await analyst.get(blind, params=PLACE | {"radius_m": 100})).json()
    assert seen["cameras"] == 1 and 0.5 < seen["share"] < 1 and seen["unseen"]
    assert [(one["name"], one["live"]) for one in seen["movable"]] == [("Trailer 2", False)]
    nowhere = await analyst.get(f"/api/v1/cameras/{seen['movable'][0]['camera']}/visible-area")
    assert (nowhere.status_code, nowhere.json()["reason"]) == (404, "no_heading")
    assert (await analyst.get(blind, params=PLACE | {"radius_m": 501})).status_code == 422


async def test_buildings_whose_file_is_gone_hide_nothing_and_are_tried_again_by_and_by(
    center: CenterMaker, routers: Any, objects: Objects, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = Later()
    async with center(routers=routers, clock=clock) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        assert (await technician.post("/api/v1/cameras", json=CAMERA | {"range_m": 150})).status_code == 201
        assert (await technician.put(BUILDINGS, params=AS_GEOJSON, content=footprints(WAREHOUSE))).is_success
        (key,) = [stored.key async for stored in objects.listed("buildings")]
        content = await objects.get(key)
        await objects.delete(key)
        assert (await analyst.get(SEEING, params=PLACE)).json()["seeing"] == 1
        assert "the buildings cannot be used" in capfd.readouterr().out
        await objects.put(key, content)
        # Lists that people watch ask every two seconds: a file that cannot be read is not fetched each time.
        assert (await analyst.get(SEEING, params=PLACE)).json()["seeing"] == 1
        assert "the buildings cannot be used" not in capfd.readouterr().out
        clock.ahead = AGAIN_AFTER
        assert (await analyst.get(SEEING, params=PLACE)).json()["seeing"] == 0
