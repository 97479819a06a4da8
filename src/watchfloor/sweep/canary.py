"""Plants an invented read every hour for each length that is shorter than a day, through a reader of its own, and looks for it until
nothing is left: in the table, among the pictures, on the bus, in files; where pictures alone are kept so, for its picture. It asks
each place itself, never what should have deleted it.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.keep import is_brief, minutes_of
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask, Keeping
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.plates import reader_store, wire
from watchfloor.plates.hand_in import Hand
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.leave import leave_for
from watchfloor.plates.model import Reader
from watchfloor.plates.picture import Shelf, key_of, name_of
from watchfloor.storage.classes import DataClass
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.streams import INTAKE, TRANSIENT
from watchfloor.sweep import canary_store
from watchfloor.sweep.canary_model import Canary, Place, Stands, after, is_over

LOOK_EVERY_S: Final = 10.0
PLANT_EVERY: Final = timedelta(hours=1)
TRY_AGAIN: Final = timedelta(minutes=10)
_CHUNK: Final = 1 << 20
_NAMED: Final = "Canary of "
_OF_PICTURES: Final = f"{_NAMED}pictures "
# A JPEG that is grey and no more; the canary's name behind its end makes each another picture.
_GREY: Final = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb00430050373c463c32504641465a55505f78c882786e6e78f5afb991c8ffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0000b080008000801011100ffc4001400010000000000000000"
    "0000000000000000ffc40014100100000000000000000000000000000000ffda0008010100003f003fffd9"
)
_log = logger("sweep")


@dataclass(frozen=True, slots=True)
class Nest:
    """What planting and looking need. `folders` are those whose files may hold a read for a moment, but what lies in `passed_by`."""

    door: Door
    clock: Clock
    bus: Bus
    objects: Objects
    folders: Sequence[Path]
    passed_by: frozenset[Path] = frozenset()


class _Unread(OSError):
    """Where a canary may lie cannot be read: a sentence."""


async def follow(nest: Nest, agencies: Sequence[UUID]) -> None:
    """Plant each hour, look each ten seconds; without an engine both wait."""
    while True:
        for agency in agencies:
            for act in (plant, look):
                try:
                    await act(nest, agency)
                except (WatchfloorError, OSError) as error:
                    _log.warning("canaries wait", why=_why(error))
        await nest.clock.sleep(LOOK_EVERY_S)


async def plant(nest: Nest, agency: UUID) -> list[Canary]:
    """Plant one for each length below a day under which readers read, if an hour is over; those that were planted. What fails is
    tried again after ten minutes.
    """
    ask = _ask(agency)
    async with nest.door.open(ask) as tx:
        last, now = await canary_store.last_round(tx), tx.now
        if last is not None and now - last.at < (TRY_AGAIN if last.failed else PLANT_EVERY):
            return []
        readers = [one for one in (await reader_store.readers(tx)).items if _stands(one)]
        before = await canary_store.planted(tx) if last is not None else {}
        await canary_store.forget_strays(tx, _OF_PICTURES)
    lengths = await _lengths(nest, agency, readers)
    due = {one for one in lengths if one not in before or now - before[one] >= PLANT_EVERY - TRY_AGAIN}
    if last is not None:
        due |= last.failed & lengths.keys()
    tried = {stands: await _tried(nest, agency, stands, lengths[stands]) for stands in sorted(due)}
    since = {stands: last.in_force.get(stands, now) if last else now for stands in lengths}
    async with nest.door.open(ask) as tx:
        await canary_store.keep_round(tx, since, [one for one, canary in tried.items() if canary is None])
    return [canary for canary in tried.values() if canary is not None]


async def _tried(nest: Nest, agency: UUID, stands: Stands, beside: Reader) -> Canary | None:
    """Plant one; None where that failed, which keeps no other from being planted."""
    try:
        async with nest.door.open(_ask(agency)) as tx:
            reader = await canary_store.reader_of(tx, name := f"{_NAMED}{stands.kept}", beside)
        if reader is None:
            why = f"a reader of people's is called {name!r}"
        elif (canary := await _plant(nest, agency, reader, stands)) is not None:
            return canary
        else:
            why = "its reads are not allowed"
    except (WatchfloorError, OSError) as error:
        why = _why(error)
    _log.warning("a canary was not planted", of=stands.words, why=why)
    return None


def _stands(reader: Reader) -> bool:
    return not (reader.retired or reader.mobile or reader.camera)


async def _lengths(nest: Nest, agency: UUID, readers: Sequence[Reader]) -> dict[Stands, Reader]:
    """Each length below a day, with a reader whose reads are kept so; or whose pictures are, and its reads for days."""
    leave = await leave_for(nest.door, process_actor(agency, "sweep"), readers) if readers else {}
    found: dict[Stands, Reader] = {}
    for reader in readers:
        answer = leave[reader.id]
        if isinstance(answer, Lease) and answer.authorisation is not None:
            read = _short(answer.authorisation.keeping(DataClass.PLATE_READ))
            picture = _short(answer.authorisation.keeping(DataClass.PLATE_PICTURE))
            if read is not None:
                found.setdefault(Stands(read), reader)
            elif picture is not None:
                found.setdefault(Stands(picture, pictures=True), reader)
    return found


def _short(kept: Keeping) -> int | None:
    """A length below a day in minutes, 0 for never stored; None for one of days."""
    if kept.rule is None:
        return 0
    return minutes_of(kept.keep_for) if is_brief(kept.keep_for) else None


async def _plant(nest: Nest, agency: UUID, reader: Reader, stands: Stands) -> Canary | None:
    """By the way that vendors' reads take from where they were parsed. What is planted and not kept, for a crash, goes in its minutes all
    the same; where it stands for pictures, its read goes with the next planting.
    """
    actor = process_actor(agency, "sweep")
    (leave,) = (await leave_for(nest.door, actor, [reader])).values()
    if not isinstance(leave, Lease):
        return None
    now = nest.clock.now()
    id = uuid7(now)
    picture = _GREY + str(id).encode()
    canary = Canary(id, reader.id, stands, name_of(picture), now)
    claim = Claim(
        source_key=canary.source_key, plate=canary.plate, state=None, confidence=None, device_at=now, crop=picture
    )  # fmt: skip
    await Hand(nest.bus, nest.objects).reads(actor.agency, reader.id, leave, [claim], now)
    async with nest.door.open(_ask(agency)) as tx:
        await canary_store.keep(tx, canary)
    return canary


async def look(nest: Nest, agency: UUID) -> list[Canary]:
    """Look for each that something may be left of; those that were followed to their end now."""
    ask = _ask(agency)
    async with nest.door.open(ask) as tx:
        followed = [one for one in await canary_store.followed(tx) if one.worth_a_look(tx.now)]
    ended = []
    for canary in followed:
        try:
            seen, over = await _looked(nest, agency, canary)
        except (WatchfloorError, OSError) as error:
            _log.warning("a canary waits to be looked for", of=canary.stands.words, why=_why(error))
            continue
        ended += [seen] if over else []
        if seen.fault is not None and seen.fault != canary.fault:
            _log.error("a canary did not go as it should", alarm=True, what=seen.fault)
    return ended


async def _looked(nest: Nest, agency: UUID, canary: Canary) -> tuple[Canary, bool]:
    """What is known of it after a look, and whether it was the last. What cannot be read is never taken for gone."""
    there: dict[Place, bool] | None = None
    unread: str | None = None
    try:
        there = await _there(nest, agency, canary)
    except _Unread as error:
        unread = f"A canary of {canary.stands.words} cannot be looked for: {error}."
    async with nest.door.open(_ask(agency)) as tx:
        if there is None:
            seen, over = replace(canary, fault=unread), False
        else:
            seen = after(canary, there, tx.now)
            over = is_over(seen, there, tx.now)
        if over and canary.stands.pictures:
            await canary_store.forget_read(tx, canary.reader, canary.source_key)
        if over:
            await effect(tx, "retention.canary", About("reader", seen.reader), more=_told(seen))
        await canary_store.keep(tx, seen, done=over)
    return seen, over


async def _there(nest: Nest, agency: UUID, canary: Canary) -> dict[Place, bool]:
    """Where it is now. Files are looked through last, once it is nowhere else. Raises
    Unavailable and _Unread.
    """
    alone = canary.stands.pictures
    async with nest.door.open(_ask(agency)) as tx:
        there: dict[Place, bool] = {
            "row": await canary_store.is_indexed(tx, canary.reader, canary.picture)
            if alone
            else await canary_store.is_kept(tx, canary.reader, canary.source_key)
        }
    keys = [key_of(agency, canary.picture, shelf) for shelf in Shelf]
    there["picture"] = any([await nest.objects.has(key) for key in keys])
    if alone:  # its read is on the bus and may be in files, for days
        return there
    subjects = (
        (stream, wire.subject_of(canary.reader, transient=stream == TRANSIENT))
        for stream in (INTAKE, TRANSIENT)
    )
    waits = [await nest.bus.waiting(stream, subject) for stream, subject in subjects]
    there["stream"] = any(one.oldest_at is not None and one.oldest_at >= canary.planted_at for one in waits)
    if not any(there.values()):
        there["files"] = await asyncio.to_thread(_in_files, nest.folders, nest.passed_by, canary)
    return there


def _in_files(folders: Sequence[Path], passed_by: frozenset[Path], canary: Canary) -> bool:
    """Whether a file that was written since holds its plate, its name or its picture's. Raises _Unread."""
    wanted = [text.encode() for text in (canary.plate.text, canary.source_key, canary.picture)]
    since = canary.planted_at.timestamp()
    for folder in folders:
        try:
            if any(_holds(path, wanted, since) for path in _files_below(folder, passed_by)):
                return True
        except OSError as error:
            # Not which file: a vendor may call it by a plate.
            raise _Unread(f"something in {folder} cannot be read ({type(error).__name__})") from error
    return False


def _files_below(folder: Path, passed_by: frozenset[Path]) -> Iterator[Path]:
    """What is no folder; what goes meanwhile is none. Raises OSError."""

    def failed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for at, below, names in os.walk(folder, onerror=failed):
        below[:] = [name for name in below if Path(at, name) not in passed_by]
        yield from (Path(at, name) for name in names)


def _holds(path: Path, wanted: Sequence[bytes], since: float) -> bool:
    keep = max(map(len, wanted)) - 1
    try:
        stands = path.lstat()
        if not stat.S_ISREG(stands.st_mode) or stands.st_mtime < since:
            return False
        with path.open("rb") as file:
            before = b""
            while chunk := file.read(_CHUNK):
                before += chunk
                if any(one in before for one in wanted):
                    return True
                before = before[-keep:]
    except FileNotFoundError:
        return False
    return False


def _why(error: WatchfloorError | OSError) -> str:
    return error.detail if isinstance(error, WatchfloorError) else type(error).__name__


def _told(canary: Canary) -> dict[str, Json]:
    return {
        "minutes": canary.stands.minutes,
        "pictures": canary.stands.pictures,
        "planted_at": rfc3339(canary.planted_at),
        "gone_s": {str(place): after for place, after in canary.gone_s.items()},
        "fault": canary.fault,
    }


def _ask(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)
