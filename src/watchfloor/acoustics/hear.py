"""What microphones sent over MQTT, taken as what comes over HTTP is; only then is the bus told to forget it. It talks to no microphone.

A message is of the microphone that its subject names, whatever it says: the bus let nobody else write there. Everything is kept once,
whatever comes how often: killed between any two steps, nothing is lost and nothing doubled.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.acoustics import microphone_store, pulse_api
from watchfloor.acoustics.admit import PULSES
from watchfloor.acoustics.registry import KIND
from watchfloor.acoustics.take import Intake, flooding, take, unreadable
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.identity.devices import actor_of
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure
from watchfloor.storage import quarantine_store
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.storage.streams import SENSORS_SUBJECTS

CONSUMER: Final = "acoustics-pulses"
SUBJECT: Final = f"{SENSORS_SUBJECTS}.{PULSES}.>"
PROCESS: Final = "serve"
QUARANTINED_FOR: Final = timedelta(days=7)
_AT_ONCE: Final = 6
"""Fewer than the process has connections to the database."""

_log = logger("acoustics")


class Hearing:
    """Takes batches of messages of microphones."""

    def __init__(self, intake: Intake, agencies: Sequence[UUID]) -> None:
        self._intake = intake
        self._agencies = agencies
        self._of: dict[UUID, UUID] = {}
        self._done: set[tuple[int, datetime | None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def run(self, bus: Bus) -> None:
        """Take them until cancelled."""
        await bus.take(CONSUMER, SUBJECT, self.handle, self.quarantine)

    async def handle(self, deliveries: Sequence[Delivery], /) -> None:
        """Keep what these say, those of a microphone one after the other. Raises Unavailable or Full when it must wait; anything else
        blames the messages. What was done when one of them had to wait is not done again.
        """
        self._done &= {_name(one) for one in deliveries}
        by_microphone: dict[str, list[Delivery]] = {}
        for one in deliveries:
            if _name(one) not in self._done:
                by_microphone.setdefault(one.subject, []).append(one)
        ended = await asyncio.gather(*map(self._in_turn, by_microphone.values()), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def quarantine(self, delivery: Delivery, error: str, /) -> None:
        """Set aside a message that cannot be taken, which is our own fault: one that cannot be read is told at its microphone."""
        try:
            microphone = _microphone_of(delivery)
        except Invalid:
            microphone = None
        agency = (await self._agency_of(microphone) if microphone is not None else None) or self._agencies[0]
        async with self._intake.door.open(Ask(process_actor(agency, PROCESS), Need.MACHINERY_RUN)) as tx:
            await quarantine_store.insert(
                tx,
                uuid7(tx.now),
                subject=delivery.subject,
                message=delivery.payload,
                error=error[:1000],
                attempts=delivery.tries,
                keep_for=QUARANTINED_FOR,
            )
            await effect(tx, "pulses.quarantined", About(KIND, microphone))
        _log.error("a message of a microphone was quarantined", alarm=True, error=error[:200])

    async def _in_turn(self, deliveries: Sequence[Delivery]) -> None:
        async with self._room:
            for one in deliveries:
                await self._take(one)
                self._done.add(_name(one))

    async def _take(self, delivery: Delivery) -> None:
        microphone, came_at = _microphone_of(delivery), sure(delivery.stored_at)
        agency = await self._agency_of(microphone)
        if agency is None:
            _log.warning(
                "a message of a microphone that there is not was let go",
                microphone=delivery.subject.rpartition(".")[2],
            )
            return
        actor = actor_of(agency, microphone, KIND)
        try:
            try:
                message = pulse_api.sent(delivery.payload, by=delivery.subject.rpartition(".")[2])
            except Invalid as error:
                await unreadable(self._intake, actor, error.detail, received_at=came_at)
            else:
                await take(self._intake, actor, message, received_at=came_at)
        except (Refused, NotFound) as error:
            # As over HTTP, where it would be told so: no leave, nothing kept. Its page says which it lacks.
            _log.info(
                "what a microphone sent was not taken",
                microphone=delivery.subject.rpartition(".")[2],
                why=error.reason,
            )

    async def too_much(self, device: str) -> None:
        """Say on its page that more waits of a microphone than its share. Raises Unavailable."""
        microphone = inside(KIND, device)
        agency = await self._agency_of(microphone)
        if agency is None:
            return
        with contextlib.suppress(Refused, NotFound):
            now = self._intake.clock.now()
            await flooding(self._intake, actor_of(agency, microphone, KIND), received_at=now)

    async def _agency_of(self, microphone: UUID) -> UUID | None:
        """Whose it is, which never changes."""
        if microphone in self._of:
            return self._of[microphone]
        for agency in self._agencies:
            async with self._intake.door.open(
                Ask(process_actor(agency, PROCESS), Need.MICROPHONE_STATE)
            ) as tx:
                if await microphone_store.microphone(tx, microphone) is not None:
                    self._of[microphone] = agency
                    return agency
        return None


def _microphone_of(delivery: Delivery) -> UUID:
    """Raises Invalid for a subject that nobody was let in for."""
    return inside(KIND, delivery.subject.rpartition(".")[2])


def _name(delivery: Delivery) -> tuple[int, datetime | None]:
    return delivery.sequence, delivery.stored_at
