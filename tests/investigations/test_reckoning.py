"""The track of a followed vehicle: what a new read costs, and how a way is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from tests.fixtures.center import new_id
from tests.places.grid import spot
from tests.places.test_following import NIGHT, town
from watchfloor.investigations.following.see import Known, Reckoned
from watchfloor.investigations.following.show import words_of
from watchfloor.places.following.follower import Follower, Pass
from watchfloor.places.following.roads import Watched, roads_of, stations_of
from watchfloor.places.following.track import Leg
from watchfloor.places.graph import build


def test_a_new_read_goes_on_from_what_is_known_and_anything_else_begins_anew() -> None:
    graph = build(town())
    roads = roads_of(graph)
    follower = Follower(roads, stations_of(roads, [Watched(spot(300, 800))]))
    for number in range(3):
        follower.see(Pass(spot(300 + 200 * number, 800), NIGHT + timedelta(seconds=30 * number)))
    a, b, c, d = (new_id() for _ in range(4))
    known = Known((a, b, c), (), graph, follower, Reckoned((), (), (), {}))
    cases: list[tuple[tuple[UUID, ...], int]] = [
        ((a, b, c, d), 3),
        ((a, b, c), 3),
        ((b, c, d), 2),
        ((c, d), 1),
    ]
    for reads, steps in cases:
        going_on = known.going_on(reads)
        assert going_on is not None and going_on.steps == follower.steps[-steps:]
        assert going_on is not follower
    for others in ((d,), (a, b, d), (a, c), (a, b), (d, a, b, c)):
        assert known.going_on(others) is None


@pytest.mark.parametrize(
    ("took_s", "stopped", "said"),
    [
        (400, 0.1, "4.0 km in 7 min, by the only likely way."),
        (
            3_000,
            0.9,
            "4.0 km in 50 min, by the only likely way; it took longer than the drive, so it stood somewhere",
        ),
        (
            30,
            1.0,
            "4.0 km in 30 s: no car drives that fast. One of the two reads is another vehicle or was misread",
        ),
        (0, 1.0, "4.0 km in 0 s: no car drives that fast."),
    ],
)
def test_how_it_came_is_said_and_what_no_car_can_drive_is_no_way(
    took_s: int, stopped: float, said: str
) -> None:
    arcs, begun = np.empty(0, np.int32), datetime(2026, 11, 22, tzinfo=UTC)
    until = begun + timedelta(seconds=took_s)
    leg = Leg(begun, until, 300.0, 4_000.0, 0.9, stopped, (), (), (), 1, arcs, np.empty(0), arcs)
    assert words_of(leg).startswith(said)
