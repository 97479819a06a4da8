"""The floor and the street: units that stand somewhere, a small town's streets, incidents to go to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from tests.incidents.floor import Floor
from tests.places.grid import spot
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import decode

# The reader of the made-up hits stands here; the town's streets run through it.
SCENE = Point(38.63, -90.19)


def town() -> bytes:
    """Streets as GeoJSON: a cross through the scene, 2 km each way; the western arm is one-way eastbound."""
    origin = spot(0, 0)

    def at(east_m: float, north_m: float) -> list[float]:
        there = spot(east_m, north_m)
        return [SCENE.lon + there.lon - origin.lon, SCENE.lat + there.lat - origin.lat]

    def line(name: str, oneway: str, *points: list[float]) -> dict[str, object]:
        geometry = {"type": "LineString", "coordinates": list(points)}
        return {
            "type": "Feature",
            "geometry": geometry,
            "properties": {"name": name, "oneway": oneway, "speed_kmh": 36},
        }

    features = [
        line("West St", "F", at(-2000, 0), at(0, 0)),
        line("East St", "B", at(0, 0), at(2000, 0)),
        line("North St", "B", at(0, 0), at(0, 2000)),
        line("South St", "B", at(0, 0), at(0, -2000)),
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@dataclass
class Street:
    """The floor, and who is out there."""

    floor: Floor

    async def streets(self) -> httpx.Response:
        """The town's streets are imported."""
        technician = await self.floor.web.person("technician")
        answer = await technician.post(
            "/api/v1/street-maps", params={"name": "The town", "form": "geojson"}, content=town()
        )
        assert answer.status_code == 201, answer.text
        return answer

    async def unit(
        self,
        call_sign: str,
        east_m: float | None = None,
        north_m: float = 0.0,
        *,
        ago_s: float = 2.0,
        crew: str = "",
    ) -> str:
        """A unit with an officer of its own on it, standing so far from the scene."""
        name = crew or f"officer-{call_sign.lower()}"
        officer = await self.floor.web.person("officer", name=name)
        me = (await officer.get("/api/v1/session")).json()["person"]["id"]
        unit = str((await self.post("/units", {"call_sign": call_sign}, by="supervisor")).json()["id"])
        supervisor = await self.floor.web.person("supervisor")
        assert (await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": [me]})).status_code == 200
        if east_m is not None:
            there, origin = spot(east_m, north_m), spot(0, 0)
            at = rfc3339(self.floor.clock.now() - timedelta(seconds=ago_s))
            body = {
                "lat": SCENE.lat + there.lat - origin.lat,
                "lon": SCENE.lon + there.lon - origin.lon,
                "at": at,
            }
            assert (await officer.post(f"/api/v1/units/{unit}/positions", json=body)).status_code == 200
        return unit

    async def post(
        self, path: str, body: object = None, *, by: str = "analyst", **kwargs: Any
    ) -> httpx.Response:
        return await self.floor.post(path, body, by=by, **kwargs)

    async def get(self, path: str, *, by: str = "analyst") -> Any:
        answer = await (await self.floor.web.person(by)).get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def proposals(self, incident: str) -> dict[str, Any]:
        return dict(await self.get(f"/incidents/{incident}/proposals"))

    async def send(self, incident: str, unit: str, **more: object) -> dict[str, Any]:
        sent = await self.post(f"/incidents/{incident}/assignments", {"unit": unit} | more)
        assert sent.status_code == 201, sent.text
        return dict(sent.json())

    async def backdate(self, assignment: str, by: timedelta) -> None:
        """The assignment was sent, and its incident opened, so much earlier."""
        async with self.floor.upkeep() as tx:
            await tx.execute(
                "update assignment set sent_at = sent_at - %(by)s where id = %(id)s",
                by=by,
                id=decode("asg", assignment),
            )
            await tx.execute("update incident set opened_at = opened_at - %(by)s", by=by)

    async def officer(self, call_sign: str) -> httpx.AsyncClient:
        return await self.floor.web.person("officer", name=f"officer-{call_sign.lower()}")

    async def says(self, call_sign: str, assignment: str, step: str, body: object = None) -> httpx.Response:
        officer = await self.officer(call_sign)
        return await officer.post(f"/api/v1/assignments/{assignment}/{step}", json=body or {})
