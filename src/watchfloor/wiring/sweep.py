"""What forgets, keeps the timers and hands overdue alerts up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta

from watchfloor.cameras import imports
from watchfloor.cameras.address import Networks
from watchfloor.cameras.onvif import covering, keep, listen, stands, turn
from watchfloor.cameras.onvif.model import Reach
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault
from watchfloor.evidence import forget, make
from watchfloor.governance import cases, holds, warn
from watchfloor.incidents import escalate, preserve
from watchfloor.investigations.following import end as follow_end
from watchfloor.investigations.following.start import Following
from watchfloor.kit.envelope import Envelope, key_from_file
from watchfloor.kit.errors import Invalid
from watchfloor.kit.logs import logger
from watchfloor.kit.running import beside
from watchfloor.owners import seal
from watchfloor.owners.agree import WITHDRAW
from watchfloor.owners.outbox import MAIL_KEY, Outbox, Server
from watchfloor.places.skyline import Skyline
from watchfloor.plates import co_travel, entry_end, watches
from watchfloor.plates.inbox import root_of
from watchfloor.plates.misuse.parts import reviewing_of
from watchfloor.plates.misuse.watch import watch as watch_look_ups
from watchfloor.recordings.archives import Archives
from watchfloor.recordings.patience import Patience
from watchfloor.recordings.play import Player
from watchfloor.settings import Settings
from watchfloor.storage.classes import DataClass
from watchfloor.storage.jobs import Job
from watchfloor.storage.objects import Objects
from watchfloor.sweep import canary
from watchfloor.sweep.brief import keep_brief
from watchfloor.sweep.disks import DiskWatch
from watchfloor.sweep.files import ExportFiles, Files, FootageFiles, PictureFiles, ThumbnailFiles
from watchfloor.sweep.forget import Sweep
from watchfloor.sweep.give_way import giving_way, order_of
from watchfloor.sweep.inbox_files import InboxFiles
from watchfloor.sweep.lying import Shelves
from watchfloor.sweep.run import forget_for_ever, keep_timers
from watchfloor.sweep.transient import keep_short
from watchfloor.sweep.withdraw import Withdrawal
from watchfloor.trailers import figures
from watchfloor.wiring.parts import Parts, built, says_ready

# What ends with a case, and what a second person had to ratify.
_WITH_CASES = (entry_end.end_with_cases, entry_end.end_unratified, watches.end_with_cases)
_log = logger("sweep")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """What forgets, and keeps the timers."""
    order = order_of(settings.objects.gives_way)
    async with built(settings, "sweep", role="wf_sweep", connections=3) as parts:
        objects = parts.objects
        forgetting = Sweep(
            parts.door, parts.clock, files_of(parts), objects.clear_leftovers,
            giving_way(order, objects, settings.objects.min_free_mb),
        )  # fmt: skip
        networks, vault = Networks.of(settings.record.camera_networks), Vault.of(parts.layout.keys)
        cameras = Cameras(parts.door, parts.clock, vault, networks, parts.news)
        withdrawal = Withdrawal(parts.door, Shelves(objects, parts.keystore, parts.layout.spool / "footage"))
        works = {
            warn.KIND: warn.warner(parts.door, parts.news),
            **holds.timers(parts.door, parts.news),
            imports.KIND: imports.applier(parts.door, parts.news),
            WITHDRAW: withdrawal.work,
            **preserve.works(parts.door, Skyline(parts.door, objects), _preserves(settings), parts.news),
            **seal.opening(parts.door, _letters(parts), parts.public_url, parts.layout.ledger),
            **figures.works(parts.door, settings.trailers),
        }
        works |= forget.forgetting(parts.door, objects, parts.export_keys, parts.news)
        async with beside(
            parts.door.watch(parts.agencies),
            DiskWatch(parts.door, parts.agencies, objects).watch(parts.clock),
            forget_for_ever(forgetting, parts.clock, parts.agencies),
            keep_short(parts.door, parts.clock, objects, parts.bus, parts.agencies),
            keep_brief(parts.door, parts.clock, objects, parts.agencies),
            canary.follow(nest_of(parts), parts.agencies),
            keep_timers(parts.door, parts.clock, parts.agencies, works),
            # Beside the timers: an export takes minutes, and a warning of a hold must not wait for it.
            keep_timers(parts.door, parts.clock, parts.agencies, _long(parts, objects, cameras)),
            cases.watch(parts.door, parts.clock, parts.agencies, _WITH_CASES),
            *of_devices(parts, cameras),
            follow_end.watch(Following(parts.door, parts.news), parts.clock, parts.agencies),
            *(_mail(parts), _look_ups(parts), _escalation(parts)),
            figures.watch(parts.door, parts.clock, settings.trailers, parts.agencies),
        ):
            says_ready(parts, "sweep")
            await stop.wait()


def files_of(parts: Parts) -> dict[DataClass, Files]:
    """The files of each class that has any."""
    objects, keystore = parts.objects, parts.keystore
    most = parts.settings.objects.thumbnails_mb * 2**20
    inbox = parts.settings.inbox.folder
    of_inbox: dict[DataClass, Files] = (
        {DataClass.PLATE_READ: InboxFiles(parts.door, root_of(inbox))} if inbox else {}
    )
    return of_inbox | {
        DataClass.FOOTAGE: FootageFiles(objects, keystore, parts.layout.spool / "footage"),
        DataClass.THUMBNAIL: ThumbnailFiles(objects, keystore, most),
        DataClass.PLATE_PICTURE: PictureFiles(objects),
        DataClass.EXPORT: ExportFiles(
            parts.door, objects, parts.export_keys, parts.layout.spool / "received"
        ),
    }


def nest_of(parts: Parts) -> canary.Nest:
    """Where canaries are planted and looked for. Footage is sealed and much; no read is ever near it."""
    layout, inbox = parts.layout, parts.settings.inbox.folder
    folders = (layout.spool, layout.nats, layout.logs, *((root_of(inbox),) if inbox else ()))
    passed_by = frozenset({layout.spool / "footage"})
    return canary.Nest(parts.door, parts.clock, parts.bus, parts.objects, folders, passed_by)


def _escalation(parts: Parts) -> Coroutine[object, None, None]:
    """What hands overdue alerts up, and gives back those whose holder signed out."""
    idle = timedelta(minutes=parts.settings.identity.idle_min)
    return escalate.watch(parts.door, parts.clock, parts.agencies, parts.news, idle=idle)


def _look_ups(parts: Parts) -> Coroutine[object, None, None]:
    """What judges look-ups of plates, and draws some of them."""
    rules = reviewing_of(parts.settings.look_ups)
    return watch_look_ups(parts.door, parts.clock, parts.agencies, rules, parts.layout.ledger)


def _preserves(settings: Settings) -> preserve.Rule:
    evidence = settings.evidence
    return preserve.Rule.of(evidence.preserve_for, evidence.preserve_before_min, evidence.preserve_after_min)


def of_devices(parts: Parts, cameras: Cameras) -> list[Coroutine[object, None, None]]:
    """What asks devices what they are, sends them home, hears them and looks after the masks in them."""
    reach, agencies = Reach(cameras.networks), parts.agencies
    limit = timedelta(minutes=parts.settings.record.dwelling_limit_min)
    return [
        keep.watch(cameras, reach, agencies),
        turn.watch(turn.Turner(cameras, reach, limit), agencies),
        listen.watch(listen.Ears(cameras, reach), agencies),
        covering.watch(cameras, reach, agencies),
        stands.watch(cameras, reach, agencies),
    ]


def _letters(parts: Parts) -> Envelope:
    """What letters are sealed with while they wait."""
    return Envelope(key_from_file(parts.layout.keys / MAIL_KEY))


async def _mail(parts: Parts) -> None:
    """Hand letters over to the mail server, where one is set that does."""
    try:
        server = Server.of(parts.settings.mail)
    except Invalid as error:
        _log.error("mail is not sent", why=error.detail)
        server = None
    if server is None:
        await asyncio.Event().wait()
        return
    await Outbox(parts.door, parts.clock, _letters(parts), server).run(parts.agencies)


def _long(parts: Parts, objects: Objects, cameras: Cameras) -> dict[str, Callable[[Job], Awaitable[None]]]:
    found = co_travel.works(parts.door, co_travel.allowed_of(parts.settings.co_travel))
    return make.works(making(parts, objects, cameras)) | found


def making(parts: Parts, objects: Objects, cameras: Cameras | None = None) -> make.MakeParts:
    """What makes exports, with a folder of its own to work in."""
    scratch = parts.layout.spool / "exports"
    scratch.mkdir(mode=0o700, exist_ok=True)
    settings = parts.settings
    return make.MakeParts(
        parts.door,
        parts.clock,
        # Nobody sits before it: an export waits longer for a slow store than who watches does.
        Player(objects, parts.keystore, parts.layout.spool / "footage", Patience(waits_s=60.0)),
        objects,
        parts.layout.keys,
        parts.export_keys,
        scratch,
        parts.layout.ledger,
        settings.ledger.log_name,
        settings.evidence.time_stamp_url,
        timedelta(days=settings.evidence.keep_exports_days),
        parts.news,
        timedelta(minutes=settings.record.dwelling_limit_min),
        None if cameras is None else Archives.of(cameras),
    )
