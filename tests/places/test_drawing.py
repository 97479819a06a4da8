"""Streets as lines to draw: where they lie, what they are called, how wide they are."""

from __future__ import annotations

import json

import numpy as np
import pytest

from watchfloor.places.drawing import geojson
from watchfloor.places.graph import build
from watchfloor.places.model import Centreline, Travel


def street(name: str, *points: tuple[float, float], speed_mps: float = 11.2) -> Centreline:
    return Centreline(name, np.array(points), Travel.BOTH, speed_mps, 0, 0)


def test_streets_of_one_name_and_kind_are_one_feature_and_lie_where_they_were_imported() -> None:
    lines = [
        street("Mill St", (-90.20, 38.63), (-90.19, 38.63)),
        street("Mill St", (-90.19, 38.63), (-90.18, 38.631)),
        street("Mill St", (-90.18, 38.631), (-90.17, 38.64), speed_mps=26.8),
        street("", (-90.20, 38.62), (-90.20, 38.63)),
    ]
    features = json.loads(geojson(build(lines).streets))["features"]
    kinds = {(f["properties"].get("name"), f["properties"]["kind"]) for f in features}
    assert kinds == {("Mill St", "minor_road"), ("Mill St", "highway"), (None, "minor_road")}
    mill = next(f for f in features if f["properties"] == {"kind": "minor_road", "name": "Mill St"})
    first, second = mill["geometry"]["coordinates"]
    assert np.array([*first, second[-1]]) == pytest.approx(
        np.array([(-90.20, 38.63), (-90.19, 38.63), (-90.18, 38.631)]), abs=1.1e-5
    )


def test_of_too_many_streets_the_longest_are_drawn() -> None:
    lines = [
        street(f"{n} St", (-90.2, 38.6 + n / 100), (-90.2 + (n + 1) / 1000, 38.6 + n / 100)) for n in range(5)
    ]
    everything = json.loads(geojson(build(lines).streets))["features"]
    assert len(everything) == 5
    fewer = json.loads(geojson(build(lines).streets, most=2))["features"]
    assert [f["properties"]["name"] for f in fewer] == ["3 St", "4 St"]
