"""What people and devices talk to: the slices' routes and the console; the lists people watch are in `topics.py`."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from fastapi import APIRouter, FastAPI

from watchfloor.acoustics import api as acoustics_api
from watchfloor.acoustics import microphone_store, pulse_api
from watchfloor.acoustics.take import Intake as PulseIntake
from watchfloor.calls import api as calls_api
from watchfloor.cameras import api as cameras_api
from watchfloor.cameras import (
    dwelling_api,
    import_api,
    live_api,
    mask_api,
    seeing_api,
    sight_api,
    upkeep_api,
    wall_api,
)
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.address import Networks
from watchfloor.cameras.api import CameraRoutes
from watchfloor.cameras.boxes import api as boxes_api
from watchfloor.cameras.boxes.enrol import Boxes
from watchfloor.cameras.find import finder
from watchfloor.cameras.live import Live
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.onvif import api as devices_api
from watchfloor.cameras.onvif import turn_api
from watchfloor.cameras.onvif.find import Finder
from watchfloor.cameras.onvif.model import Reach
from watchfloor.cameras.onvif.turn import Turner
from watchfloor.cameras.partners import lendings_api
from watchfloor.cameras.partners.find import can_be_held
from watchfloor.cameras.partners.live import Relays
from watchfloor.cameras.partners.talk import Reach as PartnerReach
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.sites import api as sites_api
from watchfloor.cameras.vault import KEY_FILE as CAMERA_KEY
from watchfloor.cameras.vault import Vault
from watchfloor.dispatch import api as dispatch_api
from watchfloor.dispatch import forms as dispatch_forms
from watchfloor.dispatch.send import Dispatch
from watchfloor.engines.edge_tls import pin_of
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.node_tls import node_tls
from watchfloor.evidence import answer_pages, asking_api, canvass_api
from watchfloor.evidence import api as evidence_api
from watchfloor.evidence import store as evidence_store
from watchfloor.evidence.asking import Asking
from watchfloor.evidence.fetch import FetchParts
from watchfloor.evidence.request import exported_of
from watchfloor.governance import api as governance_api
from watchfloor.governance import bodies_api, cases_api, holds_api, log_api
from watchfloor.governance.api import GovernanceParts
from watchfloor.identity import api as identity_api
from watchfloor.identity import workstations_api
from watchfloor.identity.secrets import Passwords
from watchfloor.identity.sign_in import Identity
from watchfloor.identity.store import names_of
from watchfloor.incidents import api as incidents_api
from watchfloor.incidents import around_api, incident_store
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.record_system import record_system_of
from watchfloor.investigations import bookmark_api, finding_api, marks_api
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.envelope import Envelope, key_from_file
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.kit.running import beside
from watchfloor.kit.sure import sure
from watchfloor.owners import api as owners_api
from watchfloor.owners import own_pages, seal_api, sharing_api
from watchfloor.owners import pages as owners_pages
from watchfloor.owners.allowance import Allowance
from watchfloor.owners.outbox import MAIL_KEY, server_set
from watchfloor.owners.sign_up import Owners
from watchfloor.places import api as places_api
from watchfloor.places import buildings_api, map_api
from watchfloor.places.atlas import Atlas
from watchfloor.places.basemaps import Basemaps
from watchfloor.places.skyline import Skyline
from watchfloor.plates import reader_store
from watchfloor.plates.inbox import Inbox, Watch, root_of
from watchfloor.plates.leave import ReaderBook
from watchfloor.plates.take import Intake
from watchfloor.recordings import aiming_api, playback, pull_api, site_api, thumbnail_api
from watchfloor.recordings import api as recordings_api
from watchfloor.recordings.from_partner import FromPartner
from watchfloor.recordings.from_site import FromSite
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.play import Player
from watchfloor.recordings.reading import api as reading_api
from watchfloor.recordings.thumbnails import Thumbnails
from watchfloor.reports import api as reports_api
from watchfloor.reports.store import called
from watchfloor.settings import Settings
from watchfloor.sweep import api as retention_api
from watchfloor.trailers import api as trailers_api
from watchfloor.trailers import body_api
from watchfloor.trailers.body import coming_back, following
from watchfloor.trailers.listing import saying
from watchfloor.trailers.parts import Trailers, limits_of
from watchfloor.units import api as units_api
from watchfloor.units.change import Units
from watchfloor.web.assemble import WebParts, assemble
from watchfloor.web.counts import Counts
from watchfloor.web.events import Feeds
from watchfloor.web.hands import over
from watchfloor.web.listen import Tls, listen
from watchfloor.wiring.figures import gatherer
from watchfloor.wiring.parts import NUMBERS, Parts, built, keep_intake, says_ready
from watchfloor.wiring.plate_routes import of_following, of_plates
from watchfloor.wiring.sensors import Sensors, pulling
from watchfloor.wiring.sound_routes import of_sounds
from watchfloor.wiring.topics import ACTS, besides, topics

_log = logger("serve")
_ANSWERS_WITHIN_S: Final = 2.0
# What a hold can be of, and how it is found.
KNOWN: Final = {
    "camera": can_be_held,
    "reader": reader_store.was_registered,
    "microphone": microphone_store.was_registered,
    "export": evidence_store.is_known,
}


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """What people and devices talk to."""
    async with built(settings, "serve", connections=20) as parts:
        skyline = Skyline(parts.door, parts.objects)
        feeds = Feeds(parts.door, parts.clock, topics(skyline), over(parts.bus, parts.clock))
        looks = Looks(parts.door, parts.clock, "thumbnails")
        sensors = Sensors(parts, identity_of(parts), PulseIntake(parts.door, parts.clock))
        app = web(parts, feeds, skyline, looks, sensors)
        host, _, port = parts.endpoints.listen.rpartition(":")
        async with beside(
            parts.door.watch(parts.agencies),
            feeds.run(),
            _hear(parts, feeds),
            keep_intake(parts),
            looks.run(),
            *inbox(parts),
            *sensors.loops(),
        ):
            await listen(
                app, host.strip("[]"), int(port), _tls(parts), stop, lambda: says_ready(parts, "serve")
            )


def identity_of(parts: Parts) -> Identity:
    """What signing in needs."""
    envelope = Envelope(key_from_file(parts.layout.keys / "identity.key"))
    return Identity(
        parts.door, parts.clock, parts.settings.identity, Passwords(), envelope, parts.second_factor_required
    )


def web(
    parts: Parts, feeds: Feeds, skyline: Skyline, looks: Looks, sensors: Sensors | None = None
) -> FastAPI:
    """The web application of these parts."""
    identity = sensors.identity if sensors else identity_of(parts)
    pulses = sensors.intake if sensors else PulseIntake(parts.door, parts.clock)
    url, ledger = parts.settings.http.public_url, parts.layout.ledger
    governance = GovernanceParts(parts.door, parts.clock, ACTS, ledger, names_of, called, KNOWN, NUMBERS)

    async def ready() -> Mapping[str, bool]:
        return {"postgres": await _answers(parts), "nats": parts.bus.connected}

    readers, said = ReaderBook(parts.door, parts.clock, "serve"), (live_api.LIVE, playback.PLAYBACK)
    intake = Intake(parts.door, parts.clock, parts.bus, parts.objects, readers)
    cameras, masked = _cameras(parts)
    alerts, atlas = _alerts(parts), Atlas(parts.door, parts.objects)
    player = Player(parts.objects, parts.keystore, parts.layout.spool / "footage")
    figures = gatherer(parts, feeds, cameras.live, sensors)
    dispatch, asking = Dispatch(parts.door, atlas, parts.news), _asking(parts)
    return assemble(
        WebParts(identity, parts.clock, feeds, Counts(), ready, figures, ledger, url, *said),
        [
            *of_plates(parts, intake),  # first: nothing is asked so often as readers' routes
            identity_api.routes(),
            workstations_api.routes(),
            *(api.routes(governance) for api in (governance_api, bodies_api, log_api, cases_api, holds_api)),
            *_video(parts, skyline, cameras, player, masked, looks, asking),
            *(acoustics_api.routes(parts.door), pulse_api.routes(pulses)),
            units_api.routes(Units(parts.door, parts.news, following(parts.news), coming_back(parts.news))),
            calls_api.routes(calls_api.Calls(parts.door)),
            incidents_api.routes(_incidents(parts, alerts, skyline)),
            *(places_api.routes(atlas), buildings_api.routes(skyline)),
            map_api.routes(Basemaps(parts.door, parts.objects, camera_store.reach)),
            *(reports_api.routes(reports_api.Reports(parts.door)), retention_api.routes(parts.door)),
            dispatch_api.routes(dispatch_api.DispatchParts(dispatch, parts.objects)),
            *(of_following(parts, atlas, skyline), *of_sounds(parts, asking.owners)),
            *_of_owners(parts, asking),
        ],
    )


def _alerts(parts: Parts) -> Alerts:
    """What the use cases of alerts need, and the record system where one is configured."""
    system, most = record_system_of(parts.settings.live_record), parts.settings.acoustics.allowed_per_shift
    return Alerts(parts.door, parts.news, parts.objects, system, most)


def _incidents(parts: Parts, alerts: Alerts, skyline: Skyline) -> incidents_api.IncidentParts:
    pull, detail = pulling(parts, alerts), dispatch_forms.IncidentDetail
    return incidents_api.IncidentParts(alerts, besides(skyline), detail, pull)


def _cameras(parts: Parts) -> tuple[CameraRoutes, Masked]:
    """The registry and the live views, and what paints masks over pictures."""
    record = parts.settings.record
    networks, vault = Networks.of(record.camera_networks), Vault.of(parts.layout.keys)
    cameras = Cameras(parts.door, parts.clock, vault, networks, parts.news)
    nodes = node_tls(record, parts.layout)
    limit, exported = timedelta(minutes=record.dwelling_limit_min), exported_of(parts.door)
    book = MaskBook(parts.door, parts.clock, limit, exported)
    masked = Masked(book, record.masked_pictures)
    tls = nodes.client if nodes else None
    relays = Relays(PartnerReach(networks, cameras.resolve), parts.clock, cameras.sessions)
    return CameraRoutes(
        cameras, Live(finder(parts.door), parts.tap_key, parts.clock, tls, masked, relays)
    ), masked


def _video(
    parts: Parts,
    skyline: Skyline,
    cameras: CameraRoutes,
    player: Player,
    masked: Masked,
    looks: Looks,
    asking: Asking,
) -> list[APIRouter]:
    """Cameras, what was recorded of them and what is exported; what sees a place comes before the addresses of single cameras."""
    limit = timedelta(minutes=parts.settings.record.dwelling_limit_min)
    exports = FetchParts(parts.door, parts.objects, parts.export_keys, parts.layout.ledger)
    return [
        seeing_api.routes(parts.door, skyline),
        turn_api.routes(Turner(cameras.cameras, Reach(cameras.cameras.networks), limit)),
        dwelling_api.routes(parts.door, masked.book.budget, skyline),
        sight_api.routes(parts.door, skyline, saying(limits_of(parts.settings.trailers))),
        devices_api.routes(Finder(cameras.cameras, Reach(cameras.cameras.networks))),
        cameras_api.routes(cameras),
        mask_api.routes(
            mask_api.MaskRoutes(cameras.cameras, masked.book, Reach(cameras.cameras.networks), skyline)
        ),
        import_api.routes(cameras.cameras),
        upkeep_api.routes(cameras.cameras),
        *(api.routes(parts.door) for api in (wall_api, around_api, marks_api, bookmark_api, finding_api)),
        boxes_api.routes(_boxes(parts)),
        sites_api.routes(cameras.cameras),
        lendings_api.routes(parts.door, parts.clock),
        _trailers(parts),
        body_api.routes(parts.door, parts.news),
        evidence_api.routes(evidence_api.Exports(exports, parts.news, limit)),
        *_recorded(parts, cameras, player, masked, looks),
        aiming_api.routes(aiming_api.AimingRoutes(parts.door, player)),
        reading_api.routes(parts.door),
        canvass_api.routes(
            canvass_api.Canvasses(parts.door, parts.clock, skyline, parts.news, asking, limit)
        ),
    ]


def _recorded(
    parts: Parts, cameras: CameraRoutes, player: Player, masked: Masked, looks: Looks
) -> list[APIRouter]:
    """What was recorded: for whoever asks for it, and for players."""
    own, relays = cameras.cameras, sure(cameras.live.relays, "the way to partners")
    partners, sites = FromPartner(own.vault, relays), FromSite(own)
    made = recordings_api.RecordingRoutes(parts.door, player, cameras.live, masked, sites, partners)
    most = parts.settings.objects.thumbnails_mb * 2**20
    small = Thumbnails(player, parts.objects, parts.keystore, most)
    thumbnails = thumbnail_api.ThumbnailRoutes(parts.door, player, small, masked, looks, sites)
    return [
        recordings_api.routes(made),
        site_api.routes(made),
        playback.routes(made, looks),
        pull_api.routes(parts.door),
        thumbnail_api.routes(thumbnails),
    ]


def _boxes(parts: Parts) -> Boxes:
    """Edge boxes, where the center listens for them."""
    edge = parts.settings.edge
    if not edge.host:
        return Boxes(parts.door, parts.clock, "", "")
    address = edge.address or f"{edge.host}:{edge.port}"
    return Boxes(parts.door, parts.clock, address, pin_of(parts.layout))


def _trailers(parts: Parts) -> APIRouter:
    """The routes of trailers. The secrets of their lights are sealed under the vault's key."""
    sealing = Envelope(key_from_file(parts.layout.keys / CAMERA_KEY))
    networks = Networks.of(parts.settings.record.camera_networks)
    settings = parts.settings.trailers
    return trailers_api.routes(Trailers(parts.door, parts.clock, parts.news, settings, sealing, networks))


def _of_owners(parts: Parts, asking: Asking) -> list[APIRouter]:
    """The routes of owners, for staff and for themselves, and of the evidence that they and witnesses are asked for."""
    owners, ledger = asking.owners, parts.layout.ledger
    return [
        owners_api.routes(owners),
        sharing_api.routes(sharing_api.SharingRoutes(owners, ledger, incident_store.open_places)),
        seal_api.routes(owners),
        asking_api.routes(asking),
        answer_pages.routes(asking),
        owners_pages.routes(owners),
        own_pages.routes(own_pages.OwnPages(owners, ledger)),
    ]


def _asking(parts: Parts) -> Asking:
    """What asking owners and witnesses for evidence needs, the owners' letters and links in it."""
    settings, clock = parts.settings.owners, parts.clock
    envelope = Envelope(key_from_file(parts.layout.keys / MAIL_KEY))
    allowance = Allowance(clock, settings.most_each_hour, settings.most_together_hour)
    owners = Owners(
        parts.door, clock, envelope, parts.public_url, settings, allowance, parts.agencies, server_set(parts.settings.mail),
    )  # fmt: skip
    largest = parts.settings.evidence.largest_upload_mb * 2**20
    return Asking(owners, parts.objects, parts.export_keys, parts.layout.spool / "received", largest)


def openapi_app() -> FastAPI:
    """The application for looking at: every route and form, nothing behind them. For the generated client and the docs."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        layout = Layout.of(data)
        for needed in (layout.keys, layout.keystore, layout.objects):
            needed.mkdir(mode=0o700)
        nothing = cast("Any", None)
        endpoints = Endpoints(data, "", "127.0.0.1:0", "", "", None, data)
        clock = SystemClock()
        parts = Parts(
            Settings(data), endpoints, clock, nothing, nothing, nothing, (), second_factor_required=False
        )
        return web(parts, Feeds(nothing, clock, topics(nothing)), nothing, nothing)


def inbox(parts: Parts) -> list[Coroutine[object, None, None]]:
    """What takes files of reads out of the folders of readers, where there are any."""
    settings = parts.settings.inbox
    if not settings.folder:
        return []
    try:
        root = root_of(settings.folder)
    except Invalid as error:
        _log.error("no inbox is looked at", why=error.detail)
        return []
    readers = ReaderBook(parts.door, parts.clock, "serve")
    intake = Intake(parts.door, parts.clock, parts.bus, parts.objects, readers)
    keep_failed = timedelta(hours=settings.keep_failed_h)
    return [Watch(Inbox(intake, parts.agencies, root, settings.settle_s, keep_failed)).run()]


async def _hear(parts: Parts, feeds: Feeds) -> None:
    """Pass news on to the feeds; the bus may come later than we do, and the feeds poll besides."""

    async def heard(subject: str, message: bytes) -> None:
        feeds.hear(subject, message)

    while True:
        with contextlib.suppress(Unavailable):
            await parts.bus.hear("wf.v1.>", heard)
            await asyncio.Event().wait()
        await parts.clock.sleep(1.0)


async def _answers(parts: Parts) -> bool:
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_S):
            await parts.database.now()
    except (WatchfloorError, TimeoutError):
        return False
    return True


def _tls(parts: Parts) -> Tls | None:
    certificate, key = parts.endpoints.certificate, parts.endpoints.key
    return Tls(Path(certificate), Path(key)) if certificate and key else None
