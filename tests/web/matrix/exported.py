"""Exports of an agency: one that is made, one that can be cancelled, two that wait for a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fixtures.center import CenterWeb
from watchfloor.kit.clock import rfc3339

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker, Things


async def exported(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """An export that is made, one that can be cancelled, and two that wait for a second person."""
    body = export_body(maker.web, made["camera"], made["case"], maker.name)
    asked = [await maker.posts("analyst", "/exports", body) for _ in range(4)]
    await maker.posts("supervisor", f"/proposals/{asked[0]['proposal']}/approve", {"note": ""})

    async def state() -> Any:
        return (await maker.does("analyst", "GET", f"/exports/{asked[0]['id']}"))["state"]

    await maker.until(state, lambda seen: seen == "ready")
    return {
        "export": asked[0]["id"],
        "export_to_go": asked[1]["id"],
        "export_proposal": asked[2]["proposal"],
        "export_proposal_to_go": asked[3]["proposal"],
    }


def export_body(web: CenterWeb, camera: str, case: str, name: str) -> dict[str, object]:
    """An export of a time before the camera was there: it says that all of it is missing."""
    begin = web.parts.clock.now() - timedelta(hours=2)
    span = {"camera": camera, "from_at": rfc3339(begin), "to_at": rfc3339(begin + timedelta(minutes=1))}
    why = {"purpose": "stolen_vehicle", "case": f"case:{case}"}
    return {"reason": f"a car left {name}", "spans": [span], **why}


def canvass_body(web: CenterWeb, things: Things) -> dict[str, object]:
    """What a canvass preserves, and the owner whom it asks."""
    begin = web.parts.clock.now() - timedelta(hours=2)
    time = {"from_at": rfc3339(begin), "to_at": rfc3339(begin + timedelta(minutes=1))}
    read = {"place": f"Mill St, {things.name}", "words": f"A car left {things.name}."}
    of = {"cameras": [things.camera], "owners": [things.owner_accepted], "export": True}
    return {"reason": f"a car left {things.name}", **of, **read, **time, **things.why}


def bookmark_body(web: CenterWeb, camera: str, case: str, note: str) -> dict[str, object]:
    """A moment that somebody marks."""
    why = {"purpose": "stolen_vehicle", "case": f"case:{case}"}
    return {"cameras": [camera], "from": rfc3339(web.parts.clock.now()), "note": note, **why}


def scenes_body(now: datetime, case: str) -> dict[str, object]:
    """Where the readers stand, and there again later."""
    times = [rfc3339(now - timedelta(hours=back)) for back in (2, 1, 0)]
    where = {"kind": "near", "points": [{"lat": 38.63, "lon": -90.19}], "within_m": 500}
    first = {"where": where, "from": times[0], "to": times[1]}
    second = {"where": where, "from": times[1], "to": times[2]}
    return {"first": first, "second": second, "purpose": "stolen_vehicle", "case": f"case:{case}"}


def hold_body(now: datetime, thing: str, case: str, name: str) -> dict[str, object]:
    """A hold on what a camera or a reader has of the last hour."""
    return {
        "data_class": "footage" if thing.startswith("cam_") else "plate_read",
        "about": thing,
        "from_at": rfc3339(now - timedelta(hours=1)),
        "to_at": rfc3339(now),
        "reason": f"shots fired in {name}",
        "purpose": "shots_fired",
        "case": f"case:{case}",
    }
