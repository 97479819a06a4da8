"""The map as a browser asks for it: what there is to draw, and the basemap's file in parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.places.archive import ATTRIBUTION, archive
from watchfloor.cameras import api as camera_api
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.kit.errors import OutOfRange
from watchfloor.places import api as place_api
from watchfloor.places import map_api
from watchfloor.places.atlas import Atlas
from watchfloor.places.basemaps import FOLDER, Basemaps
from watchfloor.places.map_api import MEDIA_TYPE, wanted
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects

CITY = archive()
AREA = [-90.21, 38.61, -90.18, 38.65]
STREETS = "/api/v1/map/streets.geojson"
BASEMAP, FILE = "/api/v1/map/basemap", "/api/v1/map/basemap.pmtiles"
STREET = (
    b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Mill St"}, "geometry":'
    b' {"type": "LineString", "coordinates": [[-90.3, 38.5], [-90.2, 38.7]]}}]}'
)
CAMERA = {
    "name": "Mill St at 5th",
    "technology": "fixed_camera",
    "place": "Mill St at 5th",
    "lat": 38.63,
    "lon": -90.2,
    "url": "rtsp://10.0.0.5/live",
}
EVERYBODY = (
    "analyst", "detective", "supervisor", "officer", "technician", "administrator", "clerk", "auditor",
)  # fmt: skip


@dataclass
class Town:
    """A center with streets, cameras and a map."""

    web: CenterWeb
    objects: Objects

    async def bring(
        self,
        data: bytes = CITY,
        *,
        by: str = "technician",
        media_type: str = MEDIA_TYPE,
        attribution: str = "",
    ) -> httpx.Response:
        person = await self.web.person(by)
        return await person.put(
            BASEMAP, content=data, headers={"Content-Type": media_type}, params={"attribution": attribution}
        )

    async def map(self, by: str = "analyst") -> dict[str, Any]:
        answer = await (await self.web.person(by)).get("/api/v1/map")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def file(self, **headers: str) -> httpx.Response:
        return await (await self.web.person("analyst")).get(
            FILE, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    async def files(self) -> list[str]:
        prefix = f"{FOLDER}/{self.web.parts.agency}"
        return [stored.key.rsplit("/", 1)[-1] async for stored in self.objects.listed(prefix)]


@pytest_asyncio.fixture
async def town(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Town]:
    objects = Objects(ObjectSettings(), tmp_path / "objects")

    async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

    def routers(parts: CenterParts) -> list[APIRouter]:
        cameras = Cameras(parts.door, parts.clock, Vault(b"v" * 32), Networks.of("10.0.0.0/8"), news)
        return [
            place_api.routes(Atlas(parts.door, objects)),
            map_api.routes(Basemaps(parts.door, objects, camera_store.reach)),
            camera_api.routes(CameraRoutes(cameras, Live(finder(parts.door), b"t" * 32, parts.clock))),
        ]

    async with center(routers=routers) as web:
        yield Town(web, objects)


async def test_a_center_without_anything_has_nothing_to_draw(town: Town) -> None:
    assert await town.map() == {"basemap": None, "streets": None, "bounds": None}
    missing = await town.file()
    assert (missing.status_code, missing.json()["reason"]) == (404, "no_basemap")


async def test_the_area_to_show_is_the_cameras_then_the_streets_then_the_basemaps(town: Town) -> None:
    technician = await town.web.person("technician")
    assert (await technician.post("/api/v1/cameras", json=CAMERA)).status_code == 201
    found = await town.map()
    assert found["basemap"] is None
    assert found["bounds"] == pytest.approx([-90.205, 38.625, -90.195, 38.635])
    query = {"name": "The town", "form": "geojson"}
    assert (await technician.post("/api/v1/street-maps", params=query, content=STREET)).status_code == 201
    found = await town.map()
    assert (found["basemap"], found["bounds"]) == (None, [-90.3, 38.5, -90.2, 38.7])
    brought = await town.bring()
    assert brought.status_code == 200
    assert await town.map() == brought.json()
    assert (brought.json()["bounds"], brought.json()["streets"]) == (AREA, found["streets"])


async def test_without_a_basemap_the_imported_streets_are_there_to_draw(town: Town) -> None:
    technician = await town.web.person("technician")
    missing = await technician.get(STREETS)
    assert (missing.status_code, missing.json()["reason"]) == (404, "no_streets")
    query = {"name": "The town", "form": "geojson", "attribution": "River City survey"}
    made = await technician.post("/api/v1/street-maps", params=query, content=STREET)
    assert made.status_code == 201
    told = (await town.map("auditor"))["streets"]
    assert told["attribution"] == "River City survey"
    for role in EVERYBODY:
        drawn = await (await town.web.person(role)).get(told["url"])
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "application/geo+json")
        (street,) = drawn.json()["features"]
        assert street["properties"] == {"kind": "minor_road", "name": "Mill St"}
        (line,) = street["geometry"]["coordinates"]
        assert [*line[0], *line[-1]] == pytest.approx([-90.3, 38.5, -90.2, 38.7], abs=2e-5)
    tag = (await technician.get(told["url"])).headers["etag"]
    again = await technician.get(told["url"], headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await town.web.client().get(told["url"])).status_code == 401
    await technician.post("/api/v1/street-maps", params=query, content=STREET.replace(b"-90.3", b"-90.31"))
    assert (await town.map())["streets"]["url"] != told["url"]


async def test_streets_whose_file_is_gone_are_said_to_be(town: Town) -> None:
    technician = await town.web.person("technician")
    query = {"name": "The town", "form": "geojson"}
    await technician.post("/api/v1/street-maps", params=query, content=STREET)
    (stored,) = [one.key async for one in town.objects.listed(f"streets/{town.web.parts.agency}")]
    await town.objects.delete(stored)
    gone = await technician.get(STREETS)
    assert (gone.status_code, gone.json()["reason"]) == (503, "streets_gone")


async def test_a_basemap_is_brought_and_every_role_sees_it(town: Town) -> None:
    brought = await town.bring()
    assert brought.status_code == 200, brought.text
    digest = sha256(CITY).hexdigest()
    basemap: dict[str, Any] = {
        "url": f"{FILE}?v={digest[:12]}",
        "attribution": ATTRIBUTION,
        "max_zoom": 15,
        "sha256": digest,
    }
    assert brought.json() == {"basemap": basemap, "streets": None, "bounds": AREA}
    for role in EVERYBODY:
        assert await town.map(role) == brought.json()
        whole = await (await town.web.person(role)).get(basemap["url"])
        assert (whole.status_code, whole.content) == (200, CITY)
    named = await town.bring(attribution="  River City survey ")
    assert named.json()["basemap"]["attribution"] == "River City survey"


async def test_nobody_without_a_session_gets_the_map(town: Town) -> None:
    await town.bring()
    stranger = town.web.client()
    for path in ("/api/v1/map", FILE):
        assert (await stranger.get(path)).status_code == 401
    put = await stranger.put(BASEMAP, content=CITY, headers={"Content-Type": MEDIA_TYPE})
    assert put.status_code == 401


async def test_only_who_keeps_the_equipment_brings_a_basemap(town: Town) -> None:
    for role in ("analyst", "supervisor", "officer", "clerk", "auditor", "owner"):
        refused = await town.bring(by=role)
        assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    assert (await town.bring(by="administrator")).status_code == 200
    async with town.web.parts.database.transaction(agency=town.web.parts.agency) as connection:
        rows = await connection.execute(
            "select e.actor_id = b.imported_by from audit_entry e join basemap b on b.id = e.about_id"
            " where e.kind = 'effect' and e.reason = 'basemap.in_use'"
        )
        assert await rows.fetchall() == [{"?column?": True}]


async def test_another_basemap_takes_the_place_of_the_first_and_no_file_stays(town: Town) -> None:
    await town.bring()
    other = archive(max_zoom=14)
    assert (await town.bring(other)).json()["basemap"]["max_zoom"] == 14
    assert await town.files() == [sha256(other).hexdigest()]
    assert (await town.file()).content == other
    assert (await town.bring(other)).status_code == 200
    assert await town.files() == [sha256(other).hexdigest()]


@pytest.mark.parametrize(
    ("data", "reason", "sentence"),
    [
        (b"PK\x03\x04 a shapefile", "bad_basemap", "The file is no PMTiles: it does not begin as one."),
        (b"", "bad_basemap", "The file is no PMTiles: it does not begin as one."),
        (CITY[:-10], "bad_basemap", "The file is cut off: it should have "),
        (
            archive(tile_kind=2),
            "bad_basemap",
            "The tiles are pictures (PNG); the console draws vector tiles.",
        ),
        (archive(layers=[{"id": "transportation"}]), "bad_basemap", "The file names layers transportation; "),
    ],
)
async def test_a_file_that_is_no_basemap_changes_nothing(
    town: Town, data: bytes, reason: str, sentence: str
) -> None:
    await town.bring()
    before = await town.map()
    refused = await town.bring(data)
    assert (refused.status_code, refused.json()["reason"]) == (422, reason)
    assert sentence in refused.json()["detail"]
    assert "PMTiles file, version 3" in refused.json()["next_step"]
    assert await town.map() == before
    assert await town.files() == [sha256(CITY).hexdigest()]


async def test_a_body_of_another_kind_is_refused_by_its_type(town: Town) -> None:
    refused = await town.bring(media_type="application/json")
    assert (refused.status_code, refused.json()["reason"]) == (422, "content_type")
    assert (
        refused.json()["detail"]
        == "The body is said to be application/json; a basemap is application/vnd.pmtiles."
    )


async def test_a_file_too_large_is_refused_before_it_is_sent(town: Town) -> None:
    there = httpx.URL(town.web.url)
    reader, writer = await asyncio.open_connection(there.host, there.port)
    head = f"PUT {BASEMAP} HTTP/1.1\r\nHost: {there.netloc.decode()}\r\nContent-Type: {MEDIA_TYPE}\r\n"
    writer.write(f"{head}Content-Length: {256 * 2**20 + 1}\r\n\r\n".encode())
    answer = (await reader.readuntil(b"}")).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "At most 262144 kB are taken at once." in answer


async def test_a_browser_gets_the_part_it_asks_for_never_compressed(town: Town) -> None:
    await town.bring()
    part = await town.file(Range="bytes=0-126", Accept_Encoding="gzip, br")
    assert (part.status_code, part.content) == (206, CITY[:127])
    assert part.headers["content-range"] == f"bytes 0-126/{len(CITY)}"
    assert part.headers["content-length"] == "127"
    assert part.headers["content-type"] == "application/vnd.pmtiles"
    assert part.headers["accept-ranges"] == "bytes"
    assert part.headers["cache-control"].startswith("private")
    assert "content-encoding" not in part.headers
    whole = await town.file(Accept_Encoding="gzip")
    assert (whole.status_code, whole.content) == (200, CITY)
    assert "content-encoding" not in whole.headers and "content-range" not in whole.headers


async def test_what_the_browser_has_is_not_sent_again(town: Town) -> None:
    await town.bring()
    tag = (await town.file()).headers["etag"]
    assert tag == f'"{sha256(CITY).hexdigest()}"'
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = await town.file(If_None_Match=condition, Range="bytes=0-9")
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await town.file(If_None_Match='"other"')).status_code == 200
    assert (await town.file(If_Range=tag, Range="bytes=0-9")).status_code == 206
    changed = await town.file(If_Range='"other"', Range="bytes=0-9")
    assert (changed.status_code, changed.content) == (200, CITY)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "bytes=9-2", "bytes=-", "bytes=-0", "bytes=x-y", "bytes=99999999-", f"bytes={'9' * 40}-"]
)  # fmt: skip
async def test_a_range_that_is_none_is_refused_with_the_size(town: Town, asked: str) -> None:
    await town.bring()
    refused = await town.file(Range=asked)
    assert (refused.status_code, refused.json()["kind"]) == (416, "out_of_range")
    assert refused.headers["content-range"] == f"bytes */{len(CITY)}"


async def test_a_file_that_was_removed_is_said_and_can_be_handed_in_again(town: Town) -> None:
    await town.bring()
    digest = sha256(CITY).hexdigest()
    await town.objects.delete(f"{FOLDER}/{town.web.parts.agency}/{digest[:2]}/{digest}")
    gone = await town.file(Range="bytes=0-9")
    assert (gone.status_code, gone.json()["reason"]) == (503, "basemap_gone")
    assert gone.json()["detail"] == "The file of the basemap is gone from the object store."
    await town.bring()
    assert (await town.file()).content == CITY


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (None, None),
        ("pages=1-2", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=2-", (2, 8)),
        ("bytes=2-400", (2, 8)),
        ("bytes=-3", (7, 3)),
        ("bytes=-400", (0, 10)),
    ],
)
def test_of_ten_bytes_a_range_is_what_the_standard_says(
    asked: str | None, part: tuple[int, int] | None
) -> None:
    assert wanted(asked, 10) == part


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0", "bytes=3-1"])
def test_a_range_beyond_the_file_is_none(asked: str) -> None:
    with pytest.raises(OutOfRange) as refused:
        wanted(asked, 10)
    assert refused.value.size == 10
