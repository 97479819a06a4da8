"""One car is one read, however often it is told and by however many lanes; what corrects it alerts only where it is wanted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.plates.conftest import Device, Town, drained
from watchfloor.plates.model import Plate, PlateRead, ReaderId
from watchfloor.plates.passage import (
    MOST_TOLD,
    Passing,
    is_another_lane,
    seen_by_lane,
    sites_of,
    telling_of,
    told_again,
)

TESTDATA = Path(__file__).parent / "testdata"
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
READ = PlateRead(
    ReaderId(UUID(int=1)),
    "id:car 1",
    Plate("ZQX107"),
    "MO",
    0.8,
    NOW,
    NOW,
    NOW,
    False,
    lane="1",
    revision="new",
)


def again(seconds: float, **changes: Any) -> PlateRead:
    later = NOW + timedelta(seconds=seconds)
    return replace(READ, device_at=later, at=later, revision=f"update {seconds}", **changes)


def test_a_later_telling_corrects_an_earlier_one_changes_nothing_and_the_same_is_told_once() -> None:
    first = Passing(replace(READ, told=(telling_of(READ),)), NOW)
    after = told_again(first, again(2, plate=Plate("ZQX109"), state=None, confidence=0.97))
    assert after is not None
    assert (after.read.plate.text, after.read.at, len(after.read.told)) == ("ZQX109", NOW, 2)
    assert after.read.state is None, "the state was that of another text"
    late = told_again(after, again(1, plate=Plate("XXX999")))
    assert late is not None
    assert (late.read.plate.text, len(late.read.told)) == ("ZQX109", 3)
    assert told_again(late, again(1, plate=Plate("XXX999"))) is None


def test_of_a_car_that_is_told_for_ever_the_first_and_the_last_tellings_are_kept() -> None:
    passing = Passing(replace(READ, told=(telling_of(READ),)), NOW)
    for second in range(1, 60):
        after = told_again(passing, again(second))
        assert after is not None
        passing = after
    assert len(passing.read.told) == MOST_TOLD
    assert (passing.read.told[0].at, passing.read.told[-1].at) == (NOW, NOW + timedelta(seconds=59))


@pytest.mark.parametrize(
    ("changes", "one_car"),
    [
        ({"lane": "2"}, True),
        ({"lane": "2", "plate": Plate("ZQXI07")}, True),
        ({"lane": "1"}, False),
        ({"lane": "2", "plate": Plate("ZQX207")}, False),
        ({"lane": "2", "at": NOW + timedelta(seconds=6)}, False),
        ({"lane": "2", "state": "IL"}, False),
        ({"lane": "2", "state": None}, True),
        ({"lane": "1", "device": ReaderId(UUID(int=2))}, True),
    ],
)
def test_two_lanes_saw_one_car_only_where_all_that_was_read_allows_it(
    changes: dict[str, Any], one_car: bool
) -> None:
    assert is_another_lane(READ, replace(READ, **changes)) is one_car


def test_of_two_lanes_the_surer_reading_counts_and_both_are_kept() -> None:
    alone = replace(READ, revision=None)
    surer = seen_by_lane(
        Passing(alone, NOW), replace(alone, lane="2", source_key="b", plate=Plate("ZQXI07"), confidence=0.95)
    )
    assert surer is not None
    assert (surer.read.plate.text, [one.lane for one in surer.read.told]) == ("ZQXI07", ["1", "2"])
    weaker = seen_by_lane(
        Passing(alone, NOW), replace(alone, lane="2", source_key="b", plate=Plate("ZQXI07"), confidence=0.3)
    )
    assert weaker is not None
    assert weaker.read.plate.text == "ZQX107"
    assert sites_of([(UUID(int=1), "A"), (UUID(int=2), "A"), (UUID(int=3), None)]) == {
        UUID(int=1): [UUID(int=1), UUID(int=2)], UUID(int=2): [UUID(int=1), UUID(int=2)],
    }  # fmt: skip


async def tells(town: Town, reader: Device, which: str, after_s: float, **changes: Any) -> None:
    """One telling of car 102, as the camera sends it."""
    event = json.loads((TESTDATA / f"axis-lpv-{which}.json").read_text()) | changes
    at = town.now() - timedelta(seconds=20) + timedelta(seconds=after_s)
    event["capture_timestamp"] = str(int(at.timestamp() * 1000))
    answer = await reader.posts("/plate-reads/axis", json.dumps(event).encode())
    assert answer.status_code == 202, answer.text


async def test_a_correction_to_a_wanted_plate_alerts_and_every_telling_stays_beside_the_one_read(
    town: Town,
) -> None:
    await town.a_list("ZQX107", "ZQX955")
    reader = await town.reader()
    async with town.matching():
        await tells(town, reader, "new", 0, plateText="ZQX999", plateUTF8="ZQX999")
        await drained(town)
        assert town.hits == []
        await tells(town, reader, "update", 0.2)
        await drained(town)
        assert [hit.answer.wanted.plate.text for hit in town.hits] == ["ZQX107"]
        await tells(town, reader, "update", 0.3, plateConfidence="0.99", carMoveDirection="out")
        await tells(town, reader, "lost", 10)
        await drained(town)
        assert len(town.hits) == 1, "the same plate again is no second alert"
        await tells(town, reader, "update", 11, plateText="ZQX955")
        await drained(town)
    assert [hit.answer.wanted.plate.text for hit in town.hits] == ["ZQX107", "ZQX955"]
    (read,) = await town.rows("select plate, folded_key, told, at from plate_read")
    assert read["plate"] == "ZQX955"
    assert [one["plate"] for one in read["told"]] == ["ZQX999", "ZQX107", "ZQX107", "ZQX107", "ZQX955"]
    (state,) = await town.rows("select reads, duplicates from reader_state")
    assert (state["reads"], state["duplicates"]) == (1, 4)


async def test_what_was_possible_alerts_once_a_later_telling_says_the_state(town: Town) -> None:
    await town.a_list("ZQX107")
    reader = await town.reader()
    async with town.matching():
        await tells(town, reader, "update", 0, plateRegionCode=None)
        await drained(town)
        assert town.hits == [], "a state that is unread alarms nobody"
        await tells(town, reader, "lost", 1)
        await drained(town)
    assert [hit.answer.wanted.plate.text for hit in town.hits] == ["ZQX107"]
    assert [row["grade"] for row in await town.rows("select grade from plate_hit")] == ["alarm"]


async def test_two_lanes_of_a_site_are_one_read_one_alert_and_two_tellings(town: Town) -> None:
    await town.a_list("ZQX107")
    left, right = await town.reader("Left", site="Bridge"), await town.reader("Right", site="Bridge")
    apart = await town.reader("Elsewhere")
    seen = {"plate": "ZQX107", "state": "MO", "at": town.ago(seconds=9)}
    async with town.matching():
        await left.sends(seen | {"id": "a", "confidence": 0.8})
        await drained(town)
        for _ in range(2):
            await right.sends(seen | {"id": "b", "confidence": 0.9, "at": town.ago(seconds=8)})
            await drained(town)
        await apart.sends(seen | {"id": "c"})
        await drained(town)
    reads = await town.rows("select device_id, told, confidence from plate_read order by number")
    assert [len(read["told"] or []) for read in reads] == [2, 0]
    assert round(reads[0]["confidence"], 2) == 0.9
    assert len(town.hits) == 2, "one for the bridge, one for the reader elsewhere"


async def test_a_mobile_reader_says_where_it_was_and_nobody_else_does(town: Town) -> None:
    supervisor = await town.web.person("supervisor")
    (found,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    await supervisor.post(f"/api/v1/authorisations/{found['id']}/suspend", json={"reason": "a smaller area"})
    north = [[38.6, -90.3], [38.7, -90.3], [38.7, -90.1], [38.6, -90.1]]
    await town.web.authorise("plate_reader", title="In the north", area=north)
    await town.a_list("ZQX107")
    car, pole = await town.reader("Car 12", mobile=True), await town.reader("Pole")
    seen = {"plate": "ZQX107", "state": "MO", "at": town.ago(seconds=5)}
    nowhere = await car.sends(seen | {"id": "1"})
    assert (nowhere.status_code, nowhere.json()["reason"]) == (422, "position")
    assert "registered as mobile" in nowhere.json()["detail"]
    outside = await car.sends(seen | {"id": "2", "position": {"lat": 38.9, "lon": -90.2}})
    assert "it was taken outside the area that this reader is authorised for" in outside.json()["detail"]
    assert (await car.sends(seen | {"id": "3", "position": {"lat": 38.65, "lon": -90.2}})).status_code == 202
    assert (await pole.sends(seen | {"id": "4", "position": {"lat": 38.65, "lon": -90.2}})).status_code == 202
    async with town.matching():
        await town.stored(2)
        await drained(town)
    by_key = {
        row["source_key"]: (row["lat"], row["lon"]) for row in await town.rows("select * from plate_read")
    }
    assert by_key == {"id:3": (38.65, -90.2), "id:4": (None, None)}
    at = {hit.reader.name: hit.reader.point for hit in town.hits}
    assert (at["Car 12"].lat, at["Pole"].lat) == (38.65, 38.64)
    hours = await town.rows("select sum(rejected)::int as n from reader_hour")
    assert hours[0]["n"] >= 1, "what could not be taken is counted"


async def test_a_device_that_hands_in_another_devices_reads_is_refused(town: Town) -> None:
    one, other = await town.reader("One"), await town.reader("Other")
    seen = {"plate": "ZQX107", "id": "1", "at": town.ago(seconds=5)}
    refused = await one.sends(seen | {"reader": other.id})
    assert (refused.status_code, refused.json()["reason"]) == (422, "reader")
    assert (
        refused.json()["detail"]
        == "read 0, reader: it names another reader than the one whose token was sent."
    )
    assert (await one.sends(seen | {"reader": one.id})).status_code == 202
