"""Watches of an agency, under a case of its own, and what one of them found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fixtures.center import CenterWeb
from tests.plates.make import reads_json
from watchfloor.kit.clock import rfc3339

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker


@dataclass(frozen=True, kw_only=True)
class OfWatches:
    """What an agency has of watches, by outside ids."""

    plate_watch: str
    plate_watch_to_go: str
    plate_hit: str
    possible_hit: str
    watch_proposal: str
    watch_proposal_to_go: str


async def watches_of(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """Two that wait for a second person, and two in force before anything passes."""
    body = watch_body(maker.web, made["case"], maker.plates[0], maker.name)
    watched: dict[str, Any] = {}
    for field in ("plate_watch", "plate_watch_to_go", "watch_proposal", "watch_proposal_to_go"):
        watched[field] = await maker.named("analyst", "/plate-watches", **body)
        if field.startswith("plate_watch"):
            approve = f"/proposals/{watched[field]}/approve"
            watched[field] = (await maker.posts("supervisor", approve, {"note": ""}))["subject"]
    return watched


async def found_by_watch(maker: Maker, watch: str) -> str:
    """The hit of the watch, once the car has passed."""
    found = await maker.does("analyst", "GET", f"/plate-watches/{watch}/hits")
    return str(found["items"][0]["id"])


async def half_read(maker: Maker, shown: str) -> str:
    """A wanted car passed whose state nobody could read: a hit that alerts nobody; its id."""
    at = rfc3339(maker.web.parts.clock.now() - timedelta(hours=2))
    read: dict[str, object] = {"id": "half", "plate": maker.plates[0], "at": at, "picture": shown}
    await maker.device("POST", "/plate-reads", reads_json(read))

    async def listed() -> list[str]:
        return [item["id"] for item in (await maker.does("analyst", "GET", "/possible-hits"))["items"]]

    return str((await maker.until(listed, bool))[0])


def asked_body(case: str, plate: str) -> dict[str, object]:
    """What a watch looks for, as somebody asks how much it would bring."""
    text = plate.replace("-", "")
    return {"pattern": f"{text[:-1]}?", "purpose": "stolen_vehicle", "case": f"case:{case}"}


def watch_body(web: CenterWeb, case: str, plate: str, name: str) -> dict[str, object]:
    """A watch as somebody proposes it."""
    ends = rfc3339(web.parts.clock.now() + timedelta(days=2))
    return asked_body(case, plate) | {"reason": f"seen in {name}", "expires_at": ends}
