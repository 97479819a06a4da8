"""A town with readers along its main road, a unit out there, and a matcher that is given what they read, with stated times."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from nats.aio.client import Client

from tests.dispatch.street import SCENE, Street
from tests.fixtures.center import new_id
from tests.incidents.floor import PICTURE, Floor
from tests.incidents.made import reader
from tests.places.grid import spot
from watchfloor.governance.model import AgencyId
from watchfloor.investigations.following.hear import Sightings
from watchfloor.kit.geo import Point
from watchfloor.plates import reader_store, wire
from watchfloor.plates.consume import ConsumeParts, Matcher
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import Hit, Plate, Reader, ReaderId
from watchfloor.plates.picture import name_of
from watchfloor.plates.reader_store import Heard
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.storage.tx import Tx

BLOCK_M = 400.0
BLOCKS = 13
PACE_MPS = 11.0


def at(east_m: float, north_m: float) -> Point:
    """So many metres from the scene."""
    there, origin = spot(east_m, north_m), spot(0, 0)
    return Point(SCENE.lat + there.lat - origin.lat, SCENE.lon + there.lon - origin.lon)


def town() -> bytes:
    """Three roads side by side from west to east, crossed by avenues; the middle one is Main St."""
    lines = [
        (name, at(n * BLOCK_M, row * BLOCK_M), at((n + 1) * BLOCK_M, row * BLOCK_M))
        for row, name in ((-1, "South St"), (0, "Main St"), (1, "North St"))
        for n in range(BLOCKS)
    ]
    lines += [
        (f"Avenue {n}", at(n * BLOCK_M, row * BLOCK_M), at(n * BLOCK_M, (row + 1) * BLOCK_M))
        for n in range(BLOCKS + 1)
        for row in (-1, 0)
    ]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[a.lon, a.lat], [b.lon, b.lat]]},
            "properties": {"name": name, "oneway": "B", "speed_kmh": 36},
        }
        for name, a, b in lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@dataclass
class Chase:
    """The street with readers in the middle of each block of Main St, west to east."""

    street: Street
    readers: list[Reader] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    matcher: Matcher | None = None

    @property
    def floor(self) -> Floor:
        return self.street.floor

    async def begin(self, readers: int) -> None:
        """Streets are imported, readers and a camera by the road stand there, a matcher listens."""
        technician = await self.floor.web.person("technician")
        query = {"name": "The town", "form": "geojson"}
        made = await technician.post("/api/v1/street-maps", params=query, content=town())
        assert made.status_code == 201, made.text
        for n in range(readers):
            place = f"Main St at Avenue {n}"
            spot = at((n + 0.5) * BLOCK_M, 0)
            self.readers.append(
                replace(reader(place), id=ReaderId(new_id()), name=f"Main {n}", point=spot, heading_deg=90.0)
            )
        async with self.floor.upkeep() as tx:
            for one in self.readers:
                assert await reader_store.insert_reader(tx, one)
            await reader_store.keep_heard(tx, [Heard(one.id, tx.now) for one in self.readers])
        await self.floor.put_picture()

        async def tell(kind: str, agency: object, thing: object) -> None:
            self.told.append(kind)

        async def no_alerts(tx: Tx, hits: Sequence[Hit], /) -> None:
            """The plate is on a list, too; what becomes of its hits is told elsewhere."""

        parts = self.floor.web.parts
        # Nothing is set aside and nothing is heard: it is handed its messages, and needs no bus.
        bus = Bus(Client(), parts.clock)
        self.matcher = Matcher(
            ConsumeParts(
                parts.door, parts.clock, bus, (parts.agency,), no_alerts, self.floor.objects, Sightings(tell)
            )
        )

    async def reads(
        self, number: int, when: datetime, plate: str, *, state: str | None = "RC", pictured: bool = True
    ) -> None:
        """A reader reads a plate, with its picture or without one."""
        assert self.matcher is not None
        claim = Claim(
            source_key=f"id:{new_id()}",
            plate=Plate(plate),
            state=state,
            confidence=0.97,
            device_at=when,
            picture=name_of(PICTURE) if pictured else None,
        )
        one, agency = self.readers[number], AgencyId(self.floor.agency)
        message, _ = wire.message_of(agency, one.id, [claim], self.floor.clock.now())
        await self.matcher.handle([Delivery(wire.subject_of(one.id), message, 1, 1)])

    def passes(self, number: int, begun: datetime) -> datetime:
        """When a vehicle that drives through passes a reader."""
        return begun + timedelta(seconds=number * BLOCK_M / PACE_MPS)

    async def shown(self, incident: str, *, by: str = "analyst") -> dict[str, Any]:
        return dict(await self.street.get(f"/incidents/{incident}/follow", by=by))

    async def keeps(self, length: str) -> None:
        """So long reads are kept, those that are there already, too."""
        async with self.floor.upkeep() as tx:
            await tx.execute("update retention_rule set keep_for = %(length)s::interval", length=length)

    async def noted(self, incident: str) -> int:
        """How many sightings the timeline tells of."""
        timeline = (await self.street.get(f"/incidents/{incident}"))["timeline"]
        return len([line for line in timeline if line["kind"] == "sighting"])

    async def left(self) -> tuple[int, int, int]:
        """How many sightings there are, how many messages, and how many of these have a picture."""
        async with self.floor.upkeep() as tx:
            row = await tx.fetch_one(
                "select (select count(*) from sighting) as sightings, (select count(*) from incident_message) as messages,"
                " (select count(sighting_id) from incident_message) as pictures"
            )
        assert row is not None
        return row["sightings"], row["messages"], row["pictures"]
