"""People who call for help, now and then, from somewhere in River City. All of it is invented."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import Any, Final

import httpx
from shapely.geometry import Point

from watchfloor_sim.city.areas import districts
from watchfloor_sim.city.lay import Street, streets
from watchfloor_sim.city.shape import degrees
from watchfloor_sim.people import Answered, Person
from watchfloor_sim.story import Told

_PAUSE_S: Final = (90.0, 240.0)
_MOST_OPEN: Final = 4
_CALLS: Final = (
    ("Fight in the street", 2, "violent_crime", "Two men fight outside; a third films it."),
    ("Crash with injury", 1, "hit_and_run", "A car hit a cyclist and drove on."),
    ("Child missing", 1, "missing_person", "A boy of nine has not come home from school."),
    ("Shop break-in", 3, "burglary_theft", "The door of the shop is forced; nobody seems to be inside."),
    ("Person fallen in the water", 1, "rescue", "Somebody calls from under the bank."),
    ("Smoke from a cellar", 2, "rescue", "Smoke comes out of a cellar window."),
    ("Car gone", 3, "stolen_vehicle", "The caller's car is not where he left it."),
)


async def calls(taker: Person, told: Told, chance: random.Random) -> None:
    """For ever: take a call, and close the oldest of ours when there are too many; nobody else's is touched."""
    ours: deque[str] = deque()
    while True:
        await asyncio.sleep(chance.uniform(*_PAUSE_S))
        try:
            await taker.again("/session")
            taken = await taker.post("/calls", _call(chance))
            told(
                "called", {"number": taken["number"], "type": taken["type"], "place": taken["place"]["text"]}
            )
            ours.append(taken["id"])
            if len(ours) > _MOST_OPEN:
                await taker.post(f"/calls/{ours.popleft()}/close", {"why": "Dealt with on the spot."})
        except (httpx.HTTPError, Answered):
            continue


def _call(chance: random.Random) -> dict[str, Any]:
    kind, priority, purpose, text = chance.choice(_CALLS)
    where, street = chance.choice(_addresses())
    middle = street.line.interpolate(0.5, normalized=True)
    lon, lat = degrees(middle.x, middle.y)
    return {
        "number": None, "type": kind, "priority": priority, "purpose": purpose, "text": text,
        "place": f"{street.name}, {where}", "lat": lat, "lon": lon,
    }  # fmt: skip


def _addresses() -> list[tuple[str, Street]]:
    """Blocks where people live, with their district."""
    return [
        (name, street)
        for street in streets()
        if street.kind == "minor_road"
        for name, area in districts().items()
        if area.contains(Point(street.line.interpolate(0.5, normalized=True)))
    ]
