"""All SQL of street maps."""

from __future__ import annotations

from dataclasses import asdict

from watchfloor.kit.geo import Point
from watchfloor.places.model import Skipped, StreetMap, StreetMapId
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches


def _map(row: Row) -> StreetMap:
    return StreetMap(
        id=StreetMapId(row["id"]),
        name=row["name"],
        attribution=row["attribution"],
        sha256=row["sha256"],
        nodes=row["nodes"],
        streets=row["streets"],
        south_west=Point(row["south"], row["west"]),
        north_east=Point(row["north"], row["east"]),
        rows=row["rows"],
        skipped=tuple(Skipped(**skipped) for skipped in row["skipped"]["reasons"]),
        remarks=tuple(row["remarks"]),
        imported_by=row["imported_by"],
        imported_at=row["imported_at"],
        in_use=row["in_use"],
    )


@touches(DataClass.PLACE, READ)
async def street_maps(tx: Tx) -> list[StreetMap]:
    """Every imported street map, the newest first."""
    return [
        _map(row) for row in await tx.fetch("select * from street_map order by imported_at desc, id desc")
    ]


@touches(DataClass.PLACE, READ)
async def map_in_use(tx: Tx) -> StreetMap | None:
    """The street map that ways are found on."""
    row = await tx.fetch_one("select * from street_map where in_use")
    return _map(row) if row else None


@touches(DataClass.PLACE, WRITE)
async def put_in_use(tx: Tx, new: StreetMap) -> None:
    """Keep a street map; from now it is the one in use."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtext('street map ' || %(agency)s::text))", agency=tx.agency
    )
    await tx.execute("update street_map set in_use = false where in_use")
    await tx.execute(
        "insert into street_map (id, agency_id, name, attribution, sha256, nodes, streets, south, west, north, east, rows,"
        " skipped, remarks, imported_by, imported_at, in_use) values (%(id)s, %(agency)s, %(name)s, %(attribution)s,"
        " %(sha256)s, %(nodes)s, %(streets)s, %(south)s, %(west)s, %(north)s, %(east)s, %(rows)s, %(skipped)s, %(remarks)s,"
        " %(by)s, %(now)s, true)",
        id=new.id,
        agency=tx.agency,
        name=new.name,
        attribution=new.attribution,
        sha256=new.sha256,
        nodes=new.nodes,
        streets=new.streets,
        south=new.south_west.lat,
        west=new.south_west.lon,
        north=new.north_east.lat,
        east=new.north_east.lon,
        rows=new.rows,
        skipped={"reasons": [asdict(skipped) for skipped in new.skipped]},
        remarks=list(new.remarks),
        by=tx.actor,
        now=tx.now,
    )
