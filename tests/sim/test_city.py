"""River City hangs together, stands where its plan says, and the committed map is of this city."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import pytest
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from tests.sim.tiles import Thing, metadata_of, things
from watchfloor.kit.geo import Point as Place
from watchfloor.places.graph import build
from watchfloor.places.model import MapForm
from watchfloor.places.pmtiles import LAYERS, look
from watchfloor.places.route import eta_to
from watchfloor.places.streets import read
from watchfloor_sim.city.areas import districts, land, parks, water
from watchfloor_sim.city.cameras import CAMERAS, READERS
from watchfloor_sim.city.draw import BASEMAP, MOST_ZOOM, Feature, layers
from watchfloor_sim.city.lay import streets, streets_geojson
from watchfloor_sim.city.plan import ATTRIBUTION, CITY, DISTRICTS, EXTENT, GRIDS, ROADS
from watchfloor_sim.city.shape import degrees, metres


@cache
def line_of(name: str) -> BaseGeometry:
    """All blocks of a street, in metres."""
    return shapely.union_all([street.line for street in streets() if street.name == name])


@cache
def drawn() -> dict[str, list[Thing]]:
    """What stands in the largest tiles of the committed map, by layer."""
    found: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in things(BASEMAP, MOST_ZOOM):
        found[thing.layer].append(thing)
    return found


@cache
def planned() -> dict[str, list[Feature]]:
    return layers()


def test_from_every_crossing_there_is_a_way_to_every_camera() -> None:
    """The product's own import and router find it."""
    found = read(streets_geojson(), MapForm.GEOJSON)
    assert found.skipped == ()
    graph = build(found.lines)
    ends = {(line.points[0][1], line.points[0][0]) for line in found.lines}
    sources = [Place(*end) for end in sorted(ends)]
    assert len(sources) > 400
    for site in (*CAMERAS, *READERS):
        ways = eta_to(graph, Place(site.lat, site.lon), sources)
        assert [way.why for way in ways if way.by != "road"] == [], site.key


def test_the_same_plan_gives_the_same_streets() -> None:
    streets.cache_clear()
    first = streets_geojson()
    streets.cache_clear()
    assert streets_geojson() == first


def test_every_street_of_the_plan_is_laid() -> None:
    wanted = {road.name for road in ROADS} | {
        name for grid in GRIDS for name, _ in (*grid.across, *grid.along)
    }
    assert wanted - {street.name for street in streets()} == set()


def test_only_bridges_stand_in_the_water() -> None:
    wet = {street.name for street in streets() if street.line.intersects(water())}
    assert wet == {"Mill St Bridge", "North Bridge", "Marl Expressway"}


def test_no_street_runs_through_a_park_but_bridges_over_one() -> None:
    for ground in parks():
        through = {street.name for street in streets() if street.line.intersects(ground.shape)}
        assert through <= {"Mill St Bridge"}, ground.name


def test_each_district_is_land_of_its_own() -> None:
    assert set(districts()) == set(DISTRICTS)
    whole = shapely.union_all(list(districts().values()))
    assert whole.area == pytest.approx(sum(district.area for district in districts().values()), rel=0.001)
    assert whole.difference(land().buffer(1.0)).area < 1.0


@pytest.mark.parametrize("site", [*CAMERAS, *READERS], ids=lambda site: f"{type(site).__name__}-{site.key}")
def test_a_device_stands_where_its_place_says(site: object) -> None:
    first, _, second = site.place.partition(" at ")  # type: ignore[attr-defined]  # cameras and readers alike have it
    at = Point(metres(site.lon, site.lat))  # type: ignore[attr-defined]  # cameras and readers alike have it
    assert line_of(first).distance(at) < 30
    if not second.endswith("gate"):
        assert line_of(second).distance(at) < 30


def test_twelve_cameras_look_at_each_kind_of_scene_and_are_spread_over_the_city() -> None:
    assert len({site.key for site in CAMERAS}) == len({site.clip for site in CAMERAS}) == 12
    assert {site.scene for site in CAMERAS} == {"day", "dusk", "night", "rain"}
    here = Counter(
        name for site in CAMERAS for name, area in districts().items()
        if area.buffer(60).contains(Point(metres(site.lon, site.lat)))
    )  # fmt: skip
    assert set(here) >= {"Old Mill", "Westhill", "Northgate", "South Yards", "Eastbank"}


def test_the_committed_map_is_one_that_a_center_takes() -> None:
    found = look(BASEMAP.read_bytes())
    assert BASEMAP.stat().st_size < 600_000
    assert (found.min_zoom, found.max_zoom, found.attribution) == (10, 15, ATTRIBUTION)
    assert set(found.layers) == set(LAYERS)
    corners = (*degrees(*EXTENT[:2]), *degrees(*EXTENT[2:]))
    box = (found.bounds.west, found.bounds.south, found.bounds.east, found.bounds.north)
    assert box == pytest.approx(corners, abs=2e-5)


def test_the_committed_map_says_nothing_of_where_it_was_made() -> None:
    metadata = metadata_of(BASEMAP)
    assert metadata["name"] == CITY
    assert "/" not in str(metadata["generator_options"])


def test_the_committed_map_names_what_the_plan_names() -> None:
    for layer in LAYERS:
        said = {(thing.properties["kind"], thing.properties.get("name")) for thing in drawn()[layer]}
        assert said == {(f.properties["kind"], f.properties.get("name")) for f in planned()[layer]}, layer


def test_every_street_of_the_committed_map_is_as_long_as_the_plan_has_it() -> None:
    on_map: defaultdict[object, float] = defaultdict(float)
    in_plan: defaultdict[object, float] = defaultdict(float)
    for thing in drawn()["roads"]:
        on_map[thing.properties["name"]] += in_metres(thing.shape).length
    for feature in planned()["roads"]:
        in_plan[feature.properties["name"]] += feature.shape.length
    assert dict(on_map) == pytest.approx(dict(in_plan), rel=0.01, abs=2)


def test_every_street_of_the_committed_map_runs_where_the_plan_has_it() -> None:
    where = {name: shapely.union_all([f.shape for f in planned()["roads"] if f.properties["name"] == name])
             for name in {f.properties["name"] for f in planned()["roads"]}}  # fmt: skip
    for thing in drawn()["roads"]:
        line = in_metres(thing.shape)
        assert line.difference(where[thing.properties["name"]].buffer(3.0)).length < 1.0, thing.properties


@pytest.mark.parametrize("layer", ["water", "earth", "landuse", "buildings"])
def test_the_areas_of_the_committed_map_cover_what_the_plan_covers(layer: str) -> None:
    on_map = sum(in_metres(thing.shape).area for thing in drawn()[layer])
    assert on_map == pytest.approx(sum(feature.shape.area for feature in planned()[layer]), rel=0.02)


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(
        shape, lambda points: shapely.get_coordinates([Point(metres(x, y)) for x, y in points])
    )
    return moved
