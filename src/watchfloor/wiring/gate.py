"""Where edge boxes dial in, and where recorders take what comes of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from watchfloor.cameras.boxes.gate import Gate, GateParts
from watchfloor.cameras.boxes.wire import SERVER_NAME
from watchfloor.engines.edge_tls import EdgeAuthority, gate_context
from watchfloor.engines.node_tls import node_tls, shown_name
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.running import beside
from watchfloor.recordings.tap import TapPlace, TapServer
from watchfloor.settings import Settings
from watchfloor.wiring.parts import Parts, built, says_ready

_MBIT: Final = 125_000


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Where edge boxes dial in, and where recorders take what comes of them."""
    edge = settings.edge
    if not edge.host:
        raise Invalid("edge.host is not set: there is nothing to listen at.")
    async with built(settings, "gate", connections=3) as parts:
        now = parts.clock.now()
        authority = EdgeAuthority.of(parts.layout, now)
        gate = Gate(
            GateParts(
                parts.door,
                parts.clock,
                parts.agencies,
                authority,
                gate_context(authority, parts.layout, now, SERVER_NAME),
                edge.host,
                edge.port,
                timedelta(hours=edge.keep_h),
                edge.most_mbit * _MBIT,
            )
        )
        tap = TapServer(_tap(settings, parts), parts.tap_key, parts.clock, gate.stream_of)
        await tap.start()
        try:
            await gate.start()
        except OSError as error:
            raise Unavailable(
                f"edge.host and edge.port: {edge.host}:{edge.port} cannot be listened at ({error.strerror})."
            ) from error
        try:
            async with beside(parts.door.watch(parts.agencies), gate.run()):
                says_ready(parts, "gate")
                await stop.wait()
        finally:
            await gate.stop()
            await tap.stop()


def _tap(settings: Settings, parts: Parts) -> TapPlace:
    """For recorders of this machine; where taps go over the network, for those of others as well."""
    path, record = parts.layout.runtime / "gate.tap", settings.record
    tls = node_tls(record, parts.layout) if record.tap_host else None
    if tls is None:
        return TapPlace(path)
    return TapPlace(path, record.tap_host, settings.edge.tap_port, shown_name(record), tls.server)
