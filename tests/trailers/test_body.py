"""A body camera goes with its unit, is never patrolled with, and says where an officer was to nobody who may not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest_asyncio
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.trailers.test_model import NOW
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras import seeing_api, upkeep_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Denied, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.places.skyline import Skyline
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor.trailers import body_api
from watchfloor.trailers.body import following
from watchfloor.units import api as units_api
from watchfloor.units.change import Units

HERE = {"lat": 38.6270, "lon": -90.1990}
BEYOND = {"lat": 38.6600, "lon": -90.1990}
AREA = [[38.60, -90.23], [38.65, -90.23], [38.65, -90.16], [38.60, -90.16]]


async def _no_news(_: str, __: UUID, ___: UUID) -> None:
    return None


def _routers(parts: CenterParts) -> list[APIRouter]:
    cameras = Cameras(parts.door, parts.clock, Vault(b"v" * 32), Networks.of("10.9.0.0/16"), _no_news)
    skyline = Skyline(parts.door, Objects(ObjectSettings(), parts.data / "objects"))
    return [
        seeing_api.routes(parts.door, skyline),
        cameras_api.routes(CameraRoutes(cameras, None)),  # type: ignore[arg-type]  # no picture is opened here
        upkeep_api.routes(cameras),
        units_api.routes(Units(parts.door, _no_news, following(_no_news))),
        body_api.routes(parts.door, _no_news),
    ]


@pytest_asyncio.fixture
async def field(center: CenterMaker) -> AsyncIterator[CenterWeb]:
    async with center(routers=_routers) as web:
        yield web


async def test_a_body_camera_is_where_its_unit_is(field: CenterWeb) -> None:
    technician, supervisor = await field.person("technician"), await field.person("supervisor")
    await field.authorise("body_camera", area=AREA)
    body = {"name": "Body 3142", "kind": "body", "place": "Precinct 2", **HERE, "url": "rtsp://10.9.0.7/x"}
    camera = (await technician.post("/api/v1/cameras", json=body)).json()["id"]
    fixed = {"name": "Mill St", "kind": "municipal", "place": "Mill St", **HERE, "url": "rtsp://10.9.0.8/x"}
    other = (await technician.post("/api/v1/cameras", json=fixed)).json()["id"]
    unit = (await supervisor.post("/api/v1/units", json={"call_sign": "3142"})).json()["id"]
    officer = await field.person("officer")
    me = (await officer.get("/api/v1/session")).json()["person"]["id"]
    await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": [me]})
    wrong = await technician.put(f"/api/v1/cameras/{other}/unit", json={"unit": unit})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "camera")
    worn = await technician.put(f"/api/v1/cameras/{camera}/unit", json={"unit": unit})
    assert worn.status_code == 200 and worn.json()["carried_by"] == unit

    await officer.post(f"/api/v1/units/{unit}/positions", json={"lat": 38.6300, "lon": -90.1950})
    seen = await (await field.person("analyst")).get(
        "/api/v1/cameras/seeing?lat=38.63002&lon=-90.19502&most=9"
    )
    assert camera in [one["id"] for one in seen.json()["cameras"]]
    places = await (await field.person("analyst")).get(f"/api/v1/cameras/{camera}/places")
    assert [one["place"]["text"] for one in places.json()["places"]] == ["with unit 3142", "Precinct 2"]
    # Where it is says where an officer is.
    told = (await technician.get(f"/api/v1/cameras/{camera}")).json()["place"]
    assert told == {"text": "with its unit", "lat": None, "lon": None}
    theirs = await technician.get("/api/v1/cameras/seeing?lat=38.63002&lon=-90.19502&most=9")
    assert camera not in [one["id"] for one in theirs.json()["cameras"]]
    assert (await technician.get(f"/api/v1/cameras/{camera}/places")).status_code == 403

    assert not isinstance(await _may_record(field, camera), Denied)
    await officer.post(f"/api/v1/units/{unit}/positions", json=BEYOND)
    stopped = await _may_record(field, camera)
    assert isinstance(stopped, Denied) and stopped.reason == "place"
    put_off = await technician.put(f"/api/v1/cameras/{camera}/unit", json={"unit": None})
    assert put_off.json()["carried_by"] is None


async def _may_record(field: CenterWeb, camera: str) -> object:
    parts = field.parts
    ask = Ask(
        process_actor(parts.agency, "record"), Need.CAMERA_RECORD, about=About("camera", inside("camera", camera)),
        technology=TechnologyKind.BODY_CAMERA,
    )  # fmt: skip
    await parts.door.look_now(parts.agency)
    return (await parts.door.lease([ask]))[0]


def test_nobody_patrols_with_a_body_camera() -> None:
    analyst = Actor(UUID(int=1), ActorKind.PERSON, AgencyId(UUID(int=2)), frozenset({Role.ANALYST}))
    why = Why(Purpose.PATROL_MONITORING)
    ask = Ask(analyst, Need.CAMERA_LIVE, why, About("camera", UUID(int=3)), TechnologyKind.BODY_CAMERA)
    said = decide(ask, Facts((), None, False), now=NOW)
    assert (
        isinstance(said, Denied)
        and said.reason == "patrol_only_public"
        and "worn by an officer" in said.sentence
    )
