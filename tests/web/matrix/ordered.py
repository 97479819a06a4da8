"""Searches of an agency for who travelled with a vehicle: one to be seen, and two that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fixtures.center import CenterWeb
from watchfloor.kit.clock import rfc3339

if TYPE_CHECKING:
    from tests.web.matrix.things import Maker


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCoTravel:
    """What an agency has of them, by outside ids."""

    co_travel: str
    co_travel_proposal: str
    co_travel_proposal_to_go: str


async def co_travels_of(maker: Maker, made: dict[str, Any]) -> dict[str, Any]:
    """As a detective asks for them."""
    body = co_travel_body(maker.web, made["case"], maker.plates[0])
    asked = [await maker.posts("detective", "/co-travel-searches", body) for _ in range(3)]
    first, second, third = (one["search"] for one in asked)
    return {
        "co_travel": first["id"],
        "co_travel_proposal": second["proposal"],
        "co_travel_proposal_to_go": third["proposal"],
    }


def co_travel_body(web: CenterWeb, case: str, plate: str) -> dict[str, object]:
    """Who travelled with a vehicle, under a court's order."""
    now = web.parts.clock.now()
    times = {"from": rfc3339(now - timedelta(days=7)), "to": rfc3339(now)}
    order = {"order": "Warrant 26-114", "reason": "seen at both", "purpose": "court_order"}
    return {"plate": plate, "case": f"case:{case}", **times, **order}


def by_order(case: str) -> dict[str, str]:
    """A look under a court's order, for a case."""
    return {"Wf-Purpose": "court_order", "Wf-Case": f"case:{case}"}
