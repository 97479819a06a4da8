"""Within an open incident one person enters a plate at once: a second ratifies it within the hour, or it dies."""

from __future__ import annotations

from tests.plates.conftest import Device, Town
from tests.plates.test_hot_lists import approve, entries, made, proposed
from watchfloor.governance.cases import write_lapses
from watchfloor.governance.forms import inside
from watchfloor.kit.ids import encode, uuid7
from watchfloor.plates.entry_end import end_unratified


async def test_one_person_s_entry_within_an_incident_counts_at_once_and_dies_in_an_hour_unless_ratified(
    town: Town,
) -> None:
    list_id, reader = await made(town, "manual"), await town.reader()
    incident = "incident:" + encode("inc", uuid7(town.now()))
    town.open_incidents.add(inside("incident", incident[9:]))
    outside_one = await proposed(town, list_id, await town.web.case(), at_once=True)
    assert (outside_one.status_code, outside_one.json()["reason"]) == (422, "at_once")
    waiting = [
        await proposed(town, list_id, incident, plate=plate, at_once=True)
        for plate in ("ABC121", "ABC122", "ABC123")
    ]
    assert [answer.status_code for answer in waiting] == [201, 201, 201], waiting[0].text
    assert "It is in force already, by one person, until " in waiting[0].json()["sentence"]
    assert all(entry["ratify_by"] == entry["expires_at"] for entry in await entries(town, list_id))
    assert await _seen(town, reader, 1) == ["ABC121", "ABC122", "ABC123"]
    assert (await approve(town, "detective", waiting[0])).status_code == 200
    refuse = f"/api/v1/proposals/{waiting[1].json()['id']}/refuse"
    refused = await (await town.web.person("detective")).post(refuse, json={"reason": "another car"})
    assert refused.status_code == 200
    assert await _seen(town, reader, 2) == ["ABC121", "ABC123"], "what was refused ended at once"
    # An hour later: what was ratified goes on, what was not is dead, and its proposal with it.
    hour = "interval '61 minutes'"
    await town.rows(
        f"update hot_list_entry set entered_at = entered_at - {hour}, ratify_by = ratify_by - {hour}, expires_at ="
        f" expires_at - {hour} returning 1"
    )
    await town.rows(
        f"update proposal set expires_at = expires_at - {hour} where decided_at is null returning 1"
    )
    assert await _seen(town, reader, 3) == ["ABC121"]
    late = await approve(town, "detective", waiting[2])
    assert (late.status_code, late.json()["kind"]) == (410, "expired")
    for _ in range(2):
        await write_lapses(town.web.parts.door, town.web.parts.agency, [end_unratified])
    died = await town.rows("select 1 as one from audit_entry where reason = 'hot_list_entry.died'")
    assert len(died) == 1


async def _seen(town: Town, reader: Device, times: int) -> list[str]:
    """What was hit when all three plates were read once more."""
    town.hits.clear()
    async with town.matching():
        for plate in ("ABC121", "ABC122", "ABC123"):
            await reader.sends(
                {"id": f"{plate}-{times}", "plate": plate, "state": "MO", "at": town.ago(seconds=1)}
            )
        await town.stored(3 * times)
    return sorted(hit.answer.wanted.plate.text for hit in town.hits)
