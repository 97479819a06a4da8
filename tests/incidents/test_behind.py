"""The reads behind an alert: hidden while its picture is read blind, then shown to whoever read it, and each look is in the log."""

from __future__ import annotations

import httpx

from tests.incidents.floor import PLATE, Floor


async def test_the_reads_are_shown_to_who_typed_the_picture_and_to_nobody_before(floor: Floor) -> None:
    alert = await floor.alert()

    async def asks(role: str = "analyst") -> httpx.Response:
        return await (await floor.web.person(role)).get(f"/api/v1/alerts/{alert}/reads")

    await floor.post(f"/alerts/{alert}/review")
    blind = await asks()
    assert (blind.status_code, blind.json()["reason"], PLATE in blind.text) == (409, "still_blind", False)
    await floor.reviewed(alert)
    shown = await asks()
    # The hit itself is not kept here, as past its retention: nothing of it is told.
    assert (shown.status_code, shown.json()["items"]) == (200, [])
    colleague = await asks("supervisor")
    assert (colleague.status_code, colleague.json()["reason"]) == (409, "still_blind")
    assert (await asks("officer")).json()["kind"] == "refused"
    assert (await floor.confirm(alert)).status_code == 200
    assert (await asks("supervisor")).status_code == 200, "after the verdict whoever reviews may look"
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch("select count(*) as n from audit_entry where reason = 'alert.reads_shown'")
    assert row["n"] == 2
