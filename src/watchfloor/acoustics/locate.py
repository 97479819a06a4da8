"""Where a source was, from when each sensor heard it: a robust fit, then everything that is likely around it. Pure.

It is told which pulses belong together (`explain`). Each sensor counts once, however many rounds it heard: what bends the way to it
bends every round's alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import STREET, Street, density, heard
from watchfloor.acoustics.model import Air, Array, Ellipse, Floats, Ints, Pulses, Region
from watchfloor.acoustics.sound import travel_s

_NU: Final = 4.0
# Each look takes pulses nearer to what is expected than the last.
_GATES_S: Final = (0.120, 0.090, 0.070, 0.050, 0.040, 0.040)
_DAMPING: Final = 1e-3
_LONGEST_STEP_M: Final = 150.0
# The grid of what is likely: so many cells a side, so many of the fit's own errors to each side, at least and at most so many metres.
_SIDE: Final = 61
_ERRORS: Final = 6.0
_NEAREST_M: Final = 12.0
_FURTHEST_M: Final = 900.0
# Squared radii, in standard deviations of two dimensions, of what holds 50 and 95 percent.
_HALF: Final = 1.3863
_MOST: Final = 5.9915
# An explanation as likely as this stands alone. An ellipse this long, in metres, may be a region instead; its cells are at least so wide.
_ONE_ALONE: Final = 0.97
_WIDE_M: Final = 40.0
_CELL_M: Final = 5.0


def refined(
    array: Array, pulses: Pulses, air: Air, places_m: Floats, times_s: Floats, *, street: Street = STREET
) -> tuple[Floats, Floats]:
    """Better places (k, 2) and moments (k) for each of these, by the nearest pulse of every sensor (Student t, Gauss-Newton)."""
    order = np.lexsort((pulses.times_s, pulses.sensors))
    row = _Row.of(pulses.of(order))
    places, moments = places_m.copy(), times_s.copy()
    for gate in _GATES_S:
        travel, way = travel_s(array, air, places)
        signed = row.late(moments[:, None] + travel[:, row.sensors])
        nearest = np.abs(signed)
        weight = np.where(nearest < gate, (_NU + 1) / (_NU + (signed / street.bend_s) ** 2), 0.0)
        toward = (places[:, None, :] - array.places_m[None, row.sensors, :2]) / way[:, row.sensors, None]
        slope = np.concatenate(
            [toward * (travel / way)[:, row.sensors, None], np.ones((*signed.shape, 1))], axis=2
        )
        step = _step(slope, weight, signed)
        length = np.maximum(np.hypot(step[:, 0], step[:, 1]) / _LONGEST_STEP_M, 1.0)
        places = places + step[:, :2] / length[:, None]
        moments = moments + step[:, 2] / length
    return places, moments


@dataclass(frozen=True, slots=True)
class _Row:
    """All pulses in one row, a stretch of it for each sensor that has any: so one look finds the nearest at any of them."""

    sensors: Ints
    first: Ints
    last: Ints
    times_s: Floats
    along_s: Floats
    begins_s: float
    stretch_s: float

    @staticmethod
    def of(pulses: Pulses) -> _Row:
        """Of pulses by sensor, then time."""
        sensors, first, count = np.unique(pulses.sensors, return_index=True, return_counts=True)
        stretch = pulses.ends_s - pulses.begins_s + 1.0
        along = pulses.sensors * stretch + pulses.times_s - pulses.begins_s
        return _Row(sensors, first, first + count - 1, pulses.times_s, along, pulses.begins_s, stretch)

    def late(self, arrivals_s: Floats) -> Floats:
        """How much later than each arrival (k, sensors) that sensor's nearest pulse is."""
        inside = np.clip(arrivals_s - self.begins_s, -0.4, self.stretch_s - 0.6)
        at = np.searchsorted(self.along_s, self.sensors * self.stretch_s + inside)
        before = self.times_s[np.clip(at - 1, self.first, self.last)] - arrivals_s
        after = self.times_s[np.clip(at, self.first, self.last)] - arrivals_s
        return np.where(np.abs(before) < np.abs(after), before, after)


def _step(slope: Floats, weight: Floats, late: Floats) -> Floats:
    """The weighed least squares' step (k, 3) of each; in metres and seconds."""
    scale = np.array([1 / 340.0, 1 / 340.0, 1.0])
    scaled = slope / scale
    normal = np.einsum("kni,kn,knj->kij", scaled, weight, scaled)
    normal += _DAMPING * np.eye(3) * np.maximum(np.trace(normal, axis1=1, axis2=2), 1e-9)[:, None, None]
    right = np.einsum("kni,kn,kn->ki", scaled, weight, late)
    solved: Floats = np.linalg.solve(normal, right[..., None])[..., 0] / scale
    return solved


@dataclass(frozen=True, slots=True)
class Where:
    """A place (x, y) in metres, and how sure of it: its covariance (2, 2), what holds 50 and 95 percent, a region if one is needed."""

    place_m: tuple[float, float]
    covariance_m2: Floats
    half: Ellipse
    most: Ellipse
    region: Region | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells (k, 2) and how likely each is (k, sums to 1)."""

    cells_m: Floats
    likely: Floats
    cell_m: float


def around_it(
    array: Array, air: Air, heard_s: Floats, around_m: tuple[float, float], *, street: Street = STREET
) -> Grid:
    """What is likely, by when each sensor heard it (n, NaN where it did not), looked for around a first guess.

    `heard_s` are times after any common moment. A sensor that did not hear speaks too: by how far away it is.
    """
    middle, reach = np.array(around_m), _first_reach(array, air, heard_s, np.array(around_m), street)
    grid = likely(array, air, heard_s, middle, reach, street)
    for _ in range(3):
        mean, spread = _moments(grid)
        wanted = float(np.clip(_ERRORS * np.sqrt(np.linalg.eigvalsh(spread)[1]), _NEAREST_M, _FURTHEST_M))
        at_edge = _at_edge(grid)
        if not at_edge and reach / 1.6 < wanted < reach * 1.6:
            break
        middle, reach = mean, min(max(wanted, reach * 1.8) if at_edge else wanted, _FURTHEST_M)
        grid = likely(array, air, heard_s, middle, reach, street)
    return grid


def mixed(grids: Sequence[Grid], worth: Floats) -> tuple[int, Where]:
    """The likeliest of several explanations (its index), and where it was if each is as likely as what speaks for it (`worth`,
    log-likelihoods) and as the room its place has.
    """
    moments = [_moments(grid) for grid in grids]
    weight = worth + 0.5 * np.log([np.linalg.det(spread) for _, spread in moments])
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    best = int(weight.argmax())
    mean, spread = moments[best]
    place = (float(mean[0]), float(mean[1]))
    half, most = ellipses(spread)
    if weight[best] > _ONE_ALONE:
        return best, Where(place, spread, half, most, _region(grids[best], most))
    return best, Where(place, spread, half, most, _region_of_all(grids, weight))


def _first_reach(array: Array, air: Air, heard_s: Floats, middle: Floats, street: Street) -> float:
    """How far to look at first: by the straight fit's own error."""
    travel, way = travel_s(array, air, middle[None])
    on = np.isfinite(heard_s)
    toward = (middle - array.places_m[on, :2]) / way[0, on, None] * (travel / way)[0, on, None]
    slope = np.column_stack([toward - toward.mean(axis=0)])
    info = slope.T @ slope / street.bend_s**2
    low = max(float(np.linalg.eigvalsh(info)[0]), 1e-9)
    return float(np.clip(_ERRORS / np.sqrt(low), _NEAREST_M, _FURTHEST_M))


def likely(
    array: Array, air: Air, heard_s: Floats, middle_m: Floats, reach_m: float, street: Street = STREET
) -> Grid:
    """How likely each cell around a place is, the moment of the shot being whatever suits the cell best."""
    steps = np.linspace(-reach_m, reach_m, _SIDE)
    x, y = np.meshgrid(middle_m[0] + steps, middle_m[1] + steps)
    cells = np.column_stack([x.ravel(), y.ravel()])
    travel, way = travel_s(array, air, cells)
    on = np.isfinite(heard_s)
    fired = heard_s[None, on] - travel[:, on]
    moment = np.median(fired, axis=1)
    for _ in range(6):
        late = fired - moment[:, None]
        weight = 1.0 / (_NU + (late / street.bend_s) ** 2)
        moment = moment + (weight * late).sum(axis=1) / weight.sum(axis=1)
    score = np.log(density(fired - moment[:, None], street)).sum(axis=1)
    chance = heard(way, street)
    score += np.log(chance[:, on]).sum(axis=1) + np.log1p(-chance[:, ~on]).sum(axis=1)
    likely_of = np.exp(score - score.max())
    return Grid(cells, likely_of / likely_of.sum(), float(steps[1] - steps[0]))


def _moments(grid: Grid) -> tuple[Floats, Floats]:
    """The middle (2) and the covariance (2, 2) of what is likely; a cell's own width counts."""
    mean = grid.likely @ grid.cells_m
    away = grid.cells_m - mean
    spread = (away * grid.likely[:, None]).T @ away + np.eye(2) * grid.cell_m**2 / 12
    return mean, spread


def _at_edge(grid: Grid) -> bool:
    """Whether some of what is likely touches the grid's edge."""
    share = grid.likely.reshape(_SIDE, _SIDE)
    rim = share[0].sum() + share[-1].sum() + share[:, 0].sum() + share[:, -1].sum()
    return bool(rim > 0.01)


def ellipses(spread: Floats) -> tuple[Ellipse, Ellipse]:
    """Those that hold 50 and 95 percent of a covariance (2, 2)."""
    return ellipse(spread, _HALF), ellipse(spread, _MOST)


def spread_of(most: Ellipse) -> Floats:
    """The covariance (2, 2) of which this ellipse holds 95 percent."""
    way = np.radians(most.bearing_deg)
    along, across = np.array([np.sin(way), np.cos(way)]), np.array([np.cos(way), -np.sin(way)])
    spread: Floats = (
        most.major_m**2 * np.outer(along, along) + most.minor_m**2 * np.outer(across, across)
    ) / _MOST
    return spread


def ellipse(spread: Floats, squared: float) -> Ellipse:
    """The ellipse of a covariance (2, 2) at a squared radius in standard deviations."""
    values, ways = np.linalg.eigh(spread)
    long = ways[:, 1]
    return Ellipse(
        float(np.sqrt(values[1] * squared)),
        float(np.sqrt(values[0] * squared)),
        float(np.degrees(np.arctan2(long[0], long[1])) % 180.0),
    )


def _region(grid: Grid, most: Ellipse) -> Region | None:
    """The cells that hold 95 percent, where the ellipse would be wide and mostly empty: two places, or a bow."""
    needed = _needed(grid.likely)
    area = np.pi * most.major_m * most.minor_m
    if most.major_m < _WIDE_M or len(needed) * grid.cell_m**2 > 0.55 * area:
        return None
    return Region(grid.cells_m[needed], grid.cell_m)


def _region_of_all(grids: Sequence[Grid], weight: Floats) -> Region:
    """The cells that hold 95 percent of all of these, on one grid."""
    cell = max(_CELL_M, *(grid.cell_m for grid in grids))
    at = np.floor(np.concatenate([grid.cells_m for grid in grids]) / cell)
    cells, back = np.unique(at, axis=0, return_inverse=True)
    share = np.zeros(len(cells))
    np.add.at(share, back.ravel(), np.concatenate([w * g.likely for w, g in zip(weight, grids, strict=True)]))
    return Region((cells[_needed(share)] + 0.5) * cell, cell)


def _needed(likely_of: Floats) -> Ints:
    """The fewest cells that hold 95 percent, the likeliest first."""
    order = np.argsort(-likely_of, kind="stable")
    return order[: int(np.searchsorted(np.cumsum(likely_of[order]), 0.95)) + 1]
