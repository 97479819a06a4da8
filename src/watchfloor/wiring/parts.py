"""What every process of ours has: settings, engines, the door, the agencies it serves."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.calls import store as calls_store
from watchfloor.cameras.carried_store import there_now
from watchfloor.detections import envelope
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.tls import only_here
from watchfloor.evidence.sealed import ExportKeys
from watchfloor.governance import case_store
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import About, Ask
from watchfloor.governance.moving import There
from watchfloor.governance.needs import Need
from watchfloor.governance.spool import DecisionSpool
from watchfloor.governance.words import CaseKind
from watchfloor.identity import store as identity_store
from watchfloor.identity import workstation_store
from watchfloor.incidents import alert_store, incident_store
from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.envelope import key_from_file
from watchfloor.kit.errors import WatchfloorError
from watchfloor.plates.carried_store import places as reader_places
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.settings import Settings
from watchfloor.storage.database import Database
from watchfloor.storage.disks import objects_of
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

_ENGINES_S: Final = 60.0

# What a purpose can point at, and how the door learns that it is open.
CASES: Final = {
    CaseKind.CASE: case_store.case_standing,
    CaseKind.CALL: calls_store.call_is_open,
    CaseKind.ALERT: alert_store.alert_is_open,
    CaseKind.INCIDENT: incident_store.incident_is_open,
}
# Whose numbers are the agency's own: a case of another number is provisional.
NUMBERS: Final = (calls_store.has_number, incident_store.has_number)


@dataclass(frozen=True, slots=True)
class Parts:
    """What every process of ours has: settings, the two engines, the door, the agencies it serves."""

    settings: Settings
    endpoints: Endpoints
    clock: Clock
    database: Database
    bus: Bus
    door: Door
    agencies: tuple[UUID, ...]
    second_factor_required: bool

    @property
    def layout(self) -> Layout:
        return self.endpoints.layout

    @property
    def objects(self) -> Objects:
        return objects_of(self.settings.objects, self.layout.objects)

    @property
    def keystore(self) -> Keystore:
        return Keystore(self.layout.keystore, load_wrapping_key(self.layout.keys / "footage.key"))

    @property
    def export_keys(self) -> ExportKeys:
        return ExportKeys(self.layout.keystore / "exports", self.layout.keys / "exports.key")

    @property
    def public_url(self) -> str:
        """Where people reach the center: what links begin with."""
        return (self.settings.http.public_url or self.endpoints.http).rstrip("/")

    @property
    def tap_key(self) -> bytes:
        return key_from_file(self.layout.keys / "tap.key")

    async def news(self, news_type: str, agency: UUID, thing: UUID) -> None:
        """Say that a thing changed: best effort, after the commit; whoever hears it looks for themselves."""
        now = self.clock.now()
        about = About(news_type.split(".")[1], thing)
        message = envelope.written(
            news_type, agency, envelope.Changed(id=thing), at=now, now=now, about=about
        )
        self.bus.tell(envelope.subject_of(agency, news_type), message)


async def whereabouts(tx: Tx, kind: str, things: Sequence[UUID]) -> Mapping[UUID, There]:
    """Where cameras and readers that may have moved stand now, and what the cameras are."""
    if kind == "camera":
        return await there_now(tx, things)
    return {reader: There(place) for reader, place in (await reader_places(tx, things)).items()}


@asynccontextmanager
async def built(
    settings: Settings, process: str, *, role: str = "wf_app", connections: int = 10
) -> AsyncIterator[Parts]:
    """The parts of a process; `role` is its database role."""
    clock = SystemClock()
    endpoints = Endpoints.read(settings.data)
    address = endpoints.bus(settings.nats.credentials_file)
    required = second_factor_required(settings)
    database = await Database.connect(
        endpoints.dsn(role), role=role, max_size=connections, clock=clock, wait_s=_ENGINES_S, process=process
    )
    bus = await Bus.connect(
        address.url, user=address.user, password=address.password, name=process, clock=clock, wait_s=0
    )
    rules = DoorRules(
        CASES,
        identity_store.why_ended,
        second_factor_required=required,
        stays=workstation_store.looks_still_stay,
        incidents=incident_store.open_places,
        whereabouts=whereabouts,
    )
    # Only what shows live pictures decides while the database is away, and writes each decision down on its own disk.
    spool = _spool(endpoints.layout) if process == "serve" else None
    door = Door(database, clock, rules, spool)
    try:
        async with door.open(Ask(process_actor(NO_AGENCY, process), Need.SESSION_LOOK_UP)) as tx:
            agencies = tuple(await identity_store.agencies(tx))
        yield Parts(settings, endpoints, clock, database, bus, door, agencies, required)
    finally:
        await bus.close()
        await database.close()


def second_factor_required(settings: Settings) -> bool:
    """Whether a password alone opens nothing: always where others than this machine reach the center."""
    return settings.identity.require_totp == "always" or not only_here(settings.http)


def _spool(layout: Layout) -> DecisionSpool:
    return DecisionSpool(layout.spool / "decisions", key_from_file(layout.keys / "decisions.key"))


async def keep_intake(parts: Parts) -> None:
    """Make the intake buffer once the bus is there; asking again is harmless."""
    while True:
        with contextlib.suppress(WatchfloorError):
            await parts.bus.ensure_intake(max_mb=parts.settings.nats.intake_max_mb)
        await parts.clock.sleep(30.0 if parts.bus.connected else 1.0)


def says_ready(parts: Parts, process: str) -> None:
    """Tell the supervisor that the work is being done."""
    parts.layout.ready(process).touch()
