"""The reads behind an alert: hidden while its picture is read blind, then shown to whoever read it, and each look is in the log."""

from __future__ import annotations

import httpx
import pytest

from tests.incidents.floor import PLATE, Floor
from watchfloor.plates.reader_store import insert_reader
from watchfloor.plates.store import insert_hits


async def test_the_reads_are_shown_to_who_typed_the_picture_and_to_nobody_before(floor: Floor) -> None:
    hit = floor.hit_of()
    async with floor.upkeep() as tx:
        await insert_reader(tx, floor.reader)
        assert await insert_hits(tx, [hit]) == [hit]
    await floor.sees(hit)
    (alert,) = [one["id"] for one in await floor.queue()]

    async def asks(role: str = "analyst") -> httpx.Response:
        return await (await floor.web.person(role)).get(f"/api/v1/alerts/{alert}/reads")

    await floor.post(f"/alerts/{alert}/review")
    blind = await asks()
    assert (blind.status_code, blind.json()["reason"], PLATE in blind.text) == (409, "still_blind", False)
    await floor.reviewed(alert)
    shown = await asks()
    assert shown.status_code == 200, shown.text
    (one,) = shown.json()["items"]
    assert (one["plate"], one["state"], one["confidence"], one["reader"]["name"], one["place"]["text"]) == (
        PLATE, "RC", pytest.approx(0.97), floor.reader.name, floor.reader.place,
    )  # fmt: skip
    assert (one["hit"]["plate"], one["hit"]["answer"], one["hit"]["wanted_for"], one["picture"]) == (
        PLATE, "match", "stolen vehicle", f"/api/v1/alerts/{alert}/picture",
    )  # fmt: skip
    colleague = await asks("supervisor")
    assert (colleague.status_code, colleague.json()["reason"]) == (409, "still_blind")
    assert (await asks("officer")).json()["kind"] == "refused"
    assert (await floor.confirm(alert)).status_code == 200
    assert (await asks("supervisor")).status_code == 200, "after the verdict whoever reviews may look"
    async with floor.upkeep() as tx:
        await tx.execute("delete from plate_hit where id = %(id)s", id=hit.id)
    assert (await asks()).json()["items"] == [], "past its retention nothing of it is told"
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch("select count(*) as n from audit_entry where reason = 'alert.reads_shown'")
    assert row["n"] == 3
