"""A body camera goes with its unit, is never patrolled with, and says where an officer was to nobody who may not know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest_asyncio
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.trailers.test_model import NOW
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras import carried_store, seeing_api, upkeep_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.governance.actors import process_actor
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Denied, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.places.skyline import Skyline
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor.sweep import expire_store
from watchfloor.trailers import body_api
from watchfloor.trailers.body import coming_back, following
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
        units_api.routes(Units(parts.door, _no_news, following(_no_news), coming_back(_no_news))),
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
    wrong = await technician.post(f"/api/v1/body-cameras/{other}/issue", json={"unit": unit})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "camera")
    worn = await technician.post(f"/api/v1/body-cameras/{camera}/issue", json={"unit": unit})
    assert worn.status_code == 200 and worn.json()["issue"]["unit"]["call_sign"] == "3142"

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
    await _is_issued_and_returned(field, camera, unit, me)
    await _knows_where_it_was_of_what_is_held(field, camera)


async def _is_issued_and_returned(field: CenterWeb, camera: str, unit: str, officer: str) -> None:
    supervisor, path = await field.person("supervisor"), f"/api/v1/body-cameras/{camera}"
    units = (await supervisor.get("/api/v1/body-cameras/units")).json()["units"]
    assert [(one["call_sign"], one["crew"][0]["id"]) for one in units] == [("3142", officer)]
    nobody_there = await supervisor.post(
        f"{path}/issue", json={"unit": unit, "person": await _somebody(field)}
    )
    assert (nobody_there.status_code, nobody_there.json()["reason"]) == (422, "person")
    nowhere = await supervisor.post(f"{path}/issue", json={"unit": outside("unit", UUID(int=7))})
    assert (nowhere.status_code, nowhere.json()["reason"]) == (422, "unit")
    # From hand to hand, while the unit is somewhere: the one before has ended.
    worn = await supervisor.post(f"{path}/issue", json={"unit": unit, "person": officer})
    assert worn.json()["issue"]["person"]["id"] == officer, worn.text
    again = await supervisor.post(f"{path}/issue", json={"unit": unit, "person": officer})
    assert (again.status_code, again.json()["reason"]) == (409, "issued")
    back = await supervisor.post(f"{path}/return", json={})
    assert back.status_code == 200 and back.json()["issue"] is None
    late = await supervisor.post(f"{path}/return", json={})
    assert (late.status_code, late.json()["reason"]) == (409, "not_issued")
    assert (await supervisor.get(f"/api/v1/cameras/{camera}")).json()["carried_by"] is None
    (listed,) = (await supervisor.get("/api/v1/body-cameras")).json()["items"]
    assert (listed["name"], listed["issue"]) == ("Body 3142", None)
    with_it, before = (await supervisor.get(f"{path}/issues")).json()["items"]
    assert (with_it["person"]["id"], before["person"], before["to"]) == (officer, None, with_it["from"])
    assert with_it["returned_by"] is not None and before["issued_by"] != with_it["issued_by"]
    await field.kept_refusal(await (await field.person("analyst")).post(f"{path}/return", json={}))
    await _comes_back_from_a_unit_that_is_retired(field, path)
    assert (await (await field.person("officer")).get("/api/v1/body-cameras")).status_code == 403


async def _comes_back_from_a_unit_that_is_retired(field: CenterWeb, path: str) -> None:
    supervisor, auditor = await field.person("supervisor"), await field.person("auditor")
    other = (await supervisor.post("/api/v1/units", json={"call_sign": "3199"})).json()["id"]
    assert (await supervisor.post(f"{path}/issue", json={"unit": other})).status_code == 200
    assert (await supervisor.delete(f"/api/v1/units/{other}")).status_code == 204
    (listed,) = (await supervisor.get("/api/v1/body-cameras")).json()["items"]
    assert listed["issue"] is None
    newest = (await supervisor.get(f"{path}/issues")).json()["items"][0]
    assert newest["to"] is not None and newest["returned_by"] is not None
    log = (await auditor.get("/api/v1/audit/entries", params={"kind": "effect"})).json()["items"]
    assert "took a body camera back" in str(log[0]), log[0]


async def _somebody(field: CenterWeb) -> str:
    return str((await (await field.person("detective")).get("/api/v1/session")).json()["person"]["id"])


async def _knows_where_it_was_of_what_is_held(field: CenterWeb, camera: str) -> None:
    """What is kept of an officer's way ends with it, but where footage of then is held; when the hold ends, so does that."""
    ask, of = Ask(process_actor(field.parts.agency, "sweep"), Need.RETENTION_SWEEP), inside("camera", camera)
    hour, case = timedelta(hours=1), inside("case", (await field.case()).removeprefix("case:"))
    async with field.parts.door.open(ask) as tx:
        await tx.execute("delete from camera_stood")
        for back in (1, 3):  # an hour each, the hour between is another's
            await tx.execute(
                "insert into camera_stood (camera_id, agency_id, since, until, place, lat, lon, erase_after)"
                " values (%(camera)s, %(agency)s, %(since)s, %(until)s, 'with unit 3142', 38.6, -90.2, %(until)s)",
                camera=of, agency=tx.agency, since=tx.now - (back + 1) * hour, until=tx.now - back * hour,
            )  # fmt: skip
        await tx.execute(
            "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by,"
            " placed_at, ends_at) values (%(camera)s, %(agency)s, %(case)s, 'footage', 'camera', %(camera)s, %(from)s, %(to)s, 'why',"
            " %(camera)s, %(now)s, %(end)s)",
            camera=of, agency=tx.agency, case=case, now=tx.now, end=tx.now + 99 * hour,
            **{"from": tx.now - 3.5 * hour, "to": tx.now - 3.2 * hour},
        )  # fmt: skip
        assert await expire_store.delete_expired(tx, "camera_stood") == 1, (
            "the place of the hour that nobody holds"
        )
        stood = await carried_store.stood_at(tx, of, tx.now - 3.3 * hour)
        assert stood is not None and stood.place_text == "with unit 3142"
        await tx.execute("update hold set ended_at = %(now)s", now=tx.now)
        assert await expire_store.delete_expired(tx, "camera_stood") == 1


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
