"""Somebody offers a camera on the public page, proves their address, and staff decide."""

from __future__ import annotations

import asyncio

import httpx

from tests.owners.conftest import OFFER, ShopMaker
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.settings import OwnerSettings


def words_of(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_an_offer_is_proved_accepted_and_answered_by_letters(shop: ShopMaker) -> None:
    async with shop() as at:
        page = words_of(await at.visitor.get("/owners/sign-up"), 200)
        assert "River City" in page and "<script" not in page
        assert "within 48 hours" in words_of(await at.offers(), 200)
        technician = await at.web.person("technician")
        (waiting,) = (await technician.get("/api/v1/owners")).json()["items"]
        assert (waiting["state"], waiting["mail"]["state"]) == ("unverified", "waiting")
        too_early = await technician.post(f"/api/v1/owners/{waiting['id']}/accept", json={})
        assert (too_early.status_code, too_early.json()["detail"]) == (
            409,
            "The e-mail address is not proved yet.",
        )

        link = await at.link("verify")
        looked = words_of(await at.visitor.get(link), 200)  # as a mail program does, more than once
        assert "Is this your address?" in looked and (await at.visitor.get(link)).status_code == 200
        assert "Your address is proved." in words_of(await at.follow(link), 200)
        assert "This link was used already, or its time is over." in words_of(await at.visitor.get(link), 410)

        supervisor = await at.web.person("supervisor")
        asked = await supervisor.post(
            f"/api/v1/owners/{waiting['id']}/ask", json={"question": "Which way does it look?"}
        )
        assert asked.json()["state"] == "asked"
        assert "Which way does it look?" in (await at.visitor.get(await at.link("asked"))).text
        assert (
            "Your answer is with our staff."
            in (await at.follow(await at.link("asked"), answer="North, the crossing.")).text
        )
        accepted = await technician.post(f"/api/v1/owners/{waiting['id']}/accept", json={})
        assert accepted.json()["state"] == "accepted"
        assert "North, the crossing." in accepted.json()["note"]
        assert [letter.kind for _, letter in await at.letters()] == ["verify", "asked", "accepted"]


async def test_a_known_address_is_answered_like_any_other(shop: ShopMaker) -> None:
    async with shop() as at:
        first = await at.offers()
        await at.follow(await at.link("verify"))
        again = await at.offers(name="Somebody Else")
        assert first.text == again.text
        (kept,) = (await (await at.web.person("technician")).get("/api/v1/owners")).json()["items"]
        assert (kept["name"], kept["place"]["text"]) == (OFFER["name"], OFFER["address"])
        assert [letter.kind for _, letter in await at.letters()] == ["verify", "known"]
        assert "Take my offer back" in (await at.visitor.get(await at.link("known", 1))).text
        assert "Your offer is taken back." in (await at.follow(await at.link("known", 1))).text
        assert (await (await at.web.person("technician")).get("/api/v1/owners")).json()["items"] == []


async def test_what_somebody_else_wrote_with_an_address_is_not_what_its_owner_proves(shop: ShopMaker) -> None:
    async with shop() as at:
        await at.offers(name="An Impostor", address="1 Elsewhere")
        theirs = await at.link("verify")
        await at.offers()
        assert (await at.visitor.get(theirs)).status_code == 410
        page = words_of(await at.visitor.get(await at.link("verify")), 200)
        assert "Mill Street Hardware offers 2 camera(s), 12 Mill St." in page and "Impostor" not in page
        await at.follow(await at.link("verify"))
        (kept,) = (await (await at.web.person("technician")).get("/api/v1/owners")).json()["items"]
        assert (kept["name"], kept["place"]["text"]) == (OFFER["name"], OFFER["address"])


async def test_the_public_cannot_fill_the_log_by_trying_links(shop: ShopMaker) -> None:
    async with shop() as at:
        ask = Ask(process_actor(at.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
        async with at.web.parts.door.open(ask) as tx:
            before = await tx.fetch_one("select count(*) as n from audit_entry")
        for path in ("verify", "enter", "withdraw"):
            for n in range(3):
                told = {"token": f"{n}" * 43}
                assert (await at.visitor.get(f"/owners/{path}", params=told)).status_code == 410
                assert (await at.visitor.post(f"/owners/{path}", data=told)).status_code == 410
        await at.visitor.post("/owners/enter", data={"email": "nobody@example.org"})
        async with at.web.parts.door.open(ask) as tx:
            assert await tx.fetch_one("select count(*) as n from audit_entry") == before


async def test_two_decisions_at_once_are_one_and_end_every_link(shop: ShopMaker) -> None:
    async with shop() as at:
        owner = await at.proved()
        technician, supervisor = await at.web.person("technician"), await at.web.person("supervisor")
        path = f"/api/v1/owners/{owner['id']}"
        await supervisor.post(f"{path}/ask", json={"question": "Which way does it look?"})
        left_over = await at.link("asked")
        answers = await asyncio.gather(
            technician.post(f"{path}/accept", json={}),
            supervisor.post(f"{path}/accept", json={}),
            supervisor.post(f"{path}/refuse", json={"reason": "It sees a school."}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        decided = [letter.kind for _, letter in await at.letters() if letter.kind in ("accepted", "refused")]
        assert len(decided) == 1
        assert (await at.visitor.get(left_over)).status_code == 410


async def test_nobody_is_buried_in_letters_and_nobody_knocks_too_often(shop: ShopMaker) -> None:
    async with shop(settings=OwnerSettings(most_each_hour=8)) as at:
        pages = [await at.offers() for _ in range(8)]
        assert {page.status_code for page in pages} == {200}
        assert len(await at.letters()) == 5
        refused = words_of(await at.offers(email="another@example.org"), 429)
        assert "That was tried too often from here within an hour." in refused


async def test_what_is_sent_that_is_no_offer_is_answered_with_what_is_wrong(shop: ShopMaker) -> None:
    async with shop() as at:
        wrong = words_of(await at.offers(name='<script>alert("x")</script>', email="nobody"), 422)
        assert "Write an e-mail address" in wrong and "<script" not in wrong and "&lt;script&gt;" in wrong
        assert 'value="12 Mill St"' in wrong  # nothing that was typed is lost
        huge = await at.visitor.post("/owners/sign-up", content=b"name=" + b"x" * 40_000)
        assert "At most 32 kB are taken in a form." in words_of(huge, 413)
        broken = await at.visitor.post("/owners/sign-up", content=b"name=%ff%fe")
        assert "This form cannot be read." in words_of(broken, 422)
        many = await at.visitor.post("/owners/sign-up", content=b"&".join(b"a%d=1" % n for n in range(100)))
        assert many.status_code == 422
        foreign = await at.visitor.post(
            "/owners/sign-up", data=OFFER, headers={"Origin": "https://elsewhere.example"}
        )
        assert foreign.status_code == 403
        assert (await at.visitor.get("/owners/sign-up?agency=agy_none")).status_code == 422
        assert (
            await at.offers(website="https://casino.example")
        ).status_code == 200  # a program is told nothing
        assert (await at.visitor.get("/owners/verify?token=" + "x" * 43)).status_code == 410
        assert (await (await at.web.person("technician")).get("/api/v1/owners")).json()["items"] == []


async def test_who_owners_are_is_told_to_those_who_validate_and_to_nobody_else(shop: ShopMaker) -> None:
    async with shop() as at:
        owner = await at.proved()
        await (await at.web.person("technician")).post(f"/api/v1/owners/{owner['id']}/accept", json={})
        for role in ("analyst", "detective", "officer", "administrator", "clerk", "auditor"):
            person = await at.web.person(role)
            for path in ("owners", f"owners/{owner['id']}"):
                assert (await person.get(f"/api/v1/{path}")).status_code == 403
        admin, auditor = await at.web.administrator(), await at.web.person("auditor")
        told = (await admin.get("/api/v1/people")).text + (
            await auditor.get("/api/v1/audit/entries?limit=500")
        ).text
        assert not [secret for secret in ("Hardware", "shop@", "12 Mill") if secret in told]
        assert "Camera owner " in told


async def test_without_a_mail_server_staff_hand_the_link_over(shop: ShopMaker) -> None:
    async with shop(mails=False) as at:
        assert "No mail server is set here" in words_of(await at.offers(), 200)
        technician = await at.web.person("technician")
        (owner,) = (await technician.get("/api/v1/owners")).json()["items"]
        assert owner["mail"]["state"] == "no_mail_server"
        link = (await technician.post(f"/api/v1/owners/{owner['id']}/link", json={})).json()["link"]
        assert (await at.visitor.get(await at.link("verify"))).status_code == 410  # the newer link is the one
        await at.follow(link.partition("center.example.org")[2])
        assert (await technician.get(f"/api/v1/owners/{owner['id']}")).json()["state"] == "waiting"


async def test_what_nobody_proved_or_staff_refused_is_forgotten(shop: ShopMaker) -> None:
    async with shop() as at:
        await at.offers(email="unproved@example.org")
        owner = await at.proved()
        technician = await at.web.person("technician")
        stale = await technician.post(
            f"/api/v1/owners/{owner['id']}/refuse", json={"reason": "No."}, headers={"If-Match": '"1"'}
        )
        assert stale.status_code == 412
        refused = await technician.post(
            f"/api/v1/owners/{owner['id']}/refuse", json={"reason": "Your camera sees a school."}
        )
        assert (refused.json()["state"], refused.json()["said"]) == ("refused", "Your camera sees a school.")
        assert "Your camera sees a school." in (await at.letters())[-1][1].text
        again = await technician.post(f"/api/v1/owners/{owner['id']}/accept", json={})
        assert (again.status_code, again.json()["detail"]) == (409, "This sign-up is over.")
        ask = Ask(process_actor(at.web.parts.agency, "sweep"), Need.RETENTION_SWEEP)
        async with at.web.parts.door.open(ask) as tx:
            rows = await tx.fetch("select email, erase_after - created_at as kept from owner order by email")
        await at.proved(email="waiting@example.org")
        async with at.web.parts.door.open(ask) as tx:
            row = await tx.fetch_one(
                "select erase_after - verified_at as kept from owner where state = 'waiting'"
            )
        assert row is not None and row["kept"].days == 90
        assert [(row["email"], row["kept"].days) for row in rows] == [
            ("shop@example.org", 30),
            ("unproved@example.org", 7),
        ]
