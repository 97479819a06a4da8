"""Watches: under a case, by two persons, with what to expect said before; they bring possible hits until they end, and no alert."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tests.fixtures.center import CHICAGO, CenterMaker, new_id
from tests.fixtures.engines import Dsns
from tests.plates.conftest import PLACE, Device, Town, a_town, drained
from tests.plates.make import jpeg
from watchfloor.governance.cases import write_lapses
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.geo import Point
from watchfloor.plates.picture import name_of
from watchfloor.plates.store import read_of
from watchfloor.plates.watch import Answers, answer
from watchfloor.plates.watch_api import WatchedBody, watched_of
from watchfloor.plates.watches import end_with_cases
from watchfloor.storage.nats import Bus

JPEG = jpeg()
NEAR = {"kind": "near", "points": [{"lat": PLACE["lat"], "lon": PLACE["lon"]}], "within_m": 300}


@pytest_asyncio.fixture
async def three(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    """A center where a watch may bring three hits a shift, and readers are approved for a part of the city."""
    area = [[38.6, -90.3], [38.6, -90.1], [38.7, -90.1], [38.7, -90.3]]
    async with a_town(center, bus, dsns, tmp_path, most_per_shift=3, area=area) as made:
        yield made


def body(town: Town, case: str, **changes: Any) -> dict[str, Any]:
    """A watch to propose."""
    said = {
        "pattern": "QZ0?4*", "reason": "seen at a robbery", "purpose": "violent_crime", "case": case,
        "expires_at": rfc3339(town.now() + timedelta(days=3)),
    }  # fmt: skip
    return {**said, **changes}


async def propose(town: Town, case: str, *, by: str = "analyst", **changes: Any) -> httpx.Response:
    return await (await town.web.person(by)).post("/api/v1/plate-watches", json=body(town, case, **changes))


async def decide(town: Town, proposed: httpx.Response, *, by: str = "detective") -> httpx.Response:
    assert proposed.status_code == 201, proposed.text
    return await (await town.web.person(by)).post(
        f"/api/v1/proposals/{proposed.json()['id']}/approve", json={"note": ""}
    )


async def watch(town: Town, case: str, **changes: Any) -> str:
    """A watch in force; its id."""
    decided = await decide(town, await propose(town, case, **changes))
    assert decided.status_code == 200, decided.text
    return str(decided.json()["subject"])


async def hits(town: Town, watch_id: str) -> list[dict[str, Any]]:
    answer = await (await town.web.person("analyst")).get(f"/api/v1/plate-watches/{watch_id}/hits")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def shown(town: Town, watch_id: str) -> dict[str, Any]:
    answer = await (await town.web.person("analyst")).get(f"/api/v1/plate-watches/{watch_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def reads(town: Town, reader: Device, *plates: str, **more: Any) -> None:
    """The reader reads these, and they are kept."""
    there = len(await town.plates())
    for plate in plates:
        sent = await reader.sends(
            {"id": str(new_id()), "plate": plate, "state": "MO", "at": town.ago(seconds=1)} | more
        )
        assert sent.status_code == 202, sent.text
    await town.stored(there + len(plates))
    await drained(town)


async def photographed(reader: Device) -> None:
    put = await reader.posts(f"/plate-pictures/{name_of(JPEG)}", JPEG, method="PUT")
    assert put.status_code == 201, put.text


async def deeds(town: Town) -> list[str]:
    rows = await town.rows("select reason from audit_entry where reason like 'plate_watch%%' order by id")
    return [row["reason"] for row in rows if row["reason"] != "plate_watch.hit"]


async def test_a_watch_counts_first_then_two_persons_then_brings_possible_hits_until_it_is_withdrawn(
    town: Town,
) -> None:
    case, reader = await town.web.case(), await town.reader()
    analyst, detective = await town.web.person("analyst"), await town.web.person("detective")
    async with town.matching():
        await reads(town, reader, "QZ0141", "QZ0Z49", "XX0141")
        counted = (await analyst.post("/api/v1/plate-watches/estimate", json=body(town, case))).json()
        assert (counted["reads"], counted["too_broad"]) == (2, None)
        proposed = await propose(town, case)
        assert "plates like QZ0?4*" in proposed.json()["sentence"]
        assert "2 reads of the last " in proposed.json()["sentence"]
        assert "It pauses by itself after 25 hits in eight hours" in proposed.json()["sentence"]
        own = await decide(town, proposed, by="analyst")
        assert (own.status_code, own.json()["kind"]) == (403, "refused")
        await reads(town, reader, "QZ0142")
        watch_id = (await decide(town, proposed)).json()["subject"]
        await photographed(reader)
        await reads(town, reader, "QZO143", picture=name_of(JPEG), vehicle={"colour": "white"})
        await reads(town, reader, "QZ1144")
        (hit,) = await hits(town, watch_id)
        assert (hit["plate"], hit["strict"], hit["reader"]["name"]) == ("QZO143", False, "North")
        assert hit["reason"] == "the plate fits when characters that look alike count as one"
        assert (await analyst.get(hit["picture"])).content == JPEG
        assert town.hits == [], "it alarms nobody"
        (known,) = (await analyst.get("/api/v1/plate-watches", params={"case": case})).json()["items"]
        assert (known["id"], known["state"], known["hits"]) == (watch_id, "watching", 1)
        assert (known["proposed_by"]["name"], known["approved_by"]["name"]) == ("Analyst", "Detective")
        gone = await analyst.post(
            f"/api/v1/plate-watches/{watch_id}/withdraw", json={"why": "the car was found"}
        )
        assert (gone.status_code, gone.json()["state"]) == (200, "ended")
        assert gone.json()["ended"].endswith(": the car was found")
        await reads(town, reader, "QZ0145")
    assert len(await hits(town, watch_id)) == 1, "what was brought stays for the case, and no more comes"
    twice = await detective.post(f"/api/v1/plate-watches/{watch_id}/withdraw", json={"why": "again"})
    assert (twice.status_code, twice.json()["reason"]) == (409, "withdrawn")
    assert await deeds(town) == [
        "plate_watch.estimated", "plate_watch.proposed", "plate_watch.in_force", "plate_watch.approved", "plate_watch.withdrawn",
    ]  # fmt: skip


async def test_a_watch_ends_with_its_case_and_its_hits_are_shown_for_no_other(town: Town) -> None:
    case, reader = await town.web.case(), await town.reader()
    described = {"pattern": None, "colour": "White", "body": "Pickup", "where": NEAR}
    async with town.matching():
        watch_id = await watch(town, case, **described)
        await reads(town, reader, "QZ0999", vehicle={"colour": "white", "body": "pickup"})
        await reads(town, reader, "QZ0998", vehicle={"colour": "white"})
        assert [(one["plate"], one["reason"]) for one in await hits(town, watch_id)] == [
            ("QZ0999", "colour and kind of vehicle agree")
        ]
        officer = await town.web.person("officer")
        await town.web.kept_refusal(await officer.get(f"/api/v1/plate-watches/{watch_id}/hits"))
        await town.web.lapse(case)
        await reads(town, reader, "QZ0997", vehicle={"colour": "white", "body": "pickup"})
    (row,) = await town.rows("select count(*) as n from plate_hit")
    assert row["n"] == 1
    over = await shown(town, watch_id)
    assert over["state"] == "ended"
    assert "lapsed" in over["ended"]
    analyst = await town.web.person("analyst")
    await town.web.kept_refusal(await analyst.get(f"/api/v1/plate-watches/{watch_id}/hits"))
    for _ in range(2):
        await write_lapses(town.web.parts.door, town.web.parts.agency, [end_with_cases])
    assert (await deeds(town)).count("plate_watch.ended") == 1
    officer = await town.web.person("officer")
    assert (await officer.get("/api/v1/look-up-figures")).json()["watches"] == {
        "proposed": 1, "refused": 0, "approved": 1, "withdrawn": 0, "ended_with_case": 1, "expired": 0, "paused": 0, "hits": 1,
    }  # fmt: skip


async def test_a_watch_that_is_too_broad_is_refused_and_one_that_brings_too_much_pauses(three: Town) -> None:
    town, case, reader = three, await three.web.case(), await three.reader()
    detective = await town.web.person("detective")
    async with town.matching():
        watch_id = await watch(town, case)
        await reads(town, reader, *(f"QZ014{n}" for n in range(6)))
        assert len(await hits(town, watch_id)) == 3
        assert (await shown(town, watch_id))["state"] == "paused"
        again = await detective.post(f"/api/v1/plate-watches/{watch_id}/resume", json={})
        assert (again.status_code, again.json()["state"]) == (200, "watching")
        await reads(town, reader, "QZ0150")
        await reads(town, reader, "QZ0149")
        found = await hits(town, watch_id)
        assert found[0]["plate"] == "QZ0149", "of a plate that fits alone"
        assert len(found) == 4
        first = await detective.get(f"/api/v1/plate-watches/{watch_id}/hits", params={"limit": 3})
        rest = await detective.get(
            f"/api/v1/plate-watches/{watch_id}/hits", params={"after": first.json()["next"]}
        )
        assert [*first.json()["items"], *rest.json()["items"]] == found
    refused = await detective.post(f"/api/v1/plate-watches/{watch_id}/resume", json={})
    assert (refused.status_code, refused.json()["reason"]) == (409, "not_paused")
    broad = await propose(town, case)
    assert (broad.status_code, broad.json()["reason"]) == (422, "too_broad")
    assert broad.json()["detail"].startswith("Too broad: 7 reads of the last ")
    assert broad.json()["next_step"].startswith("Give more of the plate")
    asked = body(town, case, state="IL")
    assert (await detective.post("/api/v1/plate-watches/estimate", json=asked)).json()["reads"] == 0
    assert (await deeds(town)).count("plate_watch.paused") == 1
    ended = await detective.post(f"/api/v1/plate-watches/{watch_id}/withdraw", json={"why": "found"})
    assert ended.status_code == 200, "a watch stands nowhere, and an area keeps nobody from ending it"
    entries = f"/api/v1/hot-lists/{await town.a_list('QZ0999')}/entries"
    (entry,) = (await detective.get(entries)).json()["items"]
    ended = await detective.post(f"/api/v1/hot-list-entries/{entry['id']}/withdraw", json={"why": "found"})
    assert ended.status_code == 200, "nor an entry"


async def test_a_watch_that_none_may_be_is_refused_beside_its_field(town: Town) -> None:
    case = await town.web.case()
    later = rfc3339(town.now() + timedelta(days=15))
    wrong: tuple[tuple[dict[str, Any], str, str], ...] = (
        ({"pattern": "QZ04417"}, "pattern", "A watch is for a part of a plate"),
        ({"pattern": "Q*"}, "pattern", "This would read everything"),
        ({"pattern": None, "colour": "white"}, "where", "Without a part of the plate"),
        ({"expires_at": later}, "expires_at", "A watch lasts at most 14 days."),
        ({"expires_at": town.ago(hours=1)}, "expires_at", "The watch would be over already."),
        ({"case": "incident:" + "inc_" + case.partition("_")[2]}, "case", "A watch needs an open case"),
        ({"reason": "immigration detainer"}, "immigration_file", "never taken"),
    )
    for changes, reason, says in wrong:
        answer = await propose(town, changes.pop("case", case), **changes)
        assert answer.status_code in (422, 403), (changes, answer.text)
        assert (answer.json()["reason"], says in answer.json()["detail"]) == (reason, True), answer.text
    for path in ("", "/hits", "/withdraw"):
        nothing = f"/api/v1/plate-watches/wat_{'0' * 26}{path}"
        analyst = await town.web.person("analyst")
        answer = await (
            analyst.post(nothing, json={"why": "none"}) if path == "/withdraw" else analyst.get(nothing)
        )
        assert answer.status_code == 404


async def test_what_a_watch_finds_of_reads_that_are_never_stored_is_kept_with_its_picture(
    blind: Town,
) -> None:
    case, reader = await blind.web.case(), await blind.reader()
    watch_id = await watch(blind, case)
    async with blind.matching():
        await photographed(reader)
        for plate, shown_by in (("QZ0141", name_of(JPEG)), ("XX0141", None)):
            await reader.sends(
                {"id": plate, "plate": plate, "state": "MO", "at": blind.ago(seconds=1), "picture": shown_by}
            )

        async def kept() -> bool:
            return len(await hits(blind, watch_id)) == 1

        await blind.until(kept)
        await drained(blind)
    (hit,) = await hits(blind, watch_id)
    assert (await (await blind.web.person("analyst")).get(hit["picture"])).content == JPEG
    assert await blind.plates() == []


async def test_what_is_to_be_expected_is_what_would_have_answered(town: Town) -> None:
    """The count of the database against the decision on each read, for reads and watches drawn at random."""
    case, analyst = await town.web.case(), await town.web.person("analyst")
    near, far = await town.reader(), await town.reader("South", lat=38.70)
    draw = random.Random(17)  # what is drawn has to be the same each time
    async with town.matching():
        for reader in (near, far):
            sent = [_any_read(town, draw, n) for n in range(60)]
            assert (await reader.sends(*sent)).status_code == 202
        await town.stored(120)
    rows = await town.rows("select * from plate_read")
    kept = [
        (read_of(row), Point(38.64 if str(row["device_id"]) == _uuid(near) else 38.70, -90.19))
        for row in rows
    ]
    some = 0
    for _ in range(25):
        said = _any_watch(draw, near.id)
        counted = await analyst.post("/api/v1/plate-watches/estimate", json=body(town, case, **said))
        assert counted.status_code == 200, counted.text
        asked = watched_of(WatchedBody.model_validate(body(town, case, **said)))
        slow = sum(isinstance(answer(asked, read, at, CHICAGO), Answers) for read, at in kept)
        assert counted.json()["reads"] == slow, repr(said)
        some += slow > 0
    assert some > 5, "random watches that answer to nothing show nothing"


def _uuid(reader: Device) -> str:
    return str(inside("reader", reader.id))


def _any_read(town: Town, draw: random.Random, number: int) -> dict[str, Any]:
    vehicle = {
        name: word for name, words in _WORDS.items() if (word := draw.choice((*words, None))) is not None
    }
    return {
        "id": str(number), "plate": "QZ" + "".join(draw.choices("0OB81", k=draw.randint(2, 5))),
        "state": draw.choice(("MO", "IL", None)), "at": town.ago(hours=draw.randint(0, 150)), "vehicle": vehicle,
    }  # fmt: skip


_WORDS = {"colour": ("White", "red"), "make": ("Ford", "KIA"), "body": ("pickup", "van")}


def _any_watch(draw: random.Random, reader: str) -> dict[str, Any]:
    said: dict[str, Any] = {name: draw.choice((*words, None, None)) for name, words in _WORDS.items()}
    said |= {
        "state": draw.choice(("MO", None)),
        "pattern": draw.choice(("QZ0*", "*B81", "QZ?8*0", "QZ??1", None)),
    }
    if said["pattern"] is None:
        said["colour"] = "white"
    if said["pattern"] is None or draw.random() < 0.4:
        said |= draw.choice(({"where": NEAR}, {"readers": [reader]}))
    if draw.random() < 0.4:
        first = draw.randint(0, 23)
        said["hours"] = {"from_hour": first, "to_hour": (first + draw.randint(1, 23)) % 24}
    return said
