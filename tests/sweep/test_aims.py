"""How long cameras looked at dwellings is forgotten after what they recorded then, and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.fixtures.center import A_CAMERA
from tests.sweep.conftest import Night
from watchfloor.kit.ids import uuid7

CAMERA, OTHER = UUID(int=1), UUID(int=2)


async def test_how_long_a_camera_looked_at_a_dwelling_is_known_as_long_as_what_it_recorded_is_kept(
    night: Night,
) -> None:
    """What was recorded past the limit is covered by that: without it the oldest footage would be shown to everybody."""
    await night.footage(CAMERA, 700)
    await night.hold(CAMERA, 700)
    for camera, kept in ((CAMERA, "here"), (OTHER, "here"), (UUID(int=3), "at_site")):
        made = {"id": camera, "agency": night.agency, "name": str(camera), "now": night.clock.now()}
        await night.owner(A_CAMERA, **made)
        await night.owner("update camera set footage_kept = %(kept)s where id = %(id)s", kept=kept, id=camera)
        for days, hour in ((100, 12), (700, 12), (701, 13), (701, 11)):
            end = datetime.combine(night.day(days), datetime.min.time(), UTC) + timedelta(hours=hour)
            await night.owner(
                "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, until_at) values (%(id)s, %(camera)s,"
                " %(agency)s, '12 Elm', false, %(from)s, %(end)s)",
                **{"id": uuid7(end), "camera": camera, "agency": night.agency, "from": end - timedelta(hours=1), "end": end},
            )  # fmt: skip
    await night.sweep.round(night.agency)
    left = await night.owner("select camera_id, count(*) as count from camera_aim group by 1 order by 1")
    assert [row["count"] for row in left] == [3, 1, 4], (
        "a day before what is held; no longer than needed; at a site for years"
    )
