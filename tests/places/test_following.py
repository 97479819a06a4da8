"""A vehicle is followed over the roads: which way it took, how sure that is, who reads it next and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.places.grid import spot, street
from watchfloor.places.following.ahead import Ahead
from watchfloor.places.following.follower import Follower, Pass
from watchfloor.places.following.roads import Roads, Watched, roads_of, spot_of, stations_of
from watchfloor.places.graph import build
from watchfloor.places.model import Centreline, Travel

NIGHT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


def town(size: int = 9, block: float = 200.0) -> list[Centreline]:
    """A grid of streets at 10 m/s, so many crossings wide and deep."""
    lines = [
        street((x * block, y * block), ((x + 1) * block, y * block), name=f"{y}th Street")
        for y in range(size)
        for x in range(size - 1)
    ]
    lines += [
        street((x * block, y * block), (x * block, (y + 1) * block), name=f"Avenue {x}")
        for x in range(size)
        for y in range(size - 1)
    ]
    return lines


def two_ways() -> list[Centreline]:
    """From (0, 0) to (2000, 0): by the north in 2,400 m, by the south in 2,800 m, both as quick to leave."""
    return [
        street((-400, 0), (0, 0), name="West"),
        street((0, 0), (0, 200)),
        street((0, 200), (2000, 200), name="North Road"),
        street((2000, 200), (2000, 0)),
        street((0, 0), (0, -400)),
        street((0, -400), (2000, -400), name="South Road"),
        street((2000, -400), (2000, 0)),
        street((2000, 0), (2400, 0), name="East"),
    ]


def following(
    lines: Sequence[Centreline], watched: Sequence[tuple[float, float]], *, rate: float = 0.9
) -> Follower:
    roads: Roads = roads_of(build(lines))
    return Follower(roads, stations_of(roads, [Watched(spot(*at), rate=rate) for at in watched]))


def test_of_reads_it_looks_back_to_no_more_the_way_alone_is_kept() -> None:
    follower = following(two_ways(), [(-200, 0), (2200, 0)])
    for number in range(4):
        follower.see(Pass(spot((-200, 2200)[number % 2], 0), after(300.0 * number), station=number % 2))
    assert [(one.out is None, one.view is None) for one in follower.steps] == [(True, True)] * 2 + [
        (False, False)
    ] * 2
    assert [one.leg is None for one in follower.steps] == [True, False, False, False]


def names(follower: Follower) -> set[str]:
    leg = follower.steps[-1].leg
    assert leg is not None
    return {name for stretch in leg.stretches for name in stretch.streets}


def test_the_time_that_passed_tells_which_of_two_ways_it_took() -> None:
    """240 s at the limits by the north, 280 s by the south: no time alone is certain, and it is said how sure it is."""
    said = []
    for took in (230.0, 420.0):
        follower = following(two_ways(), [(-200, 0), (2200, 0)])
        follower.see(Pass(spot(-200, 0), NIGHT, station=0))
        leg = follower.see(Pass(spot(2200, 0), after(took), station=1)).leg
        assert leg is not None
        assert 0.5 < leg.probability <= 1
        said.append((names(follower), leg.probability))
    assert "North Road" in said[0][0]
    assert said[0][1] > said[1][1]


def test_a_reader_that_read_nothing_speaks_for_the_other_way() -> None:
    follower = following(two_ways(), [(-200, 0), (2200, 0), (1000, 200)], rate=0.99)
    follower.see(Pass(spot(-200, 0), NIGHT, station=0))
    leg = follower.see(Pass(spot(2200, 0), after(330), station=1)).leg
    assert leg is not None
    assert "South Road" in names(follower)
    assert leg.passed == ()


def test_where_two_ways_are_as_likely_the_stretch_is_unread_and_the_other_way_is_shown() -> None:
    even = [line for line in two_ways() if line.name != "South Road"]
    even = [line for line in even if line.points[:, 1].min() > spot(0, -300).lat]
    even += [street((0, 0), (0, -200)), street((0, -200), (2000, -200), name="South Road")]
    even += [street((2000, -200), (2000, 0))]
    follower = following(even, [(-200, 0), (2200, 0)])
    follower.see(Pass(spot(-200, 0), NIGHT, station=0))
    leg = follower.see(Pass(spot(2200, 0), after(330), station=1)).leg
    assert leg is not None
    unread = [stretch for stretch in leg.stretches if stretch.unread]
    assert sum(stretch.metres for stretch in unread) == pytest.approx(2400, abs=60)
    assert all(0.25 < stretch.confidence < 0.75 for stretch in unread)
    (other,) = leg.alternatives
    assert other.probability + leg.probability == pytest.approx(1, abs=0.05)
    # The streets that both ways have are certain, and are drawn as driven.
    assert {"West", "East"} <= {n for s in leg.stretches if not s.unread for n in s.streets}


def test_the_stretches_follow_one_another_in_place_and_time() -> None:
    follower = following(town(), [(0, 100), (1600, 1500)])
    follower.see(Pass(spot(0, 100), NIGHT, station=0))
    leg = follower.see(Pass(spot(1600, 1500), after(400), station=1)).leg
    assert leg is not None
    assert leg.stretches[0].since == NIGHT
    assert leg.stretches[-1].until == after(400)
    for before, one in zip(leg.stretches, leg.stretches[1:], strict=False):
        assert before.until == one.since
        assert before.line[-1].lat == pytest.approx(one.line[0].lat, abs=1e-5)
        assert before.line[-1].lon == pytest.approx(one.line[0].lon, abs=1e-5)


def test_a_stop_on_the_way_is_said_to_be_one() -> None:
    follower = following(two_ways(), [(-200, 0), (2200, 0)])
    follower.see(Pass(spot(-200, 0), NIGHT, station=0))
    leg = follower.see(Pass(spot(2200, 0), after(1500), station=1)).leg
    assert leg is not None
    assert leg.stopped > 0.9


def test_the_next_reader_is_ahead_and_not_behind() -> None:
    """It goes east: the reader in the east is likely, the one it came from is not, nor the one off its way."""
    follower = following(town(), [(300, 800), (700, 800), (1300, 800), (800, 1500)])
    follower.see(Pass(spot(300, 800), NIGHT, station=0))
    follower.see(Pass(spot(700, 800), after(50), station=1))
    found = follower.ahead(after(50))
    assert found is not None
    by = {one.station: one for one in found.next}
    assert by[2].probability == max(one.probability for one in found.next)
    assert by[2].probability > 3 * (by[0].probability if 0 in by else 0.0)
    # 600 m at 10 m/s, with crossings.
    assert by[2].p10_s < 80 < by[2].p90_s


def test_with_time_a_reader_that_reads_nothing_becomes_unlikely_and_a_miss_or_a_stop_likely() -> None:
    follower = following(town(), [(300, 800), (700, 800), (1300, 800)])
    follower.see(Pass(spot(300, 800), NIGHT, station=0))
    follower.see(Pass(spot(700, 800), after(50), station=1))
    seen = [follower.ahead(after(50 + waited)) for waited in (0, 60, 120, 300, 900)]
    found = [one for one in seen if one is not None]
    assert len(found) == len(seen)
    east = [next((n.probability for n in one.next if n.station == 2), 0.0) for one in found]
    assert east == sorted(east, reverse=True)
    assert east[-1] < 0.3 * east[0]
    for one in ("none", "stopped"):
        values = [getattr(ahead, one) for ahead in found]
        assert values == sorted(values)
    assert found[-1].stopped > 0.5


def test_the_traffic_of_a_one_way_street_says_which_way_it_goes_on() -> None:
    lines = [
        street((-2000, 0), (0, 0)),
        street((0, 0), (400, 0), travel=Travel.ALONG),
        street((400, 0), (2400, 0)),
    ]
    follower = following(lines, [(200, 0), (-1000, 0), (1500, 0)])
    follower.see(Pass(spot(200, 0), NIGHT, station=0))
    found = follower.ahead(NIGHT)
    assert found is not None
    assert [one.station for one in found.next] == [2]


def test_a_heading_chooses_among_streets_beside_each_other() -> None:
    """A reader by a dual carriageway stands nearer to the one it does not look at."""
    lines = [
        street((0, 0), (1000, 0), travel=Travel.ALONG, name="Eastbound"),
        street((1000, 14), (0, 14), travel=Travel.ALONG, name="Westbound"),
    ]
    roads = roads_of(build(lines))
    known = roads.graph.streets
    for heading, name in ((90.0, "Eastbound"), (270.0, "Westbound")):
        found = spot_of(roads, spot(500, 7), heading)
        assert found is not None
        assert known.names[int(known.name[found.street])] == name


def test_a_read_off_every_street_leads_nowhere_and_the_next_one_begins_anew() -> None:
    follower = following(town(), [(300, 800)])
    follower.see(Pass(spot(9000, 9000), NIGHT))
    assert follower.ahead(NIGHT) is None
    step = follower.see(Pass(spot(300, 800), after(60), station=0))
    assert step.leg is None
    assert follower.ahead(after(60)) is not None


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 8)), min_size=2, max_size=6, unique=True),
    st.lists(st.integers(20, 600), min_size=6, max_size=6),
    st.floats(0, 2_000),
)
def test_whatever_was_read_probabilities_are_probabilities_and_an_answer_is_the_same_twice(
    places: list[tuple[int, int]], gaps: list[int], waited: float
) -> None:
    watched = [(x * 200 + 100.0, y * 200.0) for x, y in places]
    answers: list[Ahead] = []
    for goes_on in (False, True):
        follower = following(town(), watched)
        at = NIGHT
        for number, (place, gap) in enumerate(zip(watched, gaps, strict=False)):
            at += timedelta(seconds=gap)
            follower = follower.since(0) if goes_on else follower
            leg = follower.see(Pass(spot(*place), at, station=number)).leg
            if leg is not None:
                assert 0 <= leg.probability <= 1 + 1e-9
                assert all(0 <= stretch.confidence <= 1 + 1e-9 for stretch in leg.stretches)
                assert sum(one.probability for one in leg.alternatives) <= 1 + 1e-9
        found = follower.ahead(at + timedelta(seconds=waited))
        assert found is not None
        answers.append(found)
        assert sum(one.probability for one in found.next) + found.none <= 1 + 1e-6
        assert 0 <= found.stopped <= found.none <= 1
        assert all(0 <= one.p10_s <= one.p50_s <= one.p90_s for one in found.next)
    assert answers[0] == answers[1]
