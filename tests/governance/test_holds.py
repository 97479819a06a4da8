"""Holds over HTTP: one person for 72 hours, a second makes it last, nobody both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.center import A_CAMERA, CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from watchfloor.cameras import store as camera_store
from watchfloor.governance import authorise, holds_api
from watchfloor.governance.actors import process_actor
from watchfloor.governance.api import GovernanceParts
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.wiring.serve import KNOWN


def hold_routes(parts: CenterParts) -> list[Any]:
    return [
        holds_api.routes(GovernanceParts(parts.door, parts.clock, authorise.ACTS, parts.data, known=KNOWN))
    ]


async def wish(web: CenterWeb, **changes: Any) -> dict[str, Any]:
    now = web.parts.clock.now()
    camera = uuid7(now)
    async with web.parts.door.open(Ask(process_actor(web.parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        await tx.execute(A_CAMERA, id=camera, agency=tx.agency, name=camera.hex, now=now)
        await camera_store.remove_camera(tx, camera)  # what it recorded stays, and can be held
    return {
        "data_class": "footage",
        "about": outside("camera", camera),
        "from_at": rfc3339(now - timedelta(hours=2)),
        "to_at": rfc3339(now - timedelta(hours=1)),
        "reason": "an arrest on the corner",
        "purpose": "violent_crime",
        "case": await web.case(),
    } | changes


async def placed(web: CenterWeb, person: httpx.AsyncClient) -> dict[str, Any]:
    answer = await person.post("/api/v1/holds", json=await wish(web))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def why(hold: dict[str, Any]) -> dict[str, str]:
    return {"purpose": "violent_crime", "case": hold["case"]}


async def test_one_person_holds_for_72_hours_and_a_second_makes_it_last(center: CenterMaker) -> None:
    async with center(routers=hold_routes) as web:
        analyst, supervisor = await web.person("analyst"), await web.person("supervisor")
        hold = await placed(web, analyst)
        assert (hold["state"], hold["may_be_forgotten"]) == ("waiting", [])
        placed_at, ends_at = (
            datetime.fromisoformat(hold["placed_at"]),
            datetime.fromisoformat(hold["ends_at"]),
        )
        assert ends_at - placed_at == timedelta(hours=72)
        lasting = why(hold) | {"ends_at": rfc3339(web.parts.clock.now() + timedelta(days=400))}
        own = await analyst.post(f"/api/v1/holds/{hold['id']}/confirm", json=lasting)
        assert (await web.kept_refusal(own))["reason"] == "same_person"
        done = await supervisor.post(f"/api/v1/holds/{hold['id']}/confirm", json=lasting)
        assert (done.status_code, done.json()["state"]) == (200, "standing")
        assert parse_rfc3339(done.json()["ends_at"]) == parse_rfc3339(lasting["ends_at"])
        again = await supervisor.post(f"/api/v1/holds/{hold['id']}/confirm", json=lasting)
        assert (again.status_code, again.json()["reason"]) == (409, "confirmed")
        listed = (await (await web.person("auditor")).get("/api/v1/holds")).json()["items"]
        assert [(item["id"], item["state"]) for item in listed] == [(hold["id"], "standing")]


async def test_who_placed_a_standing_hold_does_not_end_it_alone(center: CenterMaker) -> None:
    async with center(routers=hold_routes) as web:
        analyst, supervisor = await web.person("analyst"), await web.person("supervisor")
        hold = await placed(web, analyst)
        lasting = why(hold) | {"ends_at": rfc3339(web.parts.clock.now() + timedelta(days=400))}
        await supervisor.post(f"/api/v1/holds/{hold['id']}/confirm", json=lasting)
        over = why(hold) | {"reason": "the case is over"}
        own = await analyst.post(f"/api/v1/holds/{hold['id']}/end", json=over)
        assert (await web.kept_refusal(own))["reason"] == "same_person"
        done = await supervisor.post(f"/api/v1/holds/{hold['id']}/end", json=over)
        assert (done.status_code, done.json()["state"]) == (200, "ended")
        again = await supervisor.post(f"/api/v1/holds/{hold['id']}/end", json=over)
        assert (again.status_code, again.json()["reason"]) == (409, "ended")


async def test_a_hold_is_written_into_the_log_and_planned_to_be_warned_of(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center(routers=hold_routes) as web:
        hold = await placed(web, await web.person("analyst"))
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            logged = await (
                await connection.execute(
                    "select need, reason from audit_entry where need = %s order by id", ["holds.change"]
                )
            ).fetchall()
            jobs = await (
                await connection.execute("select kind, run_at from job where kind = 'hold.warn'")
            ).fetchall()
        assert logged == [("holds.change", "role"), ("holds.change", "hold.placed")]
        assert [(kind, datetime.fromisoformat(hold["ends_at"]) - at) for kind, at in jobs] == [
            ("hold.warn", timedelta(hours=24))
        ]


async def test_whoever_holds_what_is_forgotten_is_told_which_days(center: CenterMaker, dsns: Dsns) -> None:
    async with center(routers=hold_routes) as web:
        analyst, now = await web.person("analyst"), web.parts.clock.now()
        past = now - timedelta(days=40)
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            for data_class, at in (
                ("footage", past),
                ("plate_read", past + timedelta(days=1)),
                ("footage", past - timedelta(days=3)),
            ):
                await connection.execute(
                    "insert into deletion_receipt values (%s, %s, %s, 1, %s, 1, 1, '', 1, 0, %s, %s)",
                    [uuid7(now), web.parts.agency, data_class, at.date(), now, now],
                )
        body = await wish(web, from_at=rfc3339(past), to_at=rfc3339(past + timedelta(days=2)))
        answer = await analyst.post("/api/v1/holds", json=body)
        assert answer.json()["may_be_forgotten"] == [past.date().isoformat()]


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"data_class": "account"}, 422, "data_class"),
        ({"data_class": "nothing"}, 422, "data_class"),
        ({"about": "rdr_00000000000000000000000000"}, 422, "id"),
        ({"to_at": "2020-01-01T00:00:00Z"}, 422, "to_at"),
        ({"from_at": "2020-01-01T00:00:00Z"}, 422, "to_at"),
        ({"reason": "   x   "}, 422, "reason"),
        ({"about": "cam_00000000000000000000000000"}, 404, "not_found"),
        ({"data_class": "plate_hit", "about": "rdr_00000000000000000000000000"}, 404, "not_found"),
        ({"case": "case:case_00000000000000000000000000"}, 403, "case_unknown"),
        ({"case": "inc:nonsense"}, 422, "case"),
        ({"purpose": "personal_interest"}, 403, "purpose_prohibited"),
        ({"purpose": "patrol_monitoring"}, 403, "patrol_only_live"),
        ({"purpose": "curiosity"}, 422, "purpose"),
    ],
)
async def test_what_cannot_be_held_is_refused_with_the_reason(
    center: CenterMaker, change: dict[str, Any], status: int, reason: str
) -> None:
    async with center(routers=hold_routes) as web:
        answer = await (await web.person("analyst")).post("/api/v1/holds", json=await wish(web, **change))
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
        if reason == "not_found":
            kind = "reader" if "data_class" in change else "camera"
            assert answer.json()["detail"] == f"There is no such {kind}."


async def test_an_officer_holds_nothing_and_another_agencys_hold_is_not_there(center: CenterMaker) -> None:
    async with center(routers=hold_routes) as web:
        refused = await (await web.person("officer")).post("/api/v1/holds", json=await wish(web))
        assert (refused.status_code, refused.json()["reason"]) == (403, "role")
        unknown = outside("hold", uuid7(web.parts.clock.now()))
        body = {"reason": "a try", "purpose": "violent_crime", "case": await web.case()}
        answer = await (await web.person("analyst")).post(f"/api/v1/holds/{unknown}/end", json=body)
        assert answer.status_code == 404
