"""What happened around a place is a mark on the time bar of a camera there, for whoever may see it elsewhere."""

from __future__ import annotations

from datetime import timedelta

from tests.incidents.floor import PLATE, Floor
from watchfloor.kit.clock import parse_rfc3339, rfc3339

MINUTE = timedelta(minutes=1)


async def test_what_happened_is_found_by_its_place_and_time(floor: Floor) -> None:
    incident = await floor.incident()
    analyst = await floor.web.person("analyst")
    shown = (await analyst.get(f"/api/v1/incidents/{incident}")).json()
    # On the time bar of a camera there, and of none elsewhere or at another time.
    place, at = shown["place"], parse_rfc3339(shown["at"])
    here = {
        "lat": place["lat"],
        "lon": place["lon"],
        "from": rfc3339(at - MINUTE),
        "to": rfc3339(at + MINUTE),
    }
    for kind in ("incidents", "alerts"):
        (mark,) = (await analyst.get(f"/api/v1/{kind}/around", params=here)).json()["items"]
        assert (mark["kind"], mark["at"], PLATE in str(mark)) == (kind.rstrip("s"), shown["at"], False)
        for other in ({"lat": place["lat"] + 0.01}, {"from": here["to"], "to": rfc3339(at + 2 * MINUTE)}):
            assert (await analyst.get(f"/api/v1/{kind}/around", params=here | other)).json()["items"] == []
        long = here | {"to": rfc3339(at + timedelta(days=8))}
        assert (await analyst.get(f"/api/v1/{kind}/around", params=long)).json()["reason"] == "range"
