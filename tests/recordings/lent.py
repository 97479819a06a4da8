"""What two centers do about a camera that one lends to the other to record it: steps of `test_partner.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.fixtures.center import PASSWORD
from tests.recordings.center import Block, until
from tests.recordings.read import shown_at, stored_segments
from tests.recordings.test_at_site import played, timeline
from tests.recordings.test_live import received, watching
from tests.web.matrix.things import MASK
from watchfloor.cameras.wire import Kind, end_of
from watchfloor.kit.clock import parse_rfc3339, rfc3339

RECORDING = {"recording": True}


async def refused(county: Block, theirs: str, *, who: str = "river-city", ask: Any = RECORDING) -> str:
    """The reason for which the other center's door does not let it be recorded."""
    async with watching(county, theirs, ask, who=who) as live:
        data = await live.recv()
        assert isinstance(data, bytes) and data[0] == Kind.END, data
        return end_of(data).reason


async def lent(county: Block, theirs: str, days: int = 30) -> str:
    """Two persons of the other center lend its camera; the lending's id. Wrong ones are refused, and lend nothing."""
    clerk, supervisor = await county.web.person("clerk"), await county.web.person("supervisor")
    (partner,) = (await clerk.get("/api/v1/lendings/partners")).json()["partners"]
    now = county.web.parts.clock.now()
    body = {
        "partner": partner["id"], "cameras": [theirs], "until": rfc3339(now + timedelta(days=days)), "reason": "the river front",
    }  # fmt: skip
    clerk_id = (await clerk.get("/api/v1/session")).json()["person"]["id"]
    for wrong, reason in (
        ({"partner": clerk_id}, "partner"),
        ({"cameras": []}, "cameras"),
        ({"cameras": ["cam_00000000000000000000000001"]}, "cameras"),
        ({"until": rfc3339(now + timedelta(days=400))}, "until"),
        ({"until": rfc3339(now)}, "until"),
        ({"reason": " x "}, "reason"),
    ):
        answer = await clerk.post("/api/v1/lendings", json=body | wrong)
        assert (answer.status_code, answer.json()["reason"]) == (422, reason), answer.text
    assert (
        await (await county.web.person("technician")).post("/api/v1/lendings", json=body)
    ).status_code == 403
    asked = await clerk.post("/api/v1/lendings", json=body)
    assert asked.status_code == 201, asked.text
    decide = f"/api/v1/proposals/{asked.json()['proposal']}/approve"
    alone = await clerk.post(decide, json={"note": ""})
    assert (alone.status_code, alone.json()["reason"]) == (403, "same_person"), alone.text
    assert await refused(county, theirs) == "not_lent"
    given = await supervisor.post(decide, json={"note": ""})
    assert given.status_code == 200, given.text
    return str(given.json()["subject"])


async def is_recorded_here(city: Block, camera: str, site: str, lending: str) -> None:
    """Its center lends it: it is recorded here like any other, and played from here."""
    technician = await city.web.person("technician")
    (offer,) = (await technician.get(f"/api/v1/sites/{site}/offers")).json()["offers"]
    assert offer["lent_until"] is not None and offer["verdict"] == "same"
    changed = await technician.patch(f"/api/v1/cameras/{camera}", json={"footage_kept": "here"})
    assert changed.status_code == 200, changed.text
    await city.until(camera, lambda seen: seen["recording"] and seen["state"]["word"] == "live")
    now = city.web.parts.clock.now()

    async def told() -> Any:
        return await timeline(city, camera, now - timedelta(minutes=5), now + timedelta(minutes=5))

    seen = await until(told, lambda said: bool(said["ranges"]))
    assert not seen["ranges"][0]["at_site"]
    await until(lambda: _segments(city), lambda found: found > 0)
    answer = await played(city, camera, parse_rfc3339(seen["ranges"][0]["from"]), 1)
    assert answer.headers["content-type"] == 'video/mp4; codecs="avc1.640015"' and shown_at(answer.content)
    auditor = await city.web.person("auditor")
    (one,) = (await auditor.get("/api/v1/borrowed-cameras")).json()["items"]
    assert (one["camera"]["id"], one["center"], one["lending"], one["ended_at"]) == (
        camera, "County", lending, None,
    )  # fmt: skip


async def _segments(city: Block) -> int:
    return len(stored_segments(city))


async def outlives_its_session(city: Block, county: Block, camera: str, theirs: str) -> None:
    """A session there that ends says nothing of what is lent: another is begun, and recording goes on."""
    administrator = await county.web.administrator()
    people = (await administrator.get("/api/v1/people")).json()["items"]
    (account,) = [one for one in people if one["name"] == "river-city"]
    token = (await administrator.post(f"/api/v1/people/{account['id']}/invitation")).json()["token"]
    body = {"token": token, "password": PASSWORD}
    auditor = await county.web.person("auditor")
    query = {"need": "camera.lent", "about": f"camera:{theirs}", "kind": "decision"}

    async def opened() -> int:
        found = (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
        return sum(one["result"] == "allowed" for one in found)

    before, ended_at = await opened(), county.web.parts.clock.now()
    accepted = await (await county.web.person("river-city")).post("/api/v1/invitations/accept", json=body)
    assert accepted.status_code == 200, accepted.text
    await until(opened, lambda times: times > before)
    await city.until(camera, lambda seen: seen["recording"] and seen["state"]["word"] == "live")
    span = ended_at - timedelta(minutes=5), ended_at + timedelta(minutes=5)
    told = await until(
        lambda: timeline(city, camera, *span),
        lambda said: any(
            parse_rfc3339(one["to"]) > ended_at + timedelta(seconds=2) for one in said["ranges"]
        ),
    )
    # Begun anew so soon it may have missed nothing; what it missed has that cause and no other.
    assert {gap["reason"] for gap in told["gaps"]} <= {"The camera did not answer."}, told["gaps"]


async def comes_masked_where_it_is_masked(city: Block, county: Block, camera: str, theirs: str) -> None:
    """What the other center paints over for whoever may not see beneath, it paints over for a recorder too."""
    supervisor = await county.web.person("supervisor")
    made = await supervisor.post(f"/api/v1/cameras/{theirs}/masks", json=MASK | {"name": "a window"})
    assert made.status_code == 201, made.text
    since = city.web.parts.clock.now()

    async def painted() -> Any:
        begin = city.web.parts.clock.now() - timedelta(seconds=1)
        answer = await played(city, camera, begin, 1)
        return answer if begin > since and answer.status_code == 200 else None

    answer = await until(painted, lambda one: one is not None and "vp09" in one.headers["content-type"])
    assert answer.headers["content-type"].startswith('video/mp4; codecs="vp09.00.') and shown_at(
        answer.content
    )
    told = await timeline(city, camera, since - timedelta(minutes=5), city.web.parts.clock.now())
    assert not any("understood" in gap["reason"] for gap in told["gaps"]), told["gaps"]


async def ends_with_a_word(city: Block, county: Block, camera: str, theirs: str, lending: str) -> float:
    """Ended over there it is recorded no more here, which says who ended it; what was recorded stays. The other log has both.

    How many seconds it was from the act to the end of what was open.
    """
    supervisor, path = await county.web.person("supervisor"), f"/api/v1/lendings/{lending}/end"
    assert (await supervisor.post(path, json={"why": ""})).json()["reason"] == "why"
    async with watching(county, theirs, RECORDING, who="river-city") as open_one:
        assert (await received(open_one))[0].kind is not Kind.END
        began = county.web.parts.clock.monotonic()
        ended = await supervisor.post(path, json={"why": "the season is over"})
        assert ended.status_code == 200 and not ended.json()["in_force"], ended.text
        while (data := await open_one.recv())[0] != Kind.END:
            pass
        assert isinstance(data, bytes) and end_of(data).reason == "lending_ended"
        took_s = county.web.parts.clock.monotonic() - began
    assert (await supervisor.post(path, json={"why": "once more"})).json()["reason"] == "over"
    # Within the act itself: whoever asks is refused, and what was open has been ended.
    assert await refused(county, theirs) == "lending_ended"
    auditor = await county.web.person("auditor")
    query = {"need": "camera.lent", "about": f"camera:{theirs}"}
    kinds = [
        one["kind"] for one in (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
    ]
    assert "revocation" in kinds, kinds
    seen = await city.until(camera, lambda seen: seen["state"]["word"] == "not lent to us")
    assert seen["state"]["reason"].startswith("County ") and not seen["recording"], seen["state"]
    now = city.web.parts.clock.now()
    told = await timeline(city, camera, now - timedelta(minutes=5), now)
    assert told["ranges"] and not any(one["at_site"] for one in told["ranges"])
    await until(
        lambda: timeline(city, camera, now - timedelta(minutes=5), now + timedelta(minutes=5)),
        lambda said: any("lend" in gap["reason"] for gap in said["gaps"]),
    )
    (one,) = (await (await city.web.person("auditor")).get("/api/v1/borrowed-cameras")).json()["items"]
    assert one["ended_at"] is not None and one["ended_why"].startswith("County ")
    (given,) = (await auditor.get("/api/v1/lendings")).json()["items"]
    assert (given["id"], given["in_force"], given["ended_why"]) == (lending, False, "the season is over")
    return took_s


async def is_kept_there_again(city: Block, camera: str, sessions: Callable[[], Awaitable[int]]) -> None:
    """At its center alone it is shown through it; to be recorded here it would have to be lent again.
    What was recorded is saved as before."""
    technician, path = await city.web.person("technician"), f"/api/v1/cameras/{camera}"
    assert (await technician.patch(path, json={"footage_kept": "at_site"})).status_code == 200
    await city.until(camera, lambda seen: seen["state"]["word"] == "at its site")
    await technician.patch(path, json={"footage_kept": "both"})
    begun = await sessions()
    again = await technician.patch(path, json={"footage_kept": "both"})
    assert await sessions() == begun, "it is asked in the session that this center has there"
    assert (again.status_code, again.json()["reason"]) == (422, "footage_kept"), again.text
    assert "does not lend" in again.json()["detail"]
    now = city.web.parts.clock.now()
    told = await timeline(city, camera, now - timedelta(minutes=5), now)
    last = max(parse_rfc3339(one["to"]) for one in told["ranges"] if not one["at_site"])
    analyst, of = await city.web.person("analyst"), f"/api/v1/cameras/{camera}/snapshot"
    saved = [
        await analyst.get(of, params={"at": rfc3339(at)}, headers=await city.why())
        for at in (last - timedelta(seconds=1), now - timedelta(days=1))
    ]
    assert [one.status_code for one in saved] == [200, 422], [
        one.text for one in saved if one.status_code != 200
    ]
    assert saved[1].json()["reason"] == "partner", "of what is its center's alone that center says who may"


async def goes_in_no_chain(city: Block, camera: str) -> None:
    """What is lent to us is lent to nobody by us."""
    clerk = await city.web.person("clerk")
    await city.web.person("partner")
    (partner,) = (await clerk.get("/api/v1/lendings/partners")).json()["partners"]
    now = city.web.parts.clock.now()
    body = {
        "partner": partner["id"], "cameras": [camera], "until": rfc3339(now + timedelta(days=1)), "reason": "a chain",
    }  # fmt: skip
    answer = await clerk.post("/api/v1/lendings", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (422, "cameras"), answer.text
    async with watching(city, camera, RECORDING, who="partner") as live:
        head, payload = await received(live)
        assert head.kind is Kind.END and b"not_found" in payload
