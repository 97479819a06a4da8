"""Which cameras see an incident, the best view first. It opens none; whoever looks asks the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from watchfloor.cameras.seeing import seeing
from watchfloor.cameras.seeing_api import seeing_form
from watchfloor.incidents.model import Incident
from watchfloor.places.skyline import Skyline
from watchfloor.storage.tx import Tx

MOST: Final = 4


def cameras_beside(skyline: Skyline) -> Callable[[Tx, Incident], Awaitable[Mapping[str, object]]]:
    """What cameras add to an incident's page: at most four of them."""

    async def add(tx: Tx, incident: Incident) -> Mapping[str, object]:
        place = incident.spot.point
        found = await seeing(tx, skyline, place) if place is not None else ()
        return {"cameras": [seeing_form(seen, tx.now) for seen in found[:MOST]]}

    return add
