"""One car, one read: which tellings are of the same passing, and what they say together. Pure; it keeps nothing.

A passing is told again by its own reader (Axis: NEW, UPDATE, LOST; Hikvision: the plate first, then the pictures), or by another lane of
the same place within seconds. The read is what was told best; every telling is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.plates.model import PlateRead, Told

# A camera counts its cars from the beginning after it was switched on: a number that comes back later is another car.
PASSING_FOR: Final = timedelta(minutes=10)
# The lanes of a place see one car within so much of each other.
LANES_WITHIN: Final = timedelta(seconds=5)
MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Passing:
    """A read that is kept, with what was told of it so far; `spoken_at` is when what it says was told."""

    read: PlateRead
    spoken_at: datetime


def telling_of(read: PlateRead) -> Told:
    """One telling, as it stands beside the read."""
    told_at = read.device_at or read.received_at
    return Told(
        f"{read.device}/{read.revision or read.source_key}", told_at, read.device, read.lane, read.plate, read.state,
        read.confidence, read.picture,
    )  # fmt: skip


def told_again(passing: Passing, read: PlateRead) -> Passing | None:
    """The passing after its own reader told it again; None where this was told before.

    The later word counts. One that was overtaken is kept beside it and changes nothing.
    """
    telling = telling_of(read)
    if any(one.id == telling.id for one in passing.read.told):
        return None
    told = _with(passing.read.told, telling)
    if telling.at < passing.spoken_at:
        return Passing(replace(passing.read, told=told), passing.spoken_at)
    kept = passing.read
    said = replace(
        kept,
        plate=read.plate,
        state=read.state if read.state is not None or read.plate != kept.plate else kept.state,
        confidence=read.confidence,
        picture=read.picture or kept.picture,
        heading_deg=read.heading_deg if read.heading_deg is not None else kept.heading_deg,
        vehicle=read.vehicle
        if any((read.vehicle.colour, read.vehicle.make, read.vehicle.body))
        else kept.vehicle,
        alternatives=read.alternatives or kept.alternatives,
        told=told,
    )
    return Passing(said, telling.at)


def seen_by_lane(passing: Passing, read: PlateRead) -> Passing | None:
    """The passing after another lane saw it too; None where that was told before. The surer reading counts."""
    telling = telling_of(read)
    before = passing.read.told or (telling_of(passing.read),)
    if any(one.id == telling.id for one in before):
        return None
    kept = replace(passing.read, told=_with(before, telling))
    if (read.confidence or 0.0) <= (kept.confidence or 0.0):
        return Passing(kept, passing.spoken_at)
    said = replace(
        kept,
        plate=read.plate,
        state=read.state or (kept.state if read.plate == kept.plate else None),
        confidence=read.confidence,
        picture=read.picture or kept.picture,
    )
    return Passing(said, passing.spoken_at)


def is_another_lane(passing: PlateRead, read: PlateRead) -> bool:
    """Whether two reads of the same place are of one car: alike to the eye, within seconds, and not of the same lane."""
    return (
        passing.plate.folded == read.plate.folded
        and abs(passing.at - read.at) <= LANES_WITHIN
        and (passing.device, passing.lane) != (read.device, read.lane)
        and (passing.state is None or read.state is None or passing.state == read.state)
    )


def lanes_of(read: PlateRead, sites: dict[UUID, Sequence[UUID]]) -> Sequence[UUID]:
    """The readers whose reads may be of the same car: those of its site, or itself where it tells its lanes apart."""
    others = sites.get(read.device, ())
    return others if len(others) > 1 else (read.device,) if read.lane is not None else ()


def sites_of(readers: Iterable[tuple[UUID, str | None]]) -> dict[UUID, Sequence[UUID]]:
    """Of each reader of a site all of that site."""
    by_site: dict[str, list[UUID]] = {}
    for reader, site in readers:
        if site is not None:
            by_site.setdefault(site, []).append(reader)
    return {reader: all_of_it for all_of_it in by_site.values() for reader in all_of_it}


def _with(told: tuple[Told, ...], telling: Told) -> tuple[Told, ...]:
    """All of them, of very many the first and the last."""
    return (*told[:1], *told[1:][-(MOST_TOLD - 2) :], telling)
