"""Every read of a followed vehicle, in the transaction that keeps the read: kept as a sighting, told to the crews that are there.

It says "unconfirmed" wherever it speaks: a machine read a plate, and nobody has looked. It raises no alert and sends nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from watchfloor.dispatch import message_store
from watchfloor.dispatch import store as dispatch_store
from watchfloor.dispatch.model import Side
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.incidents import incident_store
from watchfloor.incidents.model import Level
from watchfloor.incidents.raise_alerts import INCIDENT_CHANGED, News
from watchfloor.investigations.following import store
from watchfloor.investigations.following.model import Follow, Sighting
from watchfloor.kit.canonical import Json
from watchfloor.kit.ids import uuid7
from watchfloor.kit.said import time_of_day
from watchfloor.plates import hot_list_store
from watchfloor.plates.bulk import Fresh
from watchfloor.plates.entry_end import still_wanted
from watchfloor.plates.handling import Handling, in_order
from watchfloor.plates.leave import Readers
from watchfloor.plates.match import standing
from watchfloor.plates.model import PlateRead
from watchfloor.plates.store import KeptRead
from watchfloor.storage.tx import Tx


class Sightings:
    """What `sense` does with new reads: a `ReadSink`."""

    def __init__(self, news: News) -> None:
        self._news = news

    async def __call__(self, tx: Tx, reads: Fresh, readers: Readers, /) -> Sequence[PlateRead]:
        """Keep and tell those of the reads that are of a followed vehicle; which those are."""
        found: list[PlateRead] = []
        for follow in await store.open_follows(tx):
            # Of thousands of reads one becomes an object where its key answers, and no other.
            rows = np.flatnonzero(reads.keys == np.uint64(follow.key)).tolist()
            its = [kept for kept in (reads[row] for row in rows) if answers(follow, kept)]
            for kept in sorted(its, key=lambda one: one.read.at):
                found.append(kept.read)
                await take(self._news, tx, follow, _sighting(tx, follow, kept, readers))
        return found


async def take(news: News, tx: Tx, follow: Follow, found: Sighting) -> None:
    """Keep a sighting that was not there before, and tell it; of a vehicle that stands before one reader the first is told."""
    stays = await store.stays(tx, found)
    crews = [one for one in await dispatch_store.of_incident(tx, follow.incident) if one.state.is_open]
    there = [] if stays else crews
    if not await store.insert_sightings(tx, [replace(found, told_at=tx.now) if there else found]):
        return
    if not stays:
        await _tell(tx, follow, found, crews=len(there))
    await incident_store.stir(tx, follow.incident)
    more: dict[str, Json] = {"sighting": str(found.id), "reader": str(found.reader), "crews": len(there)}
    await effect(tx, "follow.sighting", About("incident", follow.incident), more=more)
    tx.after_commit(partial(news, INCIDENT_CHANGED, tx.agency, follow.incident))


async def _tell(tx: Tx, follow: Follow, found: Sighting, *, crews: int) -> None:
    when, first = time_of_day(found.at, tx.zone), await _handling(tx, follow)
    without_plate = said(found, when, first, plate=False)
    if crews:
        await message_store.insert_message(
            tx,
            uuid7(tx.now),
            follow.incident,
            side=Side.ROOM,
            unit=None,
            text=said(found, when, first),
            without_plate=without_plate,
            at=found.at,
            sighting=found.id if found.picture is not None else None,
        )
    await incident_store.note(
        tx,
        follow.incident,
        "sighting",
        without_plate,
        level=Level.CRITICAL if first else Level.CAUTION,
        at=found.at,
        by_actor=False,
    )


async def _handling(tx: Tx, follow: Follow) -> tuple[Handling, ...]:
    """What hot lists in force say must be known first of such a vehicle; a state that nobody read leaves no warning out."""
    there = [one for one in await hot_list_store.wanted(tx, [follow.key]) if one.expires_at > tx.now]
    its = [one for one in there if None in (one.state, follow.state) or one.state == follow.state]
    return in_order(Handling(word) for one in await still_wanted(tx, its) for word in one.handling)


def answers(follow: Follow, kept: KeptRead) -> bool:
    """Whether a read can be of the followed vehicle: alike characters count as one; another state is another vehicle."""
    if kept.folded_key != follow.key or kept.read.at < follow.looked_back_to:
        return False
    return None in (kept.read.state, follow.state) or kept.read.state == follow.state


def said(found: Sighting, when: str, first: Sequence[Handling] = (), *, plate: bool = True) -> str:
    """What a crew is told, in a moving car, how the vehicle is to be handled `first`; without the plate what everybody reads who sees
    the incident.
    """
    read = f"{found.plate.text} ({found.state})" if found.state else f"{found.plate.text}, state unread"
    what = f"{read}, {found.place}" if plate else found.place
    warned = f"{'. '.join(one.words for one in first)}, says a hot list. " if first else ""
    return f"{warned}Sighting, unconfirmed: {what}, {when}. Nobody has looked at the picture."[:500]


def _sighting(tx: Tx, follow: Follow, kept: KeptRead, readers: Readers) -> Sighting:
    read, reader = kept.read, standing(readers[kept.read.device], kept.read)
    return Sighting(
        id=store.new_id(tx.now),
        follow=follow.id,
        reader=reader.id,
        reader_name=reader.name,
        place=reader.place,
        point=reader.point,
        at=read.at,
        received_at=read.received_at,
        plate=read.plate,
        state=read.state,
        heading_deg=read.heading_deg,
        picture=read.picture,
    )
