"""All SQL of street maps, basemaps and buildings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.places.model import (
    Basemap,
    BasemapId,
    Box,
    BuildingMap,
    BuildingMapId,
    Skipped,
    StreetMap,
    StreetMapId,
)
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_NEWEST_FIRST: Final = Order("street maps", (("imported_at", "timestamptz"), ("id", "uuid")), down=True)


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
async def street_maps(tx: Tx, extent: Extent) -> Cut[StreetMap]:
    """Imported street maps, the newest first."""
    return (await tx.fetch_page("select * from street_map", _NEWEST_FIRST, extent)).of(_map)


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


@touches(DataClass.PLACE, READ)
async def basemap(tx: Tx) -> Basemap | None:
    """The agency's basemap."""
    row = await tx.fetch_one("select * from basemap")
    if row is None:
        return None
    return Basemap(
        id=BasemapId(row["id"]),
        sha256=row["sha256"],
        size=row["size"],
        attribution=row["attribution"],
        min_zoom=row["min_zoom"],
        max_zoom=row["max_zoom"],
        bounds=Box(row["west"], row["south"], row["east"], row["north"]),
        imported_by=row["imported_by"],
        imported_at=row["imported_at"],
    )


@touches(DataClass.PLACE, WRITE)
async def put_basemap(tx: Tx, new: Basemap) -> None:
    """Keep a basemap in place of the one before."""
    bounds = asdict(new.bounds)
    await tx.execute(
        "insert into basemap (id, agency_id, sha256, size, attribution, min_zoom, max_zoom, west, south, east, north,"
        " imported_by, imported_at) values (%(id)s, %(agency)s, %(sha256)s, %(size)s, %(attribution)s, %(min_zoom)s,"
        " %(max_zoom)s, %(west)s, %(south)s, %(east)s, %(north)s, %(by)s, %(now)s) on conflict (agency_id) do update set"
        " (id, sha256, size, attribution, min_zoom, max_zoom, west, south, east, north, imported_by, imported_at) ="
        " (excluded.id, excluded.sha256, excluded.size, excluded.attribution, excluded.min_zoom, excluded.max_zoom,"
        " excluded.west, excluded.south, excluded.east, excluded.north, excluded.imported_by, excluded.imported_at)",
        id=new.id,
        agency=tx.agency,
        sha256=new.sha256,
        size=new.size,
        attribution=new.attribution,
        min_zoom=new.min_zoom,
        max_zoom=new.max_zoom,
        by=tx.actor,
        now=tx.now,
        **bounds,
    )


@touches(DataClass.PLACE, READ)
async def building_map(tx: Tx) -> BuildingMap | None:
    """The agency's buildings."""
    row = await tx.fetch_one("select * from building_map")
    if row is None:
        return None
    return BuildingMap(
        id=BuildingMapId(row["id"]),
        name=row["name"],
        attribution=row["attribution"],
        sha256=row["sha256"],
        buildings=row["buildings"],
        rows=row["rows"],
        skipped=tuple(Skipped(**skipped) for skipped in row["skipped"]["reasons"]),
        imported_by=row["imported_by"],
        imported_at=row["imported_at"],
    )


@touches(DataClass.PLACE, WRITE)
async def put_building_map(tx: Tx, new: BuildingMap) -> None:
    """Keep buildings in place of those before."""
    await tx.execute(
        "insert into building_map (id, agency_id, name, attribution, sha256, buildings, rows, skipped, imported_by, imported_at)"
        " values (%(id)s, %(agency)s, %(name)s, %(attribution)s, %(sha256)s, %(buildings)s, %(rows)s, %(skipped)s, %(by)s, %(now)s)"
        " on conflict (agency_id) do update set (id, name, attribution, sha256, buildings, rows, skipped, imported_by, imported_at) ="
        " (excluded.id, excluded.name, excluded.attribution, excluded.sha256, excluded.buildings, excluded.rows, excluded.skipped,"
        " excluded.imported_by, excluded.imported_at)",
        id=new.id,
        agency=tx.agency,
        name=new.name,
        attribution=new.attribution,
        sha256=new.sha256,
        buildings=new.buildings,
        rows=new.rows,
        skipped={"reasons": [asdict(skipped) for skipped in new.skipped]},
        by=tx.actor,
        now=tx.now,
    )
