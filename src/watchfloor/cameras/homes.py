"""Which cameras look mostly at one dwelling, as far as the registry and the city's footprints tell. Pure.

It asks and counts nothing. A footprint may be a house of fifty flats, headings are entered by eye, and nobody measured how a camera is
tilted or zoomed: whether one dwelling is what it looks at is said by a person, who marks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.cameras.model import Eye
from watchfloor.cameras.sight import ASSUMED_FIELD_DEG, ASSUMED_RANGE_M
from watchfloor.places.buildings import Buildings

MOSTLY: Final = 0.5
"""So much of the width of its picture."""
# Odd, so that one of them is the middle.
_RAYS: Final = 21
_WIDEST_DEG: Final = 150.0
_METRES_A_DEGREE: Final = 111_195.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AtHome:
    """A camera of which one dwelling takes so much of the width of the picture, from 0 to 1, as far as anybody can tell."""

    eye: Eye
    share: float


def mostly_homes(eyes: Sequence[Eye], buildings: Buildings) -> list[AtHome]:
    """Those that have a dwelling in the middle of the picture, and the same one in at least `MOSTLY` of it, the most first."""
    known = [one for one in eyes if one.heading_deg is not None and (one.field_deg or 0.0) <= _WIDEST_DEG]
    if not known or not buildings.knows_dwellings:
        return []
    middle = buildings.first_met(*_rays(known, np.zeros(1)))
    at = [one for one, is_home in zip(known, buildings.dwellings(middle), strict=True) if is_home]
    if not at:
        return []
    met = buildings.first_met(*_rays(at, np.linspace(-1.0, 1.0, _RAYS))).reshape(len(at), _RAYS)
    shares = (met == met[:, [_RAYS // 2]]).mean(axis=1)
    found = [AtHome(one, float(share)) for one, share in zip(at, shares, strict=True) if share >= MOSTLY]
    return sorted(found, key=lambda one: (-one.share, str(one.eye.id)))


def _rays(eyes: Sequence[Eye], across: Floats) -> tuple[Floats, Floats]:
    """From where and to where each camera looks, in turn: (cameras x across, 2) lon and lat. `across`: -1 to 1, from edge to edge."""
    places = np.array([(one.place.lon, one.place.lat) for one in eyes])
    half = np.array([(one.field_deg or ASSUMED_FIELD_DEG) / 2 for one in eyes])
    reach = np.array([one.range_m or ASSUMED_RANGE_M for one in eyes])
    angles = np.radians(np.array([one.heading_deg or 0.0 for one in eyes])[:, None] + half[:, None] * across)
    metres = np.stack((np.sin(angles), np.cos(angles)), axis=2) * reach[:, None, None]
    scale = np.stack(
        (_METRES_A_DEGREE * np.cos(np.radians(places[:, 1])), np.full(len(eyes), _METRES_A_DEGREE)), axis=1
    )
    begin = np.repeat(places[:, None], len(across), axis=1)
    return begin.reshape(-1, 2), (begin + metres / scale[:, None]).reshape(-1, 2)
