"""Composition root: the whole program wired on one screen, top to bottom. Nothing else builds these parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from fastapi import FastAPI

from watchfloor import settings as settings_module
from watchfloor.calls import api as calls_api
from watchfloor.calls import store as calls_store
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras.address import Networks
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.detections import envelope
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.governance import api as governance_api
from watchfloor.governance import authorise, log_api, policy_store
from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.api import GovernanceParts
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.proposals import TwoPersonAct
from watchfloor.governance.words import CaseKind
from watchfloor.identity import api as identity_api
from watchfloor.identity import store as identity_store
from watchfloor.identity.first import FirstLink, first_start, invite_from_terminal
from watchfloor.identity.secrets import Passwords
from watchfloor.identity.sign_in import Identity
from watchfloor.incidents import alert_store, escalate, incident_store
from watchfloor.incidents import api as incidents_api
from watchfloor.incidents.answer import Alerts
from watchfloor.incidents.raise_alerts import AlertsFromHits
from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.envelope import Envelope, key_from_file
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.logs import configure, logger
from watchfloor.kit.running import beside, until_told
from watchfloor.ledger.run import run as keep_log
from watchfloor.plates import api as plates_api
from watchfloor.plates import consume, hot_lists
from watchfloor.plates.reading import ReaderBook
from watchfloor.plates.take import Intake
from watchfloor.recordings import api as recordings_api
from watchfloor.recordings import record as recorder
from watchfloor.recordings.keystore import Keystore, load_wrapping_key
from watchfloor.recordings.play import Player
from watchfloor.settings import Settings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.owner import as_owner
from watchfloor.storage.tx import Tx
from watchfloor.sweep.forget import Sweep
from watchfloor.sweep.run import forget_for_ever, keep_timers
from watchfloor.units import api as units_api
from watchfloor.units.change import Units
from watchfloor.units.change import every as every_unit
from watchfloor.web.assemble import WebParts, assemble
from watchfloor.web.counts import Counts
from watchfloor.web.events import Feeds
from watchfloor.web.feed import Item, Topic
from watchfloor.web.listen import Tls, listen

_ENGINES_S: Final = 60.0
_log = logger("app")

CASES: Final = {
    CaseKind.CASE: governance_store.case_is_open,
    CaseKind.CALL: calls_store.call_is_open,
    CaseKind.ALERT: alert_store.alert_is_open,
    CaseKind.INCIDENT: incident_store.incident_is_open,
}
ACTS: Final[Mapping[str, TwoPersonAct]] = {authorise.KIND: authorise.ACT, hot_lists.KIND: hot_lists.ACT}


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
        return Objects(self.settings.objects, self.layout.objects)

    @property
    def keystore(self) -> Keystore:
        return Keystore(self.layout.keystore, load_wrapping_key(self.layout.keys / "footage.key"))

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


@asynccontextmanager
async def built(
    settings: Settings, process: str, *, role: str = "wf_app", connections: int = 10
) -> AsyncIterator[Parts]:
    """The parts of a process; `role` is its database role."""
    clock = SystemClock()
    endpoints = Endpoints.read(settings.data)
    address = endpoints.bus(settings.nats.credentials_file)
    required = settings.identity.require_totp == "always" or settings.http.host not in (
        "127.0.0.1",
        "::1",
        "localhost",
    )
    database = await Database.connect(
        endpoints.dsn(role), role=role, max_size=connections, clock=clock, wait_s=_ENGINES_S, process=process
    )
    bus = await Bus.connect(
        address.url, user=address.user, password=address.password, name=process, clock=clock, wait_s=0
    )
    door = Door(database, clock, DoorRules(CASES, identity_store.why_ended, required))
    try:
        async with door.open(Ask(process_actor(NO_AGENCY, process), Need.SESSION_LOOK_UP)) as tx:
            agencies = tuple(await identity_store.agencies(tx))
        yield Parts(settings, endpoints, clock, database, bus, door, agencies, required)
    finally:
        await bus.close()
        await database.close()


async def ledger(settings: Settings, stop: asyncio.Event) -> None:
    """What sequences and signs the log; it has a role and a key of its own and no door."""
    await keep_log(settings, Endpoints.read(settings.data), stop)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """What people and devices talk to."""
    async with built(settings, "serve", connections=20) as parts:
        feeds = Feeds(parts.door, parts.clock, topics())
        app = web(parts, feeds)
        host, _, port = parts.endpoints.listen.rpartition(":")
        async with beside(parts.door.watch(parts.agencies), feeds.run(), _hear(parts, feeds), _intake(parts)):
            await listen(
                app, host.strip("[]"), int(port), _tls(parts), stop, lambda: says_ready(parts, "serve")
            )


async def record(settings: Settings, stop: asyncio.Event, *, number: int = 1) -> None:
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
            tap=parts.layout.runtime / f"{name}.tap",
            tap_key=parts.tap_key,
            least_free=settings.objects.min_free_mb * 1024 * 1024 // 10,
            news=parts.news,
        )
        async with beside(parts.door.watch(parts.agencies)):
            await recorder.run(recording, stop, lambda: says_ready(parts, name))


async def sense(
    settings: Settings, stop: asyncio.Event, *, roles: tuple[str, ...] = ("match", "correlate")
) -> None:
    """What matches reads against hot lists and raises alerts; escalation is the sweep's."""
    async with built(settings, "sense") as parts, beside(parts.door.watch(parts.agencies), _intake(parts)):
        says_ready(parts, "sense")
        if "match" in roles:
            sink = AlertsFromHits(parts.news)
            await consume.run(
                consume.ConsumeParts(parts.door, parts.clock, parts.bus, parts.agencies, sink), stop
            )
        await stop.wait()


async def sweep(settings: Settings, stop: asyncio.Event) -> None:
    """What forgets, and keeps the timers."""
    async with built(settings, "sweep", role="wf_sweep", connections=3) as parts:
        forgetting = Sweep(parts.door, parts.clock, {})
        async with beside(
            parts.door.watch(parts.agencies),
            forget_for_ever(forgetting, parts.clock, parts.agencies),
            keep_timers(parts.door, parts.clock, parts.agencies, {}),
            escalate.watch(parts.door, parts.clock, parts.agencies, parts.news),
        ):
            says_ready(parts, "sweep")
            await stop.wait()


def web(parts: Parts, feeds: Feeds) -> FastAPI:
    """The web application of these parts."""
    envelope = Envelope(key_from_file(parts.layout.keys / "identity.key"))
    identity = Identity(
        parts.door, parts.clock, parts.settings.identity, Passwords(), envelope, parts.second_factor_required
    )
    governance = GovernanceParts(parts.door, parts.clock, ACTS, parts.layout.ledger)

    async def ready() -> Mapping[str, bool]:
        return {"postgres": await _answers(parts), "nats": parts.bus.connected}

    intake = Intake(
        parts.door, parts.clock, parts.bus, parts.objects, ReaderBook(parts.door, parts.clock, "serve")
    )
    networks, vault = Networks.of(parts.settings.record.camera_networks), Vault.of(parts.layout.keys)
    cameras = Cameras(parts.door, parts.clock, vault, networks, parts.news)
    live = Live(finder(parts.door), parts.tap_key, parts.clock)
    player = Player(parts.objects, parts.keystore, parts.layout.spool / "footage")
    return assemble(
        WebParts(
            identity, parts.clock, feeds, Counts(), ready, parts.layout.ledger, parts.settings.http.public_url
        ),
        [
            identity_api.routes(),
            governance_api.routes(governance),
            log_api.routes(governance),
            cameras_api.routes(cameras_api.CameraRoutes(cameras, live)),
            recordings_api.routes(recordings_api.RecordingRoutes(parts.door, player)),
            plates_api.routes(plates_api.PlatesParts(intake, parts.layout.spool)),
            units_api.routes(Units(parts.door, parts.news)),
            calls_api.routes(calls_api.Calls(parts.door)),
            incidents_api.routes(incidents_api.IncidentParts(Alerts(parts.door, parts.news, parts.objects))),
        ],
    )


def topics() -> dict[str, Topic]:
    """The lists people can watch."""
    kinds = sorted(ACTS)

    async def units(tx: Tx, _: Actor, __: str) -> list[Item]:
        return [units_api.unit_json(unit, tx.now) for unit in await every_unit(tx)]

    async def incident(tx: Tx, _: Actor, key: str) -> list[Item]:
        return [await incidents_api.incident_detail(tx, inside("incident", key))]

    async def proposals(tx: Tx, actor: Actor, _: str) -> list[Item]:
        seen = [kind for kind in kinds if governance_api.may_see(ACTS[kind], actor)]
        return [
            governance_api.proposal_json(found, tx.now)
            for found in await policy_store.proposals(tx, seen, open_only=True)
        ]

    return {
        "alerts": Topic(
            "alerts",
            _asks(Need.ALERTS_VIEW),
            lambda tx, *_: incidents_api.open_alerts(tx),
            ("incidents.alert",),
        ),
        "incidents": Topic(
            "incidents",
            _asks(Need.INCIDENTS_VIEW),
            lambda tx, *_: incidents_api.open_incidents(tx),
            ("incidents.incident", "dispatch.assignment"),
        ),
        "incident": Topic(
            "incident",
            lambda actor, key: Ask(
                actor, Need.INCIDENTS_VIEW, about=About("incident", inside("incident", key))
            ),
            incident,
            ("incidents.incident", "dispatch.assignment", "units.unit"),
        ),
        "cameras": Topic(
            "cameras",
            _asks(Need.CAMERAS_VIEW),
            lambda tx, *_: cameras_api.listing(tx),
            ("cameras.camera", "governance.policy"),
        ),
        "units": Topic("units", _asks(Need.UNITS_VIEW), units, ("units.unit", "dispatch.assignment")),
        "proposals": Topic(
            "proposals",
            _asks(Need.POLICY_VIEW),
            proposals,
            ("governance.proposal", "governance.policy"),
            personal=True,
        ),
    }


def _asks(need: Need) -> Callable[[Actor, str], Ask]:
    return lambda actor, _: Ask(actor, need)


async def _hear(parts: Parts, feeds: Feeds) -> None:
    """Pass news on to the feeds; the bus may come later than we do, and the feeds poll besides."""

    async def heard(subject: str, _: bytes) -> None:
        feeds.stir(".".join(subject.split(".")[3:5]))

    while True:
        with contextlib.suppress(Unavailable):
            await parts.bus.hear("wf.v1.>", heard)
            await asyncio.Event().wait()
        await parts.clock.sleep(1.0)


async def _intake(parts: Parts) -> None:
    """Make the intake buffer once the bus is there; asking again is harmless."""
    while True:
        with contextlib.suppress(WatchfloorError):
            await parts.bus.ensure_intake(max_mb=parts.settings.nats.intake_max_mb)
        await parts.clock.sleep(30.0 if parts.bus.connected else 1.0)


async def _answers(parts: Parts) -> bool:
    try:
        await parts.database.now()
    except WatchfloorError:
        return False
    return True


async def begin(settings: Settings, *, agency: str, time_zone: str, now: datetime) -> FirstLink | None:
    """The first start, as the owner: one agency and one administrator where there is none. `up` calls it after migrating."""
    async with as_owner(Endpoints.read(settings.data).dsn("wf_owner")) as connection:
        return await first_start(connection, agency=agency, time_zone=time_zone, now=now)


async def invite(settings: Settings, name: str) -> str:
    """A one-time link for a registered person, from this machine's terminal. Raises NotFound."""
    endpoints, clock = Endpoints.read(settings.data), SystemClock()
    async with as_owner(endpoints.dsn("wf_owner")) as connection:
        return f"{endpoints.http}/invitation#{await invite_from_terminal(connection, name, now=clock.now())}"


def _tls(parts: Parts) -> Tls | None:
    certificate, key = parts.endpoints.certificate, parts.endpoints.key
    return Tls(Path(certificate), Path(key)) if certificate and key else None


Process = Callable[..., Awaitable[None]]
PROCESSES: Final[Mapping[str, Process]] = {
    "ledger": ledger,
    "serve": serve,
    "record": record,
    "sense": sense,
    "sweep": sweep,
}


def run(name: str, data: Path, **options: int | tuple[str, ...]) -> int:
    """Run one process until it is told to end; its exit status (75 asks the supervisor to start it again)."""
    configure(name)
    settings = settings_module.load(data)
    try:
        asyncio.run(until_told(lambda stop: PROCESSES[name](settings, stop, **options)))
    except WatchfloorError as error:
        _log.error("ended", why=error.detail, next_step=error.next_step)
        return 75
    return 0


def says_ready(parts: Parts, process: str) -> None:
    """Tell the supervisor that the work is being done."""
    parts.layout.ready(process).touch()
