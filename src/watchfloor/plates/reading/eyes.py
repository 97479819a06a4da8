"""Opens all that looking needs, once for a process: the networks of the wheel, our own, and whose plates pass here."""

from __future__ import annotations

from watchfloor.kit.errors import Invalid
from watchfloor.plates.reading.formats import Weights
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.reading.nets import LineReader, TextFinder
from watchfloor.plates.reading.own import OwnReader

# Where both continents' plates are allowed, how many of those that pass are American.
_MIXED: float = 0.8
# How wide strips are laid out where it is not 320: for the first, cheap reading, and for the last.
_QUICK = 240
_OTHER = 200


def opened(region: str) -> Eyes:
    """The networks, and the formats of a region: `us`, `eu` or `us,eu`. Raises Invalid for another."""
    reader = LineReader()
    quick, other = (LineReader(wide, like=reader) for wide in (_QUICK, _OTHER))
    return Eyes(TextFinder(), reader, weights_of(region), quick=quick, other=other, second=OwnReader())


def weights_of(region: str) -> Weights:
    """How common the plates of each jurisdiction are there. Raises Invalid for a region that is not known."""
    names = {name.strip().lower() for name in region.split(",")}
    if not names or not names <= {"us", "eu"}:
        raise Invalid(f"“{region}” is no region: us, eu or us,eu.", reason="region")
    us = 0.0 if "us" not in names else _MIXED if "eu" in names else 1.0
    return Weights.of_regions(us=us, eu=1 - us)
