"""What records cameras; it goes on when everything else is away."""

from __future__ import annotations

import asyncio

from watchfloor.cameras.address import Networks
from watchfloor.cameras.boxes.session import GatePlace
from watchfloor.cameras.vault import Vault
from watchfloor.engines.node_tls import node_tls, shown_name
from watchfloor.kit.errors import Invalid
from watchfloor.kit.running import beside
from watchfloor.recordings import record as recorder
from watchfloor.recordings.tap import TapPlace
from watchfloor.settings import Settings
from watchfloor.wiring.parts import Parts, built, says_ready


async def run(settings: Settings, stop: asyncio.Event, *, number: int = 1) -> None:
    """What records cameras; it goes on when everything else is away."""
    async with built(settings, "record", connections=4) as parts:
        name = "record" if number == 1 else f"record-{number}"
        recording = recorder.RecordParts(
            name=name,
            door=parts.door,
            clock=parts.clock,
            agencies=parts.agencies,
            settings=settings.record,
            spool=parts.layout.spool / "footage",
            objects=parts.objects,
            keystore=parts.keystore,
            vault=Vault.of(parts.layout.keys),
            networks=Networks.of(settings.record.camera_networks),
            tap=_tap(settings, parts, name, number),
            tap_key=parts.tap_key,
            least_free=settings.objects.min_free_mb * 1024 * 1024 // 10,
            news=parts.news,
            gate=_gate(settings, parts),
        )
        async with beside(parts.door.watch(parts.agencies)):
            await recorder.run(recording, stop, lambda: says_ready(parts, name))


def _gate(settings: Settings, parts: Parts) -> GatePlace | None:
    """Where cameras behind edge boxes are tapped: on this machine, or where `edge.gate_url` says."""
    if settings.edge.gate_url:
        tls = node_tls(settings.record, parts.layout)
        return GatePlace(settings.edge.gate_url, tls.client if tls else None)
    return GatePlace(f"unix:{parts.layout.runtime / 'gate.tap'}") if settings.edge.host else None


def _tap(settings: Settings, parts: Parts, name: str, number: int) -> TapPlace:
    path, record = parts.layout.runtime / f"{name}.tap", settings.record
    if not record.tap_host:
        return TapPlace(path)
    tls = node_tls(record, parts.layout)
    if tls is None:
        raise Invalid("record.tap_host is set and this machine has no certificate; `watchfloor up` makes it.")
    port = record.tap_port + number - 1 if record.tap_port else 0
    return TapPlace(path, record.tap_host, port, shown_name(record), tls.server)
