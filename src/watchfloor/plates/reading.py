"""Who may hand in reads: the registry of readers as processes remember it, and the approval each reads under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.lease import ENGINES_AWAY, Lease
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.plates import reader_store
from watchfloor.plates.model import Reader, ReaderId

REMEMBERED_S: Final = 2.0
OUTAGE_S: Final = 15 * 60.0

Readers = Mapping[ReaderId, Reader]


class ReaderBook:
    """The readers of each agency, read anew every two seconds; with the database away, as they were, for 15 minutes."""

    def __init__(self, door: Door, clock: Clock, process: str) -> None:
        self._door = door
        self._clock = clock
        self._process = process
        self._known: dict[UUID, tuple[Readers, float]] = {}

    async def of(self, agency: UUID) -> Readers:
        """The agency's readers, the retired included. Raises Unavailable when they cannot be known."""
        known = self._known.get(agency)
        now = self._clock.monotonic()
        if known is not None and now - known[1] < REMEMBERED_S:
            return known[0]
        try:
            async with self._door.open(Ask(process_actor(agency, self._process), Need.READER_STATE)) as tx:
                found: Readers = {reader.id: reader for reader in (await reader_store.readers(tx)).items}
        except Unavailable:
            if known is None or now - known[1] > OUTAGE_S:
                raise
            return known[0]
        self._known[agency] = (found, now)
        return found

    def forget(self, agency: UUID) -> None:
        """Read them anew next time: one was added or changed."""
        self._known.pop(agency, None)


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


def _retired(reader: Reader) -> Denied:
    return Denied(
        "retired", f"The reader “{reader.name}” was taken out of service.", next_step="Register it anew."
    )
