"""`watchfloor check`: what is wrong, what that means and what to do, in plain words. It looks and mends nothing.

It reads machinery and counts, no row about a person.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from watchfloor.engines import lock
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.finding import Finding as Finding
from watchfloor.engines.finding import Said
from watchfloor.engines.layout import Layout
from watchfloor.engines.look import Seen, look
from watchfloor.engines.nats import nats_answers
from watchfloor.engines.processes import processes
from watchfloor.engines.spawn import find
from watchfloor.engines.tls import refuse_open_mqtt
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.settings import Settings
from watchfloor.storage.database import MOST_OFF, Database
from watchfloor.storage.disks import DiskState, objects_of, states_of
from watchfloor.storage.migrate import pending
from watchfloor.storage.nats import Bus
from watchfloor.storage.streams import SENSORS, Waiting

_MB: Final = 2**20
_WAITS: Final = timedelta(minutes=10)
_CERTIFICATE_LEFT: Final = timedelta(days=21)


Judge = Callable[[Endpoints], Awaitable[Sequence[Said]]]


async def check(
    settings: Settings, clock: Clock, *, log: Judge | None = None, retention: Judge | None = None
) -> list[Finding]:
    """Everything that is wrong now, the worst first; nothing means all is well. `log` judges the audit log, `retention` whether
    what is past it was forgotten.
    """
    layout = Layout.of(settings.data)
    try:
        endpoints = Endpoints.read(settings.data)
    except Unavailable as error:
        return [
            Finding(error.detail, "Nobody can use this center.", error.next_step or "Start watchfloor up.")
        ]
    holder = lock.holder(layout.lock)
    found = [*of_processes(settings, endpoints, holder)]
    # Engines of ours that nobody started are no news of their own.
    if holder is not None or settings.postgres.provider == "dsn":
        found += await _of_database(settings, endpoints, clock)
    if holder is not None or settings.nats.provider == "url":
        found += await _of_bus(settings, endpoints, clock)
    for judge in (log, retention):
        found += [
            Finding(said.what, said.so_what, said.do) for said in (await judge(endpoints) if judge else ())
        ]
    found += await of_objects(settings, layout)
    found += of_spool(layout, clock.now())
    found += of_disk(settings, layout)
    found += of_files(layout, endpoints, clock.now())
    return found


def of_processes(settings: Settings, endpoints: Endpoints, holder: str | None) -> Iterator[Finding]:
    """What of `up` and its processes does not run, or runs without doing its work."""
    if holder is None:
        yield Finding(
            f"watchfloor does not run on {settings.data}.",
            "Nothing is recorded, matched or shown.",
            f"Start it: watchfloor up --data {settings.data}",
        )
        return
    for name in [process.name for process in processes(settings)]:
        pid = endpoints.pids.get(name)
        works = _MEANS.get(name.split("-")[0], "Its work is not done.")
        if pid is None or find(name, pid, marks=lambda p: "--data" in p.cmdline()) is None:
            yield Finding(
                f"The process {name} does not run.",
                works,
                f"It is started again by itself; if this lasts, its log says why: {endpoints.layout.log(name)}",
            )
        elif not endpoints.layout.ready(name).exists():
            yield Finding(
                f"The process {name} runs and is not ready.",
                works,
                f"It may be starting; if this lasts, read {endpoints.layout.log(name)}",
            )


_MEANS: Final = {
    "ledger": "Log entries are kept and wait unsigned: nobody outside can verify the latest ones yet.",
    "serve": "Nobody can sign in, see live pictures or send reads; no sensor comes in by MQTT, and what those send that are in waits.",
    "record": "Cameras of this process are not recorded; another recording process takes them over where there is one.",
    "sense": "Reads and pulses are kept, and matched and located later: alerts come late.",
    "read": "No plates are read on cameras' video.",
    "sweep": "Nothing is forgotten on time, and timers do not run.",
}


async def _of_database(settings: Settings, endpoints: Endpoints, clock: Clock) -> list[Finding]:
    try:
        database = await Database.connect(
            endpoints.dsn("wf_app"), role="wf_app", max_size=2, clock=clock, wait_s=3.0, process="check"
        )
    except WatchfloorError as error:
        return [
            Finding(
                f"PostgreSQL does not answer: {error.detail}",
                "Live pictures that are open stay for at most 15 minutes and recording goes on; search, playback, review "
                "and dispatch are shut.",
                _mend_engine(settings.postgres.provider, endpoints.layout.log("postgres")),
            )
        ]
    try:
        seen = await look(database, now=clock.now())
        lacking = await asyncio.to_thread(pending, endpoints.dsn("wf_app"))
    except WatchfloorError as error:
        return [
            Finding(f"The database was lost while looking: {error.detail}", "See above.", "Run check again.")
        ]
    finally:
        await database.close()
    return [*of_clock(database.clock_off), *of_migrations(lacking, settings.data), *of_seen(seen)]


def of_clock(off: timedelta) -> Iterator[Finding]:
    """This machine's clock against the database's."""
    if abs(off) > MOST_OFF:
        seconds = off.total_seconds()
        side = "ahead of" if seconds > 0 else "behind"
        yield Finding(
            f"This machine's clock is {abs(seconds):.1f} s {side} the database's.",
            "Processes on this machine refuse to write: times in the record would be wrong.",
            "Set the clock on both machines (timedatectl; chrony or systemd-timesyncd).",
        )


def of_migrations(lacking: Sequence[str], data: Path) -> Iterator[Finding]:
    """Revisions that the database lacks."""
    if lacking:
        yield Finding(
            f"The database lacks {len(lacking)} revision(s): {', '.join(lacking)}.",
            "This program expects tables that are not there.",
            f"Start `watchfloor up --data {data}` again; it migrates before anything else starts.",
        )


def of_seen(seen: Seen) -> Iterator[Finding]:
    """What the tables of the machinery show."""
    if seen.partitions_missing:
        names = ", ".join(seen.partitions_missing[:3]) + (" ..." if len(seen.partitions_missing) > 3 else "")
        yield Finding(
            f"{len(seen.partitions_missing)} partition(s) of today or tomorrow are missing: {names}.",
            "Reads and footage of that day cannot be kept.",
            "The sweep makes them: see that it runs, and read logs/sweep.log.",
        )
    for kind, host, ago_s in seen.workers_lost:
        yield Finding(
            f"A {kind} worker on {host} has been silent for {ago_s:.0f} s and nobody took its place.",
            "What it did is not done until another one takes over.",
            f"Read logs/{kind}.log on {host}; `watchfloor up` starts it again by itself.",
        )
    for kind, error in seen.jobs_stuck:
        yield Finding(
            f"A job of the kind {kind!r} failed too often: {error}",
            "It is not tried again.",
            "Read logs/sweep.log.",
        )
    late, since = seen.jobs_late
    if since is not None:
        yield Finding(
            f"{late} timer(s) are due and nobody does them, the first since {since:%Y-%m-%d %H:%M} UTC.",
            "Holds and authorisations are warned of late.",
            "See that the sweep runs, and read logs/sweep.log.",
        )
    if seen.quarantined:
        yield Finding(
            f"{seen.quarantined} message(s) of devices could not be read and are in quarantine.",
            "What these devices noticed was not matched.",
            "Compare the error there with the device's format; see docs/operate.",
        )


async def _of_bus(settings: Settings, endpoints: Endpoints, clock: Clock) -> list[Finding]:
    try:
        address = endpoints.bus(settings.nats.credentials_file)
        if await nats_answers(address.url, address.user, address.password):
            return [*await _of_sensors(settings, endpoints, clock)]
    except (OSError, ValueError, WatchfloorError):
        pass
    return [
        Finding(
            f"NATS does not answer at {endpoints.nats}.",
            "Readers are told to wait and send again; news between processes come by polling, up to 2 s late.",
            _mend_engine(settings.nats.provider, endpoints.layout.log("nats")),
        )
    ]


async def _of_sensors(settings: Settings, endpoints: Endpoints, clock: Clock) -> list[Finding]:
    """What keeps sensors from sending by MQTT, and what of theirs waits."""
    address = endpoints.bus(settings.nats.credentials_file)
    bus = await Bus.connect(address.url, user=address.user, password=address.password, name="check", wait_s=3)
    try:
        waits = await bus.waiting(SENSORS)
    finally:
        await bus.close()
    found = [*of_open_sensors(settings), *of_waiting(waits, clock.now())]
    place = urlsplit(endpoints.mqtt or "")
    if place.hostname and not await _listens(place.hostname, place.port or 0):
        found.append(
            Finding(
                f"Nobody listens for sensors at {endpoints.mqtt}.",
                "Sensors keep what they hear and send it later, as long as they have room.",
                _mend_engine(settings.nats.provider, endpoints.layout.log("nats")),
            )
        )
    return found


def of_open_sensors(settings: Settings) -> Iterator[Finding]:
    """A listener of sensors that others can reach and that nothing guards."""
    try:
        refuse_open_mqtt(settings)
    except Invalid as error:
        yield Finding(
            error.detail, "`watchfloor up` refuses to start again like this.", error.next_step or ""
        )


def of_waiting(waits: Waiting, now: datetime) -> Iterator[Finding]:
    """What sensors sent and nobody takes."""
    if waits.oldest_at is not None and now - waits.oldest_at > _WAITS:
        yield Finding(
            f"{waits.messages} message(s) of sensors wait, the first since {waits.oldest_at:%Y-%m-%d %H:%M} UTC.",
            "They are safe for a day, and nobody is told of what they say.",
            "The server takes them once it has the database: see that it runs, and read logs/serve.log.",
        )


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
    except (OSError, TimeoutError):
        return False
    return True


def _mend_engine(provider: str, log: Path) -> str:
    if provider in ("dsn", "url"):
        return "It is not ours to start: see its own administrator, and the settings that name it."
    return f"It is started again by itself; if this lasts, its log says why: {log}"


def of_disk(settings: Settings, layout: Layout) -> Iterator[Finding]:
    """Free room where state and footage lie."""
    least = settings.objects.min_free_mb * _MB
    disks: Mapping[int, tuple[str, Path]] = {
        path.stat().st_dev: (what, path)
        for what, path in (("footage", layout.objects), ("the database and the log", layout.data))
        if path.exists()
    }
    for what, path in disks.values():
        free = shutil.disk_usage(path).free
        if free < least // 10:
            yield Finding(
                f"The disk of {path} has {free // _MB} MB left.",
                f"New {what} is refused: recording stops and readers are told to wait.",
                "Make room now: another disk, or a shorter retention decided by who may decide it.",
            )
        elif free < least:
            yield Finding(
                f"The disk of {path} has {free // _MB} MB left; {least // _MB} MB is the warning line.",
                f"Below {least // 10 // _MB} MB new {what} is refused.",
                "Make room: another disk, fewer cameras, or a shorter retention decided by who may decide it.",
            )


def of_disks(settings: Settings, disks: Sequence[DiskState]) -> Iterator[Finding]:
    """Disks of `objects.directories` that are away, and room where new footage goes."""
    for disk in disks:
        if disk.trouble:
            yield Finding(
                f"The disk {disk.folder} is away: {disk.trouble}.",
                "Footage on it cannot be played, and what is past its retention there waits to be removed; its keys are destroyed "
                "on time. New footage goes to the other disks.",
                "Mount or mend it: it is taken in again by itself within seconds. If it will not come back, take it out of "
                "objects.directories and restart; for a new disk in its place remove its line from objects/.disks.",
            )
    taking = [disk.room.free for disk in disks if disk.takes and disk.room is not None]
    if disks and sum(taking) < (least := settings.objects.min_free_mb * _MB):
        yield Finding(
            f"The disks for footage have {sum(taking) // _MB} MB left together; {least // _MB} MB is the warning line.",
            "When none takes any more, finished footage waits in the spool until its disk is full; then recording stops.",
            "Add a disk to objects.directories, or let older footage give way (objects.gives_way).",
        )


async def of_objects(settings: Settings, layout: Layout) -> list[Finding]:
    """Whether footage and pictures can be put where they are kept."""
    try:
        if settings.objects.provider == "directory" and not settings.objects.directories:
            return []  # of_disk looks at it
        objects = objects_of(settings.objects, layout.objects)
        if settings.objects.provider == "directory":
            return list(of_disks(settings, await states_of(objects)))
        await objects.look()
    except (Invalid, Unavailable) as error:
        return [
            Finding(
                error.detail,
                "New footage waits in the spool until its disk is full, then recording stops; kept footage cannot be played, "
                "and pictures of new reads are refused.",
                error.next_step or "Correct the settings of [objects] and restart watchfloor up.",
            )
        ]
    return []


def of_spool(layout: Layout, now: datetime) -> Iterator[Finding]:
    """Footage that is finished and does not get to where it is kept."""
    footage = layout.spool / "footage"
    rows = [
        row for row in footage.glob("*/rows/*.row") if next(row.parents[1].glob(f"*/{row.stem}.part"), None)
    ]
    late = [row for row in rows if now.timestamp() - row.stat().st_mtime > _WAITS.total_seconds()]
    if late:
        yield Finding(
            f"{len(late)} segments of footage have waited for over {_WAITS.total_seconds() / 60:.0f} minutes in {footage}.",
            "They are safe there, and played from there on this machine alone; when its disk is full, recording stops.",
            "The log of the recorder says why the object store does not take them.",
        )
    refused = len(list(footage.glob("*/rows/*.bad")))
    if refused:
        yield Finding(
            f"{refused} rows of footage were set aside in {footage}: the index could not take them.",
            "What they tell of is kept, and cannot be found or played.",
            "The log of the recorder says why; report it. They are tried again when the recorder is started.",
        )


def of_files(layout: Layout, endpoints: Endpoints, now: datetime) -> Iterator[Finding]:
    """Keys that others can read, and a certificate that ends soon."""
    wrong = [p for p in (layout.keys, *layout.keys.rglob("*")) if p.exists() and p.stat().st_mode & 0o077]
    if wrong:
        yield Finding(
            f"{wrong[0]} can be read by other users of this machine.",
            "Who reads it can act as the center.",
            f"chmod -R go= {layout.keys}",
        )
    if endpoints.certificate is not None:
        yield from _of_certificate(Path(endpoints.certificate), now)


def _of_certificate(path: Path, now: datetime) -> Iterator[Finding]:
    try:
        until = x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError, IndexError) as error:
        yield Finding(
            f"{path} cannot be read: {error}", "The listener does not start with it.", "See http.tls."
        )
        return
    if until - now < _CERTIFICATE_LEFT:
        yield Finding(
            f"The certificate {path} ends at {until:%Y-%m-%d %H:%M} UTC.",
            "From then on browsers and devices refuse to connect.",
            "http.tls = local: restart `watchfloor up`, which renews it. http.tls = files: put the new one in place.",
        )
