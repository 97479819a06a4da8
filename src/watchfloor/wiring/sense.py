"""What matches reads against hot lists, locates sounds and raises alerts of both, and what reads plates on video; handing overdue ones up
is the sweep's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from watchfloor.acoustics import listen
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.engines.node_tls import node_tls
from watchfloor.incidents.raise_alerts import AlertsFromHits
from watchfloor.incidents.raise_sounds import AlertsFromSounds
from watchfloor.investigations.following.hear import Sightings
from watchfloor.kit.geo import Point
from watchfloor.kit.running import beside
from watchfloor.places.atlas import Atlas
from watchfloor.places.naming import named
from watchfloor.plates import consume
from watchfloor.plates.hand_in import Hand
from watchfloor.recordings.reading.parts import ReadParts
from watchfloor.recordings.reading.run import Reading
from watchfloor.settings import Settings
from watchfloor.storage.tx import Tx
from watchfloor.wiring.parts import Parts, built, keep_intake, says_ready


async def run(
    settings: Settings, stop: asyncio.Event, *, roles: tuple[str, ...] = ("match", "correlate")
) -> None:
    """What matches reads against hot lists, locates sounds and raises alerts, or reads plates on video; escalation is the sweep's."""
    reads_alone, hears_alone = roles == ("read",), roles == ("hear",)
    async with (
        built(settings, "sense", connections=2 if reads_alone or hears_alone else 10) as parts,
        beside(parts.door.watch(parts.agencies), keep_intake(parts)),
        asyncio.TaskGroup() as group,
    ):
        if "read" in roles:
            reading = Reading(read_parts(parts))
            group.create_task(reading.run(stop, lambda: says_ready(parts, "read")))
        if not reads_alone:
            says_ready(parts, "hear" if hears_alone else "sense")
        if "hear" in roles:
            group.create_task(listen.run(listen_parts(parts), stop))
        if "match" in roles:
            sink = AlertsFromHits(parts.news)
            await consume.run(
                consume.ConsumeParts(
                    parts.door,
                    parts.clock,
                    parts.bus,
                    parts.agencies,
                    sink,
                    parts.objects,
                    Sightings(parts.news),
                ),
                stop,
            )
        await stop.wait()


def listen_parts(parts: Parts) -> listen.ListenParts:
    """What locating sounds is built from."""
    atlas = Atlas(parts.door, parts.objects)

    async def words(tx: Tx, place: Point) -> str:
        return named(await atlas.graph(tx), place)

    allowed = parts.settings.acoustics.allowed_per_shift
    sink = AlertsFromSounds(parts.news, words, allowed_per_shift=allowed)
    return listen.ListenParts(parts.door, parts.clock, parts.agencies, sink)


def read_parts(parts: Parts) -> ReadParts:
    """What reading plates on video is built from."""
    record = parts.settings.record
    nodes = node_tls(record, parts.layout)
    return ReadParts(
        parts.door,
        parts.clock,
        parts.agencies,
        Hand(parts.bus, parts.objects),
        parts.tap_key,
        MaskBook(parts.door, parts.clock, timedelta(minutes=record.dwelling_limit_min)),
        parts.settings.reading,
        nodes.client if nodes else None,
    )
