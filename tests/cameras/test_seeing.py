"""Asking which cameras see a place, over HTTP; and the buildings that hide it, brought in from a file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cameras.test_registry import CAMERA
from tests.fixtures.center import CenterMaker, CenterParts
from tests.governance.test_cases import Later
from tests.places.footprints import WAREHOUSE, footprints
from watchfloor.cameras import api, seeing_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
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
        nowhere = await analyst.get(SEEING, params={"lat": 91, "lon": 0})
        assert (nowhere.status_code, nowhere.json()["kind"]) == (422, "invalid")


async def test_buildings_hide_what_is_behind_them_from_the_moment_they_are_in(
    center: CenterMaker, routers: Any, objects: Objects
) -> None:
    async with center(routers=routers) as web:
        technician, analyst = await web.person("technician"), await web.person("analyst")
        assert (await technician.post("/api/v1/cameras", json=CAMERA | {"range_m": 150})).status_code == 201

        async def seen() -> int:
            return int((await analyst.get(SEEING, params=PLACE)).json()["seeing"])

        none = await technician.get(BUILDINGS)
        assert (await seen(), none.status_code, none.json()["reason"]) == (1, 404, "no_buildings")
        refused = await analyst.put(BUILDINGS, params=AS_GEOJSON, content=footprints(WAREHOUSE))
        assert (refused.status_code, await seen()) == (403, 1)

        brought = await technician.put(BUILDINGS, params=AS_GEOJSON, content=footprints(WAREHOUSE))
        assert (brought.status_code, brought.json()["buildings"], await seen()) == (200, 1, 0)
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
