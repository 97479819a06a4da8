"""Opens all that looking needs, once for a process: the networks of the wheel, our own, and whose plates pass here."""

from __future__ import annotations

from pathlib import Path

from watchfloor.kit.errors import Invalid
from watchfloor.plates.reading.formats import Weights
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.reading.nets import LineReader, TextFinder
from watchfloor.plates.reading.own import OwnReader
from watchfloor.plates.reading.vehicles import VehicleDetector

# Where both continents' plates are allowed, how many of those that pass are American.
_MIXED: float = 0.8
# How wide strips are laid out where it is not 320: for the first, cheap reading, and for the last.
_QUICK = 240
_OTHER = 200


def opened(region: str, *, detector: Path | None = None, sha256: str = "") -> Eyes:
    """The networks, and the formats of a region: `us`, `eu` or `us,eu`. Raises Invalid for another.

    `detector` is the file of a detector of vehicles with its SHA-256. What is wrong with it is said in `lacks`; reading goes without it.
    """
    reader, finder = LineReader(), TextFinder()
    quick, other = (LineReader(wide, like=reader) for wide in (_QUICK, _OTHER))
    vehicles, lacks = None, ""
    if detector is not None:
        try:
            vehicles = VehicleDetector(detector, sha256)
        except Invalid as refused:
            lacks = refused.detail
    return Eyes(
        finder, reader, weights_of(region), quick=quick, other=other, second=OwnReader(),
        vehicles=vehicles, lacks=lacks, runs_on=finder.runs_on,
    )  # fmt: skip


def weights_of(region: str) -> Weights:
    """How common the plates of each jurisdiction are there. Raises Invalid for a region that is not known."""
    names = {name.strip().lower() for name in region.split(",")}
    if not names or not names <= {"us", "eu"}:
        raise Invalid(f"“{region}” is no region: us, eu or us,eu.", reason="region")
    us = 0.0 if "us" not in names else _MIXED if "eu" in names else 1.0
    return Weights.of_regions(us=us, eu=1 - us)
