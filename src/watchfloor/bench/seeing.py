"""How soon a center knows which cameras see a place: a city's cameras and buildings, asked over HTTP.

The city is invented. Cameras are put into the registry beneath the API, since entering ten thousand is another matter; the
buildings come in as a technician brings them. What is asked is asked as an analyst asks it: judged, logged, answered.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.ids import uuid7
from watchfloor.storage.owner import as_owner
from watchfloor_sim.people import API

_MIDDLE: Final = (38.63, -90.20)
_HALF_DEG: Final = (0.075, 0.095)
_HOUSE_DEG: Final = (0.00012, 0.00016)
_WARM_UP: Final = 20
_AREAS: Final = 100
_IMPORT_S: Final = 120.0
_CAMERA: Final = (
    "insert into camera (id, agency_id, name, technology, address, place, lat, lon, heading_deg, field_deg, range_m, enabled,"
    " created_at, created_by, version) values (%s, %s, %s, 'fixed_camera', 'rtsp://10.0.0.1/', %s, %s, %s, %s, %s, %s, true, %s, %s, 1)"
)


def run(cameras: int = 10_000, buildings: int = 100_000, places: int = 400, *, as_json: bool = False) -> int:
    """Ask for the cameras that see `places`, one after the other, of a city of `cameras` and `buildings`.

    Example: watchfloor bench seeing --cameras 10000 --buildings 100000 --places 400
    """
    at_least(1, cameras=cameras, buildings=buildings)
    at_least(2, places=places)
    say(asyncio.run(_measured(cameras, buildings, places)), as_json=as_json)
    return 0


async def _measured(cameras: int, buildings: int, places: int) -> dict[str, float]:
    async with running() as center:
        return await measured_in(center, cameras, buildings, places)


async def measured_in(center: Running, cameras: int, buildings: int, places: int) -> dict[str, float]:
    """The figures of a center that runs."""
    chance = np.random.default_rng(4)
    await _put_cameras(center, cameras, chance)
    brought = perf_counter()
    technician, named = center.night.people["technician"], {"name": "Invented", "form": "geojson"}
    houses = _houses(buildings, chance)
    answer = await technician.http.put(
        f"{API}/map/buildings", params=named, content=houses, timeout=_IMPORT_S
    )
    answer.raise_for_status()
    brought = perf_counter() - brought
    spots = _anywhere(places + _WARM_UP, chance)
    await _ask(center, spots[:_WARM_UP])
    spent = center.cpu_s()["serve"]
    took, seen = await _ask(center, spots[_WARM_UP:])
    cpu_s = center.cpu_s()["serve"] - spent
    return {
        "cameras": cameras,
        "buildings": buildings,
        "places": places,
        "import_s": round(brought, 2),
        "seeing_ms_p50": _percentile(took, 50),
        "seeing_ms_p95": _percentile(took, 95),
        "serve_cpu_ms_per_request": round(1000 * cpu_s / places, 2),
        "cameras_seeing_a_place": round(statistics.mean(seen), 2),
        **await _without(center, places),
        **await _areas(center, spots[_WARM_UP:][:_AREAS]),
    }


async def _without(center: Running, times: int) -> dict[str, float]:
    """What is not of looking it up: a request that is signed in, and one that is written in the log and reads next to nothing."""
    analyst = center.night.people["analyst"]
    plain: list[float] = []
    logged: list[float] = []
    for _ in range(times):
        for path, took in (("/session", plain), ("/walls", logged)):
            began = perf_counter()
            await analyst.get(path)
            took.append(1000 * (perf_counter() - began))
    return {
        "signed_in_ms_p50": _percentile(plain, 50),
        "logged_ms_p50": _percentile(logged, 50),
        "logged_ms_p95": _percentile(logged, 95),
    }


async def _areas(center: Running, spots: NDArray[np.float64]) -> dict[str, float]:
    """How soon it is known what a camera sees as an area, and what nobody sees around a place."""
    analyst, took, around = center.night.people["analyst"], [], []
    cameras = (await analyst.get("/cameras", limit=str(len(spots))))["items"]
    for camera, (lat, lon) in zip(cameras, spots.tolist(), strict=False):
        began = perf_counter()
        if camera["heading_deg"] is not None:
            await analyst.get(f"/cameras/{camera['id']}/visible-area")
            took.append(1000 * (perf_counter() - began))
        began = perf_counter()
        await analyst.get("/cameras/blind-area", lat=str(lat), lon=str(lon))
        around.append(1000 * (perf_counter() - began))
    return {"visible_area_ms_p95": _percentile(took, 95), "blind_area_ms_p95": _percentile(around, 95)}


async def _ask(center: Running, spots: NDArray[np.float64]) -> tuple[list[float], list[int]]:
    analyst, took, seen = center.night.people["analyst"], [], []
    for lat, lon in spots.tolist():
        began = perf_counter()
        answer = await analyst.get("/cameras/seeing", lat=str(lat), lon=str(lon))
        took.append(1000 * (perf_counter() - began))
        seen.append(int(answer["seeing"]))
    return took, seen


async def _put_cameras(center: Running, count: int, chance: np.random.Generator) -> None:
    now, spots = SystemClock().now(), _anywhere(count, chance).tolist()
    headings, fields = chance.uniform(0, 359.9, count), chance.choice((60.0, 90.0, 110.0), count)
    views = np.stack((headings, fields, chance.choice((60.0, 100.0, 150.0), count)), axis=1).tolist()
    async with as_owner(Endpoints.read(center.data).dsn("wf_owner")) as connection:
        (row,) = await (await connection.execute("select id from agency")).fetchall()
        agency = row["id"]
        rows = [
            (uuid7(now), agency, f"Camera {n}", f"Corner {n}", lat, lon, *view, now, agency)
            for n, ((lat, lon), view) in enumerate(zip(spots, views, strict=True))
        ]
        async with connection.cursor() as cursor:
            await cursor.executemany(_CAMERA, rows)
        await connection.execute("analyze camera")


def _houses(count: int, chance: np.random.Generator) -> bytes:
    (high, wide), features = _HOUSE_DEG, []
    for lat, lon in _anywhere(count, chance).tolist():
        ring = [[lon, lat], [lon + wide, lat], [lon + wide, lat + high], [lon, lat + high], [lon, lat]]
        area = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {}, "geometry": area})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _anywhere(count: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """So many places, (n, 2) of lat and lon."""
    return np.asarray(_MIDDLE) + chance.uniform(-1, 1, (count, 2)) * _HALF_DEG


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 2)
