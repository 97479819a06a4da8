"""The matcher: takes reads from the intake buffer, matches them, and keeps reads, hits, alerts and the log's entry of
it in one transaction; only then is the buffer told to forget them. It talks to no device and decides no alert.

Everything is idempotent on (reader, source key, time): a matcher killed between any two steps loses nothing and doubles
nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, NotFound, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.plates import bulk_store, entry_end, health_store, hot_list_store, reader_store, store, wire
from watchfloor.plates.batches import Taken, take_apart
from watchfloor.plates.bulk import Fresh
from watchfloor.plates.heard import came_in, came_of, counted
from watchfloor.plates.held import kept_held
from watchfloor.plates.joining import joined
from watchfloor.plates.judge import Judges
from watchfloor.plates.leave import ReaderBook, ask_for, leave_for
from watchfloor.plates.load import HotLists
from watchfloor.plates.match import HitSink, ReadSink, hits_of, nobody_follows
from watchfloor.plates.model import Grade, Hit, PlateRead, ReaderId
from watchfloor.plates.picture import Shelf, folder_of, key_of
from watchfloor.plates.reader_store import Heard
from watchfloor.plates.shelves import shelved
from watchfloor.plates.store import KeptRead
from watchfloor.plates.watch_hits import Watcher
from watchfloor.plates.wire import ColumnsForm
from watchfloor.storage import quarantine_store
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.storage.objects import Objects
from watchfloor.storage.streams import TRANSIENT_WAITS, is_transient
from watchfloor.storage.tx import Tx

CONSUMER: Final = "plates-match"
TRANSIENT_CONSUMER: Final = "plates-match-transient"
PROCESS: Final = "sense"
QUARANTINED_FOR: Final = timedelta(days=7)
SUM_EVERY_S: Final = 60.0

_log = logger("plates")


@dataclass(frozen=True, slots=True)
class ConsumeParts:
    """What the matcher needs. `on_hits` is what incidents does with hits, in the same transaction, `on_reads` what is done with
    every new read; from `objects` go the pictures of reads that are never stored.
    """

    door: Door
    clock: Clock
    bus: Bus
    agencies: Sequence[UUID]
    on_hits: HitSink
    objects: Objects
    on_reads: ReadSink = nobody_follows


class UnknownReader(ValueError):
    """A message of a reader that its agency does not have: our own bug, or a registry that lost it."""


async def run(parts: ConsumeParts, stop: asyncio.Event) -> None:
    """Match until told to stop; what is in hand then goes back to the buffer and is matched by the next."""
    matcher = Matcher(parts)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(matcher.hot_lists.keep(parts.agencies)),
            group.create_task(_hear(parts, matcher.hot_lists)),
            group.create_task(
                parts.bus.take(CONSUMER, f"{wire.SUBJECT}.>", matcher.handle, matcher.quarantine)
            ),
            group.create_task(
                parts.bus.take(
                    TRANSIENT_CONSUMER, f"{wire.TRANSIENT}.>", matcher.handle_transient, matcher.quarantine
                )
            ),
        ]
        await stop.wait()
        while any(not task.done() for task in tasks):
            # Once is not enough: until Python 3.12, `wait_for` swallows a cancellation that meets its result.
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.5)


async def _hear(parts: ConsumeParts, hot_lists: HotLists) -> None:
    """Look at once when there is news; without the bus, looking every second has to do."""

    async def heard(_: str, __: bytes) -> None:
        hot_lists.stir()

    while True:
        with contextlib.suppress(Unavailable):
            await parts.bus.hear("wf.v1.*.plates.hot_list.changed", heard)
            await asyncio.Event().wait()
        await parts.clock.sleep(1.0)


class Matcher:
    """Handles batches of intake messages."""

    def __init__(self, parts: ConsumeParts) -> None:
        self._door = parts.door
        self._clock = parts.clock
        self._bus = parts.bus
        self._agencies = parts.agencies
        self._on_hits, self._on_reads = parts.on_hits, parts.on_reads
        self._readers = ReaderBook(parts.door, parts.clock, PROCESS)
        self._objects = parts.objects
        self._partitions: set[tuple[str, int, date]] = set()
        self._summed: dict[UUID, float] = {}
        self._judges = Judges(parts.clock)
        self._watcher = Watcher()
        self.hot_lists = HotLists(parts.door, parts.clock, PROCESS)

    async def handle(self, deliveries: Sequence[Delivery], /) -> None:
        """Keep what these messages say. Raises Unavailable or Full when it must wait; anything else blames the messages."""
        by_agency: dict[UUID, list[ColumnsForm]] = {}
        for delivery in deliveries:
            batch = wire.batch_of(delivery.payload)
            by_agency.setdefault(batch.agency, []).append(batch)
        for agency, batches in by_agency.items():
            await self._keep(agency, batches)

    async def handle_transient(self, deliveries: Sequence[Delivery], /) -> None:
        """The same for reads that are never stored: with the database away they wait their minutes, here as in the buffer, and
        are then let go unmatched.
        """
        try:
            await self.handle(deliveries)
        except (Unavailable, Full):
            came = min(wire.batch_of(one.payload).received_at for one in deliveries)
            if self._clock.now() - came < TRANSIENT_WAITS:
                raise
            _log.error(
                "reads waited as long as they may and went unmatched", alarm=True, messages=len(deliveries)
            )

    async def quarantine(self, delivery: Delivery, error: str, /) -> None:
        """Set aside a message that cannot be kept. Of several reads each goes back alone, so that only the bad one
        stays behind; without room in the intake buffer all stay behind, for nobody makes any while this waits.
        """
        try:
            batch = wire.batch_of(delivery.payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            await self._set_aside(await self._agency_of(delivery), delivery, error)
            return
        if len(batch) < 2:
            await self._set_aside(batch.agency, delivery, error)
            return
        for row in range(len(batch)):
            message, message_id = wire.alone(batch, row)
            try:
                await self._bus.put(delivery.subject, message, message_id=message_id)
            except Full as full:
                if is_transient(
                    delivery.subject
                ):  # there it comes by itself, and what is set aside is kept nowhere
                    raise Unavailable(
                        "There is no room to take a message apart.", reason=full.reason
                    ) from full
                await self._set_aside(batch.agency, delivery, error)
                return

    async def _keep(self, agency: UUID, batches: Sequence[ColumnsForm]) -> None:
        actor = process_actor(agency, PROCESS)
        taken = await self._taken(actor, batches)
        if taken.first is None or not len(taken):
            async with self._door.open(Ask(actor, Need.READER_STATE)) as tx:
                await _keep_heard(tx, list(taken.heard.values()))
            return
        await self._ensure_partitions(actor, taken.partitions())
        matched = await self._matched(agency, taken)
        async with self._door.open(ask_for(actor, taken.first)) as tx:
            new, again = await _insert_new(tx, taken)
            fresh = await bulk_store.insert_bulk(tx, taken.bulk)
            new, fresh = await kept_held(tx, taken, new, again, fresh)
            rows = taken.rows_of(matched, np.flatnonzero(fresh))
            apart = [kept for kept in (*new, *again) if kept.read.device in matched]
            sought = Fresh(taken.bulk, rows, apart)
            version = await hot_list_store.version(tx)
            found = self.hot_lists.found(agency, version, sought)
            wanted = await hot_list_store.wanted(tx, sorted({key for one in found for key in one.keys}))
            wanted = await entry_end.still_wanted(tx, wanted)
            judge = await self._judges.judge(tx, found=bool(wanted))
            judge.saw(new, taken.bulk, fresh)
            hits = hits_of(found, wanted, taken.readers, judge, now=tx.now)
            hits = await store.insert_hits(tx, hits)
            watched = await self._watcher.keep(tx, version, sought, taken.readers)
            followed = await self._on_reads(tx, sought, taken.readers)
            shown = [*(hit.answer.read for hit in hits), *watched, *followed]
            await self._keep_pictures(agency, taken, shown)
            came = came_in(taken.bulk, fresh), came_of([kept.read for kept in new])
            async with tx.piped():
                if alarming := [hit for hit in hits if hit.grade is Grade.ALARM]:
                    await self._on_hits(tx, alarming)
                await _keep_heard(tx, counted(taken.heard, *came))
                await self._say(tx, hits)
        await self._forget_pictures(actor, taken)

    async def _matched(self, agency: UUID, taken: Taken) -> set[ReaderId]:
        """The readers whose reads are matched; no canary. Lists belong to the technology of plate readers: the leave to take their
        reads is leave to match them. What reads plates on video needs leave of its own.
        """
        devices = {id for id in taken.devices() if not taken.readers[id].canary}
        video = {id for id in devices if taken.readers[id].technology is not TechnologyKind.PLATE_READER}
        return devices if not video or await self.hot_lists.usable(agency) else devices - video

    async def _taken(self, actor: Actor, batches: Sequence[ColumnsForm]) -> Taken:
        readers = await self._readers.of(actor.agency)
        if any(ReaderId(batch.device) not in readers for batch in batches):
            readers = await self._readers.anew(actor.agency)
        missing = next((batch.device for batch in batches if ReaderId(batch.device) not in readers), None)
        if missing is not None:
            raise UnknownReader(f"the agency has no reader {missing}")
        asked = [readers[device] for device in sorted({ReaderId(batch.device) for batch in batches})]
        leave = await leave_for(self._door, actor, asked)
        return take_apart(batches, readers, leave)

    async def _ensure_partitions(self, actor: Actor, wanted: set[tuple[str, int, date]]) -> None:
        """In a transaction of its own: making one locks the table."""
        missing = sorted(wanted - self._partitions)
        if missing:
            async with self._door.open(Ask(actor, Need.MACHINERY_RUN)) as tx:
                await store.ensure_partitions(tx, missing)
            self._partitions |= set(missing)

    async def _keep_pictures(self, agency: UUID, taken: Taken, hits: Sequence[PlateRead]) -> None:
        """Put the pictures of hits where pictures are kept, for hits live apart and longer, before anybody is told of the hit.

        A store that is full or away holds up no alert: the hit then has no picture.
        """
        for name in sorted(_short(taken) & {read.picture for read in hits if read.picture}):
            try:
                picture = await shelved(self._objects, agency, name, (Shelf.TRANSIENT, Shelf.BRIEF))
                await self._objects.put_content(folder_of(agency), picture)
            except NotFound:
                continue  # its minutes are over, or a hit before has it
            except (Full, Unavailable) as error:
                _log.error("the picture of a hit is not kept", alarm=True, error=error.detail)

    async def _forget_pictures(self, actor: Actor, taken: Taken) -> None:
        """Delete the pictures that are never stored, but those of hits. It comes before the message is acknowledged: a
        matcher killed here does it again.
        """
        if taken.first is None or not (names := sorted(_unstored(taken))):
            return
        async with self._door.open(ask_for(actor, taken.first)) as tx:
            alone = await store.without_reads(tx, names)
            gone = await store.unkept(tx, names)
        # What came later than it may be kept lies where what is kept for minutes does, and so may a read before that is held.
        # One may lie among those that are kept: it was taken when that was approved.
        for shelf, found in ((Shelf.TRANSIENT, names), (Shelf.BRIEF, alone), (Shelf.KEPT, gone)):
            for name in found:
                await self._objects.delete(key_of(actor.agency, name, shelf))

    async def _say(self, tx: Tx, hits: Sequence[Hit]) -> None:
        """The log has each hit, and once a minute how many reads the agency's readers brought in all.

        An entry for each batch would be millions a day that say nothing more.
        """
        for hit in hits:
            more: dict[str, Json] = {
                "reader": str(hit.reader.id),
                "entry": str(hit.answer.wanted.id),
                "strict": hit.answer.strict,
                "differs": hit.answer.kind.value,
                "grade": hit.grade.value,
                "percent": round(100 * hit.odds.probability) if hit.odds else None,
            }
            await effect(
                tx, "plates.hit", About("plate_hit", hit.id), more=more, detail={"reason": hit.answer.reason}
            )
        now = self._clock.monotonic()
        if now - self._summed.get(tx.agency, float("-inf")) >= SUM_EVERY_S:
            states = (await reader_store.states(tx)).values()
            sums: dict[str, Json] = {
                "reads": sum(s.reads for s in states),
                "duplicates": sum(s.duplicates for s in states),
            }
            await effect(tx, "plates.read", About("agency", tx.agency), more={"so_far": sums})
            self._summed[tx.agency] = now

    async def _agency_of(self, delivery: Delivery) -> UUID:
        """Whose reader sent a message that cannot be read: known from the subject, never from the message."""
        device = _device_of(delivery)
        for agency in self._agencies:
            if device is not None and ReaderId(device) in await self._readers.of(agency):
                return agency
        return self._agencies[0]

    async def _set_aside(self, agency: UUID, delivery: Delivery, error: str) -> None:
        """Keep it for who looks into it; of what may be kept nowhere only that there was something."""
        async with self._door.open(Ask(process_actor(agency, PROCESS), Need.MACHINERY_RUN)) as tx:
            await quarantine_store.insert(
                tx,
                uuid7(tx.now),
                subject=delivery.subject,
                message=b"" if is_transient(delivery.subject) else delivery.payload,
                error=error[:1000],
                attempts=delivery.tries,
                keep_for=QUARANTINED_FOR,
            )
            await effect(tx, "plates.quarantined", About("reader", _device_of(delivery)))
        _log.error("a read was quarantined", alarm=True, tries=delivery.tries, error=error[:200])


def _unstored(taken: Taken) -> set[str]:
    """The pictures that are never stored."""
    return {
        kept.read.picture
        for kept in taken.reads
        if kept.rules.picture is None and kept.read.picture is not None
    }


def _short(taken: Taken) -> set[str]:
    """The pictures that are never stored, or for minutes."""
    brief = {kept.read.picture for kept in taken.reads if kept.rules.picture in taken.brief}
    return _unstored(taken) | {name for name in brief if name is not None}


async def _keep_heard(tx: Tx, heard: Sequence[Heard]) -> None:
    await reader_store.keep_heard(tx, heard)
    await health_store.keep_hours(tx, heard)


async def _insert_new(tx: Tx, taken: Taken) -> tuple[list[KeptRead], list[KeptRead]]:
    """Keep reads and which pictures they refer to: those that were not there before, and what was told again of those that were."""
    found = await joined(tx, taken.reads, taken.sites)
    reads = found.fresh
    undated = {(kept.read.device, kept.read.source_key): kept for kept in reversed(reads) if _undated(kept)}
    known = await store.known_undated(tx, list(undated.values()))
    fresh = [kept for kept in reads if not _undated(kept)]
    fresh += [kept for key, kept in undated.items() if key not in known]
    inserted = await store.insert_reads(tx, [kept for kept in fresh if kept.rules.read is not None])
    # What is never stored is new each time it comes; that its hits are not is for `insert_hits` to see.
    new = [kept for kept in fresh if kept.rules.read is None or kept.key in inserted]
    await store.insert_pictures(tx, [*new, *found.again])
    return new, found.again


def _undated(kept: KeptRead) -> bool:
    """Whether its time is ours, so that a second sending would have another."""
    return kept.read.device_at is None or kept.read.clock_suspect


def _device_of(delivery: Delivery) -> UUID | None:
    try:
        return UUID(delivery.subject.rpartition(".")[2])
    except ValueError:
        return None
