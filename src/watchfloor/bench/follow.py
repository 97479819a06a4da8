"""How well a vehicle is followed across readers: where it drove, where it is read next, and when; on simulated drives.

The drives are drawn by a rule of their own (`_drives.py`), and by another seed than those on which the figures in
`places/following` were fitted. Of a drive the follower is told what readers read, one after the other, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from watchfloor.bench._drives import City, Drive
from watchfloor.bench._say import at_least, say
from watchfloor.bench._streets import graph_of
from watchfloor.kit.errors import Invalid
from watchfloor.places.following.ahead import Ahead
from watchfloor.places.following.drawn import SURE
from watchfloor.places.following.follower import Follower, Pass
from watchfloor.places.following.roads import Roads, Watched, roads_of, stations_of
from watchfloor.places.following.track import Leg
from watchfloor.places.graph import Floats, Ints, StreetGraph

_BEGAN: Final = datetime(2026, 11, 22, tzinfo=UTC)
# After so many seconds without a read it is asked again.
_ASKED_S: Final = (0.0, 30.0, 90.0, 240.0)
_BINS: Final = 10
_MOST_READS: Final = 40


@dataclass(frozen=True, slots=True)
class Band:
    """Predictions between two probabilities: how many, the mean of what was said, the share that came true."""

    low: float
    high: float
    predictions: int
    said: float
    came: float


@dataclass(slots=True)
class _Seen:
    """What is gathered over all drives."""

    drawn_m: float = 0.0
    right_m: float = 0.0
    driven_m: float = 0.0
    quickest_m: float = 0.0
    quickest_right_m: float = 0.0
    sure_m: float = 0.0
    sure_right_m: float = 0.0
    legs: int = 0
    said: list[float] = field(default_factory=list)
    came: list[bool] = field(default_factory=list)
    on_way: list[tuple[float, float, float]] = field(default_factory=list)
    none: list[tuple[float, bool]] = field(default_factory=list)
    within: list[bool] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)
    three: list[bool] = field(default_factory=list)
    read_ms: list[float] = field(default_factory=list)
    update_ms: list[float] = field(default_factory=list)


def run(
    drives: int = 1_500,
    readers: int = 0,
    streets: Path | None = None,
    seed: int = 20_261_129,
    *,
    as_json: bool = False,
) -> dict[str, object]:
    """Follow so many drives past so many readers (0: one for each 30 streets, 200 at most), of the invented city or of a file of streets.

    Example: watchfloor bench follow --streets streets.parquet --json
    """
    at_least(10, drives=drives)
    graph = graph_of(streets)
    most = min(200, max(12, len(graph.streets.head) // 30)) if readers == 0 else readers
    if not 8 <= most <= len(graph.streets.head) // 8:
        raise Invalid(f"--readers is {most}; this map has room for 8 to {len(graph.streets.head) // 8}.")
    figures = measure(graph, City(graph.streets, most, seed), drives)
    say(figures, as_json=as_json)
    return figures


def measure(graph: StreetGraph, city: City, drives: int) -> dict[str, object]:
    """The figures of so many drives that were read twice or more."""
    began = time.process_time()
    roads = roads_of(graph)
    stations = stations_of(roads, [Watched(one.point, one.heading_deg) for one in city.readers])
    ready_ms = 1000 * (time.process_time() - began)
    seen, done = _Seen(), 0
    # A city without readers on its ways would be asked for ever.
    for _ in range(drives * 20):
        drive = city.drive()
        if drive is not None and len(drive.reads) > 1:
            _follow(roads, Follower(roads, stations), stations.of.tolist(), city, drive, seen)
            done += 1
        if done == drives:
            break
    return {
        "nodes": graph.size,
        "readers": len(city.readers),
        "drives": done,
        "ready_ms": round(ready_ms, 1),
        **_figures(seen),
    }


def _follow(
    roads: Roads, follower: Follower, of: Sequence[int], city: City, drive: Drive, seen: _Seen
) -> None:
    # Two readers of one place read one car within a second: the place is what is predicted.
    reads = sorted(drive.reads, key=lambda one: one.at)[:_MOST_READS]
    reads = [one for at, one in enumerate(reads) if at == 0 or of[one.reader] != of[reads[at - 1].reader]]
    for at, one in enumerate(reads):
        reader = city.readers[one.reader]
        began = time.process_time()
        step = follower.see(Pass(reader.point, _at(one.at), station=of[one.reader]))
        seen.read_ms.append(1000 * (time.process_time() - began))
        if step.leg is not None:
            _judge(roads, step.leg, drive.streets[reads[at - 1].step : one.step + 1], seen)
        coming = reads[at + 1] if at + 1 < len(reads) else None
        for waited in _ASKED_S:
            if coming is not None and coming.at <= one.at + waited:
                break
            began = time.process_time()
            found = follower.ahead(_at(one.at + waited))
            seen.update_ms.append(1000 * (time.process_time() - began))
            if found is not None:
                after = None if coming is None else coming.at - one.at - waited
                _compare(found, None if coming is None else of[coming.reader], after, seen)


def _at(seconds: float) -> datetime:
    return _BEGAN + timedelta(seconds=seconds)


def _judge(roads: Roads, leg: Leg, driven: Ints, seen: _Seen) -> None:
    """How much of the drawn way was driven, and of the one that is quickest at the limits."""
    metres = roads.graph.streets.metres
    true = np.unique(driven)
    drawn = np.unique(roads.arcs.street[leg.arcs])
    inner = np.setdiff1d(true, [driven[0], driven[-1]])
    drawn = np.setdiff1d(drawn, [driven[0], driven[-1]])
    right = np.intersect1d(drawn, inner)
    seen.legs += 1
    seen.drawn_m += float(metres[drawn].sum())
    seen.right_m += float(metres[right].sum())
    seen.driven_m += float(metres[inner].sum())
    quickest = np.setdiff1d(roads.arcs.street[leg.quickest], [driven[0], driven[-1]])
    seen.quickest_m += float(metres[quickest].sum())
    seen.quickest_right_m += float(metres[np.intersect1d(quickest, inner)].sum())
    for arc, sure in zip(leg.arcs.tolist(), leg.sure.tolist(), strict=True):
        street = int(roads.arcs.street[arc])
        its = float(metres[street])
        came = bool(np.isin(street, true))
        seen.on_way.append((sure, its, its * came))
        if sure >= SURE:
            seen.sure_m += its
            seen.sure_right_m += its * came


def _compare(found: Ahead, station: int | None, after: float | None, seen: _Seen) -> None:
    order = [one.station for one in found.next]
    for one in found.next:
        hit = one.station == station
        seen.said.append(one.probability)
        seen.came.append(hit)
        if hit and after is not None:
            seen.within.append(one.p10_s <= after <= one.p90_s)
            seen.late_s.append(after - one.p50_s)
    if station is not None:
        seen.first.append(station in order[:1])
        seen.three.append(station in order[:3])
    seen.none.append((found.none, station is None))


def _figures(seen: _Seen) -> dict[str, object]:
    said, came = np.array(seen.said), np.array(seen.came, float)
    bands = _bands(said, came)
    none = np.array(seen.none, float)
    ways = np.array(seen.on_way)
    return {
        "legs": seen.legs,
        "route_right": _share(seen.right_m, seen.drawn_m),
        "route_found": _share(seen.right_m, seen.driven_m),
        "quickest_way_right": _share(seen.quickest_right_m, seen.quickest_m),
        "quickest_way_found": _share(seen.quickest_right_m, seen.driven_m),
        "sure_share": _share(seen.sure_m, seen.drawn_m),
        "sure_right": _share(seen.sure_right_m, seen.sure_m),
        "stretches": [
            {"said": round(float(b[0]), 3), "right": round(float(b[1]), 3)} for b in _weighted(ways)
        ],
        "predictions": len(said),
        "reliability": [asdict(band) for band in bands],
        "expected_calibration_error": round(_error(bands), 4),
        "none_said": round(float(none[:, 0].mean()), 3),
        "none_came": round(float(none[:, 1].mean()), 3),
        "none_calibration_error": round(_error(_bands(none[:, 0], none[:, 1])), 4),
        "next_is_first": _share(sum(seen.first), len(seen.first)),
        "next_is_of_three": _share(sum(seen.three), len(seen.three)),
        "eta_within_80": _share(sum(seen.within), len(seen.within)),
        "eta_off_s_median": round(float(np.median(np.abs(seen.late_s))), 1),
        "cpu_ms_per_read_mean": round(float(np.mean(seen.read_ms)), 2),
        "cpu_ms_per_read_p95": round(float(np.percentile(seen.read_ms, 95)), 2),
        "cpu_ms_per_update_mean": round(float(np.mean(seen.update_ms)), 2),
        "cpu_ms_per_update_p95": round(float(np.percentile(seen.update_ms, 95)), 2),
    }


def _bands(said: Floats, came: Floats) -> list[Band]:
    at = np.minimum((said * _BINS).astype(int), _BINS - 1)
    return [
        Band(
            band / _BINS,
            (band + 1) / _BINS,
            int((at == band).sum()),
            round(float(said[at == band].mean()), 4),
            round(float(came[at == band].mean()), 4),
        )
        for band in range(_BINS)
        if (at == band).any()
    ]


def _error(bands: Sequence[Band]) -> float:
    """The expected calibration error: how far off a band is, each by how many predictions it has."""
    return sum(b.predictions * abs(b.said - b.came) for b in bands) / max(
        1, sum(b.predictions for b in bands)
    )


def _weighted(ways: Floats) -> list[tuple[float, float]]:
    at = np.minimum((ways[:, 0] * _BINS).astype(int), _BINS - 1)
    found = []
    for band in range(_BINS):
        here = ways[at == band]
        if len(here):
            metres = max(float(here[:, 1].sum()), 1e-9)
            found.append((float((here[:, 0] * here[:, 1]).sum()) / metres, float(here[:, 2].sum()) / metres))
    return found


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0
