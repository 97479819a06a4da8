"""A vehicle is followed across readers: by whom, for how long, what its crew is told, and where it may come next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from fastapi import APIRouter

from tests.dispatch.street import Street
from tests.fixtures.center import CenterMaker, CenterParts, new_id
from tests.incidents.floor import PICTURE, PLATE, News, open_floor
from tests.investigations.chase import BLOCK_M, PACE_MPS, Chase, at
from watchfloor.dispatch import api as dispatch_api
from watchfloor.dispatch.api import DispatchParts, beside_incident
from watchfloor.dispatch.send import Dispatch
from watchfloor.governance.draw import SEARCHES
from watchfloor.investigations.following import api as follow_api
from watchfloor.investigations.following import store
from watchfloor.investigations.following.end import end_over
from watchfloor.investigations.following.model import Ended
from watchfloor.investigations.following.see import Seer
from watchfloor.investigations.following.start import Following
from watchfloor.places import api as place_api
from watchfloor.places.atlas import Atlas
from watchfloor.places.skyline import Skyline
from watchfloor.plate_settings import LookUpSettings
from watchfloor.plates.handling import Handling
from watchfloor.plates.misuse.parts import look_ups_of
from watchfloor.storage.objects import Objects

A_CAMERA = (
    "insert into camera (id, agency_id, name, technology, address, place, lat, lon, heading_deg, field_deg, range_m, enabled,"
    " created_at, created_by, version) values (%(id)s, %(agency)s, %(name)s, 'fixed_camera', 'rtsp://10.0.0.1/', 'Main St',"
    " %(lat)s, %(lon)s, 90, 100, 120, true, %(now)s, %(id)s, 1)"
)


@pytest_asyncio.fixture
async def chase(center: CenterMaker, tmp_path: Path) -> AsyncIterator[Chase]:
    def routers(parts: CenterParts, news: News, objects: Objects) -> list[APIRouter]:
        atlas = Atlas(parts.door, objects)
        seer = Seer(atlas, Skyline(parts.door, objects))
        return [
            dispatch_api.routes(DispatchParts(Dispatch(parts.door, atlas, news), objects)),
            place_api.routes(atlas),
            follow_api.routes(
                follow_api.FollowRoutes(
                    Following(parts.door, news), look_ups_of(LookUpSettings(), bytes(32)), seer, objects
                )
            ),
        ]

    async with open_floor(center, tmp_path, more=routers, beside=(beside_incident,)) as floor:
        yield Chase(Street(floor))


def parts_of(chase: Chase) -> Following:
    async def told(kind: str, agency: object, thing: object) -> None:
        chase.told.append(kind)

    return Following(chase.floor.web.parts.door, told)


async def test_a_chase_across_twelve_readers(chase: Chase) -> None:
    """Two reads before anybody follows, nine after; one reader on the way reads nothing; then the incident ends."""
    await chase.begin(12)
    incident = await chase.floor.incident()
    assignment = await chase.street.send(incident, await chase.street.unit("3142", 500))
    # The last of the twelve passes a few seconds ago.
    begun = chase.floor.clock.now() - timedelta(seconds=11 * BLOCK_M / PACE_MPS + 5)
    for number in (0, 1):
        await chase.reads(number, chase.passes(number, begun), PLATE)
    assert (await chase.shown(incident))["state"] == "none"
    await begins(chase, incident)
    # Of another plate and of another state nothing is told; what reader 6 does not read is a gap on a sure way.
    await chase.reads(2, chase.passes(2, begun), "QZ99999")
    await chase.reads(2, chase.passes(2, begun), PLATE, state="IL")
    for number in (2, 3, 4, 5, 7, 8, 9, 10, 11):
        if number == 11:
            await chase.floor.change_entry(handling=(Handling.ARMED, Handling.DO_NOT_STOP))
        await chase.reads(number, chase.passes(number, begun), PLATE, pictured=number != 3)
    await chase.reads(11, chase.passes(11, begun), PLATE)
    known = await chase.shown(incident)
    assert [one["reader"]["name"] for one in known["sightings"]] == [f"Main {n}" for n in range(12) if n != 6]
    assert len(known["legs"]) == 10
    streets = {name for leg in known["legs"] for one in leg["stretches"] for name in one["streets"]}
    assert streets == {"Main St"}
    missed = [leg for leg in known["legs"] if leg["passed"]]
    assert [[one["name"] for one in leg["passed"]] for leg in missed] == [["Main 6"]]
    await is_told(chase, incident)
    assert [one["told_at"] is None for one in known["sightings"]] == [True] * 2 + [False] * 9
    await chase.street.says("3142", assignment["id"], "clear")
    await ends(chase, incident)


async def begins(chase: Chase, incident: str) -> None:
    """It went east on Main St; the next reader is the next one east, and it is said when; a camera sees the road there."""
    async with chase.floor.upkeep() as tx:
        spot = at(2.25 * BLOCK_M, 3)
        await tx.execute(
            A_CAMERA,
            id=new_id(),
            agency=tx.agency,
            name="Before Main 2",
            lat=spot.lat,
            lon=spot.lon,
            now=tx.now,
        )
    started = await chase.street.post(f"/incidents/{incident}/follow", {})
    assert started.status_code == 201, started.text
    known = started.json()
    assert (known["plate"]["plate"], len(known["sightings"]), len(known["legs"])) == (PLATE, 2, 1)
    first = known["ahead"][0]
    place = {one["key"]: one for one in known["places"]}
    likeliest = first["next"][0]
    assert place[likeliest["place"]]["readers"][0]["name"] == "Main 2"
    assert likeliest["probability"] > 0.5
    assert likeliest["p10_s"] < BLOCK_M / PACE_MPS < likeliest["p90_s"]
    assert sum(one["probability"] for one in first["next"]) + first["none"] <= 1.01
    # Unasked, the camera that sees the road there; nothing was opened.
    assert [(one["camera"]["name"], one["place"]) for one in known["cameras"]] == [
        ("Before Main 2", likeliest["place"])
    ]
    again = await chase.street.post(f"/incidents/{incident}/follow", {})
    assert again.json()["reason"] == "followed_already"


async def is_told(chase: Chase, incident: str) -> None:
    """The crew has each sighting as a message, unconfirmed, with its picture; what was read before is told to nobody.

    The approval keeps officers from what readers gathered, and not from what they are sent after.
    """
    async with chase.floor.upkeep() as tx:
        await tx.execute("update authorisation set roles = array_remove(roles, 'officer')")
    (mine,) = (await chase.street.get("/assignments/mine", by="officer-3142"))["items"]
    told = [one for one in mine["messages"] if "Sighting" in one["text"]]
    assert [one["picture"] is None for one in told] == [number == 1 for number in range(9)]
    assert all(one["text"].startswith(f"Sighting, unconfirmed: {PLATE}") for one in told[:-1])
    warned = "Do not stop: watch only. Armed and dangerous, says a hot list. "
    assert told[-1]["text"].startswith(f"{warned}Sighting, unconfirmed: {PLATE}")
    officer = await chase.street.officer("3142")
    picture = await officer.get(told[0]["picture"])
    assert (picture.status_code, picture.content) == (200, PICTURE)
    await is_nothing_to_others(chase, incident, told[0]["picture"])


async def is_nothing_to_others(chase: Chase, incident: str, picture: str) -> None:
    """Whoever sees the incident reads that there were sightings, and no plate; which it was is for those who may follow, and its crews."""
    await chase.street.unit("9999", 900)
    detective = await chase.floor.web.person("detective")
    for by in ("analyst", "officer-3142", "officer-9999"):
        page = await chase.street.get(f"/incidents/{incident}", by=by)
        begun, words = (
            [one["text"] for one in page["timeline"] if one["kind"] == kind]
            for kind in ("follow", "sighting")
        )
        messages = [one["text"] for one in page["messages"]]
        assert [text.startswith("Following a vehicle: 2 reads of it") for text in begun] == [True]
        assert len(messages) == 9
        assert messages[0].startswith("Sighting, unconfirmed: Main St at Avenue 2, ")
        assert messages == words
        assert not any(PLATE in text for text in begun + words)
    # An officer who was not sent there sees no picture either.
    elsewhere = await (await chase.street.officer("9999")).get(picture)
    assert (await chase.floor.web.kept_refusal(elsewhere))["need"] == "follow.view"
    assert (await detective.get(picture)).content == PICTURE


async def ends(chase: Chase, incident: str) -> None:
    """At once with the incident: no read is a sighting any more; written down within a second."""
    ended = await chase.street.post(f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    assert ended.status_code == 201, ended.text
    await chase.reads(3, chase.floor.clock.now(), PLATE)
    assert (await chase.shown(incident))["state"] == "ended"
    assert await end_over(parts_of(chase), chase.floor.agency) == 1
    known = await chase.shown(incident)
    # Nobody agreed: what was read before anybody followed went with it.
    names = [one["reader"]["name"] for one in known["sightings"]]
    assert (known["state"], known["ahead"]) == ("ended", [])
    assert names == [f"Main {n}" for n in (2, 3, 4, 5, 7, 8, 9, 10, 11)]
    assert known["sentence"] == "Followed no more. The incident was closed."
    await is_forgotten(chase)


async def is_forgotten(chase: Chase) -> None:
    """An hour after it closed nobody may look, and nothing is left to look at but what somebody holds; its words are."""
    await end_over(parts_of(chase), chase.floor.agency)
    assert await chase.left() == (9, 9, 8)
    async with chase.floor.upkeep() as tx:
        await tx.execute("update incident set closed_at = closed_at - interval '61 minutes'")
        case = new_id()
        await tx.execute(
            "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
            " values (%(id)s, %(agency)s, 'K1', 'A case', 'violent_crime', %(id)s, %(now)s)",
            id=case,
            agency=tx.agency,
            now=tx.now,
        )
        await tx.execute(
            "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by,"
            " placed_at, ends_at) values (%(id)s, %(agency)s, %(id)s, 'plate_read', 'reader', %(reader)s,"
            " %(now)s - interval '1 hour', %(now)s, 'why', %(id)s, %(now)s, %(now)s + interval '72 hours')",
            id=case,
            agency=tx.agency,
            reader=chase.readers[4].id,
            now=tx.now,
        )
    await end_over(parts_of(chase), chase.floor.agency)
    assert await chase.left() == (1, 9, 1)
    async with chase.floor.upkeep() as tx:
        await tx.execute("update hold set ended_at = %(now)s", now=tx.now)
    await end_over(parts_of(chase), chase.floor.agency)
    assert await chase.left() == (0, 9, 0)


async def test_what_is_kept_for_minutes_is_not_copied_and_what_fell_between_is_told(chase: Chase) -> None:
    await chase.begin(3)
    incident = await chase.floor.incident()
    now = chase.floor.clock.now()
    await chase.reads(0, now - timedelta(seconds=60), PLATE)
    await chase.reads(1, now - timedelta(seconds=10), PLATE)
    await chase.keeps("10 minutes")
    started = await chase.street.post(f"/incidents/{incident}/follow", {})
    assert (started.status_code, started.json()["sightings"]) == (201, [])
    assert await end_over(parts_of(chase), chase.floor.agency) == 0
    assert (await chase.shown(incident))["sightings"] == []
    # The second had been taken, and its transaction was under way, when somebody began: it met neither.
    async with chase.floor.upkeep() as tx:
        await tx.execute(
            "update plate_read set received_at = %(now)s where device_id = %(reader)s",
            now=tx.now,
            reader=chase.readers[1].id,
        )
    await end_over(parts_of(chase), chase.floor.agency)
    (between,) = (await chase.shown(incident))["sightings"]
    assert (between["reader"]["name"], between["picture"]) == ("Main 1", None)
    assert await chase.noted(incident) == 1
    # With days, what was read before is kept, and told to nobody; the picture of the other comes late.
    await chase.keeps("30 days")
    await end_over(parts_of(chase), chase.floor.agency)
    await chase.reads(1, now - timedelta(seconds=10), PLATE)
    known = await chase.shown(incident)
    assert [one["reader"]["name"] for one in known["sightings"]] == ["Main 0", "Main 1"]
    assert [one["picture"] is not None for one in known["sightings"]] == [True, True]
    assert await chase.noted(incident) == 1
    # It stays before the reader: each read is a sighting, and the first was told.
    await chase.reads(1, now - timedelta(seconds=5), PLATE)
    assert len((await chase.shown(incident))["sightings"]) == 3
    assert await chase.noted(incident) == 1
    await untold_is_a_look_at_the_track(chase, known["sightings"][0]["picture"])
    await many_look_at_one_reckoning(chase, incident)


async def untold_is_a_look_at_the_track(chase: Chase, picture: str) -> None:
    analyst = await chase.floor.web.person("analyst")
    assert (await analyst.get(picture)).content == PICTURE
    async with chase.floor.upkeep() as tx:
        rows = await tx.fetch(
            "select need from audit_entry where kind = 'decision' and need in ('sighting.view', 'follow.view')"
            " order by id desc limit 2"
        )
    assert {row["need"] for row in rows} == {"sighting.view", "follow.view"}


async def many_look_at_one_reckoning(chase: Chase, incident: str) -> None:
    """However many look at once; and a reader that was never heard reads nobody next."""
    assert "Main 2" in {one["readers"][0]["name"] for one in (await chase.shown(incident))["places"]}
    seer = Seer(
        Atlas(chase.floor.web.parts.door, chase.floor.objects),
        Skyline(chase.floor.web.parts.door, chase.floor.objects),
    )
    async with chase.floor.upkeep() as one, chase.floor.upkeep() as other:
        (follow,) = await store.open_follows(one)
        await seer.atlas.graph(one)
        first, second = await asyncio.gather(seer.see(one, follow), seer.see(other, follow))
    assert first.reckoned is not None and first.reckoned is second.reckoned
    async with chase.floor.upkeep() as tx:
        await tx.execute("delete from reader_state where reader_id = %(id)s", id=chase.readers[2].id)
    assert "Main 2" not in {one["readers"][0]["name"] for one in (await chase.shown(incident))["places"]}


async def test_one_person_follows_for_an_hour_and_a_second_makes_it_last(chase: Chase) -> None:
    await chase.begin(2)
    incident = await chase.floor.incident()
    typed = await chase.street.post(f"/incidents/{incident}/follow", {"plate": "qz 5-5555", "state": "us-il"})
    assert typed.status_code == 201, typed.text
    assert typed.json()["plate"] == {"plate": "QZ55555", "state": "IL"}
    assert typed.json()["sentence"].startswith("No reader has read this plate")
    assert typed.json()["ratify_by"] is not None
    own = await chase.street.post(f"/incidents/{incident}/follow/ratify")
    assert (own.status_code, own.json()["reason"]) == (409, "same_person")
    second = await chase.street.post(f"/incidents/{incident}/follow/ratify", by="supervisor")
    assert (second.status_code, second.json()["ratify_by"]) == (200, None)
    again = await chase.street.post(f"/incidents/{incident}/follow/ratify", by="supervisor")
    assert again.json()["reason"] == "ratified_already"
    stopped = await chase.street.post(f"/incidents/{incident}/follow/stop")
    assert stopped.status_code == 204
    assert (await chase.shown(incident))["sentence"] == "Followed no more. It was stopped by hand."
    gone = await chase.street.post(f"/incidents/{incident}/follow/stop")
    assert (gone.status_code, gone.json()["reason"]) == (404, "not_followed")

    # Nobody agrees to the next: after its hour it has ended, whoever looks or reads.
    assert (await chase.street.post(f"/incidents/{incident}/follow", {})).status_code == 201
    async with chase.floor.upkeep() as tx:
        await tx.execute("update follow set started_at = started_at - interval '60 minutes'")
        await tx.execute("update follow set ratify_by = %(now)s where ended_at is null", now=tx.now)
    await chase.reads(0, chase.floor.clock.now(), PLATE)
    known = await chase.shown(incident)
    assert (known["state"], known["sightings"]) == ("ended", [])
    late = await chase.street.post(f"/incidents/{incident}/follow/ratify", by="supervisor")
    assert late.json()["reason"] == "not_followed"
    assert await end_over(parts_of(chase), chase.floor.agency) == 1
    assert "No second person" in (await chase.shown(incident))["sentence"]
    # Their hour is over, for that vehicle under that incident; a colleague's is not.
    alone = await chase.street.post(f"/incidents/{incident}/follow", {})
    assert (alone.status_code, alone.json()["reason"]) == (409, "alone_too_long")
    colleague = await chase.street.post(f"/incidents/{incident}/follow", {}, by="supervisor")
    assert colleague.status_code == 201
    agreed = await chase.street.post(f"/incidents/{incident}/follow/ratify")
    assert (agreed.status_code, agreed.json()["ratified_by"]["name"]) == (200, "Analyst")


async def test_to_follow_a_vehicle_is_to_look_its_plate_up(chase: Chase) -> None:
    """Kept as any search is, so that a neighbour's is flagged and two in a hundred are drawn; to agree is none."""
    await chase.begin(1)
    incident = await chase.floor.incident()
    await chase.reads(0, chase.floor.clock.now(), PLATE)
    assert (await chase.street.post(f"/incidents/{incident}/follow", {})).status_code == 201
    assert (
        await chase.street.post(f"/incidents/{incident}/follow/ratify", by="supervisor")
    ).status_code == 200
    async with chase.floor.upkeep() as tx:
        # Found over a moment before somebody agreed: it goes on.
        (follow,) = await store.open_follows(tx)
        assert not await store.end(tx, follow.id, Ended.NOT_RATIFIED, by=None)
        rows = await tx.fetch("select way, found, cardinality(fingerprints) as aimed from plate_look_up")
        needs = await tx.fetch(
            "select need from audit_entry where kind = 'decision' and need like 'follow.%%' order by id"
        )
    assert [tuple(row.values()) for row in rows] == [("follow", 1, 1)]
    assert [row["need"] in SEARCHES for row in needs if row["need"] in ("follow.start", "follow.agree")] == [
        True,
        False,
    ]


async def test_who_may_not_what_is_no_plate_and_what_is_closed_are_refused(chase: Chase) -> None:
    await chase.begin(1)
    incident = await chase.floor.incident()
    officer = await chase.street.post(f"/incidents/{incident}/follow", {}, by="officer")
    assert (await chase.floor.web.kept_refusal(officer))["reason"] == "role"
    for body, reason in (
        ({"plate": "Ω7"}, "bad_plate"),
        ({"plate": "QZ1", "state": "x"}, "bad_state"),
        ({"state": "IL"}, "state"),
    ):
        answer = await chase.street.post(f"/incidents/{incident}/follow", body)
        assert (answer.status_code, answer.json()["reason"]) == (422, reason), answer.text
    nowhere = await chase.street.post(f"/incidents/{chase.floor.nowhere('inc')}/follow", {})
    assert nowhere.status_code == 404
    assert (
        await chase.street.post(f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    ).status_code == 201
    closed = await chase.street.post(f"/incidents/{incident}/follow", {})
    assert (closed.status_code, closed.json()["reason"]) == (409, "incident_closed")


async def test_with_the_approval_of_plate_readers_everything_that_is_followed_ends(chase: Chase) -> None:
    await chase.begin(1)
    incident = await chase.floor.incident()
    assert (await chase.street.post(f"/incidents/{incident}/follow", {})).status_code == 201
    assert await end_over(parts_of(chase), chase.floor.agency) == 0
    clerk = await chase.floor.web.person("clerk")
    (granted,) = (await clerk.get("/api/v1/authorisations")).json()["items"]
    suspended = await clerk.post(
        f"/api/v1/authorisations/{granted['id']}/suspend", json={"reason": "for a test"}
    )
    assert suspended.status_code == 200, suspended.text
    assert await end_over(parts_of(chase), chase.floor.agency) == 1
    refused = await (await chase.floor.web.person("analyst")).get(f"/api/v1/incidents/{incident}/follow")
    assert (await chase.floor.web.kept_refusal(refused))["reason"] == "suspended"
    async with chase.floor.upkeep() as tx:
        row = await tx.fetch_one("select ended_why from follow")
    assert row is not None and row["ended_why"] == "not_authorised"
