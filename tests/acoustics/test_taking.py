"""Pulses over HTTP into the database: kept once, under an authorisation that stood when they were heard, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg
import pytest
from fastapi import APIRouter

from tests.acoustics.over_mqtt import sends_over_mqtt
from tests.acoustics.test_microphones import BODY
from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from tests.plates.test_outage import Outage
from watchfloor.acoustics import api, microphone_store, pulse_api, pulse_store
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.take import Intake
from watchfloor.engines.postgres import Postgres
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.newest import MIGRATIONS

S = timedelta(seconds=1)


def _routers(parts: CenterParts) -> list[APIRouter]:
    intake = Intake(parts.door, parts.clock)
    return [api.routes(parts.door), pulse_api.routes(intake)]


@dataclass
class Wire:
    """A microphone's side of the line, and the database behind it."""

    web: CenterWeb
    device: httpx.AsyncClient
    token: str
    superuser: str
    owner: str

    def one(self, key: str, ago: timedelta = S, **said: Any) -> dict[str, Any]:
        at = rfc3339(self.web.parts.clock.now() - ago)
        return {"id": key, "at": at, "clock_bound_ms": 0.4, "snr_db": 21, "peak_db": 96} | said

    async def sends(self, *pulses: dict[str, Any], **more: Any) -> httpx.Response:
        body = {"sent_at": rfc3339(self.web.parts.clock.now()), "pulses": list(pulses)} | more
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.device.post("/api/v1/acoustic-pulses", json=body, headers=headers)

    async def kept(self, *pulses: dict[str, Any], **more: Any) -> tuple[int, int, list[str]]:
        """Of what is sent: how many are kept and doubled, and why the others are refused."""
        answer = await self.sends(*pulses, **more)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return told["kept"], told["doubled"], [it["reason"] for it in told["refused"]]

    async def refused(self) -> None:
        """What cannot be is refused with its field, and where it is not, is kept by nobody."""
        assert await self.kept(self.one("c"), lat=38.7, lon=-90.199404) == (0, 0, ["elsewhere"])
        for field, bad in {
            "id": "x" * 17,
            "at": "noon",
            "clock_bound_ms": -1,
            "features": [0] * 25,
            "features.0": [0.5],
            "snr_db": "loud",
        }.items():
            wrong = await self.sends(self.one("d") | {field.split(".")[0]: bad})
            assert wrong.status_code == 422 and wrong.json()["fields"][0]["field"] == f"pulses.0.{field}", (
                wrong.text
            )
        assert (await self.sends(lat=38.6)).json()["reason"] == "lat"
        assert (await self.sends(*(self.one(str(n)) for n in range(501)))).status_code == 422

    def has_stood(self) -> None:
        """All that anybody said yes to was said hours ago, and each microphone hung where it does."""
        with psycopg.connect(self.superuser) as owner:
            owner.execute("update authorisation set approved_at = approved_at - interval '3 hours'")
            owner.execute("update authorisation_approval set recorded_at = recorded_at - interval '3 hours'")
            owner.execute("update microphone_place set since = since - interval '3 hours'")
            owner.execute("update proposal set decided_at = decided_at - interval '3 hours'")

    def holds(self, *rows: tuple[object, ...]) -> None:
        """What the database has, in the order in which it was heard, but what was heard after a suspension."""
        sql: LiteralString = "select key, features, late, microphone_version, clock_bound_ms from pulse where key <> 't' order by at"
        with psycopg.connect(self.superuser) as owner:
            kept = owner.execute(sql).fetchall()
        assert kept == list(rows)

    async def is_there(self) -> None:
        """In which minutes it was there is counted: those of three minutes without a word are, those of a silence are not."""
        for back, least, most in (("3 minutes", 3, 4), ("6 minutes", 0, 1)):
            with psycopg.connect(self.superuser) as owner:
                owner.execute("delete from microphone_day")
                owner.execute(
                    "update microphone_state set heard_at = heard_at - %s::interval where microphone_id ="
                    " (select id from microphone where name <> '13')",
                    (back,),
                )
            assert await self.kept() == (0, 0, [])
            with psycopg.connect(self.superuser) as owner:
                counted = owner.execute("select coalesce(sum(minutes), 0) from microphone_day").fetchall()
            assert least <= counted[0][0] <= most, back

    async def suspended(self, authorisation: str, heard: dict[str, Any]) -> None:
        """What is heard while it is suspended is kept by nobody, neither now nor once two persons ended that."""
        clerk, supervisor = await self.web.person("clerk"), await self.web.person("supervisor")
        path, why = f"/api/v1/authorisations/{authorisation}", {"reason": "the council asked"}
        assert (await supervisor.post(f"{path}/suspend", json=why)).status_code == 200
        await self.web.parts.door.look_now(self.web.parts.agency)
        assert (await self.sends(heard)).status_code == 403
        meanwhile = self.one("s", timedelta(0))
        proposed = (await clerk.post(f"{path}/lift", json=why)).json()
        done = await supervisor.post(f"/api/v1/proposals/{proposed['id']}/approve", json={"note": ""})
        assert done.status_code == 200, done.text
        await self.web.parts.door.look_now(self.web.parts.agency)
        assert await self.kept(meanwhile, heard) == (0, 1, ["not_authorised"]), "it was kept before"
        assert await self.kept(self.one("t", timedelta(0))) == (1, 0, [])
        self.has_stood()

    async def away(self, outage: Outage) -> None:
        """With the database away nothing is taken; sent again it is kept once, and when the answer was lost, too."""
        await self.is_there()
        one = self.one("o")
        outage.begin()
        try:
            answer = await self.sends(one)
            assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1, answer.text
        finally:
            outage.end()
        assert [await self.kept(one) for _ in range(2)] == [(1, 0, []), (0, 1, [])]

    async def meanwhile(self, change: LiteralString) -> httpx.Response:
        """What is answered where its microphone is changed after the door said yes and before it is held."""
        waits = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        with (
            psycopg.connect(self.superuser) as owner,
            psycopg.connect(self.superuser, autocommit=True) as look,
        ):
            owner.execute(change)
            sending = asyncio.create_task(self.sends(self.one("w")))
            while not look.execute(waits).fetchall():
                assert not sending.done(), sending.result().text
                await self.web.parts.clock.sleep(0.01)
            owner.commit()
        return await sending


@pytest.mark.usefixtures("unpartitioned")
async def test_pulses_are_kept_once_and_under_an_approval_alone(
    center: CenterMaker, dsns: Dsns, postgres: Postgres, short_directory: Path
) -> None:
    async with center(routers=_routers) as web:
        technician = await web.person("technician")
        made = (await technician.post("/api/v1/microphones", json=BODY)).json()
        neighbour = (await technician.post("/api/v1/microphones", json=BODY | {"name": "13"})).json()
        path, beside = (f"/api/v1/microphones/{it['id']}" for it in (made, neighbour))
        token = (await technician.post(f"{path}/token", json={})).json()["token"]
        wire = Wire(web, web.client(), token, dsns.superuser, dsns.owner)
        first = wire.one("a", features=[52, -128])
        refused = await wire.sends(first)
        assert refused.status_code == 403 and "uthoris" in refused.json()["detail"]
        authorisation = await web.authorise("acoustic_array", keep_by_class={"pulse": 3})
        await web.parts.door.look_now(web.parts.agency)
        assert await wire.kept(first) == (0, 0, ["not_authorised"]), "it was heard before anybody said yes"
        wire.has_stood()
        answer = await wire.sends(first, wire.one("b", 40 * S), first)
        assert answer.json() == {"kept": 2, "doubled": 1, "late": 1, "clock_suspect": False, "refused": []}
        assert (await wire.sends(first, microphone=neighbour["id"])).json()["doubled"] == 1
        await wire.suspended(authorisation, first)
        await web.authorise("acoustic_array", keep_by_class={"pulse": 5})
        await web.parts.door.look_now(web.parts.agency)
        assert (await wire.sends(first)).json()["doubled"] == 1, "another rule keeps it no second time"
        wire.has_stood()
        tiny = wire.one("tiny", 39 * S, clock_bound_ms=1e-50, snr_db=1e-60, peak_db=1e-60)
        assert await wire.kept(tiny) == (1, 0, []), "less than the database can keep"
        assert await wire.kept(wire.one("a", 5 * S)) == (0, 0, ["id_reused"])
        assert (await technician.get(path)).json()["state"]["word"] == "ids reused"
        await wire.refused()
        told = (await technician.get(path)).json()
        assert told["state"]["word"] == "elsewhere"
        assert (told["pulses"]["kept"], told["pulses"]["doubled"]) == (4, 4)
        assert (await technician.get(beside)).json()["heard_at"] is None
        await _is_in_the_log(web, made["id"])
        wire.holds(("b", [], True, 1, 0.4), ("tiny", [], True, 1, 0.01), ("a", [52, -128], False, 1, 0.4))
        await _keeps_its_place(wire, technician, path, beside)
        await wire.away(Outage(postgres, dsns))
        await _is_looked_at_again(wire)
        await sends_over_mqtt(web, short_directory, neighbour["id"], made["id"], Outage(postgres, dsns))


async def _keeps_its_place(wire: Wire, technician: httpx.AsyncClient, path: str, beside: str) -> None:
    """What was heard is of where its microphone was; what it still has from before it was moved is of no place that is registered."""
    buffered = wire.one("m", timedelta(0))
    for to, kept in (({"mount": "pole"}, (1, 0, [])), ({"error_m": 2}, (0, 1, [])), ({"lat": 38.6274}, None)):
        assert (await technician.patch(path, json=to)).status_code == 200
        assert kept is None or await wire.kept(buffered) == kept, to
    assert await wire.kept(wire.one("n", S), wire.one("p", timedelta(0))) == (1, 0, ["moved"])
    machine = process_actor(wire.web.parts.agency, "sense")
    with psycopg.connect(wire.superuser) as owner:
        sql: LiteralString = (
            "select microphone_id, microphone_version from pulse where key = any(%s) order by at"
        )
        heard = owner.execute(sql, (["a", "m", "p"],)).fetchall()
    async with wire.web.parts.door.open(Ask(machine, Need.MICROPHONE_STATE)) as tx:
        places = [sure(await microphone_store.place(tx, *one)) for one in heard]
        assert set(await pulse_store.states(tx, [heard[0][0]])) == {heard[0][0]}
        assert await pulse_store.states(tx, [MicrophoneId(uuid7(tx.now))]) == {}
    assert [(one.point.lat, one.error_m) for one in places] == [
        (BODY["lat"], 3),
        (BODY["lat"], 3),
        (38.6274, 2),
    ]
    assert places[0].since == places[1].since < places[2].since and places[0].height_m == BODY["height_m"]
    for one in (path, beside):
        assert (await technician.patch(one, json={"mount": "mast", "error_m": 4})).status_code == 200
    _are_taken_from_the_log(wire.owner, places[2].since)
    wire.has_stood()


def _are_taken_from_the_log(owner: str, moved_at: datetime) -> None:
    """Of what was registered before places were kept: where one hangs since it was last moved, or since it was registered."""
    sql = (MIGRATIONS / "0076_microphone_places.sql").read_text()
    with psycopg.connect(owner) as connection:
        connection.execute("delete from microphone_place")
        connection.execute(sql[sql.index("insert into") :].encode())
        rows = connection.execute(
            "select m.name, m.version, p.version, p.lat, p.error_m, p.since = m.created_at, p.since = %s"
            " from microphone_place p join microphone m on m.id = p.microphone_id order by m.name",
            [moved_at],
        ).fetchall()
        connection.rollback()
    assert rows == [("12", 5, 4, 38.6274, 4, False, True), ("13", 2, 1, BODY["lat"], 4, True, False)]


async def _is_looked_at_again(wire: Wire) -> None:
    """Who is moved or taken out of service between the door's yes and the lock is not taken from as what it was."""
    moved = await wire.meanwhile("update microphone set lat = lat + 0.001 where name = '12'")
    assert (moved.status_code, moved.json()["reason"]) == (503, "moved"), moved.text
    gone = await wire.meanwhile("update microphone set retired_at = now() where name = '12'")
    assert (gone.status_code, gone.json()["reason"]) == (403, "retired"), gone.text
    assert (await wire.sends(wire.one("e"))).status_code == 403
    assert (await wire.device.post("/api/v1/acoustic-pulses", json={})).status_code == 401


async def _is_in_the_log(web: CenterWeb, microphone: str) -> None:
    """Under which authorisation its pulses were taken, for those who check that it was under one; and never where it is."""
    query = {"about": f"microphone:{microphone}"}
    for role in ("auditor", "supervisor"):
        log = await (await web.person(role)).get("/api/v1/audit/entries", params=query)
        taken = [one for one in log.json()["items"] if one["need"] == "pulses.ingest"]
        assert {(one["result"], one["authorisation"] is not None) for one in taken} >= {("allowed", True)}
        assert "38.6271" not in log.text
    for role in ("technician", "analyst"):
        own = await (await web.person(role)).get("/api/v1/audit/entries", params=query)
        assert {one["need"] for one in own.json()["items"]}.isdisjoint({"pulses.ingest"}), own.text
