"""A center with a trailer, two cameras and a plate reader on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras import seeing_api, upkeep_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.envelope import Envelope
from watchfloor.kit.geo import Point
from watchfloor.places.skyline import Skyline
from watchfloor.plate_settings import LookUpSettings
from watchfloor.plates.api import PlatesParts
from watchfloor.plates.api import routes as plates_routes
from watchfloor.plates.leave import ReaderBook
from watchfloor.plates.misuse.parts import look_ups_of
from watchfloor.plates.take import Intake
from watchfloor.settings import ObjectSettings, TrailerSettings
from watchfloor.storage.objects import Objects
from watchfloor.trailers import api
from watchfloor.trailers.parts import Trailers

MILL: dict[str, Any] = {"lat": 38.6270, "lon": -90.1990}
FERRY: dict[str, Any] = {"lat": 38.6310, "lon": -90.1917}
# North of the river, and outside of what is authorised.
BEYOND: dict[str, Any] = {"lat": 38.6550, "lon": -90.1990}
AREA = [[38.60, -90.23], [38.65, -90.23], [38.65, -90.16], [38.60, -90.16]]


@dataclass
class Yard:
    """A center with a trailer, two cameras and a plate reader on it."""

    web: CenterWeb
    trailer: str = ""
    cameras: tuple[str, ...] = ()
    reader: str = ""
    token: str = ""

    async def does(
        self, role: str, method: str, path: str, json: object = None, **kwargs: Any
    ) -> httpx.Response:
        client = await self.web.person(role)
        return await client.request(method, f"/api/v1{path}", json=json, **kwargs)

    async def get(self, path: str, role: str = "analyst") -> Any:
        answer = await self.does(role, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def camera(self, name: str, heading: float | None) -> str:
        body = {
            "name": name,
            "kind": "trailer",
            "place": "Depot yard",
            **MILL,
            "heading_deg": heading,
            "url": "rtsp://10.9.0.7/x",
        }
        made = await self.does("technician", "POST", "/cameras", body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def placed(self, where: dict[str, float], heading: float, **more: Any) -> httpx.Response:
        body = {"place": "Mill St at 5th St", "heading_deg": heading, "reason": "Break-ins", **where, **more}
        return await self.does("supervisor", "POST", f"/trailers/{self.trailer}/place", body)

    async def says(self, token: str | None = None, **said: Any) -> httpx.Response:
        client = self.web.client()
        reports = said.pop("reports", None) or [said]
        # It is heard once a second; a test does not wait for that.
        await self.was_heard(minutes_ago=10)
        return await client.post(
            "/api/v1/trailer-reports",
            json={"reports": reports},
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    async def was_heard(self, minutes_ago: float) -> None:
        parts = self.web.parts
        async with parts.door.open(Ask(process_actor(parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
            sql = (
                "update trailer_state set heard_at = %(at)s, position_at = %(at)s where heard_at is not null"
            )
            await tx.execute(sql, at=tx.now - timedelta(minutes=minutes_ago))

    async def may_record(self, camera: str) -> Lease | Denied:
        """What the recorder is answered, which asks with the place that it first saw the camera at."""
        parts = self.web.parts
        ask = Ask(
            process_actor(parts.agency, "record"), Need.CAMERA_RECORD, about=About("camera", inside("camera", camera)),
            technology=TechnologyKind.MOBILE_TRAILER, place=Point(**MILL),
        )  # fmt: skip
        await parts.door.look_now(parts.agency)
        (answer,) = await parts.door.lease([ask])
        return answer


async def _no_news(_: str, __: UUID, ___: UUID) -> None:
    return None


def _routers(parts: CenterParts) -> list[APIRouter]:
    networks = Networks.of("127.0.0.0/8,10.9.0.0/16")
    cameras = Cameras(parts.door, parts.clock, Vault(b"v" * 32), networks, _no_news)
    skyline = Skyline(parts.door, Objects(ObjectSettings(), parts.data / "objects"))
    trailers = Trailers(parts.door, parts.clock, _no_news, TrailerSettings(), Envelope(b"v" * 32), networks)
    nothing: Any = None
    return [
        seeing_api.routes(parts.door, skyline),
        cameras_api.routes(CameraRoutes(cameras, nothing)),
        upkeep_api.routes(cameras),
        plates_routes(PlatesParts(_intake(parts), parts.data, look_ups_of(LookUpSettings(), b"k" * 32))),
        api.routes(trailers),
    ]


def _intake(parts: CenterParts) -> Intake:
    nothing: Any = None
    return Intake(parts.door, parts.clock, nothing, nothing, ReaderBook(parts.door, parts.clock, "serve"))


@asynccontextmanager
async def trailer_yard(center: CenterMaker) -> AsyncIterator[Yard]:
    async with center(routers=_routers) as web:
        found = Yard(web)
        await web.authorise("mobile_trailer", area=AREA, title="Trailers downtown")
        await web.authorise("plate_reader", area=AREA, title="Readers downtown")
        made = await found.does("technician", "POST", "/trailers", {"name": "Trailer 2"})
        assert made.status_code == 201, made.text
        found.trailer = made.json()["id"]
        found.cameras = (await found.camera("Trailer 2 front", 90), await found.camera("Trailer 2 back", 270))
        reader = {"name": "Trailer 2 reader", "place": "Depot yard", **MILL, "heading_deg": 100}
        found.reader = (await found.does("technician", "POST", "/readers", reader)).json()["id"]
        aboard = {
            "cameras": [{"id": camera} for camera in found.cameras],
            "readers": [{"id": found.reader, "offset_deg": 10}],
        }
        put = await found.does("technician", "PATCH", f"/trailers/{found.trailer}", aboard)
        assert put.status_code == 200, put.text
        found.token = (await found.does("technician", "POST", f"/trailers/{found.trailer}/token")).json()[
            "token"
        ]
        yield found
