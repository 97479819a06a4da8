"""Tellings of cars on their way into the database: those of a passing that is there become part of it, the rest are reads of their own.

What it hands on is still to be matched: a telling that says another plate may be wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.plates import passage_store
from watchfloor.plates.hotlist import keys_of
from watchfloor.plates.model import PlateRead
from watchfloor.plates.passage import (
    Passing,
    is_another_lane,
    lanes_of,
    seen_by_lane,
    telling_of,
    told_again,
)
from watchfloor.plates.store import KeptRead
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Joined:
    """What of reads is new, and what was told anew of passings that are kept, as reads under the passing's own name and time."""

    fresh: list[KeptRead]
    again: list[KeptRead]


@dataclass(slots=True)
class _Seen:
    """A car that some lane saw: what is said of it, and the read that is to be kept of it, None where one is."""

    passing: Passing
    new: KeptRead | None


async def joined(tx: Tx, reads: Sequence[KeptRead], sites: dict[UUID, Sequence[UUID]]) -> Joined:
    """Sort reads into those of cars that are new and those of cars that were told before, and correct the latter."""
    plain = [one for one in reads if one.read.revision is None]
    told = [one for one in reads if one.read.revision is not None]
    if not told and not any(lanes_of(one.read, sites) for one in plain):
        return Joined(plain, [])
    first, again, changed = await _tellings(tx, told)
    fresh, seen, lanes_changed = await _lanes(tx, [*plain, *first], sites)
    changed |= lanes_changed
    keys = keys_of([read.plate.text for read in changed.values()]).tolist()
    await passage_store.correct(tx, list(zip(changed.values(), keys, strict=True)))
    return Joined(fresh, [*again, *seen])


_Key = tuple[UUID, str, object]
# Of what looks alike within seconds only so many of the last are looked at: a plate sent a thousand times is no queue of cars.
_LOOKED_AT: Final = 16


def _key(read: PlateRead) -> _Key:
    return (read.device, read.source_key, read.at)


async def _tellings(
    tx: Tx, told: Sequence[KeptRead]
) -> tuple[list[KeptRead], list[KeptRead], dict[_Key, PlateRead]]:
    """What readers told of cars by number: the first tellings with all that came with them, the later ones, the reads they changed."""
    if not told:
        return [], [], {}
    known = await passage_store.open_passings(tx, [one.read for one in told])
    begun: dict[tuple[UUID, str], tuple[KeptRead, Passing]] = {}
    again: list[KeptRead] = []
    changed: dict[_Key, PlateRead] = {}
    for one in sorted(told, key=lambda one: telling_of(one.read).at):
        number = (one.read.device, one.read.source_key)
        passing = begun[number][1] if number in begun else known.get(number)
        if passing is None:
            telling = telling_of(one.read)
            begun[number] = (one, Passing(replace(one.read, told=(telling,)), telling.at))
            continue
        after = told_again(passing, one.read)
        if after is None:
            continue
        again.append(replace(one, read=replace(one.read, at=passing.read.at)))
        if number in begun:
            begun[number] = (begun[number][0], after)
        else:
            known[number] = after
            changed[_key(after.read)] = after.read
    keys = keys_of([passing.read.plate.text for _, passing in begun.values()]).tolist()
    first = [
        replace(one, read=passing.read, folded_key=key)
        for (one, passing), key in zip(begun.values(), keys, strict=True)
    ]
    return first, again, changed


async def _lanes(
    tx: Tx, reads: Sequence[KeptRead], sites: dict[UUID, Sequence[UUID]]
) -> tuple[list[KeptRead], list[KeptRead], dict[_Key, PlateRead]]:
    """Reads of places with several lanes: those of cars that no lane saw, those that one did, and the reads of the latter."""
    of_lanes = [lanes_of(one.read, sites) if _is_dated(one.read) else () for one in reads]
    laned = [(one, devices) for one, devices in zip(reads, of_lanes, strict=True) if devices]
    fresh = [one for one, devices in zip(reads, of_lanes, strict=True) if not devices]
    if not laned:
        return fresh, [], {}
    kept = await passage_store.seen_near(tx, [one for one, _ in laned], [devices for _, devices in laned])
    # What looks alike has one key; of each key there are few within seconds.
    alike: dict[int, list[_Seen]] = {}
    keys = keys_of([passing.read.plate.text for passing in kept]).tolist()
    for passing, key in zip(kept, keys, strict=True):
        alike.setdefault(key, []).append(_Seen(passing, None))
    known = {_key(passing.read) for passing in kept}
    seen: list[KeptRead] = []
    changed: dict[_Key, PlateRead] = {}
    for one, devices in sorted(laned, key=lambda pair: pair[0].read.at):
        there = alike.setdefault(one.folded_key, [])
        near = (o for o in there[-_LOOKED_AT:] if o.passing.read.device in devices)
        first = next((o for o in near if is_another_lane(o.passing.read, one.read)), None)
        if _key(one.read) in known or first is None:
            there.append(_Seen(Passing(one.read, one.read.at), one))
            continue
        after = seen_by_lane(first.passing, one.read)
        if after is not None:
            first.passing = after
            seen.append(_under(one, after.read))
            if first.new is None:
                changed[_key(after.read)] = after.read
    fresh += [
        replace(o.new, read=o.passing.read) for of_key in alike.values() for o in of_key if o.new is not None
    ]
    return fresh, seen, changed


def _is_dated(read: PlateRead) -> bool:
    return read.device_at is not None and not read.clock_suspect


def _under(one: KeptRead, passing: PlateRead) -> KeptRead:
    """The telling, to be matched under the name and time of the passing: what was found for it once is not found again."""
    read = replace(one.read, device=passing.device, source_key=passing.source_key, at=passing.at)
    return replace(one, read=read)
