"""What came of sounds that were alerted: said, looked at a second time, revised, counted, and published. A stage of `test_sounds`."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter

from tests.fixtures.center import CenterParts, CenterWeb
from watchfloor.dispatch.sounds import api as sounds_api
from watchfloor.dispatch.sounds import vendor_api
from watchfloor.dispatch.sounds.record import Sounds
from watchfloor.exchange import api as exchange_api
from watchfloor.incidents.raise_alerts import News
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.geo import Point
from watchfloor.owners.sign_up import Known
from watchfloor.reports.sounds import api as figures_api
from watchfloor.reports.sounds.small import FEWEST, SEVERAL

MOST = 120
CONTRADICTIONS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"said": "evidence_found"}, "evidence"),
    ({"said": "victim"}, "victims"),
    ({"said": "nothing_found", "evidence": ["casings"]}, "evidence"),
    ({"said": "nothing_found", "lat": 38.6, "lon": -90.2}, "place"),
    ({"said": "confirmed_false", "evidence": ["video"]}, "cause"),
    ({"said": "confirmed_false", "evidence": ["video"], "cause": "other"}, "note"),
)


@dataclass(frozen=True)
class Told:
    """A center in which two sounds were told, one of them confirmed; `rows` asks its database past everything."""

    web: CenterWeb
    rows: Callable[[str], list[Any]]
    place: Point


def routers(parts: CenterParts, news: News) -> list[APIRouter]:
    """The routes of what came of sounds."""

    async def agency_of(_: str | None) -> Known:
        return Known(parts.agency, "Mill City")

    figures = figures_api.SoundFigureRoutes(parts.door, parts.clock, agency_of)
    return [
        sounds_api.routes(Sounds(parts.door, news)),
        vendor_api.routes(Sounds(parts.door, news)),
        exchange_api.routes(parts.door, "https://center.example"),
        figures_api.routes(figures),
        figures_api.pages(figures),
    ]


async def what_came_of_them(told: Told) -> None:
    """From the first word of an analyst to the published figures."""
    dismissed, confirmed = await _told(told)
    await _is_not_handed_on(told, dismissed)
    await _said_and_said_anew(told, confirmed)
    await _looked_at_twice(told, dismissed)
    await _missed(told)
    await _counted(told)
    await _published(told)
    await _others_are_brought_in(told)


async def _told(told: Told) -> tuple[dict[str, Any], dict[str, Any]]:
    analyst = await told.web.person("analyst")
    found = (await analyst.get("/api/v1/sounds")).json()["items"]
    assert [one["verdict"] for one in found] == ["dismissed", "confirmed"], "the newest first"
    dismissed, confirmed = found
    assert dismissed["dismissed_as"] == "thunder" and confirmed["incident_id"] is not None
    assert {one["counts_as"] for one in found} == {"undetermined"}, (
        "of what nobody said anything, nothing is determined"
    )
    assert (await analyst.get("/api/v1/sounds", params={"which": "to_say"})).json()["items"] == found
    (one,) = (await analyst.get("/api/v1/sounds", params={"alert": confirmed["alert_id"]})).json()["items"]
    assert one == confirmed
    for travel, network, machine in told.rows("select travel_ms, network_ms, machine_ms from sound_record"):
        assert 200 < travel < 10_000 and 0 <= network < 60_000 and 0 <= machine < 60_000
    return dismissed, confirmed


async def handed_on(web: CenterWeb, alert: str) -> None:
    """A confirmed sound, as a CAP message."""
    sent = await (await web.person("analyst")).get(f"/api/v1/alerts/{alert}/cap")
    assert sent.status_code == 200 and sent.headers["content-type"] == "application/cap+xml", sent.text
    assert alert in sent.text and sent.text.count("<polygon>") == 1
    assert "A sound names a place, not a person." in sent.text


async def _is_not_handed_on(told: Told, dismissed: dict[str, Any]) -> None:
    """What no person confirmed goes to nobody."""
    analyst = await told.web.person("analyst")
    kept = await analyst.get(f"/api/v1/alerts/{dismissed['alert_id']}/cap")
    assert kept.status_code == 409 and kept.json()["reason"] == "not_confirmed", kept.text


async def _said_and_said_anew(told: Told, sound: dict[str, Any]) -> None:
    analyst = await told.web.person("analyst")
    path = f"/api/v1/sounds/{sound['id']}/outcomes"
    shown = {"said": "evidence_found", "evidence": ["casings"], "lat": told.place.lat, "lon": told.place.lon}
    for body, reason in (*CONTRADICTIONS, (shown | {"lon": None}, "lon"), (shown | {"lat": 45.0}, "place")):
        wrong = await analyst.post(path, json=body)
        assert wrong.status_code == 422 and wrong.json()["reason"] == reason, wrong.text
    said = await analyst.post(path, json=shown)
    assert said.status_code == 201, said.text
    (outcome,) = said.json()["outcomes"]
    assert (said.json()["counts_as"], outcome["state"], said.json()["lat"]) == (
        "confirmed",
        "stands",
        told.place.lat,
    )
    assert outcome["off"]["error_m"] < 25 and outcome["off"]["in_most"], "it was located, and says how well"
    assert (await analyst.post(path, json={"said": "nothing_found"})).json()["reason"] == "why"
    await _said_anew(told, sound, path)


async def _said_anew(told: Told, sound: dict[str, Any], path: str) -> None:
    """It counts otherwise when a second person agreed; this one does not."""
    analyst, supervisor = await told.web.person("analyst"), await told.web.person("supervisor")
    anew = {"said": "nothing_found", "why": "The casings were of another day."}
    waits = (await analyst.post(path, json=anew)).json()
    assert (waits["counts_as"], waits["waits"], waits["said"]) == (
        "confirmed",
        "nothing_found",
        "evidence_found",
    )
    assert (await supervisor.post(path, json=anew)).json()["reason"] == "waits"
    second = f"{path}/{waits['outcomes'][0]['id']}"
    assert (await analyst.post(f"{second}/agree")).json()["reason"] == "same_person"
    assert (await supervisor.post(f"{second}/refuse", json={"why": " "})).json()["reason"] == "why"
    refused = (await supervisor.post(f"{second}/refuse", json={"why": "They were not."})).json()
    assert [one["state"] for one in refused["outcomes"]] == ["refused", "stands"], (
        "what was said is kept, whatever came of it"
    )
    assert (await supervisor.post(f"{second}/agree")).json()["reason"] == "not_waiting"
    incident = (await analyst.get(f"/api/v1/incidents/{sound['incident_id']}")).json()
    notes = [entry["text"] for entry in incident["timeline"] if entry["kind"] == "sound_outcome"]
    assert (
        sorted(notes)[0]
        == "Of the sound, that nothing was found: a second person did not agree: They were not."
    )
    assert len(notes) == 3


async def _looked_at_twice(told: Told, sound: dict[str, Any]) -> None:
    """That it was no gunfire counts when somebody else agreed; an officer says nothing of what nobody was sent to."""
    analyst, supervisor = await told.web.person("analyst"), await told.web.person("supervisor")
    path = f"/api/v1/sounds/{sound['id']}/outcomes"
    officer = await told.web.person("officer")
    assert (await officer.post(path, json={"said": "nothing_found"})).json()["reason"] == "not_sent_there"
    body = {"said": "confirmed_false", "evidence": ["witness"], "cause": "thunder"}
    waits = (await analyst.post(path, json=body)).json()
    assert (waits["counts_as"], waits["waits"]) == ("undetermined", "confirmed_false")
    queue = {"which": "to_agree"}
    assert [one["id"] for one in (await supervisor.get("/api/v1/sounds", params=queue)).json()["items"]] == [
        sound["id"]
    ]
    agreed = (await supervisor.post(f"{path}/{waits['outcomes'][0]['id']}/agree")).json()
    assert (agreed["counts_as"], agreed["waits"], agreed["outcomes"][0]["state"]) == ("false", None, "stands")
    assert agreed["outcomes"][0]["second_by"] != agreed["outcomes"][0]["recorded_by"]


async def _missed(told: Told) -> None:
    analyst = await told.web.person("analyst")
    now = told.web.parts.clock.now()
    body = {"lat": 38.63, "lon": -90.2, "how": "victim", "note": "Came to the hospital."}
    late = await analyst.post("/api/v1/sounds/misses", json=body | {"at": rfc3339(now + timedelta(hours=1))})
    assert late.status_code == 422 and late.json()["reason"] == "at"
    kept = await analyst.post("/api/v1/sounds/misses", json=body | {"at": rfc3339(now - timedelta(hours=1))})
    assert kept.status_code == 201 and kept.json()["missed"], kept.text
    path = f"/api/v1/sounds/{kept.json()['id']}/outcomes"
    assert (await analyst.post(path, json={"said": "nothing_found"})).json()["reason"] == "missed"
    assert len((await analyst.get("/api/v1/sounds", params={"which": "missed"})).json()["items"]) == 1


async def _counted(told: Told) -> None:
    """An independent recount of the same rows gives the same figures: by another program, in SQL alone."""
    _many(told)
    auditor = await told.web.person("auditor")
    answer = await auditor.get("/api/v1/sound-figures")
    assert answer.status_code == 200, answer.text
    figures = answer.json()
    recount = told.rows(
        "select to_char(date_trunc('month', r.at at time zone a.time_zone), 'YYYY-MM'), coalesce(r.district, ''),"
        " count(*) filter (where r.what = 'alert'), count(*) filter (where s.said in ('evidence_found', 'victim')),"
        " count(*) filter (where s.said = 'confirmed_false'), count(*) filter (where r.what = 'miss') from sound_record r"
        " join agency a on a.id = r.agency_id left join sound_outcome s on s.sound_id = r.id and s.state = 'stands'"
        " group by 1, 2 order by 1, 2"
    )
    fields = ("month", "district", "alerts", "confirmed", "false", "missed")
    assert [tuple(row[field] for field in fields) for row in figures["by_district_and_month"]] == recount
    total = figures["total"]
    assert (total["alerts"], total["missed"]) == (MOST + 2, 1)
    assert total["alerts"] == total["confirmed"] + total["false"] + total["undetermined"]
    for table in ("by_month", "by_district", "by_district_and_month"):
        for field in ("alerts", "confirmed", "false", "undetermined", "missed", "victim", "waiting"):
            assert sum(row[field] for row in figures[table]) == total[field], (table, field)
    _calls_are_counted(told, figures)
    assert figures["places"]["known"] == figures["places"]["most_of"] == 1
    assert figures["latency"]["told"]["count"] == 2 and figures["latency"]["person"]["count"] == 2
    (victims,) = [one for one in figures["spent"] if one["outcome"] == "victim"]
    assert victims["sent"] == 0, "nobody was sent"
    assert (await auditor.get("/api/v1/sound-figures", params={"from": "2026-13"})).json()["reason"] == "from"
    assert (await auditor.get("/api/v1/sound-figures", params={"source": "nobody"})).json()[
        "reason"
    ] == "source"


def _calls_are_counted(told: Told, figures: dict[str, Any]) -> None:
    ((called, first),) = told.rows(
        "select count(*), count(*) filter (where first_at > told_at)"
        " from (select r.told_at, min(c.taken_at) as first_at from sound_record r"
        " join call c on c.taken_at between r.at - interval '1 minute' and r.at + interval '899 seconds' and c.lat is not null"
        " where r.what = 'alert' group by r.id, r.told_at) f"
    )
    every = figures["calls"]["all"]
    assert (every["called"], every["told_first"], every["not_called"]) == (
        called,
        first,
        MOST + 2 - called,
    ) and first == 1
    assert every["lead_s"] == 40.0


def _many(told: Told) -> None:
    """Sounds of a year and four districts, and what came of them; and one call."""
    draw = random.Random(11)
    now = told.web.parts.clock.now()
    (agency, person) = told.rows("select agency_id, recorded_by from sound_outcome limit 1")[0]
    for number in range(MOST):
        district = "West" if number % 20 == 0 else draw.choice(["North", "North", "South", "East"])
        at = now - timedelta(days=draw.uniform(1, 60))
        ((sound,),) = told.rows(
            "insert into sound_record (id, agency_id, what, source, at, told_at, district, lat, lon) values"
            f" (gen_random_uuid(), '{agency}', 'alert', 'own', '{at}', '{at}', '{district}', 38.9, -90.9) returning id"
        )
        said = draw.choice(["evidence_found", "victim", "nothing_found", "confirmed_false", None])
        if said is not None:
            victims, cause = int(said == "victim"), "'vehicle'" if said == "confirmed_false" else "null"
            told.rows(
                "insert into sound_outcome (id, agency_id, sound_id, state, said, evidence, victims, cause, recorded_by, recorded_at)"
                " values"
                f" (gen_random_uuid(), '{agency}', '{sound}', 'stands', '{said}', '{{}}', {victims}, {cause}, '{person}', '{at}')"
                " returning 1"
            )
        if number == 0:
            told.rows(
                "insert into call (id, agency_id, number, type, priority, purpose, place, lat, lon, text, taken_by, taken_at, version)"
                f" values (gen_random_uuid(), '{agency}', 'C-1', 'Shots', 1, 'shots_fired', 'there', 38.903, -90.9, '', '{person}',"
                f" '{at + timedelta(seconds=40)}', 1) returning 1"
            )


async def _published(told: Told) -> None:
    """Everybody sees the same whole, and no row of a handful; as a page, as JSON and as CSV."""
    everybody = told.web.client()
    published = (await everybody.get("/figures/sounds.json")).json()
    own = (await (await told.web.person("supervisor")).get("/api/v1/sound-figures")).json()
    assert published["small_together"] and not own["small_together"]
    for field in ("total", "by_month", "missed_by_how", "calls", "places", "latency", "spent", "uptime"):
        assert published[field] == own[field], field
    for table in ("by_district", "by_district_and_month"):
        rows = published[table]
        assert SEVERAL in {row["district"] for row in rows} and "West" not in {
            row["district"] for row in rows
        }
        counts = Counter[tuple[str | None, str]]()
        for row in rows:
            counts[row["month"], row["district"]] += row["alerts"] + row["missed"]
            assert sum(row[field] for field in ("confirmed", "false", "undetermined")) == row["alerts"]
        assert sum(counts.values()) == published["total"]["alerts"] + published["total"]["missed"]
        assert all(count >= FEWEST for (_, district), count in counts.items() if district != SEVERAL)
    lines = list(csv.DictReader(io.StringIO((await everybody.get("/figures/sounds.csv")).text)))
    told_csv = {one["figure"]: one["value"] for one in lines if one["table"] == "total"}
    assert told_csv == {name: str(value) for name, value in published["total"].items()}
    page = await everybody.get("/figures/sounds")
    assert page.status_code == 200 and f"Of {published['total']['alerts']} alerts" in page.text
    assert "West" not in page.text and "Mill City" in page.text
    assert (await everybody.get("/figures/sounds?from=never")).status_code == 422
    empty = await everybody.get("/figures/sounds?from=2020-01&to=2020-02")
    assert "Nothing was alerted in these months" in empty.text


async def _others_are_brought_in(told: Told) -> None:
    """Another vendor's file is looked at, taken once as it was looked at, and counted beside our own, by its name."""
    supervisor = await told.web.person("supervisor")
    ((at, lat, lon),) = told.rows(
        "select at, lat, lon from sound_record where verdict = 'confirmed' and source = 'own'"
    )
    before = rfc3339(at - timedelta(days=2))
    rows = (f"R1,{rfc3339(at)},{lat},{lon},Gunshots", f"R2,{before},{lat},{lon},", ",x,1,2,")
    text = "\r\n".join(("id,at,lat,lon,type", *rows))

    async def sends(path: str, **query: str) -> Any:
        query = {"vendor": "Raven", "form": "csv", **query}
        headers = {"Content-Type": "text/csv"}
        return await supervisor.post(
            f"/api/v1/sounds/imports{path}", params=query, content=text, headers=headers
        )

    assert (await sends("/look", vendor="own")).json()["reason"] == "vendor"
    looked = (await sends("/look")).json()
    assert (looked["alerts"], looked["new"], looked["refused"]) == (2, 2, 1)
    assert looked["bad"] == [{"row": 3, "why": "it has no id"}] and looked["first"][0]["what"] == "Gunshots"
    assert told.rows("select 1 from sound_record where source = 'Raven'") == [], "nothing is kept by looking"
    assert (await sends("", sha256="0" * 64)).json()["reason"] == "sha256"
    taken = await sends("", sha256=looked["sha256"])
    assert taken.status_code == 201 and taken.json()["new"] == 2, taken.text
    assert (await sends("", sha256=looked["sha256"])).json()["new"] == 0, "each is taken once"
    figures = (await supervisor.get("/api/v1/sound-figures", params={"source": "Raven"})).json()
    assert (figures["total"]["alerts"], figures["total"]["missed"]) == (2, 0)
    assert figures["also_told"] == {"own": 1} and figures["sources"] == ["Raven", "own"]
    own = (await supervisor.get("/api/v1/sound-figures")).json()
    assert own["also_told"] == {"Raven": 2} and own["total"]["alerts"] == MOST + 2, (
        "nobody else's are counted as ours"
    )
    listed = (await supervisor.get("/api/v1/sounds", params={"which": "all"})).json()["items"]
    raven = next(one for one in listed if one["source_ref"] == "R1")
    story = (await supervisor.get(f"/api/v1/sounds/{raven['id']}")).json()
    assert [one["source"] for one in story["others"]] == ["own", "own"], "two of ours were 410 m apart"
    said = await supervisor.post(f"/api/v1/sounds/{raven['id']}/outcomes", json={"said": "nothing_found"})
    assert said.status_code == 201 and said.json()["said"] == "nothing_found"
