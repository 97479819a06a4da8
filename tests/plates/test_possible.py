"""Possible hits: judged blind from the picture, so that readers reach their verdicts, and nobody is alarmed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.plates.conftest import Device, Town, drained
from tests.plates.make import jpeg
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.plates import verdict_store
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import HitId, HotListId, Kind, Plate, PlateRead, Priority, ReaderId
from watchfloor.plates.picture import name_of
from watchfloor.plates.possible import Typed, verdict_of, why_no_alarm
from watchfloor.plates.possible_store import PossibleHit
from watchfloor.plates.record import OWN_FROM, Judged, ReaderVerdict, errors_of
from watchfloor.plates.verdict_store import Told

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
WANTED = Plate("QZ0120")


@pytest.mark.parametrize(
    ("typed", "state", "wanted_state", "verdict"),
    [
        (WANTED, "MO", "MO", ReaderVerdict.RIGHT),
        (WANTED, "IL", None, ReaderVerdict.RIGHT),
        (WANTED, None, None, ReaderVerdict.RIGHT),
        (WANTED, "IL", "MO", ReaderVerdict.WRONG_STATE),
        (WANTED, None, "MO", ReaderVerdict.UNDECIDED),
        # To a person a letter and a figure that look alike are two.
        (Plate("QZO120"), "MO", "MO", ReaderVerdict.MISREAD),
        (Plate("QZ0121"), None, "MO", ReaderVerdict.MISREAD),
        # It stands there as it was read: another car, and no mistake of the reader.
        (Plate("QZ0128"), "MO", "MO", ReaderVerdict.ANOTHER_CAR),
        (None, "MO", "MO", ReaderVerdict.UNDECIDED),
    ],
)
def test_what_was_typed_is_the_verdict(
    typed: Plate | None, state: str | None, wanted_state: str | None, verdict: ReaderVerdict
) -> None:
    assert verdict_of(Typed(typed, state), Plate("QZ0128"), WANTED, wanted_state) is verdict


def hit(kind: Kind, state: str | None, probability: float | None) -> PossibleHit:
    odds = Odds(probability, 1 - probability, 0.0, 0, True, 0, 0.0, 0.0) if probability is not None else None
    read = PlateRead(
        device=ReaderId(uuid7(NOW)), source_key="1", plate=Plate("QZ0128"), state=state, confidence=0.5, device_at=NOW,
        received_at=NOW, at=NOW, clock_suspect=False,
    )  # fmt: skip
    return PossibleHit(
        HitId(uuid7(NOW)), read, "North", "Mill St", Point(38.6, -90.2), kind, "why", odds, Priority.USUAL,
        HotListId(uuid7(NOW)), "State file", WANTED, "MO", "stolen", None, None, waits=True, own=False,
    )  # fmt: skip


def test_why_it_alarmed_nobody_is_said_without_a_plate() -> None:
    (low,) = why_no_alarm(hit(Kind.EXACT, "MO", 0.34))
    assert low == "It was less likely right than what alerted at that time."
    every = why_no_alarm(hit(Kind.SUBSTITUTION, None, 0.34))
    assert len(every) == 2 and "QZ" not in " ".join(every)


def test_only_what_could_have_alarmed_teaches_how_often_a_reader_is_wrong() -> None:
    def judged(count: int, of_plate: float | None, of_state: float | None) -> list[Judged]:
        return [Judged(ReaderVerdict.MISREAD, False, (("0", "8"),), of_plate, of_state)] * count

    right = [Judged(ReaderVerdict.RIGHT, False, (), 0.1, None)] * OWN_FROM
    plain = errors_of(right, [], night=False)
    steps = errors_of(right + judged(300, None, None), [], night=False)
    assert (steps.misread_scale, steps.state_scale) == (plain.misread_scale, plain.state_scale)
    assert steps.true_of["8"]["0"] > plain.true_of["8"]["0"], "which character is which they do teach"
    assert (steps.verdicts, steps.pooled) == (OWN_FROM, False)
    assert errors_of(judged(300, None, None), [], night=False).pooled, "steps alone make no record"
    assert errors_of(right + judged(300, 0.1, None), [], night=False).misread_scale > plain.misread_scale


async def asks(town: Town, path: str = "", who: str = "analyst", **query: str) -> dict[str, Any]:
    answer = await (await town.web.person(who)).get(f"/api/v1/possible-hits{path}", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def types(town: Town, hit_id: str, who: str = "analyst", **seen: str | None) -> httpx.Response:
    return await (await town.web.person(who)).post(f"/api/v1/possible-hits/{hit_id}/typed", json=seen)


async def passed(town: Town, reader: Device) -> None:
    """An alarm, and seven reads that alarm nobody: 2 and 7 within the same ten minutes, 5 without a picture, 6 a step away."""
    picture = jpeg()
    await reader.posts(f"/plate-pictures/{name_of(picture)}", picture, method="PUT")
    shown = {"picture": name_of(picture)}
    begin = datetime.fromtimestamp(town.now().timestamp() // 600 * 600 - 2400, UTC)
    unsure = {"characters": [{"confidence": 0.99}] * 5 + [{"confidence": 0.6}]}
    async with town.matching():
        await reader.sends(
            {"id": "1", "plate": "ABC123", "state": "MO", "at": town.ago(minutes=70), "confidence": 0.98} | shown,
            {"id": "2", "plate": "ABC123", "at": rfc3339(begin), "confidence": 0.98} | shown,
            {"id": "3", "plate": "XYZ987", "state": "MO", "at": town.ago(minutes=29), "confidence": 0.2} | shown,
            {"id": "4", "plate": "XYZ987", "at": town.ago(minutes=15), "confidence": 0.98} | shown,
            {"id": "5", "plate": "ABC123", "at": town.ago(minutes=10), "confidence": 0.98},
            {"id": "6", "plate": "ABC124", "state": "MO", "at": town.ago(minutes=8), "confidence": 0.9} | shown | unsure,
            {"id": "7", "plate": "ABC123", "at": rfc3339(begin + timedelta(seconds=70)), "confidence": 0.98} | shown,
            {"id": "8", "plate": "XYZ987", "at": town.ago(minutes=2), "confidence": 0.98} | shown,
        )  # fmt: skip
        await town.stored(8)
        await drained(town)


async def test_possible_hits_are_judged_blind_and_teach_the_readers_record_without_an_alert(
    town: Town,
) -> None:
    await town.a_list("ABC123", "XYZ987")
    reader = await town.reader()
    await passed(town, reader)
    before = len(town.hits)
    page = await asks(town, limit="4")
    rest = await asks(town, limit="4", after=page["next"])
    every = [*page["items"], *rest["items"]]
    assert (len(every), rest["next"]) == (6, None), (
        "neither the alarm nor what has no picture waits for a verdict"
    )
    for one in every:
        assert one == {
            "id": one["id"], "reader": {"id": reader.id, "name": "North"}, "waits": True, "compared": None, "judged": None,
            "picture": f"/api/v1/possible-hits/{one['id']}/picture",
        }, "it is blind: picture and reader alone"  # fmt: skip
    kept = await town.rows("select id from plate_hit order by at")
    hits = {key: outside("plate_hit", row["id"]) for key, row in zip("12734568", kept, strict=True)}
    assert [one["id"] for one in every] == [hits[key] for key in ("8", "6", "4", "3", "7", "2")]
    looked = await (await town.web.person("supervisor")).get(every[0]["picture"])
    assert (looked.content, looked.headers["cache-control"]) == (jpeg(), "no-store")

    await is_judged_once(town, hits)
    await is_taken_back_within_ten_minutes(town, hits["4"])
    await a_later_telling_waits_for_nobody(town, hits["3"])
    await the_entrys_own_people_do_not_judge(town, hits["8"])
    await the_record_says_so_and_nobody_was_alarmed(town, reader)
    await an_alerts_verdict_counts_instead(town, reader)
    await what_no_verdict_would_outlast_waits_for_none(town, hits["8"])
    assert len(town.hits) == before, "nothing was handed on: no alert"


async def is_judged_once(town: Town, hits: dict[str, str]) -> None:
    """By whoever types first; plate and entry are shown to them alone."""
    wrong = (await types(town, hits["3"], plate="xyz 98z", state="mo")).json()
    assert (wrong["judged"]["verdict"], wrong["judged"]["own"]) == ("misread", True)
    assert (wrong["compared"]["plate"], wrong["compared"]["hot_list"]["name"]) == ("XYZ987", "State file")
    right = (await types(town, hits["2"], plate="ABC123", state="MO")).json()
    assert (right["judged"]["verdict"], right["waits"]) == ("right", False)
    assert "an unread state never alarms" in right["compared"]["why_no_alarm"][0]
    again = await types(town, hits["2"], "supervisor", plate="ABC123", state="MO")
    assert (again.status_code, again.json()["reason"]) == (409, "already_judged")
    other = (await types(town, hits["6"], plate="ABC124", state="MO")).json()
    assert (other["judged"]["verdict"], other["compared"]["kind"]) == ("another_car", "substitution")
    seen = await asks(town, who="supervisor", given="given")
    assert [(one["id"], one["compared"], one["judged"]["own"]) for one in seen["items"]] == [
        (hits[key], None, False) for key in ("6", "3", "2")
    ]
    unseen = await types(town, hits["5"], plate="ABC123", state="MO")
    assert (unseen.status_code, unseen.json()["reason"]) == (409, "no_picture")
    assert (await asks(town, f"/{hits['5']}"))["compared"] is None
    assert (await types(town, hits["7"], plate=" ", state="MO")).status_code == 422
    twice = (await types(town, hits["7"], plate="ABC123", state="MO")).json()
    assert twice["judged"]["verdict"] == "right", "it is told so, and counts once"


async def is_taken_back_within_ten_minutes(town: Town, hit_id: str) -> None:
    """By who gave it alone; it counts for nobody, and somebody else, who saw no entry, may judge it."""
    assert (await types(town, hit_id, "supervisor", plate="QQQ", state=None)).json()["compared"] is not None
    path = f"/api/v1/possible-hits/{hit_id}/take-back"
    other = await (await town.web.person("analyst")).post(path, json={})
    assert (other.status_code, other.json()["reason"]) == (409, "not_own")
    own = await (await town.web.person("supervisor")).post(path, json={})
    assert (own.json()["judged"]["verdict"], own.json()["waits"]) == ("undecided", False), own.text
    assert (await types(town, hit_id, "supervisor", plate="XYZ987", state="MO")).status_code == 409
    anew = await asks(town, f"/{hit_id}")
    assert (anew["waits"], anew["compared"]) == (True, None)
    assert (await types(town, hit_id, plate=None, state=None)).json()["judged"]["verdict"] == "undecided"
    assert not (await asks(town, f"/{hit_id}"))["waits"], "both have seen the entry"
    await town.rows("update plate_verdict set judged_at = judged_at - interval '11 minutes' returning id")
    late = await (await town.web.person("analyst")).post(path, json={})
    assert (late.status_code, late.json()["reason"]) == (409, "too_late")


COPIED = (
    "insert into plate_hit select (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'entry_id',"
    " gen_random_uuid(), 'grade', %(grade)s::text))).* from plate_hit h where h.id = %(hit)s returning id"
)


async def a_later_telling_waits_for_nobody(town: Town, judged: str) -> None:
    """A read that is told again, and answers to another entry then, has its verdict; one that alarms is its alert's."""
    hit = inside("plate_hit", judged)
    (late,) = await town.rows(COPIED, hit=hit, grade="possible")
    late_id = outside("plate_hit", late["id"])
    assert late_id not in [one["id"] for one in (await asks(town))["items"]]
    refused = await types(town, late_id, "supervisor", plate="XYZ987", state="MO")
    assert (refused.status_code, refused.json()["reason"]) == (409, "already_judged")
    (alarm,) = await town.rows(COPIED, hit=hit, grade="alarm")
    gone = await (await town.web.person("analyst")).get(f"/api/v1/possible-hits/{late_id}")
    assert gone.status_code == 404
    await town.rows(
        "delete from plate_hit where id = %(id)s or id = %(late)s returning id",
        id=alarm["id"],
        late=late["id"],
    )


async def the_entrys_own_people_do_not_judge(town: Town, hit_id: str) -> None:
    await town.rows(
        "with p as (insert into proposal (id, agency_id, kind, title, sentence, payload, proposed_by, proposed_at, expires_at)"
        " select gen_random_uuid(), e.agency_id, 'entry', '', '', '{}', v.judged_by, now(), now() from hot_list_entry e,"
        " plate_verdict v where e.plate = 'XYZ987' and v.verdict = 'misread' limit 1 returning id)"
        " update hot_list_entry set proposal_id = (select id from p) where plate = 'XYZ987' returning id"
    )
    assert hit_id not in [one["id"] for one in (await asks(town))["items"]]
    own = await types(town, hit_id, plate="XYZ987", state="MO")
    assert (own.status_code, own.json()["reason"]) == (409, "not_blind")
    assert hit_id in [one["id"] for one in (await asks(town, who="supervisor"))["items"]]


async def the_record_says_so_and_nobody_was_alarmed(town: Town, reader: Device) -> None:
    record = (await (await town.web.person("analyst")).get(f"/api/v1/readers/{reader.id}/record")).json()
    every = record["all"]
    assert (every["judged"], every["possible_right"], every["possible_judged"]) == (0, 1, 2)
    assert (record["verdicts"], record["pairs"]) == (2, [{"true": "Z", "read": "7", "times": 1}])
    budget = (await (await town.web.person("analyst")).get("/api/v1/alert-budget")).json()
    (bin_,) = [one for one in budget["week"] if one["probability"] < 0.5]
    assert (bin_["alerts"], bin_["wrong"]) == (1, 1.0), "what was judged counts as judged"
    assert (await asks(town, "/readers", "supervisor"))["readers"] == [
        {"reader": {"id": reader.id, "name": "North"}, "verdicts": 2, "waiting": 1, "unseen": 1}
    ]
    kept = await town.rows("select * from plate_verdict")
    assert "XYZ" not in str(kept) and all(one["seen_by"][-1] == one["judged_by"] for one in kept)
    taught = {
        (one["verdict"], one["expected_misread"] is None, one["expected_wrong_state"] is None) for one in kept
    }
    assert {("right", False, True), ("misread", False, False), ("another_car", True, True)} <= taught
    for who in ("officer", "technician", "auditor"):
        answer = await (await town.web.person(who)).get("/api/v1/possible-hits")
        assert (answer.status_code, answer.json()["reason"]) == (403, "role"), who


async def an_alerts_verdict_counts_instead(town: Town, reader: Device) -> None:
    """Of the same passing, once what was possible has alarmed and its alert is judged."""
    (was,) = await town.rows("select * from plate_verdict where verdict = 'right' and counts")
    parts = town.web.parts
    told = Told(
        ReaderId(was["device_id"]), uuid7(NOW), was["at"], 9, "MO", Judged(ReaderVerdict.RIGHT, False)
    )
    async with parts.door.open(Ask(process_actor(parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        assert await verdict_store.keep(tx, told, uuid7(NOW))
    record = (await (await town.web.person("analyst")).get(f"/api/v1/readers/{reader.id}/record")).json()
    assert (record["all"]["judged"], record["all"]["possible_judged"], record["verdicts"]) == (1, 1, 2)


async def what_no_verdict_would_outlast_waits_for_none(town: Town, hit_id: str) -> None:
    """A hit that is kept longer than a verdict on it."""
    hit, begin = inside("plate_hit", hit_id), (town.now() - timedelta(days=101)).date()
    assert [one["id"] for one in (await asks(town, who="supervisor"))["items"]] == [hit_id]
    async with await psycopg.AsyncConnection.connect(town.owner_dsn) as owner:
        await owner.execute(
            f"create table plate_hit_then partition of plate_hit_r1 for values from ('{begin}') to ('{begin + timedelta(days=3)}')".encode()
        )
        await owner.execute("update retention_rule set keep_for = interval '400 days'")
        await owner.execute("update plate_hit set at = at - interval '100 days' where id = %s", (hit,))
    assert (await asks(town, who="supervisor"))["items"] == []
