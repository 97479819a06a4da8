"""Trailers over HTTP: what is on one goes where it goes, stops outside its area, and its own words are believed as far as they can be."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.center import PASSWORD
from tests.trailers.yard import BEYOND, FERRY, MILL, Yard
from watchfloor.cameras import dwelling_store
from watchfloor.cameras.dwelling import AT_REST, Known
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import AgencyId, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.settings import TrailerSettings
from watchfloor.storage import jobs
from watchfloor.sweep.run import do_due
from watchfloor.trailers import figures, list_command, place_command
from watchfloor_sim.trailer import TrailerDevice, switch_of


async def test_what_is_on_a_trailer_goes_with_it_stops_outside_its_area_and_its_past_stays(
    yard: Yard,
) -> None:
    await _goes_with_it(yard)
    await _stops_outside_its_area(yard)
    await _is_counted_around(yard)
    await _is_retired(yard)


async def _looks_at_a_dwelling(yard: Yard, camera: str) -> None:
    async with yard.web.parts.door.open(_server(yard)) as tx:
        await dwelling_store.mark(tx, inside("camera", camera), AT_REST, "12 Elm St")
        await dwelling_store.aim_at(tx, inside("camera", camera), ["12 Elm St"], Known.PRESET)
    assert await _aimed(yard, camera) == (1, 1)


async def _aimed(yard: Yard, camera: str) -> tuple[int, int]:
    """How many of its views are of dwellings, and at how many it is aimed."""
    async with yard.web.parts.door.open(_server(yard)) as tx:
        views = await dwelling_store.views(tx, inside("camera", camera))
        aims = await dwelling_store.aims(tx, tx.now, inside("camera", camera))
    return len(views), sum(aim.until_at is None for aim in aims)


def _server(yard: Yard) -> Ask:
    return Ask(process_actor(AgencyId(yard.web.parts.agency), "serve"), Need.DEVICE_WATCH)


async def _goes_with_it(yard: Yard) -> None:
    before = rfc3339(yard.web.parts.clock.now())
    front, back = yard.cameras
    await _looks_at_a_dwelling(yard, front)
    placed = await yard.placed(FERRY, 30)
    assert placed.status_code == 200, placed.text
    assert await _aimed(yard, front) == (0, 0), "it looks elsewhere now, and nobody said where"
    log = (await yard.get("/audit/entries?limit=200&kind=effect", "auditor"))["items"]
    gone = [one for one in log if one["reason"] == "camera.dwelling_marked"]
    assert len(gone) == 1, "that the mark is gone is in the log"
    told = placed.json()
    assert (told["standing"], told["state"]["word"], told["covered"]) == ("placed", "stands", True)
    assert told["placement"]["placed_by"]["name"] == "Supervisor" and told["placement"]["authorisation"]
    cameras = {one["id"]: one for one in (await yard.get("/cameras"))["items"]}
    # Placed with nothing known of where it looked before, the offsets are headings from north.
    assert [cameras[id]["heading_deg"] for id in (front, back)] == [120, 300]
    assert (cameras[front]["place"]["lat"], cameras[front]["carried_by"]) == (FERRY["lat"], yard.trailer)
    reader = next(one for one in (await yard.get("/readers"))["items"] if one["id"] == yard.reader)
    assert (reader["place"]["lat"], reader["heading_deg"]) == (FERRY["lat"], 40)
    # Which cameras can see a point: the new place's, and no longer that of before.
    seen = await yard.get("/cameras/seeing?lat=38.63095&lon=-90.19155")
    assert front in [one["id"] for one in seen["cameras"]]
    there = await yard.get("/cameras/seeing?lat=38.62701&lon=-90.19880")
    assert front not in [one["id"] for one in there["cameras"]]
    # Where did this camera stand at that time?
    (then,) = (await yard.get(f"/cameras/{front}/places?at={before.replace('+', '%2B')}"))["places"]
    assert (then["place"]["text"], then["heading_deg"]) == ("Depot yard", 90) and then["to"] is not None
    places = (await yard.get(f"/cameras/{front}/places"))["places"]
    assert [one["place"]["text"] for one in places] == ["Mill St at 5th St", "Depot yard"]
    again = (await yard.placed(MILL, 0)).json()
    assert again["placement"]["place"]["lat"] == MILL["lat"]
    history = (await yard.get(f"/trailers/{yard.trailer}/placements"))["items"]
    assert [(one["place"]["lat"], one["ended_how"]) for one in history] == [
        (MILL["lat"], None), (FERRY["lat"], "placed"),
    ]  # fmt: skip


async def _stops_outside_its_area(yard: Yard) -> None:
    assert isinstance(await yard.may_record(yard.cameras[0]), Lease)
    outside = (await yard.placed(BEYOND, 0)).json()
    assert (outside["covered"], outside["state"]["word"]) == (False, "outside its area")
    assert "outside the area it is authorised for" in outside["state"]["reason"]
    assert outside["placement"]["authorisation"] is None
    stopped = await yard.may_record(yard.cameras[0])
    assert isinstance(stopped, Denied) and stopped.reason == "place"
    assert "outside the area it is authorised for" in stopped.sentence
    reader = next(one for one in (await yard.get("/readers"))["items"] if one["id"] == yard.reader)
    assert "outside the area" in reader["state"]["reason"]
    await yard.placed(MILL, 0)
    assert isinstance(await yard.may_record(yard.cameras[0]), Lease)


async def test_lights_are_switched_by_a_signed_question_and_who_may_not_is_refused(
    yard: Yard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _is_refused(yard)
    await _lights_are_switched(yard)
    await _is_placed_from_the_terminal(yard, tmp_path, capsys)


async def _is_placed_from_the_terminal(
    yard: Yard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    who: dict[str, Any] = {"url": yard.web.url, "name": "supervisor", "password_file": secret}
    there: dict[str, Any] = {**FERRY, "heading": 20.0, "place": "Ferry landing", "reason": "A festival"}
    with pytest.raises(NotFound, match="no trailer 'Trailer 99'"):
        await place_command.run("Trailer 99", **who, **there)
    with pytest.raises(Invalid, match="heading is 0 to under 360"):
        await place_command.run("Trailer 2", **who, **there | {"heading": 400.0})
    assert await place_command.run("Trailer 2", **who, **there) == 0
    assert "Trailer 2: stands, Ferry landing." in capsys.readouterr().out
    await _is_counted_whatever_another_comes_to(yard)
    capsys.readouterr()
    assert await list_command.run(**who, figures=True) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.startswith("trailer,place,placed_at") and len(rows) == 6  # three things, before and during
    assert await list_command.run(**who, as_json=True) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["name"] for one in told] == ["Trailer 2", "Trailer 3"]
    assert list_command.table([{"trailer": "=1+1", "count": 2}]).splitlines()[1].startswith("'=1+1,")


async def _is_counted_whatever_another_comes_to(yard: Yard) -> None:
    parts = yard.web.parts
    sweep = Ask(process_actor(parts.agency, "sweep"), Need.TRAILERS_COUNT)
    async with parts.door.open(sweep) as tx:
        await jobs.add(tx, figures.KIND, {"placement": "nothing that could be counted"}, run_at=tx.now)
    planned = await figures.plan(parts.door, TrailerSettings(), parts.agency)
    assert planned > 0 and await figures.plan(parts.door, TrailerSettings(), parts.agency) == 0, (
        "once an hour"
    )
    works = figures.works(parts.door, TrailerSettings())
    with capture_logs() as said:
        assert await do_due(parts.door, parts.agency, works) == planned, "all but the one that is a bug"
    assert "a job failed" in [one["event"] for one in said]


async def _is_refused(yard: Yard) -> None:
    body = {"place": "x", "heading_deg": 0, "reason": "why not", **MILL}
    refused = await yard.does("analyst", "POST", f"/trailers/{yard.trailer}/place", body)
    await yard.web.kept_refusal(refused)
    for heading, more, field in (
        (360.0, {}, "heading_deg"),
        (0.0, {"reason": " "}, "reason"),
        (0.0, {"place": "\n"}, "place"),
    ):
        answer = await yard.placed(MILL, heading, **more)
        assert (answer.status_code, answer.json()["reason"]) == (422, field), answer.text
    stale = await yard.does(
        "supervisor", "POST", f"/trailers/{yard.trailer}/place", body, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    nowhere = await yard.does(
        "supervisor", "POST", f"/trailers/{yard.trailer}/take-away", {"reason": "to the yard"}
    )
    assert (nowhere.status_code, nowhere.json()["reason"]) == (409, "not_placed")
    # By hand nobody moves what a trailer carries, and a fixed camera is on none.
    moved = await yard.does("technician", "PATCH", f"/cameras/{yard.cameras[0]}", {"lat": 38.7})
    assert (moved.status_code, moved.json()["reason"]) == (409, "carried")
    renamed = await yard.does("technician", "PATCH", f"/cameras/{yard.cameras[0]}", {"name": "Front"})
    assert renamed.status_code == 200, renamed.text
    second = (await yard.does("technician", "POST", "/trailers", {"name": "Trailer 3"})).json()
    taken = await yard.does(
        "technician", "PATCH", f"/trailers/{second['id']}", {"cameras": [{"id": yard.cameras[0]}]}
    )
    assert (taken.status_code, taken.json()["reason"]) == (409, "carried")
    named = await yard.does("technician", "POST", "/trailers", {"name": " trailer 3 ".title()})
    assert (named.status_code, named.json()["reason"]) == (409, "name_taken")


async def test_a_trailer_says_how_it_is_and_is_believed_as_far_as_it_can_be(yard: Yard) -> None:
    await yard.placed(MILL, 0)
    said = await yard.says(
        **MILL, battery_pct=18.5, solar_w=0, signal_dbm=-80, carrier="River Mobile", lights="off"
    )
    assert said.json() == {"position": "kept", "why": None, "moved": False}, said.text
    told = await yard.get(f"/trailers/{yard.trailer}")
    assert (told["battery_pct"], told["carrier"], told["state"]["word"]) == (
        18.5,
        "River Mobile",
        "battery low",
    )
    await _is_as_it_said_last(yard)
    jumped = await yard.says(lat=39.9, lon=-90.199)
    assert jumped.json()["position"] == "not_believed" and "hauled" in jumped.json()["why"]
    assert "position doubtful" in [
        one["word"] for one in (await yard.get(f"/trailers/{yard.trailer}"))["warnings"]
    ]
    old = await yard.says(**MILL, at="2001-01-01T00:00:00Z", battery_pct=60)
    assert old.json()["position"] == "kept"  # its clock is set aside
    assert "clock off" in [one["word"] for one in (await yard.get(f"/trailers/{yard.trailer}"))["warnings"]]
    late = await yard.says(**MILL, at=rfc3339(yard.web.parts.clock.now() - timedelta(hours=1)))
    assert late.json()["position"] == "older"
    wrongs: list[dict[str, Any]] = [
        {"lat": 0, "lon": 0}, {"lat": 91, "lon": 0}, {"lat": 38.6}, {"battery_pct": 900}, {}, {"signal_dbm": 9},
        {"reports": [{}] * 101},
    ]  # fmt: skip
    for wrong in wrongs:
        answer = await yard.says(**wrong)
        assert answer.status_code in (413, 422) and answer.json()["detail"], answer.text
    client, device = yard.web.client(), {"Authorization": f"Bearer {yard.token}"}
    own, one = "/api/v1/trailer-reports", {"reports": [{"battery_pct": 60}]}
    flood = [(await client.post(own, json=one, headers=device)).status_code for _ in range(3)]
    assert 429 in flood[1:]
    reader = (await yard.does("technician", "POST", f"/readers/{yard.reader}/token")).json()["token"]
    assert (await yard.says(token=reader, battery_pct=60)).status_code == 404
    assert (await yard.says(token="nobody's", battery_pct=60)).status_code == 401


async def _is_as_it_said_last(yard: Yard) -> None:
    now = yard.web.parts.clock.now()
    newer, older = (
        {**MILL, "at": rfc3339(now - timedelta(minutes=ago)), "battery_pct": pct}
        for ago, pct in ((1, 33), (5, 66))
    )
    assert (await yard.says(reports=[newer, older])).json()["position"] == "kept"
    assert (await yard.get(f"/trailers/{yard.trailer}"))["battery_pct"] == 33  # sent last, but said before


async def test_towed_away_without_a_word_it_is_an_alarm_and_its_cameras_go_where_it_is(yard: Yard) -> None:
    await _follows_its_way(yard)
    await yard.placed(MILL, 0)
    aside = {"lat": MILL["lat"] + 0.004, "lon": MILL["lon"]}
    assert (await yard.says(**aside)).json()["moved"] is False  # one stray position is a receiver's error
    assert "may be away" in [one["word"] for one in (await yard.get(f"/trailers/{yard.trailer}"))["warnings"]]
    assert (await yard.says(**aside)).json()["moved"] is True
    told = await yard.get(f"/trailers/{yard.trailer}")
    assert (told["standing"], told["state"]["level"], told["state"]["word"]) == (
        "moved", "critical", "moved without a placement",
    )  # fmt: skip
    camera = await yard.get(f"/cameras/{yard.cameras[0]}")
    assert (camera["place"]["lat"], camera["heading_deg"]) == (aside["lat"], None)
    assert isinstance(await yard.may_record(yard.cameras[0]), Lease)  # still where it is authorised
    ended = (await yard.get(f"/trailers/{yard.trailer}/placements"))["items"][0]
    assert (ended["ended_how"], ended["ended_by"]) == ("moved", None)
    # Placed anew it stands again; and where nothing may be recorded, the first position is enough.
    assert (await yard.placed(MILL, 0)).json()["state"]["word"] == "stands"
    assert (await yard.says(**BEYOND)).json()["moved"] is True
    assert isinstance(await yard.may_record(yard.cameras[0]), Denied)


async def _follows_its_way(yard: Yard) -> None:
    await yard.placed(MILL, 0)
    away = await yard.does(
        "technician", "POST", f"/trailers/{yard.trailer}/take-away", {"reason": "To the depot"}
    )
    assert away.json()["standing"] == "under_way"
    assert (await yard.says(**FERRY)).json() == {"position": "kept", "why": None, "moved": True}
    told = await yard.get(f"/trailers/{yard.trailer}")
    assert (told["standing"], told["state"]["level"]) == ("under_way", "standby")
    assert (await yard.get(f"/cameras/{yard.cameras[0]}"))["place"]["lat"] == FERRY["lat"]
    # What is put aboard on the way is where the trailer is at once, and what stands elsewhere is fetched by the next report.
    new = await yard.camera("Trailer 2 mast", None)
    aboard = {"cameras": [{"id": one} for one in (*yard.cameras, new)]}
    put = await yard.does("technician", "PATCH", f"/trailers/{yard.trailer}", aboard)
    assert put.status_code == 200, put.text
    assert (await yard.get(f"/cameras/{new}"))["place"]["lat"] == FERRY["lat"]


async def _lights_are_switched(yard: Yard) -> None:
    path, device = f"/trailers/{yard.trailer}", TrailerDevice(**MILL)
    none = await yard.does(
        "analyst", "POST", f"{path}/lights", {"lights": "on", "reason": "People at the fence"}
    )
    assert (none.status_code, none.json()["reason"]) == (409, "no_lights")
    for url in ("http://169.254.169.254/x", "http://192.168.7.7/x", "file:///etc/passwd"):
        wrong = await yard.does("technician", "PUT", f"{path}/lights-switch", {"url": url})
        assert wrong.status_code == 422, wrong.text
    async with switch_of(device) as url:
        device.secret = (await yard.does("technician", "PUT", f"{path}/lights-switch", {"url": url})).json()[
            "secret"
        ]
        lit = (
            await yard.does("analyst", "POST", f"{path}/lights", {"lights": "strobe", "reason": "Fence"})
        ).json()
        assert (lit["ok"], lit["answer"], device.lights) == (True, "the lights are strobe", "strobe")
        assert lit["trailer"]["switched"]["by"]["name"] == "Analyst" and lit["trailer"]["lights"] == "strobe"
        device.broken = "a fuse is blown"
        failed = (
            await yard.does("analyst", "POST", f"{path}/lights", {"lights": "off", "reason": "Over"})
        ).json()
        assert (failed["ok"], failed["answer"]) == (False, "It answered 503: a fuse is blown")
        assert failed["trailer"]["lights"] == "strobe"
        device.broken, device.secret = "", "another"
        unsigned = (
            await yard.does("analyst", "POST", f"{path}/lights", {"lights": "off", "reason": "Over"})
        ).json()
        assert unsigned["ok"] is False and "signature" in unsigned["answer"]
    gone = (await yard.does("analyst", "POST", f"{path}/lights", {"lights": "off", "reason": "Over"})).json()
    assert gone["answer"] == "It does not answer there, or its certificate is not trusted."
    officer = await yard.does("officer", "POST", f"{path}/lights", {"lights": "off", "reason": "Over"})
    assert officer.status_code == 403
    log = await yard.get("/audit/entries?limit=200", "auditor")
    told = {one["reason"] for one in log["items"]}
    assert {"trailer.lights_switched", "trailer.lights_not_switched", "trailer.lights_set_up"} <= told


async def _is_counted_around(yard: Yard) -> None:
    parts, now = yard.web.parts, yard.web.parts.clock.now()
    await _looks_at_a_dwelling(yard, yard.cameras[0])
    assert (await yard.placed(MILL | {"lat": MILL["lat"] + 0.00001}, 0)).status_code == 200
    assert await _aimed(yard, yard.cameras[0]) == (1, 1), "a pin put right by a metre"
    near, far = {"lat": 38.6285, "lon": -90.1990}, {"lat": 38.6400, "lon": -90.1990}
    rows = [(near, 10, "burglary_theft"), (near, 20, "burglary_theft"), (near, 3, "violent_crime"), (far, 3, "violent_crime"),
            (near, 40, "burglary_theft")]  # fmt: skip
    ask = Ask(process_actor(parts.agency, "sweep"), Need.RETENTION_SWEEP)
    async with parts.door.open(ask) as tx:
        for number, (where, days, purpose) in enumerate(rows):
            await tx.execute(
                "insert into call (id, agency_id, number, type, priority, purpose, place, lat, lon, text, taken_by, taken_at, version)"
                " values (gen_random_uuid(), %(agency)s, %(number)s, 'Burglary', 2, %(purpose)s, 'there', %(lat)s, %(lon)s, '',"
                " gen_random_uuid(), %(at)s, 1)",
                agency=tx.agency, number=f"C-{number}", purpose=purpose, at=now - timedelta(days=days), **where,
            )  # fmt: skip
    placement = inside("placement", (await yard.get(f"/trailers/{yard.trailer}"))["placement"]["id"])
    await figures.count(parts.door, TrailerSettings(), parts.agency, placement)
    counted = (await yard.get(f"/trailers/{yard.trailer}"))["placement"]["figures"]
    calls = {(one["period"], one["kind"]): one["count"] for one in counted if one["what"] == "call"}
    assert calls == {
        ("before", "burglary_theft"): 2,
        ("before", "violent_crime"): 1,
        ("before", "all"): 3,
        ("during", "all"): 0,
    }
    async with parts.door.open(ask) as tx:
        await tx.execute("delete from call")
    await figures.count(parts.door, TrailerSettings(), parts.agency, placement)
    kept = (await yard.get(f"/trailers/{yard.trailer}/placements"))["items"][0]["figures"]
    assert {(one["period"], one["kind"]): one["count"] for one in kept if one["what"] == "call"} == calls


async def _is_retired(yard: Yard) -> None:
    await yard.placed(FERRY, 0)
    assert (await yard.does("technician", "DELETE", f"/trailers/{yard.trailer}")).status_code == 204
    camera = await yard.get(f"/cameras/{yard.cameras[0]}")
    assert (camera["carried_by"], camera["place"]["lat"]) == (None, FERRY["lat"])
    assert (await yard.does("analyst", "GET", f"/trailers/{yard.trailer}")).status_code == 404
