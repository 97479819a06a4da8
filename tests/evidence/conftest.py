"""A center with footage of one camera, who may ask for it, and what makes exports: real keys, real segments, a real log."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import APIRouter

from tests.cameras.clips import Clip
from tests.fixtures.center import A_CAMERA, CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from tests.governance.test_cases import Later
from tests.ledger.conftest import NAME, Log
from tests.owners.conftest import ENVELOPE
from tests.owners.street import accepted
from tests.recordings.footage import CAMERA, Desk, street
from watchfloor.evidence import (
    answer_pages,
    api,
    asking_api,
    canvass_api,
    make,
    request,
)
from watchfloor.evidence.asking import Asking
from watchfloor.evidence.fetch import FetchParts
from watchfloor.evidence.make import MakeParts
from watchfloor.evidence.sealed import ExportKeys
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.owners import api as owner_api
from watchfloor.owners import own_pages, pages
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.sign_up import Owners
from watchfloor.places.skyline import Skyline
from watchfloor.recordings.model import GapReason, Segment, Terms, at, object_path, us
from watchfloor.recordings.play import Player
from watchfloor.settings import ObjectSettings, OwnerSettings
from watchfloor.storage.disks import objects_of
from watchfloor.storage.objects import Objects
from watchfloor.sweep.run import do_due

CAM = outside("camera", CAMERA)


async def no_news(*_: object) -> None: ...


async def as_owner(dsns: Dsns, sql: str, **params: object) -> list[dict[str, Any]]:
    """What the tables' owner finds or writes."""
    async with await psycopg.AsyncConnection.connect(dsns.owner, autocommit=True) as owner:
        found = await owner.execute(sql.encode(), params)
        if found.description is None:
            return []
        names = [column.name for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in await found.fetchall()]


def asking_of(parts: CenterParts, data: Path, objects: Objects) -> Asking:
    """What asking owners and witnesses for evidence needs: no mail server, room for 3 MiB."""
    owners = Owners(
        parts.door, parts.clock, ENVELOPE, "https://center.example.org", OwnerSettings(), Allowance(parts.clock, 100, 100),
        (parts.agency,), False,
    )  # fmt: skip
    keys = ExportKeys(data / "keystore" / "exports", data / "keys" / "exports.key")
    return Asking(owners, objects, keys, data / "spool" / "received", 3 * 2**20)


@dataclass
class Room:
    """The center, its footage, and the worker that is driven by hand."""

    web: CenterWeb
    data: Path
    dsns: Dsns
    clip: Clip
    begun: datetime
    desk: Desk
    objects: Objects
    case: str = ""
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> ExportKeys:
        return ExportKeys(self.data / "keystore" / "exports", self.data / "keys" / "exports.key")

    @property
    def making(self) -> MakeParts:
        given: dict[str, Any] = {
            "door": self.web.parts.door,
            "clock": self.web.parts.clock,
            "player": Player(self.objects, self.desk.keystore, self.data / "spool" / "footage"),
            "objects": self.objects,
            "keys": self.data / "keys",
            "export_keys": self.keys,
            "scratch": self.data / "spool" / "exports",
            "ledger": self.data / "ledger",
            "name": NAME,
            "time_stamps": "",
            "keep_for": timedelta(days=30),
            "news": no_news,
        }
        return MakeParts(**(given | self.changes))

    async def begin(self) -> None:
        """The camera, its authorisation, 10 s of a street, a gap of 20 s, 10 s more in a run of its own."""
        await self.web.authorise("fixed_camera")
        self.case = await self.web.case()
        await self.owner(A_CAMERA, id=CAMERA, agency=self.web.parts.agency, name="Mill St", now=self.begun)
        rule = (await self.owner("select rule from authorisation"))[0]["rule"]
        self.desk.recorder.terms = Terms(self.web.parts.agency, UUID(int=0x33), 1, rule)
        self.desk.record(self.clip, began_us=us(self.begun))
        self.desk.record(self.clip, began_us=us(self.begun + timedelta(seconds=30)), number=8)
        for path, segment in self.desk.done:
            await self.indexed(path, segment)
        await self.owner(
            "insert into footage_gap (agency_id, rule, at, ended_at, id, camera_id, worker_id, reason) values"
            " (%(agency)s, %(rule)s, %(at)s, %(to)s, %(id)s, %(camera)s, %(id)s, %(reason)s)",
            agency=self.web.parts.agency, rule=rule, at=self.begun + timedelta(seconds=10), id=UUID(int=9),
            to=self.begun + timedelta(seconds=30), camera=CAMERA, reason=GapReason.CAMERA_UNREACHABLE.value,
        )  # fmt: skip

    async def indexed(self, path: Path, one: Segment) -> None:
        """A segment that is stored and in the index."""
        await self.objects.take_in(object_path(one.id, one.label), path)
        await self.owner(
            "insert into segment (agency_id, rule, at, ended_at, id, camera_id, run, worker_id, epoch, frames, size, sha256, keys,"
            " mime, width, height) values (%(agency)s, %(rule)s, %(at)s, %(to)s, %(id)s, %(camera)s, %(run)s, %(id)s, 1,"
            " %(frames)s, %(size)s, %(sha256)s, %(keys)s, %(mime)s, %(width)s, %(height)s)",
            agency=self.web.parts.agency, rule=one.label.rule, at=at(one.began_us), to=at(one.ended_us), id=one.id,
            camera=CAMERA, run=one.label.run, frames=one.frames, size=one.size, sha256=one.sha256, keys=one.keys,
            mime=one.mime, width=one.width, height=one.height,
        )  # fmt: skip

    async def owner(self, sql: str, **params: object) -> list[dict[str, Any]]:
        """What no process may."""
        return await as_owner(self.dsns, sql, **params)

    def span(self, begin_s: float, end_s: float) -> dict[str, str]:
        at = [rfc3339(self.begun + timedelta(seconds=s)) for s in (begin_s, end_s)]
        return {"camera": CAM, "from_at": at[0], "to_at": at[1]}

    async def asked(self, *spans: tuple[float, float], **changes: Any) -> dict[str, Any]:
        """An export that the analyst asks for."""
        body = {"purpose": "stolen_vehicle", "case": self.case, "reason": "the car leaves the lot"}
        body["spans"] = [self.span(*one) for one in spans]  # type: ignore[assignment]  # JSON of any kind
        analyst = await self.web.person("analyst")
        made = await analyst.post("/api/v1/exports", json=body | changes)
        assert made.status_code == 201, made.text
        return dict(made.json())

    async def approved(self, *spans: tuple[float, float]) -> dict[str, Any]:
        asked = await self.asked(*spans)
        supervisor = await self.web.person("supervisor")
        answer = await supervisor.post(f"/api/v1/proposals/{asked['proposal']}/approve", json={"note": "yes"})
        assert answer.status_code == 200, answer.text
        return await self.seen(asked["id"])

    async def made(self, *spans: tuple[float, float]) -> dict[str, Any]:
        """An export that is asked for, approved, in the signed log, and made."""
        approved = await self.approved(*spans)
        await self.sign()
        await self.work()
        return await self.seen(approved["id"])

    async def work(self) -> int:
        """Do what is due; how much was done."""
        return await do_due(self.web.parts.door, self.web.parts.agency, make.works(self.making))

    async def sign(self) -> None:
        """Sequence and sign what the log holds by now."""
        (self.data / "ledger").mkdir(exist_ok=True)
        await Log(self.web.parts.database, self.dsns, self.data / "ledger", self.data / "keys").sequence()

    async def seen(self, export: str) -> dict[str, Any]:
        answer = await (await self.web.person("analyst")).get(f"/api/v1/exports/{export}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def fetched(self, export: str, **why: str) -> Any:
        headers = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": self.case}
        return await (await self.web.person("analyst")).get(
            f"/api/v1/exports/{export}/package", headers=headers | why
        )

    async def unpacked(self, export: str, into: Path, purpose: str = "stolen_vehicle") -> Path:
        """The package of an export that is made, fetched and unpacked."""
        answer = await self.fetched(export, **{"Wf-Purpose": purpose})
        assert answer.status_code == 200, answer.text
        (zipped := into / f"{export}.zip").write_bytes(answer.content)
        with zipfile.ZipFile(zipped) as packed:
            assert packed.testzip() is None
            packed.extractall(into)
        return into / export


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "data" / "manifest.json").read_text()))


@pytest_asyncio.fixture
async def room(center: CenterMaker, dsns: Dsns, tmp_path: Path, material: Path) -> AsyncIterator[Room]:
    async with unfurnished(center, dsns, tmp_path, material) as made:
        await made.begin()
        yield made


@asynccontextmanager
async def unfurnished(
    center: CenterMaker,
    dsns: Dsns,
    tmp_path: Path,
    material: Path,
    more: Callable[[CenterParts, Player], Sequence[Any]] = lambda parts, player: (),
    **given: Any,
) -> AsyncIterator[Room]:
    """The center before its camera is there; `more` are further routes, `given` is for the center."""
    data = tmp_path / "data"
    for name in ("keys", "spool/exports", "keystore"):
        (data / name).mkdir(parents=True)
    objects = Objects(ObjectSettings(min_free_mb=10), data / "objects")
    keys = ExportKeys(data / "keystore" / "exports", data / "keys" / "exports.key")
    desk = Desk(tmp_path)

    def routers(parts: CenterParts) -> list[Any]:
        fetching = FetchParts(parts.door, objects, keys, data / "ledger")
        skyline = Skyline(parts.door, objects)
        return [
            api.routes(api.Exports(fetching, no_news)),
            canvass_api.routes(
                canvass_api.Canvasses(
                    parts.door, parts.clock, skyline, no_news, asking_of(parts, data, objects)
                )
            ),
            *more(parts, Player(objects, desk.keystore, data / "spool" / "footage")),
        ]

    async with center(routers=routers, acts={request.KIND: request.ACT}, **given) as web:
        begun = (web.parts.clock.now() - timedelta(minutes=10)).replace(microsecond=0)
        yield Room(web, data, dsns, street(material / "media"), begun, desk, objects)


VIDEO = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000  # 2.2 MB: three pieces


@dataclass
class Case:
    """A center with an owner, a case, and somebody's browser."""

    web: CenterWeb
    clock: Later
    asking: Asking
    visitor: httpx.AsyncClient
    owner: str
    case: str
    data: Path
    dsns: Dsns

    async def asks(self, *of: dict[str, str], who: str = "analyst", **more: object) -> httpx.Response:
        now = self.clock.now()
        body = {
            "purpose": "burglary_theft", "case": self.case, "place": "Mill St 12", "words": "Somebody ran past your door.",
            "from_at": rfc3339(now - timedelta(hours=2)), "to_at": rfc3339(now - timedelta(hours=1)),
            "of": list(of) or [{"owner": self.owner}],
        }  # fmt: skip
        return await (await self.web.person(who)).post("/api/v1/evidence-requests", json=body | more)

    async def link(self, *of: dict[str, str]) -> dict[str, str]:
        """Ask somebody; what goes with every act of the one who was asked."""
        answer = await self.asks(*of)
        assert answer.status_code == 201, answer.text
        return self.headers(answer.json()["items"][0]["link"])

    def headers(self, link: str) -> dict[str, str]:
        found = dict(httpx.URL(link).params)
        return {"Wf-Agency": found["agency"], "Wf-Link": found["token"]}

    async def begins(
        self, link: dict[str, str], name: str = "door.mp4", size: int = len(VIDEO), **more: object
    ) -> httpx.Response:
        return await self.visitor.post(
            "/evidence/answer/files", json={"name": name, "size": size} | more, headers=link
        )

    async def part(self, link: dict[str, str], file: str, offset: int, content: bytes) -> httpx.Response:
        path = f"/evidence/answer/files/{file}?offset={offset}"
        return await self.visitor.put(path, content=content, headers=link)

    async def acts(self, link: dict[str, str], act: str) -> httpx.Response:
        form = {"agency": link["Wf-Agency"], "token": link["Wf-Link"], "act": act}
        return await self.visitor.post("/evidence/answer", data=form)

    async def page(self, link: dict[str, str]) -> httpx.Response:
        return await self.visitor.get(
            "/evidence/answer", params={"agency": link["Wf-Agency"], "token": link["Wf-Link"]}
        )

    async def listed(self, who: str = "analyst") -> list[dict[str, Any]]:
        answer = await (await self.web.person(who)).get(
            "/api/v1/evidence-requests", params={"case": self.case}
        )
        return list(answer.json()["items"])


@pytest.fixture
async def asked(center: CenterMaker, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Case]:
    clock, made, data = Later(), list[Asking](), tmp_path / "data"
    (data / "keys").mkdir(parents=True)

    def routers(parts: CenterParts) -> list[APIRouter]:
        if not made:
            made.append(asking_of(parts, data, objects_of(ObjectSettings(min_free_mb=10), data / "objects")))
        owners, skyline = made[0].owners, Skyline(parts.door, made[0].objects)
        own = own_pages.routes(own_pages.OwnPages(owners, tmp_path / "ledger"))
        canvasses = canvass_api.Canvasses(parts.door, parts.clock, skyline, no_news, made[0])
        return [
            owner_api.routes(owners), pages.routes(owners), own, asking_api.routes(made[0]), answer_pages.routes(made[0]),
            canvass_api.routes(canvasses),
        ]  # fmt: skip

    async with (
        center(routers=routers, clock=clock) as web,
        httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url}) as visitor,
    ):
        owner = await accepted(web, visitor)
        yield Case(web, clock, made[0], visitor, owner, await web.case(), data, dsns)
