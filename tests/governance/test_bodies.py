"""Approving bodies: an authorisation waits for those that it names and those that its technology requires, and for nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.fixtures.center import CHICAGO, CenterMaker, CenterWeb, authorisation_body, new_id
from tests.fixtures.engines import Dsns
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Denied, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.geo import Point
from watchfloor.kit.said import day, moment
from watchfloor.kit.sure import sure

COUNCIL, BOARD = "City Council", "State Board of Commissioners"


def look(web: CenterWeb) -> Ask:
    """Somebody wants to see a public camera."""
    analyst = Actor(
        new_id(), ActorKind.PERSON, AgencyId(web.parts.agency), frozenset({Role.ANALYST}), name="Ann"
    )
    why = Why(Purpose.PATROL_MONITORING)
    about = About("camera", new_id())
    return Ask(analyst, Need.CAMERA_LIVE, why, about, TechnologyKind.FIXED_CAMERA, Point(38.6, -90.2))


def recording(web: CenterWeb) -> Ask:
    """A recorder wants to record a camera."""
    recorder = Actor(new_id(), ActorKind.PROCESS, AgencyId(web.parts.agency), frozenset({Role.MACHINE}))
    return Ask(recorder, Need.CAMERA_RECORD, None, About("camera", new_id()), TechnologyKind.FIXED_CAMERA)


async def decided(web: CenterWeb, proposed: httpx.Response) -> dict[str, Any]:
    """The supervisor approves what the clerk proposed."""
    assert proposed.status_code == 201, proposed.text
    supervisor = await web.person("supervisor")
    answer = await supervisor.post(f"/api/v1/proposals/{proposed.json()['id']}/approve", json={"note": ""})
    assert answer.status_code == 200, answer.text
    approved: dict[str, Any] = answer.json()
    return approved


async def require(web: CenterWeb, body: str, *, required: bool = True) -> httpx.Response:
    clerk = await web.person("clerk")
    body_sent = {"technology": "fixed_camera", "body": body, "required": required}
    return await clerk.post("/api/v1/required-bodies", json=body_sent)


async def shown(web: CenterWeb, authorisation: str) -> dict[str, Any]:
    answer = await (await web.person("clerk")).get(f"/api/v1/authorisations/{authorisation}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def state(web: CenterWeb, authorisation: str) -> str:
    return str((await shown(web, authorisation))["state"])


async def technology(web: CenterWeb) -> dict[str, Any]:
    listed = (await (await web.person("clerk")).get("/api/v1/technologies")).json()["items"]
    return next(one for one in listed if one["technology"] == "fixed_camera")


async def effects(web: CenterWeb, authorisation: str) -> list[str]:
    """What the log says was done to it, oldest first."""
    auditor = await web.person("auditor")
    query = {"about": f"authorisation:{authorisation}", "kind": "effect"}
    listed = (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
    return [entry["reason"] for entry in reversed(listed)]


def yes(web: CenterWeb, body: str, **changes: Any) -> dict[str, Any]:
    """A body's approval, of yesterday."""
    at = rfc3339(web.parts.clock.now() - timedelta(days=1))
    return {"body": body, "instrument": "Resolution 2026-7", "approved_at": at, **changes}


def of_two(web: CenterWeb) -> list[dict[str, Any]]:
    """The council has approved; the board is named and has not yet."""
    return [yes(web, COUNCIL), yes(web, BOARD, instrument="Hearing of spring", approved_at=None)]


def assert_history_of_two(told: dict[str, Any]) -> None:
    """Who did what, oldest first, from the council's vote to now."""
    assert [(line["text"], line["by"] and line["by"]["name"]) for line in told["history"]] == [
        (f"Approved by {COUNCIL}: Resolution 2026-7.", None),
        (f"Approved by {BOARD}: Resolution 2026-7.", None),
        ("Proposed here.", "Clerk"),
        ("Approved here by a second person.", "Supervisor"),
        (f"The approval of {BOARD}, recorded by Clerk, was confirmed by a second person.", "Supervisor"),
        ("In force.", None),
    ]


async def look_is_refused(web: CenterWeb, words: str) -> None:
    """A look is refused for these words, and the explorer says them."""
    with pytest.raises(Refused, match=words) as refused:
        await web.parts.door.grant(look(web))
    entry = outside("entry", sure(refused.value.entry))
    told = (await (await web.person("auditor")).get(f"/api/v1/audit/entries/{entry}")).json()
    assert told["explanation"]["sentence"].endswith(f"“Use of fixed camera” is {words}.")
    failed = [c["text"] for c in told["explanation"]["conditions"] if c["met"] is False]
    assert failed == ["Every body that it names or that its technology requires has approved it."]


async def test_an_authorisation_of_two_bodies_waits_for_the_second_and_is_in_force_with_its_yes(
    center: CenterMaker,
) -> None:
    async with center() as web:
        clerk, supervisor = await web.person("clerk"), await web.person("supervisor")
        made = await web.authorise("fixed_camera", bodies=of_two(web))
        (proposal,) = (await clerk.get("/api/v1/proposals")).json()["items"]
        assert proposal["sentence"].startswith(f"{COUNCIL} (Resolution 2026-7) allows fixed cameras in the")
        assert proposal["sentence"].endswith(f"It waits for: {BOARD}.")

        waiting = await shown(web, made)
        words = f"waiting for: {BOARD}"
        assert (waiting["state"], waiting["state_text"]) == ("waiting", words)
        assert waiting["waiting_for"] == [BOARD]
        assert "In force." not in [line["text"] for line in waiting["history"]]
        kind = await technology(web)
        assert (kind["authorised"], kind["reason"]) == (False, f"“Use of fixed camera” is {words}.")
        await look_is_refused(web, words)

        proposed = await clerk.post(f"/api/v1/authorisations/{made}/approvals", json=yes(web, BOARD))
        assert proposed.json()["sentence"].startswith(f"{BOARD} approved “Use of fixed camera” by Resolution")
        own = await clerk.post(f"/api/v1/proposals/{proposed.json()['id']}/approve", json={"note": ""})
        assert (own.status_code, own.json()["reason"]) == (403, "same_person")
        assert await state(web, made) == "waiting"
        assert (await decided(web, proposed))["subject"] == made

        after = await shown(web, made)
        assert (after["state"], after["waiting_for"]) == ("in_force", [])
        assert after["state_text"] == f"in force until {day(parse_rfc3339(after['expires_at']), CHICAGO)}"
        assert [one["approved_at"] is None for one in after["approvals"]] == [False, False]
        grant = await web.parts.door.grant(look(web))
        await grant.close({})
        assert await effects(web, made) == [
            "authorisation.waiting", "authorisation.body_approved", "authorisation.in_force",
        ]  # fmt: skip
        assert_history_of_two(after)
        again = await supervisor.post(f"/api/v1/authorisations/{made}/approvals", json=yes(web, BOARD))
        assert (again.status_code, again.json()["reason"]) == (409, "not_waited_for")
        assert again.json()["detail"] == f"It waits for no body, not for {BOARD}."


async def made_meanwhile(dsns: Dsns) -> None:
    """What is authorised was so by transactions that began after the next one, and were done before it."""
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute("update authorisation set created_at = created_at + interval '1 hour'")


async def said_of_bodies(web: CenterWeb) -> list[str]:
    """What the log says of required bodies, oldest first."""
    auditor = await web.person("auditor")
    log = (await auditor.get("/api/v1/audit/entries?kind=effect&limit=200")).json()["items"]
    return [entry["reason"] for entry in reversed(log) if entry["reason"].startswith("body.")]


async def test_two_last_bodies_confirmed_at_the_same_moment_bring_it_into_force_once_and_cameras_record(
    center: CenterMaker,
) -> None:
    async with center() as web:
        camera = recording(web)
        clerk = await web.person("clerk")
        both = [one | {"approved_at": None} for one in of_two(web)]
        made = await web.authorise("fixed_camera", bodies=both)
        (proposal,) = (await clerk.get("/api/v1/proposals")).json()["items"]
        assert proposal["sentence"].startswith("No body has approved yet: fixed cameras in the whole")
        (no,) = await web.parts.door.lease([camera])
        assert isinstance(no, Denied) and f"waiting for: {COUNCIL}, {BOARD}" in no.sentence
        path = f"/api/v1/authorisations/{made}/approvals"
        twice = [await clerk.post(path, json=yes(web, body)) for body in (COUNCIL, BOARD, BOARD)]
        supervisor = await web.person("supervisor")
        answers = await asyncio.gather(
            *(
                supervisor.post(f"/api/v1/proposals/{one.json()['id']}/approve", json={"note": ""})
                for one in twice
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
        assert await state(web, made) == "in_force"
        assert (await effects(web, made)).count("authorisation.in_force") == 1
        async with asyncio.timeout(60):
            while not isinstance((await web.parts.door.lease([camera]))[0], Lease):
                await web.parts.clock.sleep(0.05)


async def test_naming_a_body_requires_nothing_and_two_persons_require_it_for_one_technology(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        await web.authorise("fixed_camera", bodies=[yes(web, COUNCIL), yes(web, BOARD)])
        by_one = await web.authorise("fixed_camera", bodies=[yes(web, COUNCIL)])
        assert await state(web, by_one) == "in_force"
        assert (await technology(web))["required_bodies"] == []

        proposed = await require(web, BOARD)
        assert proposed.json()["title"] == f"{BOARD}: required for fixed cameras"
        assert (await technology(web))["required_bodies"] == []  # one person decides nothing
        await decided(web, proposed)
        assert (await technology(web))["required_bodies"] == [BOARD]
        again = await require(web, BOARD)
        assert (again.status_code, again.json()["reason"]) == (409, "no_change")
        assert await state(web, by_one) == "in_force"
        assert await state(web, await web.authorise("plate_reader")) == "in_force"

        made = await web.authorise("fixed_camera")
        named = await web.authorise("fixed_camera", bodies=of_two(web))
        whole = await web.authorise("fixed_camera", bodies=[yes(web, COUNCIL), yes(web, BOARD)])
        assert (await shown(web, made))["state_text"] == f"waiting for: {BOARD}"
        assert await state(web, whole) == "in_force"
        proposals = (await (await web.person("clerk")).get("/api/v1/proposals")).json()["items"]
        assert proposals[2]["sentence"].endswith(f"It waits for: {BOARD}.")

        await decided(web, await require(web, BOARD, required=False))
        assert await state(web, made) == "in_force"
        await still_waits(web, named)
        assert await effects(web, made) == ["authorisation.waiting", "authorisation.in_force"]
        released = [line["text"] for line in (await shown(web, made))["history"][-2:]]
        assert released == [f"The approval of {BOARD} is no longer required.", "In force."]
        assert await said_of_bodies(web) == ["body.required", "body.no_longer_required"]
        none = await require(web, BOARD, required=False)
        assert (none.status_code, none.json()["reason"]) == (409, "no_change")

        await made_meanwhile(dsns)
        await decided(web, await require(web, BOARD))
        assert await state(web, made) == "in_force"


async def still_waits(web: CenterWeb, authorisation: str) -> None:
    """It named the board itself, which nobody required of it."""
    told = await shown(web, authorisation)
    assert told["state"] == "waiting"
    assert not [line["text"] for line in told["history"] if "no longer required" in line["text"]]


async def test_a_body_approves_nothing_in_the_future_and_bad_input_is_named(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        clerk, supervisor = await web.person("clerk"), await web.person("supervisor")
        tomorrow = rfc3339(web.parts.clock.now() + timedelta(days=1))
        body = authorisation_body(web.parts.clock, "fixed_camera")
        early = await clerk.post(
            "/api/v1/authorisations", json=body | {"bodies": [yes(web, COUNCIL, approved_at=tomorrow)]}
        )
        words = f"{COUNCIL} cannot have approved it in the future: {moment(parse_rfc3339(tomorrow), CHICAGO)} is still to come."
        assert (early.status_code, early.json()["reason"], early.json()["detail"]) == (422, "bodies", words)

        # Proposed when it was not asked yet, as by an earlier version: refused when the second person approves.
        sound = await clerk.post("/api/v1/authorisations", json=body)
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            await connection.execute(
                "update proposal set payload = jsonb_set(payload, '{bodies,0,approved_at}', to_jsonb(%s::text)) where id = %s",
                [tomorrow, inside("proposal", sound.json()["id"])],
            )
        late = await supervisor.post(f"/api/v1/proposals/{sound.json()['id']}/approve", json={"note": ""})
        assert (late.status_code, late.json()["detail"]) == (422, words)
        assert (await clerk.get("/api/v1/authorisations")).json()["items"] == []

        await later_approvals_are_refused(web, tomorrow, words)


async def later_approvals_are_refused(web: CenterWeb, tomorrow: str, words: str) -> None:
    clerk = await web.person("clerk")
    made = await web.authorise("fixed_camera", bodies=of_two(web))
    path = f"/api/v1/authorisations/{made}/approvals"
    for sent, status, reason, detail in (
        (yes(web, BOARD, approved_at=tomorrow), 422, "approved_at", words.replace(COUNCIL, BOARD)),
        (yes(web, BOARD, approved_at=None), 422, "approved_at", "Say when the body approved it."),
        (yes(web, BOARD, instrument=" "), 422, "instrument", "Each body has an instrument, of 2 to 200 characters."),
        (yes(web, " "), 422, "body", "Each body has a name, of 2 to 120 characters."),
        (yes(web, COUNCIL), 409, "not_waited_for", f"It waits for {BOARD}, not for {COUNCIL}."),
    ):  # fmt: skip
        answer = await clerk.post(path, json=sent)
        told = answer.json()
        assert (answer.status_code, told["reason"], told["detail"]) == (status, reason, detail)
    now = web.parts.clock.now()
    window = {
        "effective_at": rfc3339(now - timedelta(days=9)),
        "expires_at": rfc3339(now - timedelta(days=1)),
    }
    over = await web.authorise("fixed_camera", bodies=of_two(web), **window)
    assert (await shown(web, over))[
        "state_text"
    ] == f"expired since {day(parse_rfc3339(window['expires_at']), CHICAGO)}"
    late = await clerk.post(path.replace(made, over), json=yes(web, BOARD))
    assert (late.status_code, late.json()["reason"]) == (409, "expired")
    unknown = outside("authorisation", new_id())
    assert (await clerk.post(path.replace(made, unknown), json=yes(web, BOARD))).status_code == 404
    kites = {"technology": "kites", "body": BOARD, "required": True}
    odd = await clerk.post("/api/v1/required-bodies", json=kites)
    assert (odd.status_code, odd.json()["reason"]) == (422, "technology")
    nameless = await require(web, " ")
    assert (nameless.status_code, nameless.json()["reason"]) == (422, "body")
    officers = (
        (path, yes(web, BOARD)),
        ("/api/v1/required-bodies", kites | {"technology": "fixed_camera"}),
    )
    for route, sent in officers:
        by_officer = await (await web.person("officer")).post(route, json=sent)
        assert (by_officer.status_code, by_officer.json()["reason"]) == (403, "role")
