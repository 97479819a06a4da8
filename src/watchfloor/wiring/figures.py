"""Gathers figures of every process for a collector: what the system says of them, and what they keep where the server sees it.

Nobody does anything for it, and it reads no content. What rests on an engine that is away is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.live import Live
from watchfloor.cameras.maintenance_store import now_planned
from watchfloor.cameras.model import shown
from watchfloor.cameras.outages import outages
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.usage import Usages
from watchfloor.governance import log_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.incidents import alert_store
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plates import hot_list_store, reader_store, registry, video_store, watch_store
from watchfloor.plates import store as plate_store
from watchfloor.plates.health_book import HealthBook
from watchfloor.plates.misuse import review_store
from watchfloor.plates.video import OUTCOMES
from watchfloor.recordings import store as recording_store
from watchfloor.recordings.spool import backlog
from watchfloor.storage import jobs, workers
from watchfloor.storage.disks import DiskState, states_of
from watchfloor.storage.partitions import end_of
from watchfloor.storage.streams import SENSORS
from watchfloor.storage.tx import Tx
from watchfloor.sweep import canary_store, prove, prove_store
from watchfloor.web.assemble import Gathers
from watchfloor.web.counts import Figure
from watchfloor.web.events import Feeds
from watchfloor.wiring.covered import CoveredToday
from watchfloor.wiring.parts import Parts
from watchfloor.wiring.sensors import Sensors

_log: Final = logger("serve")
_WITHIN_S: Final = 5.0
_RECORDED: Final = timedelta(minutes=10)
_HITS: Final = timedelta(hours=24)


def gatherer(parts: Parts, feeds: Feeds, live: Live, sensors: Sensors | None = None) -> Gathers:
    """What gathers the figures, each time anew."""
    usages, objects, covered, book = Usages(), parts.objects, CoveredToday(), HealthBook()

    async def gather() -> list[Figure]:
        here, disks, database, intake = await asyncio.gather(
            asyncio.to_thread(_of_this_machine, parts, usages),
            states_of(objects),
            _in_time(_of_the_database(parts, covered, book)),
            _in_time(_of_the_intake(parts)),
        )
        up = {"postgres": float(database is not None), "nats": float(intake is not None)}
        return [
            Figure("subscriptions", feeds.subscriptions(), "topic"),
            Figure.of("live_viewers", live.viewers),
            Figure.of("live_cameras", live.tapped),
            *here,
            *of_disks(disks),
            *(sensors.figures() if sensors else ()),
            Figure("engine_up", up, "engine"),
            *(database or ()),
            *(intake or ()),
        ]

    return gather


def of_disks(disks: Sequence[DiskState]) -> Iterable[Figure]:
    """Of disks of footage; nothing where there are none of their own."""
    free = {str(disk.folder): float(disk.room.free) for disk in disks if disk.room is not None}
    return (
        Figure("disk_up", {str(disk.folder): float(not disk.trouble) for disk in disks}, "disk"),
        Figure("disk_free_bytes", free, "disk"),
    )


async def _in_time(asked: Awaitable[list[Figure]]) -> list[Figure] | None:
    with contextlib.suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(_WITHIN_S):
            return await asked
    return None


def _of_this_machine(parts: Parts, usages: Usages) -> list[Figure]:
    waits = backlog(parts.layout.spool / "footage", parts.clock.now())
    return [
        *_of_processes(parts, usages),
        Figure.of("spool_waiting_rows", waits.rows),
        Figure.of("spool_refused_rows", waits.refused),
        Figure.of("spool_bytes", waits.bytes),
        Figure.of("spool_oldest_age_seconds", waits.oldest_s),
    ]


def _of_processes(parts: Parts, usages: Usages) -> list[Figure]:
    try:
        found = usages.look(Endpoints.read(parts.layout.data).pids)
    except Unavailable:
        return []
    alive = {name: usage for name, usage in found.items() if usage is not None}
    return [
        Figure("process_up", {name: float(name in alive) for name in found}, "process"),
        Figure("process_start_time_seconds", {n: u.started_at_s for n, u in alive.items()}, "process"),
        Figure("process_cpu_seconds_total", {n: u.cpu_s for n, u in alive.items()}, "process"),
        Figure("process_resident_memory_bytes", {n: u.resident_bytes for n, u in alive.items()}, "process"),
    ]


async def _of_the_intake(parts: Parts) -> list[Figure]:
    if not parts.bus.connected:
        raise Unavailable("NATS does not answer.")
    waits, now = await parts.bus.waiting(), parts.clock.now()
    sent = await parts.bus.waiting(SENSORS)
    return [
        Figure.of("intake_messages", waits.messages),
        Figure.of("intake_bytes", waits.bytes),
        Figure.of("intake_oldest_age_seconds", _age_s(waits.oldest_at or now, now)),
        Figure.of("sensor_messages", sent.messages),
        Figure.of("sensor_oldest_age_seconds", _age_s(sent.oldest_at or now, now)),
    ]


async def _of_the_database(parts: Parts, covered: CoveredToday, book: HealthBook) -> list[Figure]:
    """Of all agencies together."""
    await parts.database.now()
    together: dict[str, Figure] = {}
    whole: list[Figure] = []
    for agency in parts.agencies:
        counting, looking = (
            partial(parts.door.open, Ask(process_actor(agency, "serve"), need))
            for need in (Need.FIGURES_COUNT, Need.RETENTION_LOOK)
        )
        for figure in [
            *await counted(counting, lambda tx: _of_sensors(tx, covered)),
            *await counted(counting, lambda tx: of_readers(tx, book)),
            *await counted(counting, of_lists),
            *await counted(counting, _of_reads),
            *await counted(counting, of_upkeep),
            *await counted(looking, of_retention),
        ]:
            together[figure.name] = figure.with_those_of(together.get(figure.name))
        whole = list(await counted(counting, of_the_center))
    return [*together.values(), *whole]


async def counted(
    opened: Callable[[], AbstractAsyncContextManager[Tx]], count: Callable[[Tx], Awaitable[Iterable[Figure]]]
) -> Iterable[Figure]:
    """Figures that are counted together; none where they could not be: the bug is logged, and the others are told."""

    async def asked() -> Iterable[Figure]:
        async with opened() as tx:
            return await count(tx)

    (found,) = await asyncio.gather(asked(), return_exceptions=True)
    if isinstance(found, Exception) and not isinstance(found, Unavailable):
        _log.error("figures could not be counted", error=f"{type(found).__name__}: {found}")
        return ()
    if isinstance(found, BaseException):
        raise found
    return found


def _by_share(shares: Iterable[float]) -> Figure:
    """Who asks for figures is not known: which camera it is tells `GET /recordings/coverage`, to whoever may see it."""
    steps = ((1.0, "all"), (0.99, "99"), (0.9, "90"), (0.0001, "less"), (0.0, "nothing"))
    found = Counter(next(word for least, word in steps if round(share, 4) >= least) for share in shares)
    return Figure("cameras_recorded_today", {word: float(found[word]) for _, word in steps}, "share")


async def _of_sensors(tx: Tx, covered: CoveredToday) -> Iterable[Figure]:
    every = (await camera_store.cameras(tx)).items
    cameras = Counter(shown(camera, now=tx.now).word for camera in every)
    down = await asyncio.to_thread(outages, every, (await now_planned(tx)).keys(), tx.now)
    shared = Counter(one.shared.value if one.shared else "alone" for one in down)
    frames, size = await recording_store.recorded_since(tx, tx.now - _RECORDED)
    return (
        Figure("cameras", dict(cameras), "state"),
        Figure("camera_outages", dict(shared), "shared"),
        Figure("recorded_frames", {"10m": frames}, "window"),
        Figure("recorded_bytes", {"10m": size}, "window"),
        _by_share((await covered.look(tx, tx.agency)).values()),
    )


async def of_readers(tx: Tx, book: HealthBook) -> Iterable[Figure]:
    """Of plate readers, as their page shows them."""
    readers = await registry.shown(tx, book, (await reader_store.readers(tx)).items)
    video = await video_store.total(tx)
    return (
        Figure("readers", dict(Counter(one.shown.word for one in readers)), "state"),
        Figure("video_pictures_total", {name: getattr(video, name) for name in OUTCOMES}, "outcome"),
        Figure.of("video_looking_cpu_seconds_total", video.cpu_ms / 1000),
    )


async def of_lists(tx: Tx) -> Iterable[Figure]:
    """Of what reads are matched against."""
    lists = Counter(
        "stale" if one.stale_since else "fresh" if one.scheduled else "by_hand"
        for one in await hot_list_store.freshness(tx)
    )
    return (
        Figure("hot_lists", {state: float(lists[state]) for state in ("fresh", "stale", "by_hand")}, "state"),
        Figure("plate_watches", await watch_store.by_state(tx), "state"),
    )


async def _of_reads(tx: Tx) -> Iterable[Figure]:
    sums = await reader_store.sums(tx)
    return (
        Figure.of("reads_total", sums.reads),
        Figure.of("reads_repeated_total", sums.repeated),
        Figure.of("reads_refused_total", sums.refused),
        Figure("hits", {"24h": await plate_store.hits_since(tx, tx.now - _HITS)}, "window"),
        Figure("alerts_open", await alert_store.open_by_state(tx), "state"),
    )


async def of_upkeep(tx: Tx) -> Iterable[Figure]:
    """Of what works unseen for the agency: a sweep that never ended a round is as late as its agency is old."""
    return (
        Figure.of("quarantined_messages", await plate_store.quarantined(tx)),
        Figure.of("jobs_stuck", len(await jobs.stuck(tx))),
        _since(
            "sweep_round_age_seconds", await prove_store.round_ended(tx) or await log_store.began(tx), tx.now
        ),
        Figure.of("sweep_failing_steps", len(await prove_store.failing(tx))),
        Figure.of("log_waiting_entries", await log_store.unsequenced(tx)),
        Figure.of("look_up_reviews_overdue", (await review_store.overdue(tx))[0]),
    )


async def of_retention(tx: Tx) -> Iterable[Figure]:
    """Of what is kept, as storage was last listed: how old the oldest is, how old it may be, and what is late."""
    _, oldest = await prove.oldest(tx)
    ages = {one.what: _age_s(end_of(one.day), tx.now) for one in oldest}
    limits = {one.what: one.keep_for.total_seconds() for one in oldest if one.keep_for}
    return (
        Figure("oldest_age_seconds", ages, "what"),
        Figure("oldest_most_age_seconds", limits, "what"),
        Figure.of("retention_alarms", len(await prove.alarms(tx))),
        Figure(
            "canary_gone_seconds",
            {
                one.stands.name: float(max(one.gone_s.values(), default=0))
                for one in await canary_store.newest(tx)
            },
            "minutes",
        ),
    )


async def of_the_center(tx: Tx) -> Iterable[Figure]:
    """Of the whole center: a log that was never signed is as late as it is old."""
    size, signed_at = await log_store.newest_checkpoint(tx) or (0, None)
    return (
        Figure.of("recorders", await workers.alive(tx, "record")),
        Figure.of("log_entries_total", size),
        _since("log_checkpoint_age_seconds", signed_at or await log_store.began(tx), tx.now),
    )


def _since(name: str, at: datetime | None, now: datetime) -> Figure:
    """An age without a value where there is nothing to count from: 0 would say that it happened just now."""
    return Figure.of(name, _age_s(at, now)) if at is not None else Figure(name, {})


def _age_s(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())
