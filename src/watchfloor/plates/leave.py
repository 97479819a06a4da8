"""Who may hand in reads: the registry of readers as processes remember it, and the approval each reads under."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.keep import is_brief
from watchfloor.governance.lease import ENGINES_AWAY, Lease
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.plates import reader_store
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.picture import Shelf
from watchfloor.storage.classes import DataClass

REMEMBERED_S: Final = 2.0
# Asking a database that is away takes seconds: so long its failure answers those who waited, and those who come next.
FAILED_S: Final = 1.0
# So long after a failure nobody waits for the one who tries again.
TRYING_S: Final = 10.0
OUTAGE_S: Final = 15 * 60.0

Readers = Mapping[ReaderId, Reader]


@dataclass(frozen=True, slots=True)
class _Page:
    """The readers of an agency and its time zone, as they were read at a moment of the monotonic clock."""

    readers: Readers
    zone: tzinfo
    at: float


@dataclass(frozen=True, slots=True)
class _Failure:
    """What asking came to, and when it had: a moment of the monotonic clock."""

    error: Unavailable
    at: float


class ReaderBook:
    """The readers of each agency, read anew every two seconds; with the database away, as they were, for 15 minutes.

    While it is away one in a while tries it again, for all of them.
    """

    def __init__(self, door: Door, clock: Clock, process: str) -> None:
        self._door = door
        self._clock = clock
        self._process = process
        self._known: dict[UUID, _Page] = {}
        self._stale: set[UUID] = set()
        self._failed: dict[UUID, _Failure] = {}
        self._reading: dict[UUID, asyncio.Lock] = {}

    async def of(self, agency: UUID) -> Readers:
        """The agency's readers, the retired included. Raises Unavailable when they cannot be known."""
        return (await self._page(agency)).readers

    async def anew(self, agency: UUID) -> Readers:
        """The same as they are now, for who looks for one that was not among them. Raises Unavailable when that cannot be known; what is
        remembered stays for all the others.
        """
        asked = self._clock.monotonic()
        self._stale.add(agency)
        page = await self._page(agency)
        if page.at < asked:
            raise self._failed[agency].error.with_traceback(None)
        return page.readers

    async def zone_of(self, agency: UUID) -> tzinfo:
        """The zone of the clocks on the walls of the agency. Raises Unavailable when it cannot be known."""
        return (await self._page(agency)).zone

    async def _page(self, agency: UUID) -> _Page:
        if (known := self._fresh(agency)) is not None:
            return known
        reading = self._reading.setdefault(agency, asyncio.Lock())
        failed = self._failed.get(agency)
        if failed is not None and reading.locked() and self._clock.monotonic() - failed.at < TRYING_S:
            return self._as_it_was(agency, failed)
        # One of those who find it old reads it, for all of them: under many single reads they are hundreds.
        async with reading:
            return await self._read(agency)

    async def _read(self, agency: UUID) -> _Page:
        failed, now = self._failed.get(agency), self._clock.monotonic()
        if (known := self._fresh(agency)) is not None:
            return known
        if failed is not None and now - failed.at < FAILED_S:
            return self._as_it_was(agency, failed)
        self._stale.discard(agency)
        try:
            async with self._door.open(Ask(process_actor(agency, self._process), Need.READER_STATE)) as tx:
                readers = await reader_store.matched(tx)
                found = _Page({reader.id: reader for reader in readers}, tx.zone, now)
        except Unavailable as error:
            self._failed[agency] = failed = _Failure(error, self._clock.monotonic())
            return self._as_it_was(agency, failed)
        self._known[agency] = found
        self._failed.pop(agency, None)
        return found

    def _fresh(self, agency: UUID) -> _Page | None:
        known = self._known.get(agency)
        if known is None or agency in self._stale or self._clock.monotonic() - known.at >= REMEMBERED_S:
            return None
        return known

    def _as_it_was(self, agency: UUID, failed: _Failure) -> _Page:
        known = self._known.get(agency)
        if known is None or self._clock.monotonic() - known.at > OUTAGE_S:
            raise failed.error.with_traceback(None)  # else it would grow with each who is told
        return known


def ask_for(actor: Actor, reader: Reader) -> Ask:
    """The ask under which this reader's reads are taken."""
    return Ask(
        actor,
        Need.PLATES_INGEST,
        about=About("reader", reader.id),
        technology=reader.technology,
        place=reader.point,
    )


async def leave_for(door: Door, actor: Actor, readers: Sequence[Reader]) -> dict[ReaderId, Lease | Denied]:
    """Whether reads of each reader may be taken now. Raises Unavailable when that cannot be known."""
    answers = await door.lease([ask_for(actor, reader) for reader in readers])
    leave: dict[ReaderId, Lease | Denied] = {}
    for reader, answer in zip(readers, answers, strict=True):
        if isinstance(answer, Denied) and answer.reason == ENGINES_AWAY:
            raise Unavailable(answer.sentence, reason="database_away", retry_after_s=2)
        leave[reader.id] = _retired(reader) if reader.retired else answer
    return leave


def is_short(lease: Lease) -> bool:
    """Whether reads that are taken under this leave are never stored, or for minutes: such wait in memory, and no longer than minutes."""
    kept = lease.authorisation.keeping(DataClass.PLATE_READ) if lease.authorisation else None
    return kept is not None and (kept.rule is None or is_brief(kept.keep_for))


def shelf_of(lease: Lease) -> Shelf:
    """Where pictures lie that are taken under this leave."""
    kept = lease.authorisation.keeping(DataClass.PLATE_PICTURE) if lease.authorisation else None
    if kept is None:
        return Shelf.KEPT
    if kept.rule is None:
        return Shelf.TRANSIENT
    return Shelf.BRIEF if is_brief(kept.keep_for) else Shelf.KEPT


def _retired(reader: Reader) -> Denied:
    return Denied(
        "retired", f"The reader “{reader.name}” was taken out of service.", next_step="Register it anew."
    )
