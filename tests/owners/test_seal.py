"""A use that two persons sealed is told to the owner later and then for certain, and nothing that the owner reads meanwhile is false."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import APIRouter

from tests.fixtures.center import A_CAMERA, CenterMaker, CenterParts, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from tests.governance.test_cases import Later
from tests.owners.conftest import ENVELOPE, Shop
from tests.owners.street import ALWAYS, accepted
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import About, Actor, ActorKind, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.kit.extent import Extent
from watchfloor.kit.geo import Point
from watchfloor.owners import api, letters, look, own_pages, pages, seal, seal_api, sharing_api, store
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.look import Looked
from watchfloor.owners.sign_up import Owners
from watchfloor.settings import OwnerSettings
from watchfloor.storage.tx import Tx
from watchfloor.sweep.expire_store import delete_expired
from watchfloor.sweep.run import do_due

DAY = timedelta(days=1)


@dataclass
class Watched:
    """A shop whose camera was watched once, for a case."""

    web: CenterWeb
    clock: Later
    owners: Owners
    owner: httpx.AsyncClient
    owner_id: str
    case: str
    use: str

    async def asks(self, who: str = "supervisor", **more: object) -> httpx.Response:
        """Somebody asks that the use be sealed."""
        body = {
            "entry": self.use,
            "purpose": "burglary_theft",
            "case": self.case,
            "days": 30,
            "reason": "a suspect works there",
        }
        role = "supervisor" if who == "second" else who
        client = await self.web.person(role, name=who)
        return await client.post("/api/v1/use-seals", json=body | more)

    async def sealed(self, **more: int) -> None:
        """A supervisor asks, and a second person approves."""
        asked = await self.asks("supervisor", **more)
        assert asked.status_code == 201, asked.text
        second = await self.web.person("detective")
        path = f"/api/v1/proposals/{asked.json()['proposal']}/approve"
        answer = await second.post(path, json={"note": ""})
        assert answer.status_code == 200, answer.text

    async def told(self) -> Looked:
        """What the owner is told, at whatever time it is."""
        async with self.swept() as tx:
            owner = await store.owner_of(tx, inside("owner", self.owner_id))
        assert owner is not None and owner.person is not None
        agency = process_actor(self.web.parts.agency, "sweep").agency
        actor = Actor(owner.person, ActorKind.PERSON, agency, frozenset({Role.OWNER}))
        return await look.looked(self.owners, actor, Extent(100))

    def swept(self) -> Any:
        ask = Ask(process_actor(self.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
        return self.web.parts.door.open(ask)

    async def due(self) -> int:
        """The sweep does what is due."""
        works = seal.opening(self.web.parts.door, ENVELOPE, "https://center.example.org", Path("/nowhere"))
        return await do_due(self.web.parts.door, self.web.parts.agency, works)


async def registered(web: CenterWeb) -> UUID:
    """A camera of the registry that nobody opens, linked by its owner."""
    camera = new_id()
    ask = Ask(process_actor(web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with web.parts.door.open(ask) as tx:
        row = A_CAMERA.replace("'fixed_camera'", "'private_camera_link'")
        await tx.execute(row, id=camera, name="The door", agency=tx.agency, now=tx.now)
    return camera


def owners_of(parts: CenterParts) -> Owners:
    """The use cases of owners, where no mail server is set."""
    allowance = Allowance(parts.clock, 100, 100)
    url, agencies = "https://center.example.org", (parts.agency,)
    return Owners(parts.door, parts.clock, ENVELOPE, url, OwnerSettings(), allowance, agencies, False)


def routes_of(owners: Owners, ledger: Path) -> list[APIRouter]:
    """Their routes and pages."""
    shares = sharing_api.SharingRoutes(owners, ledger, nowhere)
    own = own_pages.routes(own_pages.OwnPages(owners, ledger))
    return [
        api.routes(owners),
        sharing_api.routes(shares),
        seal_api.routes(owners),
        pages.routes(owners),
        own,
    ]


@pytest.fixture
async def watched(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Watched]:
    clock, made = Later(), list[Owners]()

    def routers(parts: CenterParts) -> list[APIRouter]:
        made[:] = made or [owners_of(parts)]
        return routes_of(made[0], tmp_path / "ledger")

    async with center(routers=routers, acts={seal.KIND: seal.ACT}, clock=clock) as web:
        await web.authorise("private_camera_link")
        camera, owner = await registered(web), web.client()
        async with httpx.AsyncClient(base_url=web.url, headers={"Origin": web.url}) as visitor:
            owner_id = await accepted(web, visitor)
            owner.cookies.update(visitor.cookies)
        offer = ALWAYS | {"camera": outside("camera", camera)}
        staff = await web.person("technician")
        made_one = (await staff.post(f"/api/v1/owners/{owner_id}/agreements", json=offer)).json()
        assert (
            await owner.post(f"/api/v1/own-agreements/{made_one['id']}/agree", json={})
        ).status_code == 200
        case = await web.case()
        analyst = Actor(
            new_id(),
            ActorKind.PERSON,
            process_actor(web.parts.agency, "sweep").agency,
            frozenset({Role.ANALYST}),
        )
        grant = await web.parts.door.grant(
            Ask(analyst, Need.CAMERA_LIVE, why_of("burglary_theft", case), About("camera", camera),
                TechnologyKind.PRIVATE_CAMERA_LINK, Point(38.6, -90.2))
        )  # fmt: skip
        await grant.close({})
        yield Watched(web, clock, made[0], owner, owner_id, case, outside("entry", grant.entry))


async def nowhere(tx: Tx) -> list[Point]:
    return []


async def test_a_sealed_use_is_in_nothing_that_the_owner_reads_and_the_auditor_has_it_at_once(
    watched: Watched,
) -> None:
    async def owner_reads() -> tuple[str, list[Any], str]:
        own = (await watched.owner.get("/api/v1/own-cameras")).json()
        uses = (await watched.owner.get("/api/v1/own-cameras/uses")).json()["items"]
        return own["sentence"], uses, (await watched.owner.get("/owners/me")).text

    sentence, uses, page = await owner_reads()
    assert sentence.startswith("As told so far, your camera was viewed once this month") and len(uses) == 1
    # What is said of sealing is said whether anything is sealed or not.
    assert "may seal a use for a case" in page
    asked = await watched.asks()
    assert len((await owner_reads())[1]) == 1
    approve = f"/api/v1/proposals/{asked.json()['proposal']}/approve"
    alone = await (await watched.web.person("supervisor")).post(approve, json={"note": ""})
    assert (alone.status_code, alone.json()["reason"]) == (403, "same_person")
    assert (await (await watched.web.person("detective")).post(approve, json={"note": ""})).status_code == 200

    sentence, uses, page = await owner_reads()
    assert (sentence, uses) == ("As told so far, your camera was not viewed this month.", [])
    assert "No use of your cameras has been told yet." in page and "may seal a use for a case" in page
    assert "burglary" not in page.lower()
    proof = await watched.owner.get(f"/api/v1/own-cameras/uses/{watched.use}/proof")
    assert proof.status_code == 404

    auditor = await watched.web.person("auditor")
    (one,) = (await auditor.get("/api/v1/use-seals")).json()["items"]
    assert (one["entry"], one["case"], one["sealed"]) == (watched.use, watched.case, True)
    assert {one["asked_by"]["name"], one["sealed_by"]["name"]} == {"Supervisor", "Detective"}
    assert (await auditor.get(f"/api/v1/audit/entries/{watched.use}")).status_code == 200
    told = (await auditor.get("/api/v1/audit/entries", params={"about": f"entry:{watched.use}"})).json()[
        "items"
    ]
    assert "use.sealed" in [entry["reason"] for entry in told]
    again = await watched.asks()
    assert (again.status_code, again.json()["reason"]) == (409, "sealed")
    await how_much_was_exported_is_told(watched)
    await is_not_forgotten_before(watched)


async def how_much_was_exported_is_told(watched: Watched) -> None:
    """By the time that is in the package; of what nothing was sent of, nothing."""
    (camera,) = (await watched.owner.get("/api/v1/own-cameras")).json()["agreements"]
    about = About("camera", inside("camera", camera["camera"]))
    agency = process_actor(watched.web.parts.agency, "sweep").agency
    detective = Actor(new_id(), ActorKind.PERSON, agency, frozenset({Role.DETECTIVE}))
    why = why_of("burglary_theft", watched.case)
    times = {"from_ms": 1_790_000_000_000, "to_ms": 1_790_000_090_000}
    for counts in ({"bytes": 9_000, "asked_ms": 90_000, **times}, {"bytes": 0}):
        ask = Ask(
            detective, Need.EXPORT_FETCH, why, about, TechnologyKind.PRIVATE_CAMERA_LINK, Point(38.6, -90.2)
        )
        grant = await watched.web.parts.door.grant(ask)
        await grant.close(counts)
    (one,) = (await watched.owner.get("/api/v1/own-cameras/uses")).json()["items"]
    assert (one["way"], one["seconds"]) == ("export", 90.0)
    assert (one["of_from"], one["of_to"]) == ("2026-09-21T14:13:20Z", "2026-09-21T14:14:50Z")
    assert "1 min 30 s" in (await watched.owner.get("/owners/me")).text


async def is_not_forgotten_before(watched: Watched) -> None:
    """Who is still to be told stays; who was told goes when it is time."""
    async with watched.swept() as tx:
        await tx.execute("update owner set erase_after = %(now)s - interval '1 day'", now=tx.now)
        assert await delete_expired(tx, "owner") == 0
        await tx.execute("update use_seal set opened_at = %(now)s", now=tx.now)
        assert await delete_expired(tx, "owner") == 1


async def test_disclosure_comes_by_itself_though_the_sweep_was_down_and_stays_though_the_clock_goes_back(
    watched: Watched, dsns: Dsns
) -> None:
    for more, status, reason in (
        ({"days": 31}, 422, "days"),
        ({"days": 0}, 422, "days"),
        ({"case": await watched.web.case()}, 422, "case"),
        ({"entry": outside("entry", new_id())}, 404, "not_found"),
    ):
        answer = await watched.asks("supervisor", **more)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
    for who in ("analyst", "detective", "auditor"):
        assert (await watched.asks(who)).status_code == 403
    await watched.sealed(days=2)
    assert (await watched.told()).uses.items == []
    watched.clock.ahead = 2 * DAY - timedelta(minutes=1)
    assert await watched.due() == 0 and (await watched.told()).uses.items == []
    # No timer ran for 48 hours: the page tells by itself, the letter comes late, and once.
    watched.clock.ahead = 4 * DAY
    (use,) = (await watched.told()).uses.items
    assert use.sealed_at is not None and use.sealed_until == use.sealed_at + 2 * DAY
    assert await watched.due() == 1 and await watched.due() == 0
    sent = await Shop(watched.web, watched.owners, watched.owner).letters()
    (letter,) = [one for _, one in sent if one.kind == "unsealed"]
    assert "was watched live on" in letter.text and "it was sealed for a case from" in letter.text
    # A clock that is put back closes nothing again.
    watched.clock.ahead = timedelta(0)
    assert [one.entry for one in (await watched.told()).uses.items] == [inside("entry", watched.use)]
    for change in ("until = until + interval '1 day'", "opened_at = null", "sealed_at = now()"):
        with psycopg.connect(dsns.owner, autocommit=True) as connection, pytest.raises(psycopg.Error):
            connection.execute(f"update use_seal set {change}".encode())


def test_the_letter_carries_the_proof_as_a_file() -> None:
    proof = json.dumps({"format": "x"})
    letter = letters.unsealed(
        "River City", "It was watched.", "It was sealed.", "https://c/owners/enter", proof
    )
    assert letter.proof == proof and "watchfloor verify proof.json" in letter.text
    assert "on your page" in letters.unsealed("River City", "a", "b", "c", "").text
