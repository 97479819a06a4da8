"""Who is proposed: free units by road, the nearest first, honest about what is old, off the map, or unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.incidents.made import ANALYST, NOW, alert, confirmed_review
from watchfloor.dispatch.propose import NobodyFree, Proposal, propose
from watchfloor.incidents.answerable import Answerable, confirmed, officer_emergency
from watchfloor.incidents.model import Incident, IncidentId, Origin, Spot
from watchfloor.incidents.open import incident_from_alert
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.places.model import Eta
from watchfloor.places.route import eta_to
from watchfloor.units.model import Crew, Unit, UnitId


def incident() -> tuple[Incident, Answerable]:
    of = alert()
    review = confirmed_review(of.id)
    opened = incident_from_alert(IncidentId(uuid7(NOW)), of, review, by=ANALYST, now=NOW)
    return opened, confirmed(opened, review)


def unit(
    call_sign: str, *, lat: float | None = 38.64, old_s: float = 5, crew: int = 1, busy: bool = False
) -> Unit:
    people = tuple(Crew(uuid7(NOW), "") for _ in range(crew))
    place = Point(lat, -90.19) if lat is not None else None
    at = NOW - timedelta(seconds=old_s) if lat is not None else None
    return Unit(UnitId(uuid7(NOW)), call_sign, 1, people, place, at, uuid7(NOW) if busy else None, 1)


def by_distance(target: Point, sources: Sequence[Point]) -> list[Eta]:
    """A road to everybody, a minute for each hundredth of a degree."""
    return [Eta(abs(s.lat - target.lat) * 6000, abs(s.lat - target.lat) * 1e5, "road") for s in sources]


def crow(target: Point, sources: Sequence[Point]) -> Sequence[Eta]:
    return eta_to(None, target, sources)


def proposal(*units: Unit, ways: object = by_distance) -> Proposal:
    found = propose(incident()[1], units, ways, now=NOW)  # type: ignore[arg-type]  # the test hands in what no type allows
    assert isinstance(found, Proposal)
    return found


def signs(found: Proposal) -> list[str]:
    return [option.unit.call_sign for option in found.options]


def test_the_nearest_free_unit_comes_first_with_its_reason() -> None:
    found = proposal(unit("far", lat=38.70), unit("near", lat=38.65), unit("busy", lat=38.631, busy=True))
    assert signs(found) == ["near", "far"]
    assert found.options[0].sentence == "2.0 km by road at the speed limits, without traffic. Seen 5 s ago."
    assert found.sentence == "By road at the speed limits, without traffic and turn restrictions."


def test_a_unit_whose_position_is_old_comes_after_those_that_are_known() -> None:
    found = proposal(unit("old", lat=38.631, old_s=600), unit("known", lat=38.70))
    assert signs(found) == ["known", "old"]
    assert found.options[1].sentence.endswith("Its position is 10 min old.")


def test_a_unit_never_heard_of_comes_last_and_can_still_be_sent() -> None:
    found = proposal(unit("lost", lat=None), unit("known"), unit("old", old_s=600))
    assert signs(found) == ["known", "old", "lost"]
    assert (found.options[2].eta, found.options[2].sentence) == (None, "Its position is not known.")
    assert "One unit without a known position." in found.sentence


def test_without_streets_it_says_straight_line_and_promises_no_time() -> None:
    found = proposal(unit("far", lat=38.70), unit("near"), ways=crow)
    assert signs(found) == ["near", "far"]
    assert all(option.eta and option.eta.seconds is None for option in found.options)
    assert found.sentence == "2 units by straight line only: no street map is loaded."


def test_a_straight_line_is_ranked_among_roads_by_what_it_would_take() -> None:
    def ways(target: Point, sources: Sequence[Point]) -> list[Eta]:
        return [Eta(None, 900, "straight line", "Off the map"), Eta(300, 3000, "road"), Eta(60, 600, "road")][
            : len(sources)
        ]

    assert signs(proposal(unit("crow"), unit("slow"), unit("quick"), ways=ways)) == ["quick", "crow", "slow"]


def test_where_the_place_is_unknown_nobody_is_called_near() -> None:
    opened, _ = incident()
    nowhere = replace(opened, spot=Spot("somewhere", None))
    of = confirmed(nowhere, replace(confirmed_review(uuid7(NOW)), id=nowhere.review, alert=nowhere.alert))  # type: ignore[arg-type]  # the review is a confirmed one
    found = propose(of, [unit("3142")], by_distance, now=NOW)
    assert isinstance(found, Proposal) and found.options[0].eta is None
    assert found.sentence.startswith("The incident's place is not known")


def test_nobody_free_says_why() -> None:
    answer = propose(
        incident()[1], [unit("a", busy=True), unit("b", crew=0), unit("c", crew=0)], by_distance, now=NOW
    )
    assert answer == NobodyFree("Nobody is free: one unit on an assignment, 2 units with nobody on it.")
    assert propose(incident()[1], [unit("a", busy=True)], by_distance, now=NOW) == NobodyFree(
        "Nobody is free: one unit on an assignment."
    )
    assert propose(incident()[1], [], by_distance, now=NOW) == NobodyFree(
        "There is no unit that could be sent."
    )


def test_the_unit_in_danger_is_not_sent_to_itself() -> None:
    own, other = unit("own"), unit("other")
    opened = replace(incident()[0], origin=Origin.OFFICER, unit=own.id)
    found = propose(officer_emergency(opened, own), [own, other], by_distance, now=NOW)
    assert isinstance(found, Proposal) and signs(found) == ["other"]


def test_of_many_the_nearest_come_first_and_none_is_left_out() -> None:
    many = [unit(f"{i:03}", lat=38.63 + i / 1000) for i in range(1, 61)]
    assert signs(proposal(*reversed(many))) == [f"{i:03}" for i in range(1, 61)]
