"""Who could go, the nearest first, and why. Pure: units, ways and the time are arguments; it sends nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watchfloor.incidents.answerable import Answerable, OfficerEmergency
from watchfloor.kit.geo import Point
from watchfloor.places.model import Eta
from watchfloor.units.model import Age, Unit, UnitState, age_of

Ways = Callable[[Point, Sequence[Point]], Sequence[Eta]]

# To rank a straight line among roads: city streets are about that much longer, at 25 mph. Never shown as a time.
_DETOUR: Final = 1.4
_PACE_MPS: Final = 11.0


@dataclass(frozen=True, slots=True)
class Option:
    """A unit that could go. `eta` is None when its place, or the incident's, is not known."""

    unit: Unit
    eta: Eta | None
    age: Age | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Units that could go, the best first; `sentence` says what the order rests on."""

    options: tuple[Option, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class NobodyFree:
    """Nobody can be sent, and why."""

    sentence: str


def propose(
    answerable: Answerable, units: Sequence[Unit], ways: Ways, *, now: datetime
) -> Proposal | NobodyFree:
    """Free units by how soon they can be there. A unit whose position is old comes after those that are known.

    The unit whose officer is in danger is not proposed to itself.
    """
    own = answerable.unit if isinstance(answerable, OfficerEmergency) else None
    others = [unit for unit in units if unit.id != own]
    free = [unit for unit in others if unit.state is UnitState.FREE]
    if not free:
        return NobodyFree(_nobody(others))
    target = answerable.incident.spot.point
    known = [unit for unit in free if unit.place is not None]
    etas: dict[object, Eta] = {}
    if target is not None and known:
        found = ways(target, [unit.place for unit in known if unit.place is not None])
        etas = {unit.id: eta for unit, eta in zip(known, found, strict=True)}
    options = sorted((_option(unit, etas.get(unit.id), now) for unit in free), key=_rank)
    return Proposal(tuple(options), _rests_on(target, options))


def _option(unit: Unit, eta: Eta | None, now: datetime) -> Option:
    age = age_of(unit.position_at, now=now)
    way = eta.why if eta is not None else "Its distance is not known."
    if age is None:
        return Option(unit, eta, None, "Its position is not known.")
    where = f"Its position is {age.words.removesuffix(' ago')} old." if age.stale else f"Seen {age.words}."
    return Option(unit, eta, age, f"{way} {where}")


def _rank(option: Option) -> tuple[int, float, str]:
    if option.eta is None or option.age is None:
        return (2, 0.0, option.unit.call_sign)
    seconds = (
        option.eta.seconds if option.eta.seconds is not None else option.eta.metres * _DETOUR / _PACE_MPS
    )
    return (1 if option.age.stale else 0, seconds, option.unit.call_sign)


def _rests_on(target: Point | None, options: Sequence[Option]) -> str:
    if target is None:
        return "The incident's place is not known, so nobody can say who is near."
    by_road = sum(1 for option in options if option.eta is not None and option.eta.by == "road")
    straight = sum(1 for option in options if option.eta is not None and option.eta.by != "road")
    lost = len(options) - by_road - straight
    parts = []
    if by_road:
        parts.append("By road at the speed limits, without traffic and turn restrictions.")
    if straight:
        first = next(option.eta for option in options if option.eta is not None and option.eta.by != "road")
        parts.append(f"{_units(straight)} by straight line only: {_lower(first.instead_of_road)}.")
    if lost:
        parts.append(f"{_units(lost)} without a known position.")
    return " ".join(parts)


def _units(count: int) -> str:
    return "One unit" if count == 1 else f"{count} units"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _nobody(units: Sequence[Unit]) -> str:
    busy = sum(unit.state is UnitState.ASSIGNED for unit in units)
    off = sum(unit.state is UnitState.OFF for unit in units)
    if not units:
        return "There is no unit that could be sent."
    why = [
        f"{_units(count).lower()} {words}"
        for count, words in ((busy, "on an assignment"), (off, "with nobody on it"))
        if count
    ]
    return f"Nobody is free: {', '.join(why)}."
