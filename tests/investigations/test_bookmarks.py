"""What somebody marks in recorded video stands with its case and its cameras, for whoever sees the case, and is its author's to change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.cameras.test_walls import cameras
from tests.fixtures.center import new_id
from tests.incidents.floor import Floor
from watchfloor.governance.forms import case_of, inside, outside
from watchfloor.kit.clock import rfc3339
from watchfloor.sweep.expire_store import delete_expired

MINUTE = timedelta(minutes=1)


def body_of(floor: Floor, case: str, of: list[str]) -> dict[str, Any]:
    at = rfc3339(floor.clock.now() - 10 * MINUTE)
    return {
        "purpose": "stolen_vehicle",
        "case": case,
        "cameras": of,
        "from": at,
        "note": " the grey van turns ",
    }


async def test_a_bookmark_stands_with_its_case_and_cameras_and_is_its_authors(floor: Floor) -> None:
    one, two = await cameras(floor.web, 2)
    case = await floor.web.case()
    analyst, colleague = await floor.web.person("analyst"), await floor.web.person("detective")
    made = await analyst.post("/api/v1/bookmarks", json=body_of(floor, case, [one, two]))
    assert made.status_code == 201, made.text
    kept = made.json()
    assert (kept["note"], kept["to"], kept["preserved"]) == ("the grey van turns", None, 0)
    path = f"/api/v1/bookmarks/{kept['id']}"
    # Found by its case and by each of its cameras, by whoever sees the case.
    for role in ("detective", "officer", "auditor"):
        person = await floor.web.person(role)
        for query in ({"case": case}, {"camera": two}, {}):
            found = (await person.get("/api/v1/bookmarks", params=query)).json()["items"]
            assert [item["id"] for item in found] == [kept["id"]], (role, query)
        assert (await person.get(path)).json()["case_name"].endswith("A case for a test")
    other = {"case": await floor.web.case()}
    assert (await colleague.get("/api/v1/bookmarks", params=other)).json()["items"] == []
    assert (await (await floor.web.person("clerk")).get(path)).json()["reason"] == "role"

    # A colleague reads it and makes one of their own beside it.
    refused = await colleague.patch(path, json={"note": "mine"})
    assert (await floor.web.kept_refusal(refused))["reason"] == "not_the_author"
    assert (await colleague.delete(path)).json()["reason"] == "not_the_author"
    later = rfc3339(floor.clock.now() - 9 * MINUTE)
    stale = await analyst.patch(path, json={"note": "x"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = await analyst.patch(path, json={"from": kept["from"], "to": later, "note": "it stops"})
    assert (changed.json()["note"], changed.json()["to"], changed.json()["version"]) == ("it stops", later, 2)
    await _is_preserved(floor, case, one, kept["id"])
    assert (await analyst.delete(path)).status_code == 204
    assert (await analyst.get(path)).status_code == 404
    log = (
        await (await floor.web.person("auditor")).get("/api/v1/audit/entries", params={"limit": 200})
    ).json()
    reasons = [entry["reason"] for entry in log["items"] if entry["reason"].startswith("bookmark.")]
    assert sorted(reasons) == ["bookmark.changed", "bookmark.kept", "bookmark.removed"]
    assert "grey van" not in str(log)


async def _is_preserved(floor: Floor, case: str, camera: str, bookmark: str) -> None:
    """What is held around it is said of it: it preserves nothing itself."""
    now = floor.clock.now()
    async with floor.upkeep() as tx:
        await tx.execute(
            "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by,"
            " placed_at, ends_at) values (%(id)s, %(agency)s, %(case)s, 'footage', 'camera', %(camera)s, %(from)s, %(now)s,"
            " 'why', %(id)s, %(now)s, %(now)s)",
            **{
                "id": new_id(), "agency": tx.agency, "case": case_of(case).id, "camera": inside("camera", camera),
                "from": now - 60 * MINUTE, "now": now,
            },
        )  # fmt: skip
    analyst = await floor.web.person("analyst")
    assert (await analyst.get(f"/api/v1/bookmarks/{bookmark}")).json()["preserved"] == 1


async def test_what_no_bookmark_can_be_is_said_in_words(floor: Floor) -> None:
    (camera,) = await cameras(floor.web, 1)
    case, analyst = await floor.web.case(), await floor.web.person("analyst")
    ahead, before = rfc3339(floor.clock.now() + MINUTE), rfc3339(floor.clock.now() - 60 * MINUTE)
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"note": "  "}, 422, "note"),
        ({"note": "x" * 501}, 422, "note"),
        ({"cameras": []}, 422, "cameras"),
        ({"cameras": [camera, camera]}, 422, "cameras"),
        ({"cameras": [outside("camera", new_id())]}, 404, "cameras"),
        ({"from": ahead}, 422, "from"),
        ({"to": ahead}, 422, "to"),
        ({"to": before}, 422, "to"),
        ({"case": f"alert:{await floor.alert()}"}, 422, "case"),
        ({"case": await floor.web.lapsed_case()}, 403, "case_lapsed"),
        ({"purpose": "personal_interest"}, 403, "purpose_prohibited"),
    )
    for change, status, reason in wrong:
        answer = await analyst.post("/api/v1/bookmarks", json=body_of(floor, case, [camera]) | change)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), (change, answer.text)
        assert len(answer.json()["detail"]) > 20
    assert (await analyst.get("/api/v1/bookmarks")).json()["items"] == []


async def test_of_an_incident_it_goes_with_the_incident_and_is_not_for_who_sees_none(floor: Floor) -> None:
    (camera,) = await cameras(floor.web, 1)
    incident = await floor.incident()
    analyst, auditor = await floor.web.person("analyst"), await floor.web.person("auditor")
    made = await analyst.post("/api/v1/bookmarks", json=body_of(floor, f"incident:{incident}", [camera]))
    assert made.status_code == 201, made.text
    path = f"/api/v1/bookmarks/{made.json()['id']}"
    # An auditor sees cases, and no incidents.
    assert (await auditor.get(path)).status_code == 404
    assert (await auditor.get("/api/v1/bookmarks")).json()["items"] == []
    async with floor.upkeep() as tx:
        assert await delete_expired(tx, "bookmark") == 0
        await tx.execute("delete from incident where id = %(id)s", id=inside("incident", incident))
        assert await delete_expired(tx, "bookmark") == 1
