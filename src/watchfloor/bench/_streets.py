"""The streets a bench drives on: of a city's own file, or of the invented city."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from watchfloor.kit.errors import Invalid
from watchfloor.places.graph import StreetGraph, build
from watchfloor.places.model import MapForm
from watchfloor.places.streets import read
from watchfloor_sim.city.lay import streets_geojson

_FORMS: Final = {
    ".parquet": MapForm.GEOPARQUET,
    ".geojson": MapForm.GEOJSON,
    ".json": MapForm.GEOJSON,
    ".csv": MapForm.CSV,
}


def graph_of(streets: Path | None) -> StreetGraph:
    """The graph of a file of streets, of the invented city without one; Invalid for what is no such file."""
    if streets is None:
        return build(read(streets_geojson(), MapForm.GEOJSON).lines)
    form = _FORMS.get(streets.suffix.lower())
    if form is None or not streets.is_file():
        raise Invalid(f"{streets} is no file of streets: .parquet, .geojson or .csv.")
    return build(read(streets.read_bytes(), form).lines)
