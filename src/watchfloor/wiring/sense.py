"""What matches reads against hot lists and raises alerts; handing overdue ones up is the sweep's."""

from __future__ import annotations

import asyncio

from watchfloor.incidents.raise_alerts import AlertsFromHits
from watchfloor.kit.running import beside
from watchfloor.plates import consume
from watchfloor.settings import Settings
from watchfloor.wiring.parts import built, keep_intake, says_ready


async def run(
    settings: Settings, stop: asyncio.Event, *, roles: tuple[str, ...] = ("match", "correlate")
) -> None:
    """What matches reads against hot lists and raises alerts; escalation is the sweep's."""
    async with (
        built(settings, "sense") as parts,
        beside(parts.door.watch(parts.agencies), keep_intake(parts)),
    ):
        says_ready(parts, "sense")
        if "match" in roles:
            sink = AlertsFromHits(parts.news)
            await consume.run(
                consume.ConsumeParts(parts.door, parts.clock, parts.bus, parts.agencies, sink, parts.objects),
                stop,
            )
        await stop.wait()
