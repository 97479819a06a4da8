"""What the agency is called and by which clock it lives, as its administrator sets it over HTTP."""

from __future__ import annotations

import pytest

from tests.fixtures.center import CenterMaker, begin
from tests.fixtures.center import as_owner as owners_tx
from tests.fixtures.engines import Dsns
from watchfloor.identity.agency import check_agency, check_zone
from watchfloor.identity.first import first_start
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid
from watchfloor.storage.owner import as_owner


async def test_the_administrator_names_the_agency_and_everybody_reads_the_new_name_and_time(
    center: CenterMaker,
) -> None:
    async with center() as web:
        admin, analyst = await web.administrator(), await web.person("analyst")
        named = await admin.put(
            "/api/v1/agency", json={"name": " Riverside Police ", "time_zone": "America/New_York"}
        )
        assert named.status_code == 200
        assert (named.json()["name"], named.json()["time_zone"]) == ("Riverside Police", "America/New_York")
        assert (await analyst.get("/api/v1/session")).json()["agency"] == named.json()

        stale = await admin.put(
            "/api/v1/agency",
            json={"name": "Ours", "time_zone": "UTC"},
            headers={"If-Match": f'"{named.json()["version"] + 1}"'},
        )
        assert (stale.status_code, stale.json()["kind"]) == (412, "stale")
        assert (await analyst.get("/api/v1/session")).json()["agency"] == named.json()
        again = await admin.put(
            "/api/v1/agency",
            json={"name": "Riverside Police", "time_zone": "America/New_York"},
            headers={"If-Match": f'"{named.json()["version"]}"'},
        )
        assert (again.status_code, again.json()) == (200, named.json())

        refused = await analyst.put("/api/v1/agency", json={"name": "Ours", "time_zone": "UTC"})
        assert (refused.status_code, refused.json()["reason"]) == (403, "role")
        for body, field in (
            ({"name": "  ", "time_zone": "UTC"}, "name"),
            ({"name": "Riverside Police", "time_zone": "Mars/Olympus"}, "time_zone"),
            ({"name": "Riverside Police", "time_zone": "localtime"}, "time_zone"),
        ):
            answer = await admin.put("/api/v1/agency", json=body)
            assert answer.status_code == 422
            assert [one["field"] for one in answer.json()["fields"]] == [field]
        assert (await admin.get("/api/v1/session")).json()["agency"] == named.json()


@pytest.mark.parametrize(
    ("name", "time_zone", "said"),
    [
        ("", "UTC", "1 to 120"),
        ("x" * 121, "UTC", "1 to 120"),
        ("Ours", "", "no time zone"),
        ("Ours", "CST6CDT7", "no time zone"),
        ("Ours", "localtime", "no time zone"),
    ],
)
def test_an_agency_needs_a_name_and_a_clock_that_exists(name: str, time_zone: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_agency(name, time_zone)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "localtime"])
async def test_a_first_start_under_a_clock_that_does_not_exist_is_refused(dsns: Dsns, zone: str) -> None:
    async with as_owner(dsns.owner) as connection:
        with pytest.raises(Invalid, match=f"'{zone}' is no time zone"):
            await first_start(connection, agency="Ours", time_zone=zone, now=SystemClock().now())


async def test_a_clock_that_only_the_database_lacks_is_refused(dsns: Dsns) -> None:
    """Its files may be older than ours; it makes the numbers of incidents and calls by them."""
    clock = SystemClock()
    _, agency = await begin(dsns, clock)
    async with owners_tx(dsns, clock.now(), agency) as tx:
        for zone in ("America/Chicago", "UTC"):
            await check_zone(tx, zone)
        with pytest.raises(Invalid, match="'Mars/Olympus' is no time zone"):
            await check_zone(tx, "Mars/Olympus")
