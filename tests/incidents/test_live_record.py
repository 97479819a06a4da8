"""The live record is asked by a person or by the adapter, each time kept; the entering agency confirms before arrest or tow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures.center import CenterMaker
from tests.incidents.floor import PLATE, Floor, open_floor
from watchfloor.incidents.ask_agency import remind
from watchfloor.incidents.confirmation import AgencySays, Confirmation, ForCrew, Urgency, for_crew
from watchfloor.incidents.record_system import Asked, answer_of, record_system_of
from watchfloor.incidents.review import Reply
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.settings import LiveRecordSettings
from watchfloor_sim.record_system import RecordSystem, standing


async def test_each_time_that_the_live_record_is_asked_is_kept_and_the_last_one_counts(floor: Floor) -> None:
    await floor.put_picture()
    alert = await floor.alert()
    early = await floor.post(f"/alerts/{alert}/live-records", {"reply": "active", "asked_at": _now(floor)})
    assert (early.status_code, early.json()["reason"]) == (409, "not_in_review")
    await floor.post(f"/alerts/{alert}/review")
    blind = await floor.post(f"/alerts/{alert}/live-records", {"reply": "active", "asked_at": _now(floor)})
    assert (blind.status_code, blind.json()["reason"]) == (409, "not_typed")
    await floor.reviewed(alert)
    unasked = await floor.confirm(alert, live_record=None)
    assert (unasked.status_code, unasked.json()["reason"]) == (409, "record_not_asked")
    future = {"reply": "active", "asked_at": rfc3339(floor.clock.now() + timedelta(minutes=5))}
    assert (await floor.post(f"/alerts/{alert}/live-records", future)).json()["reason"] == "asked_at"
    told = await floor.post(f"/alerts/{alert}/review")
    for reply, reference in (("unreachable", None), ("active", "V123")):
        body = {"reply": reply, "reference": reference, "said": "HIT", "asked_at": _now(floor)}
        told = await floor.post(f"/alerts/{alert}/live-records", body)
        assert told.status_code == 200, told.text
    kept = told.json()["live_records"]
    assert [(one["reply"], one["reference"], one["adapter"]) for one in kept] == [
        ("unreachable", None, None),
        ("active", "V123", None),
    ]
    assert kept[0]["asked_by"]["name"] and told.json()["asks_record"] is False
    nothing = await floor.post(f"/alerts/{alert}/live-records/ask")
    assert (nothing.status_code, nothing.json()["reason"]) == (409, "no_adapter")
    assert (await floor.confirm(alert, live_record=None)).status_code == 200
    async with floor.upkeep() as tx:
        leaves = await tx.fetch("select leaf from audit_entry where reason = 'alert.record_asked'")
    assert len(leaves) == 2
    assert not [row for row in leaves if PLATE.encode() in row["leaf"]], (
        "the plate is in the erasable payload alone"
    )


def _now(floor: Floor) -> str:
    return rfc3339(floor.clock.now())


async def test_a_configured_record_system_is_asked_for_what_was_typed_and_a_silent_one_says_so(
    center: CenterMaker, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret\n")
    simulated = RecordSystem("secret", {(PLATE, "RC"): "active"})
    async with standing(simulated) as url:
        settings = LiveRecordSettings(url=url, name="State records", token_file=str(tmp_path / "token"))
        system = record_system_of(settings)
        async with open_floor(center, tmp_path, system=system) as floor:
            await floor.put_picture()
            alert = await floor.alert()
            await floor.reviewed(alert)
            asked = (await floor.post(f"/alerts/{alert}/live-records/ask")).json()
            (kept,) = asked["live_records"]
            assert (kept["reply"], kept["adapter"], kept["reference"]) == (
                "active",
                "State records",
                "SIM-0001",
            )
            assert asked["asks_record"] is True
            assert (await floor.confirm(alert, live_record=None)).status_code == 200
        assert system is not None
        simulated.token = "another"
        refused = await system.ask(Asked(PLATE, "RC"))
        assert (refused.reply, refused.said) == (Reply.UNREACHABLE, "It refused the question (401).")
    gone = await system.ask(Asked(PLATE, "RC"))
    assert gone.reply is Reply.UNREACHABLE and "does not answer" in (gone.said or "")


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"reply": "maybe"}', b'{"reply": 1}', b"[" * 5000])
def test_what_is_no_answer_is_no_answer(body: bytes) -> None:
    assert answer_of(body).reply is Reply.UNREACHABLE


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (LiveRecordSettings(url="http://records.example/ask"), "begins with https://"),
        (LiveRecordSettings(url="ftp://127.0.0.1/"), "begins with https://"),
        (LiveRecordSettings(url="https://records.example/", token_file="/nowhere"), "cannot be read"),
        (LiveRecordSettings(url="https://records.example/", ca_file="/nowhere"), "cannot be read"),
    ],
)
def test_settings_that_lead_nowhere_say_so(settings: LiveRecordSettings, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        record_system_of(settings)


def test_a_crew_is_told_not_to_arrest_or_tow_until_the_entering_agency_confirmed() -> None:
    now = datetime(2026, 11, 22, 21, tzinfo=UTC)
    asked = Confirmation(UUID(int=1), UUID(int=2), "MO0960000", Urgency.URGENT, UUID(int=3), now, now)
    told = [for_crew(None), for_crew(asked), for_crew(replace(asked, answer=AgencySays.NOT_CONFIRMED))]
    assert not any(one.confirmed for one in told)
    assert all("no arrest, no tow" in one.sentence for one in told)
    assert for_crew(replace(asked, answer=AgencySays.CONFIRMED)) == ForCrew(
        True, "Hit confirmed by MO0960000."
    )


async def test_the_entering_agency_is_asked_reminded_of_and_its_answer_kept(floor: Floor) -> None:
    await floor.put_picture()
    await floor.change_entry(agency="MO0960000")
    incident = await floor.incident()

    async def told(kind: str, agency: object, thing: object) -> None: ...

    async def shown() -> dict[str, object]:
        return dict((await (await floor.web.person("analyst")).get(f"/api/v1/incidents/{incident}")).json())

    assert ((await shown())["confirmation"], (await shown())["entered_by"]) == (None, "MO0960000")
    path = f"/incidents/{incident}/hit-confirmation"
    answer = {"answer": "confirmed", "spoke_with": "Sgt. Reyes", "reference": "C-7"}
    early = await floor.post(f"{path}/answer", answer)
    assert (early.status_code, early.json()["reason"]) == (409, "not_asked")
    asked = await floor.post(path, {"agency": "MO0960000", "urgency": "urgent"})
    assert asked.status_code == 200, asked.text
    twice = await floor.post(path, {"agency": "MO0960000", "urgency": "urgent"})
    assert (twice.status_code, twice.json()["reason"]) == (409, "asked")
    for minutes, late in ((9, 0), (11, 1), (12, 0)):
        door = floor.door_at(floor.clock.now() + timedelta(minutes=minutes))
        assert len(await remind(door, floor.agency, told)) == late
    kept = await floor.post(f"{path}/answer", answer | {"answer": "not_confirmed"})
    assert kept.json()["answered_by"]["name"] and kept.json()["late"] is False
    again = await floor.post(f"{path}/answer", answer)
    assert (again.status_code, again.json()["reason"]) == (409, "answered")
    story = await shown()
    hazards = [hazard["text"] for hazard in story["hazards"]]  # type: ignore[attr-defined]  # from JSON
    assert hazards == ["Not confirmed by MO0960000 (Sgt. Reyes, C-7): no arrest and no tow on this hit."]
    assert (await floor.post(path, {"agency": "MO0960000", "urgency": "routine"})).status_code == 200
    call = await floor.post(
        "/incidents/" + floor.nowhere("inc") + "/hit-confirmation", {"agency": "XX", "urgency": "urgent"}
    )
    assert call.status_code == 404
