"""Private owners of an agency, as they come to it: by the public page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.fixtures.center import CenterWeb
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker, Things


@dataclass(frozen=True, kw_only=True)
class OfOwners:
    """What an agency has of owners, by outside ids."""

    owner: str
    owner_to_go: str
    owner_accepted: str
    camera_private: str
    agreement: str
    agreement_offered: str
    sharing_request: str
    use: str
    evidence: str
    evidence_to_go: str
    evidence_file: str
    partner: str
    lending: str


TERMS: Final = {"mode": "asked", "radius_m": 300, "hours": [], "ends_at": None}


async def offered(maker: Maker) -> dict[str, Any]:
    """Three who offer cameras on the public page, and have proved their addresses by links that staff handed over."""
    made = {}
    session = await maker.does("officer", "GET", "/session")
    offer = {"agency": session["agency"]["id"], "kind": "person", "address": f"Mill St 7, {maker.name}"}
    offer |= {"shares": "stream", "terms": "yes"}
    async with httpx.AsyncClient(base_url=maker.web.url, headers={"Origin": maker.web.url}) as visitor:
        for field in ("owner", "owner_to_go", "owner_accepted"):
            email = f"{field}@{maker.name.lower()}.example"
            said = offer | {"name": f"{field} of {maker.name}", "email": email}
            assert (await visitor.post("/owners/sign-up", data=said)).status_code == 200
            listed = (await maker.does("technician", "GET", "/owners"))["items"]
            made[field] = next(one["id"] for one in listed if one["email"] == email)
            link = (await maker.posts("technician", f"/owners/{made[field]}/link"))["link"]
            told = dict(parse_qsl(urlsplit(link).query))
            assert (await visitor.post("/owners/verify", data=told)).status_code == 200
    return made


async def owned(maker: Maker, made: dict[str, Any], camera: dict[str, object]) -> dict[str, Any]:
    """What an owner agreed to and was asked, and one look at a camera of theirs. Whoever has the role is the owner who was accepted."""
    owner = made["owner_accepted"]
    await maker.posts("technician", f"/owners/{owner}/accept")
    session = await maker.does("owner", "GET", "/session")
    body = camera | {"name": f"The shop of {maker.name}", "technology": "private_camera_link"}
    made = made | {"camera_private": await maker.named("technician", "/cameras", **body)}
    offer = TERMS | {"camera": made["camera_private"]}
    ask = Ask(process_actor(maker.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with maker.web.parts.door.open(ask) as tx:
        sql = "update owner set person_id = %(person)s where id = %(owner)s"
        await tx.execute(sql, person=inside("person", session["person"]["id"]), owner=inside("owner", owner))
    shared = {}
    for field in ("agreement", "agreement_seen", "agreement_offered"):
        shared[field] = await maker.named("technician", f"/owners/{owner}/agreements", **offer)
        if field != "agreement_offered":
            await maker.posts("owner", f"/own-agreements/{shared[field]}/agree")
    async with maker.web.parts.door.open(ask) as tx:
        sql = "update agreement set camera_id = %(camera)s where id = %(id)s"
        seen = inside("agreement", shared.pop("agreement_seen"))
        await tx.execute(sql, camera=inside("camera", made["camera"]), id=seen)
    why = {"purpose": "stolen_vehicle", "case": f"case:{made['case']}"}
    await maker.posts(
        "analyst", f"/cameras/{made['camera_private']}/sharing-requests", {"minutes": 30, **why}
    )
    (request,) = (await maker.does("owner", "GET", "/own-cameras"))["requests"]
    span = {"from": made["since"], "to": made["until"]}
    headers = {"Wf-Purpose": why["purpose"], "Wf-Case": why["case"]}
    client = await maker.web.person("analyst")
    video = f"/api/v1/cameras/{made['camera']}/video"
    assert (await client.get(video, params=span, headers=headers)).status_code == 200
    uses = (await maker.does("owner", "GET", "/own-cameras/uses"))["items"]
    return shared | await asked_for(maker, owner, made) | {
        "camera_private": made["camera_private"], "sharing_request": request["id"], "use": uses[0]["entry"],
    }  # fmt: skip


def asking_body(web: CenterWeb, owner: str, case: str, name: str) -> dict[str, object]:
    """What an owner is asked for."""
    begin = web.parts.clock.now() - timedelta(hours=2)
    time = {"from_at": rfc3339(begin), "to_at": rfc3339(begin + timedelta(minutes=30))}
    why = {"purpose": "stolen_vehicle", "case": f"case:{case}"}
    return {
        "place": f"Mill St, {name}",
        "words": f"A car left {name}.",
        "of": [{"owner": owner}],
        **time,
        **why,
    }


async def asked_for(maker: Maker, owner: str, made: dict[str, Any]) -> dict[str, str]:
    """Two requests for evidence, and a picture that came of one by its link."""
    body = asking_body(maker.web, owner, made["case"], maker.name)
    one, two = [(await maker.posts("analyst", "/evidence-requests", body))["items"][0] for _ in range(2)]
    told = dict(parse_qsl(urlsplit(one["link"]).query))
    link = {"Wf-Agency": told["agency"], "Wf-Link": told["token"]}
    picture = b"\xff\xd8\xff\xe0" + maker.name.encode()
    async with httpx.AsyncClient(base_url=maker.web.url, headers={"Origin": maker.web.url} | link) as visitor:
        said = {"name": "door.jpg", "size": len(picture)}
        begun = (await visitor.post("/evidence/answer/files", json=said)).json()
        sent = await visitor.put(f"/evidence/answer/files/{begun['id']}?offset=0", content=picture)
    assert sent.json()["sha256"], sent.text
    ask = Ask(process_actor(maker.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with maker.web.parts.door.open(ask) as tx:
        # A reminder goes out a day later at the earliest.
        await tx.execute("update evidence_request set asked_at = asked_at - interval '2 days'")
    return {
        "evidence": one["request"]["id"],
        "evidence_to_go": two["request"]["id"],
        "evidence_file": begun["id"],
    }


def asking_of(web: CenterWeb, things: Things) -> dict[str, object]:
    """What the agency's own owner is asked for."""
    return asking_body(web, things.owner_accepted, things.case, things.name)


def sealing_of(things: Things, why: dict[str, str]) -> dict[str, object]:
    """A seal of a use, for the case it was done for."""
    return {"entry": things.use, "days": 30, "reason": f"a suspect of {things.name}", **why}


def lending_of(web: CenterWeb, partner: str, camera: str) -> dict[str, object]:
    """A camera that a partner center may record for a month."""
    until = rfc3339(web.parts.clock.now() + timedelta(days=30))
    return {
        "partner": partner,
        "cameras": [camera],
        "until": until,
        "reason": f"the river front of {partner}",
    }


async def lent(maker: Maker, made: dict[str, Any]) -> dict[str, str]:
    """A partner center, and a camera that two persons lent to it."""
    body = {
        "name": f"{maker.name.lower()}.county",
        "full_name": f"County of {maker.name}",
        "roles": ["partner"],
    }
    partner = (await maker.posts("administrator", "/people", body))["person"]["id"]
    asked = await maker.posts("clerk", "/lendings", lending_of(maker.web, partner, made["camera"]))
    given = await maker.posts("supervisor", f"/proposals/{asked['proposal']}/approve", {"note": ""})
    return {"partner": partner, "lending": given["subject"]}
