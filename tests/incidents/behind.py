"""Who is shown the reads behind an alert while its review goes on."""

from __future__ import annotations

from tests.incidents.floor import Floor


async def its_reads_are_shown_to_who_typed_it(floor: Floor, alert: str) -> None:
    """And to nobody else before the verdict; that it was looked at is in the log."""
    path = f"/api/v1/alerts/{alert}/reads"
    colleague = await (await floor.web.person("supervisor")).get(path)
    assert (colleague.status_code, colleague.json()["reason"]) == (409, "still_blind")
    shown = await (await floor.web.person("analyst")).get(path)
    # The hit itself is past its retention here: it is not there, and nothing of it is told.
    assert (shown.status_code, shown.json()["items"]) == (200, [])
    officer = await (await floor.web.person("officer")).get(path)
    assert officer.json()["kind"] == "refused"
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch("select count(*) as n from audit_entry where reason = 'alert.reads_shown'")
    assert row["n"] == 1
