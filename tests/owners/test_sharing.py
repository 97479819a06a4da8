"""An owner's camera is seen and recorded as agreed, and goes dark when its owner says so: from the viewer's own socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from websockets.exceptions import ConnectionClosed

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb, new_id
from tests.fixtures.counts import Counted
from tests.owners.conftest import ENVELOPE, OFFER
from tests.recordings.center import Block, block, until
from tests.recordings.conftest import sockets as sockets
from tests.recordings.test_live import pictures, received, watching
from watchfloor.cameras import wire
from watchfloor.cameras.wire import Kind
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import case_of, inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import incident_store
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.owners import api, own_pages, pages, sharing_api
from watchfloor.owners.agree import WITHDRAW
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.sign_up import Owners
from watchfloor.settings import OwnerSettings
from watchfloor.storage.jobs import Job
from watchfloor.storage.tx import Tx
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
        """The sweep does the job of a revocation; what it says it deleted."""
        web, camera = self.city.web, inside("camera", self.camera)
        job = Job(new_id(), WITHDRAW, web.parts.agency, {"camera": str(camera)}, 1)
        await Withdrawal(web.parts.door, self.city.objects, self.city.keystore, self.city.spool).work(job)
        async with self.swept() as tx:
            row = await tx.fetch_one(
                "select deleted from agreement where camera_id = %(camera)s", camera=camera
            )
        return dict(row["deleted"])


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


async def test_nothing_flows_before_the_owners_yes_and_dark_is_dark_within_a_second(
    street: Street, counted: Counted
) -> None:
    city, clock = street.city, street.city.web.parts.clock
    await city.record()
    seen = await city.until(street.camera, lambda seen: seen["state"]["word"] == "by agreement")
    assert seen["state"]["reason"] == "By agreement. No agreement with the owner of this camera is in force."
    assert await street.why_dark() == "No agreement with the owner of this camera is in force."
    agreement = await street.agreed()
    await city.until(street.camera, lambda seen: seen["state"]["word"] == "live")
    await until(street.coarse, lambda answer: answer.status_code == 200)

    took = []
    for act, sentence in (
        ("suspend", "The owner has suspended this camera."),
        ("revoke", "The owner has revoked the agreement about this camera."),
    ):
        async with (
            watching(city, street.camera, dict(street.look)) as one,
            watching(city, street.camera, dict(street.look), who="supervisor") as other,
        ):
            await pictures(one, 5), await pictures(other, 5)
            began = clock.monotonic()
            await street.acts(f"/own-agreements/{agreement}/{act}")
            for socket in (one, other):
                assert await ended(socket) == sentence
            took.append(clock.monotonic() - began)
        dark = await city.until(street.camera, lambda seen: seen["state"]["word"] == "by agreement")
        assert dark["state"]["reason"] == f"By agreement. {sentence}" and not dark["recording"]
        # What was recorded a minute ago is no way around it, however coarse.
        assert (await street.coarse()).json()["detail"] == sentence
        if act == "suspend":
            await street.acts(f"/own-agreements/{agreement}/resume")
            await city.until(street.camera, lambda seen: seen["state"]["word"] == "live")
    said = ", ".join(f"{seconds * 1000:.0f} ms" for seconds in took)
    counted(f"from the owner's tap to suspend, and to revoke, to the end at two viewers: {said}")
    await is_told_of_each(street)
    again = await street.owner.post(f"/api/v1/own-agreements/{agreement}/resume", json={})
    assert (again.status_code, again.json()["detail"]) == (409, "You have revoked this.")


async def is_told_of_each(street: Street) -> None:
    """Of four looks that opened, and the one coarse picture; those that were refused, or found none, are none."""
    told = await uses(street, "100")
    assert await uses(street, "3") == told and [one["way"] for one in told] == [*["live"] * 4, "aiming"]
    page = (await street.owner.get("/owners/me")).text
    assert "coarse picture shown" in page and "technicians" in page and "drawing masks" in page


async def uses(street: Street, limit: str) -> list[Any]:
    """The owner's list of uses, so many on a page."""
    found, query = [], {"limit": limit}
    while True:
        page = (await street.owner.get("/api/v1/own-cameras/uses", params=query)).json()
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


async def ended(socket: Any) -> str:
    """What the socket's end says; no picture comes after it."""
    try:
        while True:
            head, payload = await received(socket)
            if head.kind is Kind.END:
                return wire.end_of(head_of(head, payload)).detail
    except ConnectionClosed:
        return "closed without a word"


async def test_revoking_deletes_what_is_not_preserved_and_says_what_stays(street: Street) -> None:
    city = street.city
    agreement = await street.agreed()
    await city.record()
    await city.until(street.camera, lambda seen: seen["recording"])
    analyst = await city.web.person("analyst")
    why = {"Wf-Purpose": "burglary_theft", "Wf-Case": street.case}
    by_order = why | {"Wf-Purpose": "court_order"}
    first = (await until(lambda: street.timeline(why), lambda seen: seen.get("ranges")))["ranges"][0]
    moment = {"from": first["from"], "to": first["to"]}
    video = f"/api/v1/cameras/{street.camera}/video"
    assert (await analyst.get(video, params=moment, headers=why)).status_code == 200
    case = case_of(street.case).id
    async with street.swept() as tx:
        await hold(tx, inside("camera", street.camera), case)
    await street.acts(f"/own-agreements/{agreement}/suspend")
    assert (await analyst.get(video, params=moment, headers=why)).json()["reason"] == "agreement_suspended"
    await street.acts(f"/own-agreements/{agreement}/revoke")
    await city.stop()
    assert await street.withdraw() == {"segments": 0, "days": 0, "held": 1}
    page = (await street.owner.get("/owners/me")).text
    assert "preserved for a case until" in page and "viewed once this month" in page
    await is_told_of_which_minutes(street, first["from"], page)
    assert (await analyst.get(video, params=moment, headers=why)).json()["reason"] == "agreement_revoked"
    assert (await analyst.get(video, params=moment, headers=by_order)).status_code == 200

    async with street.swept() as tx:
        await tx.execute("update hold set ended_at = %(now)s", now=tx.now)
    done = await street.withdraw()
    assert done["segments"] > 0 and done["held"] == 0
    assert [one async for one in city.objects.listed("footage")] == []
    assert list(city.keystore.days()) == [] and not list(city.spool.rglob("*.part"))
    after = await street.timeline(by_order)
    assert after["ranges"] == []
    assert after["gaps"][0]["reason"] == "By agreement: the owner shares nothing of this time."
    assert "Deleted: the recordings of 1 days" in (await street.owner.get("/owners/me")).text


async def is_told_of_which_minutes(street: Street, begin: str, page: str) -> None:
    """Of the recorded time itself, to the picture; not only when somebody sat there."""
    (look,) = (one for one in await uses(street, "100") if one["way"] == "playback")
    assert abs(parse_rfc3339(look["of_from"]) - parse_rfc3339(begin)) < timedelta(seconds=1)
    assert (
        0
        < (parse_rfc3339(look["of_to"]) - parse_rfc3339(look["of_from"])).total_seconds() - 0.05
        <= look["seconds"]
    )
    assert re.search(r"within \d+ \w+ \d{4}, \d\d:\d\d:\d\d \w+ to \d\d:\d\d:\d\d", page)


async def hold(tx: Tx, camera: object, case: object) -> None:
    await tx.execute(
        "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by, placed_at,"
        " ends_at) values (%(id)s, %(agency)s, %(case)s, 'footage', 'camera', %(camera)s, %(now)s - interval '1 hour', %(now)s,"
        " 'shots fired', %(id)s, %(now)s, %(now)s + interval '3 days')",
        id=uuid7(tx.now),
        agency=tx.agency,
        case=case,
        camera=camera,
        now=tx.now,
    )


async def test_hours_ways_and_a_yes_decide_and_a_change_counts_at_once(street: Street) -> None:
    agreement = await street.agreed()
    assert (await street.shared())["shared"]
    never = [{"day": (street.city.web.parts.clock.now().weekday() + 3) % 7, "begin": "03:00", "end": "03:01"}]
    await street.acts(f"/own-agreements/{agreement}", ALWAYS | {"hours": never}, "PUT")
    assert "The owner shares this camera" in str(await street.why_dark())
    await street.acts(f"/own-agreements/{agreement}", ALWAYS | {"mode": "incident"}, "PUT")
    dark = "The owner shares this camera only during an incident within 300 m."
    assert await street.why_dark() == dark
    async with street.swept() as tx:
        await incident(tx, 38.6325)
    assert await street.why_dark() is None
    async with street.swept() as tx:
        await tx.execute(
            "update incident set closed_at = %(now)s, state = 'closed', closed_by = opened_by", now=tx.now
        )
    assert await street.why_dark() == dark

    await street.acts(f"/own-agreements/{agreement}", ALWAYS | {"mode": "asked"}, "PUT")
    assert await street.why_dark() == "The owner shares this camera only after saying yes."
    analyst = await street.city.web.person("analyst")
    wanted = {"minutes": 30, **street.look}
    asked = await analyst.post(f"/api/v1/cameras/{street.camera}/sharing-requests", json=wanted)
    assert asked.status_code == 201, asked.text
    assert "Hardware" not in asked.text
    assert "We ask to see" in (await street.owner.get("/owners/me")).text
    (request,) = (await street.acts("/own-cameras", method="GET"))["requests"]
    await street.acts(f"/own-requests/{request['id']}/answer", {"minutes": 15})
    assert await street.why_dark() is None
    twice = await street.owner.post(f"/api/v1/own-requests/{request['id']}/answer", json={})
    assert (twice.status_code, twice.json()["detail"]) == (409, "This was answered already.")
    often = [
        await analyst.post(f"/api/v1/cameras/{street.camera}/sharing-requests", json=wanted) for _ in range(6)
    ]
    assert often[-1].json()["detail"] == "The owner was asked often enough within this hour."


async def incident(tx: Tx, lat: float) -> None:
    """An open incident at a place, as the table has it."""
    given = {"id": uuid7(tx.now), "agency": tx.agency, "now": tx.now, "lat": lat, "lon": -90.2}
    await tx.execute(
        "insert into call (id, agency_id, number, type, priority, purpose, place, text, taken_by, taken_at, version)"
        " values (%(id)s, %(agency)s, 'C-1', 'Burglary', 2, 'burglary_theft', '', '', %(id)s, %(now)s, 1)",
        **given,
    )
    await tx.execute(
        "insert into incident (id, agency_id, number, year, serial, origin, call_id, kind, level, title, place, lat, lon, at,"
        " opened_by, opened_at, state, why, sure_word, unknown, says, purpose, version) values (%(id)s, %(agency)s, '26-1', 2026, 1,"
        " 'call', %(id)s, 'call', 'caution', 'Burglary', '', %(lat)s, %(lon)s, %(now)s, %(id)s, %(now)s, 'open', '', 'sure', '{}', '',"
        " 'burglary_theft', 1)",
        **given,
    )


async def test_an_owner_reaches_nothing_of_anybody_elses(street: Street) -> None:
    await street.agreed()
    stranger = await street.city.web.person("owner", name="no.owner")
    assert (await stranger.get("/api/v1/own-cameras")).status_code == 404
    (own,) = (await street.acts("/own-cameras", method="GET"))["agreements"]
    assert (await stranger.post(f"/api/v1/own-agreements/{own['id']}/revoke", json={})).status_code == 404
    for path in ("cameras", "people", "owners", "audit/entries"):
        assert (await street.owner.get(f"/api/v1/{path}")).status_code == 403
    assert (await street.owner.get("/owners/me?after=nonsense")).status_code == 422
    for act, status in (("none", 422), ("revoke", 422)):
        assert (await street.owner.post("/owners/me", data={"act": act})).status_code in (status, 401)
