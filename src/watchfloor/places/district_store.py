"""All SQL of districts."""

from __future__ import annotations

import json
from collections.abc import Sequence

import shapely

from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.places.district import District, within
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.PLACE, READ)
async def district_names(tx: Tx) -> list[str]:
    """What the districts of the agency are called, in order."""
    return [row["name"] for row in await tx.fetch("select name from district order by name")]


@touches(DataClass.PLACE, READ)
async def districts(tx: Tx) -> list[District]:
    """The districts of the agency, by name."""
    rows = await tx.fetch("select name, areas from district order by name")
    return [District(row["name"], shapely.from_geojson(json.dumps(row["areas"]))) for row in rows]


@touches(DataClass.PLACE, READ)
async def district_at(tx: Tx, place: Point) -> str | None:
    """The district that a place is in; None outside all of them, and where there are none."""
    rows = await tx.fetch(
        "select name, areas from district where %(lat)s between south and north and %(lon)s between west and east",
        lat=place.lat,
        lon=place.lon,
    )
    return within(
        [District(row["name"], shapely.from_geojson(json.dumps(row["areas"]))) for row in rows], place
    )


@touches(DataClass.PLACE, WRITE)
async def put_districts(tx: Tx, districts: Sequence[District]) -> None:
    """Put these in place of those before."""
    await tx.execute("delete from district where agency_id = %(agency)s", agency=tx.agency)
    for one in districts:
        west, south, east, north = one.area.bounds
        await tx.execute(
            "insert into district (id, agency_id, name, west, south, east, north, areas, loaded_at, loaded_by) values (%(id)s,"
            " %(agency)s, %(name)s, %(west)s, %(south)s, %(east)s, %(north)s, %(areas)s, %(now)s, %(by)s)",
            id=uuid7(tx.now),
            agency=tx.agency,
            name=one.name,
            west=west,
            south=south,
            east=east,
            north=north,
            areas=json.loads(shapely.to_geojson(one.area)),
            now=tx.now,
            by=tx.actor,
        )
