"""Footage of some incidents is preserved at once, by rule: what could be seen of them, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.dispatch.street import SCENE, Street
from tests.fixtures.center import A_CAMERA
from watchfloor.governance.holds import WARN
from watchfloor.governance.words import Purpose
from watchfloor.incidents.preserve import Rule, works
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import encode
from watchfloor.places.skyline import Skyline
from watchfloor.sweep.run import do_due

RULE = Rule.of("shots_fired, officer_emergency", 15, 45)
CORNER, FAR = UUID(int=0xC0), UUID(int=0xFA)


async def no_news(*_: object) -> None: ...


async def cameras(street: Street) -> None:
    """One at the corner, and one two kilometres off."""
    async with street.floor.upkeep() as tx:
        for camera, lat in ((CORNER, SCENE.lat + 0.0002), (FAR, SCENE.lat + 0.02)):
            named = {"id": camera, "agency": tx.agency, "name": f"Camera {camera.int}", "now": tx.now}
            await tx.execute(A_CAMERA, **named)
            await tx.execute(
                "update camera set lat = %(lat)s, lon = %(lon)s where id = %(id)s",
                id=camera,
                lat=lat,
                lon=SCENE.lon,
            )


async def swept(street: Street) -> None:
    floor = street.floor
    door = floor.web.parts.door
    await do_due(door, floor.agency, works(door, Skyline(door, floor.objects), RULE, no_news))


async def holds(street: Street) -> list[dict[str, Any]]:
    async with street.floor.upkeep() as tx:
        rows = await tx.fetch(
            "select h.*, c.number, c.purpose from hold h join case_file c on c.id = h.case_id order by h.placed_at, h.about_id"
        )
        return [dict(row) for row in rows]


async def notes(street: Street, incident: str) -> list[str]:
    shown = await street.get(f"/incidents/{incident}")
    return [line["text"] for line in shown["timeline"] if line["kind"] == "preserved"]


async def test_an_officer_in_danger_has_what_could_be_seen_preserved_without_anybody_thinking_of_it(
    street: Street,
) -> None:
    await cameras(street)
    unit = await street.unit("3142", 0.0)
    opened = (await street.post("/incidents", {"unit": unit})).json()
    await swept(street)
    (hold,) = await holds(street)
    at = datetime.fromisoformat(opened["at"])
    assert (hold["about_id"], hold["data_class"], hold["confirmed_by"]) == (CORNER, "footage", None)
    assert (hold["from_at"], hold["to_at"]) == (at - timedelta(minutes=15), at + timedelta(minutes=45))
    assert hold["ends_at"] - hold["placed_at"] == timedelta(hours=72)
    assert (hold["number"], hold["purpose"]) == (opened["number"], "officer_emergency")
    assert hold["reason"] == f"Incident {opened['number']}: officer in danger. Preserved by rule."
    (said,) = await notes(street, opened["id"])
    assert said.startswith(
        "Preserved at once because of officer in danger: the camera that could see it, from "
    )
    assert said.endswith("A hold ends after 72 hours unless a person makes it last.")
    async with street.floor.upkeep() as tx:
        (planned,) = await tx.fetch("select payload from job where kind = %(kind)s", kind=WARN)
    assert planned["payload"]["hold"] == str(hold["id"])  # it does not lapse without a word


async def test_an_incident_of_another_kind_preserves_only_when_an_arrest_or_force_came_of_it(
    street: Street,
) -> None:
    await cameras(street)
    nothing = {"results": ["nothing_found"], "arrests": 0}
    found = {"results": ["arrest", "force_used"], "arrests": 1, "charges": ["Tampering"]}
    quiet = await street.floor.incident()
    assert (await street.post(f"/incidents/{quiet}/outcome", nothing)).status_code == 201
    arrest = await street.floor.incident()
    await swept(street)
    assert await holds(street) == []
    assert (await street.post(f"/incidents/{arrest}/outcome", found)).status_code == 201
    await swept(street)
    (hold,) = await holds(street)
    assert hold["reason"].endswith("an arrest and the use of force. Preserved by rule.")
    assert await notes(street, quiet) == []
    assert len(await notes(street, arrest)) == 1


async def test_what_is_kept_already_is_not_kept_twice_and_a_case_that_is_open_is_used(street: Street) -> None:
    await cameras(street)
    unit = await street.unit("3142", 0.0)
    opened = (await street.post("/incidents", {"unit": unit})).json()
    case = (
        await street.post(
            "/cases",
            {"number": opened["number"], "title": "At the corner", "purpose": "violent_crime"},
            by="detective",
        )
    ).json()
    await swept(street)
    async with street.floor.upkeep() as tx:
        # As after a crash between the work and the word that it was done.
        await tx.execute("update job set done_at = null, lease_until = null where kind = 'incident.preserve'")
    await swept(street)
    (hold,) = await holds(street)
    assert encode("case", hold["case_id"]) == case["id"]
    first, second = await notes(street, opened["id"])
    assert "were before" not in first and "1 of them were before" in second


async def test_where_nothing_can_be_preserved_the_timeline_says_why(street: Street) -> None:
    nowhere = await street.unit("3142")
    lost = (await street.post("/incidents", {"unit": nowhere})).json()["id"]
    unseen = await street.unit("3150", 0.0)
    dark = (await street.post("/incidents", {"unit": unseen})).json()["id"]
    await swept(street)
    assert await holds(street) == []
    (said,) = await notes(street, lost)
    assert said.endswith("the incident has no place on the map. Preserve by a canvass.")
    (said,) = await notes(street, dark)
    assert said.endswith("no camera sees the place.")


def test_a_rule_that_cannot_be_is_refused_in_words() -> None:
    for purposes, before, after in (
        ("shots_fired, weather", 15, 45),
        ("", -1, 45),
        ("", 15, 0),
        ("", 15, 9999),
    ):
        with pytest.raises(Invalid):
            Rule.of(purposes, before, after)
    assert Rule.of(" shots_fired ,", 0, 1).purposes == {Purpose.SHOTS_FIRED}


async def test_a_trailer_that_stood_there_then_is_preserved_and_what_keeps_its_own_at_its_site_is_named(
    street: Street,
) -> None:
    await cameras(street)
    unit = await street.unit("3142", 0.0)
    opened = (await street.post("/incidents", {"unit": unit})).json()
    async with street.floor.upkeep() as tx:
        await tx.execute(
            "insert into camera_stood (camera_id, agency_id, since, until, place, lat, lon)"
            " values (%(id)s, %(agency)s, %(since)s, %(until)s, 'At the corner', %(lat)s, %(lon)s)",
            id=FAR, agency=tx.agency, since=tx.now - timedelta(days=1), until=tx.now, lat=SCENE.lat + 0.0002, lon=SCENE.lon,
        )  # fmt: skip
        await tx.execute("update camera set footage_kept = 'at_site' where id = %(id)s", id=CORNER)
    await swept(street)
    assert {hold["about_id"] for hold in await holds(street)} == {FAR, CORNER}
    (said,) = await notes(street, opened["id"])
    assert "the 2 cameras that could see it" in said
    assert "One of them keeps its footage at its site: what the site gives is fetched" in said
