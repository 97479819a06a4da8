"""What happened at a camera's place is on its time bar, under the purpose of the look, bounded, and without a plate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.cameras.test_walls import cameras
from tests.fixtures.center import new_id
from tests.incidents.floor import PLATE, Floor
from tests.web.listed import LISTS
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import parse_rfc3339, rfc3339

MINUTE = timedelta(minutes=1)


async def asked(floor: Floor, camera: str, by: str = "analyst", **changes: str) -> Any:
    now = floor.clock.now()
    span = {"from": rfc3339(now - 10 * MINUTE), "to": rfc3339(now + MINUTE)}
    why = {"Wf-Purpose": "stolen_vehicle", "Wf-Case": await floor.web.case()}
    why |= {name: value for name, value in changes.items() if name.startswith("Wf-")}
    span |= {name: value for name, value in changes.items() if not name.startswith("Wf-")}
    person = await floor.web.person(by)
    return await person.get(f"/api/v1/cameras/{camera}/marks", params=span, headers=why)


async def at_the_reader(floor: Floor) -> str:
    """A camera where the plate reader stands."""
    (camera,) = await cameras(floor.web, 1)
    async with floor.upkeep() as tx:
        await tx.execute(
            "update camera set lat = %(lat)s, lon = %(lon)s where id = %(id)s",
            lat=floor.reader.point.lat, lon=floor.reader.point.lon, id=inside("camera", camera),
        )  # fmt: skip
    return camera


async def test_each_kind_is_marked_for_whoever_sees_it_elsewhere(floor: Floor) -> None:
    camera, far = await at_the_reader(floor), (await cameras(floor.web, 1))[0]
    incident = await floor.incident()
    place = {"place": "N Broadway", "lat": floor.reader.point.lat, "lon": floor.reader.point.lon}
    call = {"type": "Burglary", "priority": 1, "purpose": "burglary_theft", "text": "", **place}
    analyst = await floor.web.person("analyst")
    assert (await analyst.post("/api/v1/calls", json=call)).status_code == 201
    kept = {
        "purpose": "stolen_vehicle",
        "case": await floor.web.case(),
        "cameras": [camera],
        "note": "the van",
    }
    kept["from"] = rfc3339(floor.clock.now() - MINUTE)
    assert (await analyst.post("/api/v1/bookmarks", json=kept)).status_code == 201

    told = (await asked(floor, camera)).json()
    assert sorted(mark["kind"] for mark in told["marks"]) == ["alert", "bookmark", "call", "incident"]
    of = {mark["kind"]: mark for mark in told["marks"]}
    assert (of["incident"]["id"], of["call"]["title"]) == (incident, "Burglary, N Broadway")
    assert (of["call"]["level"], of["bookmark"]["title"]) == ("serious", "the van")
    assert PLATE not in str(told) and told["left_out"] == []
    # Detectives have no queue: of alerts they are told that they are left out.
    detective = (await asked(floor, camera, by="detective")).json()
    assert "alert" not in {mark["kind"] for mark in detective["marks"]}
    assert [one["kind"] for one in detective["left_out"]] == ["alert"]
    # Of the camera that stands elsewhere there is nothing.
    assert (await asked(floor, far)).json()["marks"] == []
    # It is asked for as a look is: no purpose, patrol, or somebody without looks gets nothing.
    for changes, reason in (
        ({"Wf-Purpose": "patrol_monitoring"}, "patrol_only_live"),
        ({"Wf-Case": ""}, "case_missing"),
    ):
        assert (await asked(floor, camera, **changes)).json()["reason"] == reason
    assert (await asked(floor, camera, by="auditor")).json()["reason"] == "role"
    long = {"from": rfc3339(floor.clock.now() - timedelta(days=8))}
    assert (await asked(floor, camera, **long)).json()["reason"] == "range"


async def test_plates_are_counted_where_reading_them_is_allowed_and_no_plate_is_told(floor: Floor) -> None:
    camera = await at_the_reader(floor)
    now = floor.clock.now()
    async with floor.upkeep() as tx:
        await tx.execute(
            "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version) values"
            " (%(id)s, %(agency)s, 'here', 'plate_reader', 'x', %(lat)s, %(lon)s, %(now)s, %(id)s, 1)",
            id=floor.reader.id, agency=tx.agency, lat=floor.reader.point.lat, lon=floor.reader.point.lon, now=now,
        )  # fmt: skip
        for day in {(now - 5 * MINUTE).date(), now.date()}:
            await tx.execute(
                "call wf_partition_create('plate_read', %(rule)s::smallint, %(day)s)",
                rule=floor.rule,
                day=day,
            )
        for number in range(12):
            await tx.execute(
                "insert into plate_read (agency_id, rule, at, device_id, source_key, plate, folded_key, confidence, received_at,"
                " clock_suspect, authorisation_id) values (%(agency)s, %(rule)s, %(at)s, %(device)s, %(key)s, %(plate)s, 1, 1,"
                " %(at)s, false, %(device)s)",
                agency=tx.agency, rule=floor.rule, device=floor.reader.id, key=str(number), plate=PLATE,
                at=now - 5 * MINUTE + timedelta(seconds=number // 10 * 60),
            )  # fmt: skip
    told = (await asked(floor, camera)).json()
    assert [one["count"] for one in told["reads"]] == [10, 2]
    first = parse_rfc3339(told["reads"][0]["from"])
    assert first <= now - 5 * MINUTE < first + timedelta(seconds=told["bucket_s"])
    assert PLATE not in str(told)
    await _stands_without_them(floor, camera)
    await _carried_here_since(floor, camera)


async def _carried_here_since(floor: Floor, camera: str) -> None:
    """What a reader read before a trailer brought it here was read elsewhere."""
    await floor.web.authorise("plate_reader")
    assert [one["count"] for one in (await asked(floor, camera)).json()["reads"]] == [10, 2]
    async with floor.upkeep() as tx:
        await tx.execute(
            "insert into reader_stood values (%(id)s, %(agency)s, %(since)s, %(until)s, 'elsewhere', 1, 1, null)",
            id=floor.reader.id, agency=tx.agency, since=tx.now - 20 * MINUTE, until=tx.now - MINUTE,
        )  # fmt: skip
    assert (await asked(floor, camera)).json()["reads"] == []


async def _stands_without_them(floor: Floor, camera: str) -> None:
    """Reading plates is approved apart: where its authorisation is suspended the bar stands without them, and says so."""
    supervisor = await floor.web.person("supervisor")
    (reading,) = [
        one["id"] for one in (await supervisor.get("/api/v1/authorisations")).json()["items"]
        if one["technology"] == "plate_reader"
    ]  # fmt: skip
    stopped = await supervisor.post(
        f"/api/v1/authorisations/{reading}/suspend", json={"reason": "a test of it"}
    )
    assert stopped.status_code == 200, stopped.text
    told = (await asked(floor, camera)).json()
    assert told["reads"] == [] and [one["kind"] for one in told["left_out"]] == ["read"]
    assert told["left_out"][0]["reason"]


async def test_at_a_busy_place_there_are_as_many_marks_as_buckets_and_each_says_how_many(
    floor: Floor,
) -> None:
    (camera,) = await cameras(floor.web, 1)
    now = floor.clock.now()
    (alerts,) = (one for one in LISTS if one.path == "/alerts/around")
    rows = (
        " from (select n, gen_random_uuid() as id, %(now)s::timestamptz - n * interval '1 second' as at,"
        " %(now)s::timestamptz + interval '1 day' as ends from generate_series(1, 590) n) r"
    )
    async with floor.upkeep() as tx:
        statement = (alerts.insert + rows).replace(" % ", " %% ")
        await tx.execute(statement, agency=tx.agency, now=now, by=new_id(), basis={})
    span = {"from": rfc3339(now - 10 * MINUTE), "to": rfc3339(now)}
    marks = (await asked(floor, camera, **span)).json()["marks"]
    assert 115 <= len(marks) <= 120 and sum(mark["count"] for mark in marks) == 590
    assert max(mark["count"] for mark in marks) == 5
    assert {mark["level"] for mark in marks} == {"critical"}
