"""A center with an owner who is accepted and signed in, and a camera that is theirs; what they, staff and the sweep do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb, new_id
from tests.owners.conftest import ENVELOPE, OFFER
from tests.owners.minutes import Minutes
from tests.recordings.center import Block, block
from tests.recordings.conftest import sockets as sockets
from tests.recordings.test_live import received, watching
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import incident_store
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.sure import sure
from watchfloor.owners import api, own_pages, pages, sharing_api
from watchfloor.owners.agree import WITHDRAW
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.sign_up import Owners
from watchfloor.recordings.model import Terms
from watchfloor.settings import OwnerSettings
from watchfloor.storage.jobs import Job
from watchfloor.sweep.lying import Shelves
from watchfloor.sweep.withdraw import Withdrawal
from watchfloor_sim.rtsp import RtspCamera
from watchfloor_sim.scene import scene_clip

ALWAYS = {"mode": "always", "radius_m": 300, "hours": [], "ends_at": None}


@dataclass
class Street:
    """A center with an owner who is accepted and signed in, and a camera that is theirs."""

    city: Block
    owner: httpx.AsyncClient
    owner_id: str
    camera: str
    case: str

    @property
    def look(self) -> dict[str, str]:
        return {"purpose": "burglary_theft", "case": self.case}

    async def staff(self, path: str, body: object) -> Any:
        answer = await (await self.city.web.person("technician")).post(f"/api/v1{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def acts(self, path: str, body: object | None = None, method: str = "POST") -> Any:
        """The owner does something over the API."""
        answer = await self.owner.request(method, f"/api/v1{path}", json=body or {})
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def agreed(self, **terms: object) -> str:
        """Staff offer an agreement and the owner says yes; its id."""
        body = ALWAYS | terms | {"camera": self.camera}
        made: dict[str, Any] = await self.staff(f"/owners/{self.owner_id}/agreements", body)
        await self.acts(f"/own-agreements/{made['id']}/agree")
        return str(made["id"])

    async def why_dark(self, who: str = "analyst") -> str | None:
        """What an analyst who wants to watch is told; None when pictures come."""
        async with watching(self.city, self.camera, dict(self.look), who=who) as socket:
            while True:
                head, payload = await received(socket)
                if head.kind is Kind.END:
                    return wire.end_of(head_of(head, payload)).detail
                if head.kind in (Kind.INIT, Kind.STATE):
                    return None

    async def coarse(self) -> httpx.Response:
        """The picture that masks are drawn by."""
        technician = await self.city.web.person("technician")
        return await technician.get(f"/api/v1/cameras/{self.camera}/aiming-picture")

    async def shared(self) -> dict[str, Any]:
        answer = await (await self.city.web.person("analyst")).get(f"/api/v1/cameras/{self.camera}/sharing")
        return dict(answer.json())

    async def timeline(self, why: dict[str, str]) -> Any:
        now, analyst = self.city.web.parts.clock.now(), await self.city.web.person("analyst")
        span = {"from": rfc3339(now - timedelta(hours=1)), "to": rfc3339(now + timedelta(hours=1))}
        return (await analyst.get(f"/api/v1/cameras/{self.camera}/timeline", params=span, headers=why)).json()

    def swept(self) -> Any:
        ask = Ask(process_actor(self.city.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
        return self.city.web.parts.door.open(ask)

    async def withdraw(self) -> dict[str, int]:
        """The sweep does the job of a revocation; what it says it deleted, and what stays."""
        parts, camera = self.city.web.parts, inside("camera", self.camera)
        job = Job(new_id(), WITHDRAW, parts.agency, {"camera": str(camera)}, 1)
        shelves = Shelves(self.city.objects, self.city.keystore, self.city.spool)
        await Withdrawal(parts.door, shelves).work(job)
        return await self.withdrawn()

    async def withdrawn(self) -> dict[str, int]:
        async with self.swept() as tx:
            row = await tx.fetch_one(
                "select deleted from agreement where camera_id = %(camera)s",
                camera=inside("camera", self.camera),
            )
        return dict(sure(row, "an agreement")["deleted"])

    def recorded(self) -> Any:
        return self.city.web.parts.door.open(
            Ask(process_actor(self.city.web.parts.agency, "record"), Need.FOOTAGE_INDEX)
        )

    async def minutes(self) -> Minutes:
        """What puts minutes of the camera where those that were recorded lie."""
        camera = inside("camera", self.camera)
        async with self.swept() as tx:
            row = await tx.fetch_one(
                "select rule, worker_id, epoch from segment where camera_id = %(c)s", c=camera
            )
        rule, worker, epoch = sure(row, "a segment").values()
        return Minutes(self.city, camera, Terms(self.city.web.parts.agency, worker, epoch, rule))

    async def waiting_for_holds(self) -> bool:
        """Whether anybody waits for a hold that is being placed."""
        async with self.swept() as tx:
            row = await tx.fetch_one(
                "select exists (select from pg_locks where locktype = 'advisory' and not granted and database ="
                " (select oid from pg_database where datname = current_database())) as waiting"
            )
        return bool(sure(row, "a look")["waiting"])

    async def no_longer_held(self) -> None:
        async with self.swept() as tx:
            await tx.execute("update hold set ended_at = %(now)s", now=tx.now)

    async def entries(self, reason: str) -> list[dict[str, Any]]:
        async with self.swept() as tx:
            rows = await tx.fetch(
                "select leaf from audit_entry where reason = %(reason)s order by id", reason=reason
            )
        return [json.loads(bytes(row["leaf"])) for row in rows]

    async def jobs(self) -> list[datetime]:
        """When the sweep looks again at what was held."""
        async with self.swept() as tx:
            rows = await tx.fetch(
                "select run_at from job where kind = %(kind)s and unique_key like '%% held %%' order by run_at",
                kind=WITHDRAW,
            )
        return [row["run_at"] for row in rows]


def head_of(head: wire.LiveHead, payload: bytes) -> bytes:
    """The whole frame again."""
    return wire.frame(head.kind, head.run, head.seq, head.captured_us, payload, key=head.key)


def of_owners(parts: CenterParts, ledger: Path) -> list[APIRouter]:
    """The routes of owners."""
    owners = Owners(
        parts.door, parts.clock, ENVELOPE, "https://center.example.org", OwnerSettings(),
        Allowance(parts.clock, 100, 100), (parts.agency,), False,
    )  # fmt: skip
    shares = sharing_api.SharingRoutes(owners, ledger, incident_store.open_places)
    own = own_pages.OwnPages(owners, ledger)
    return [api.routes(owners), sharing_api.routes(shares), pages.routes(owners), own_pages.routes(own)]


@pytest.fixture
async def street(center: CenterMaker, tmp_path: Path, sockets: Path) -> AsyncIterator[Street]:
    def more(parts: CenterParts) -> list[APIRouter]:
        return of_owners(parts, tmp_path / "ledger")

    device = await RtspCamera.start(scene_clip(2.0, 10, (320, 192)))
    async with device, block(center, tmp_path, sockets, more=more) as city:
        await city.web.authorise("private_camera_link")
        camera = (await city.camera(device.url, technology="private_camera_link"))["id"]
        owner = city.web.client()
        async with httpx.AsyncClient(base_url=city.web.url, headers={"Origin": city.web.url}) as visitor:
            owner_id = await accepted(city.web, visitor)
            owner.cookies.update(visitor.cookies)
        yield Street(city, owner, owner_id, camera, await city.web.case())


async def accepted(web: CenterWeb, visitor: httpx.AsyncClient) -> str:
    """Somebody signs up, proves the address, is accepted, and opens their page: all by links that staff hand over."""
    technician = await web.person("technician")
    assert (await visitor.post("/owners/sign-up", data=OFFER)).status_code == 200
    (owner,) = (await technician.get("/api/v1/owners")).json()["items"]
    for page in ("verify", "enter"):
        if page == "enter":
            assert (await technician.post(f"/api/v1/owners/{owner['id']}/accept", json={})).status_code == 200
        link = (await technician.post(f"/api/v1/owners/{owner['id']}/link", json={})).json()["link"]
        told = dict(httpx.URL(link).params)
        answer = await visitor.post(f"/owners/{page}", data=told)
        assert answer.status_code in (200, 303), answer.text
    return str(owner["id"])
