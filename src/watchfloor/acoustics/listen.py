"""Listens: looks at pulses as they are kept, and hands over what is located of them. It knows no alert, and raises none.

The database is the truth and nothing is kept between looks that is not found again: which seconds were looked at, with how many pulses, is
written after what was located is handed over. Killed between any two steps, whoever goes on does the last of them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from watchfloor.acoustics import listen_store, microphone_store, pulse_store, stream
from watchfloor.acoustics.listen_store import Slot
from watchfloor.acoustics.located import Located, seconds
from watchfloor.acoustics.microphone import Microphone
from watchfloor.acoustics.model import Air
from watchfloor.acoustics.neighbourhood import Ear, Neighbourhood, neighbourhoods
from watchfloor.acoustics.pulse import REMEMBERED, State, slow_s
from watchfloor.acoustics.registry import KIND, TECHNOLOGY
from watchfloor.acoustics.show import SILENT_AFTER
from watchfloor.acoustics.stream import SLOT_S, Account, Due, Hint
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.lease import ENGINES_AWAY, Lease
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError
from watchfloor.kit.geo import Point
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import DataClass
from watchfloor.storage.tx import Tx

PROCESS: Final = "hear"
SETTLES_S: Final = 1.0
"""A slot is looked at so long after its end: what is on its way by then is another look."""
_EVERY_S: Final = 1.0
# Pulses that come so late still change what was told; how often is looked for those of minutes ago.
LATEST: Final = timedelta(minutes=15)
_LATELY: Final = timedelta(minutes=2)
_LATE_EVERY_S: Final = 30.0
# After an outage so many slots are looked at at once, the latest first.
_AT_ONCE: Final = 30
# What belongs together reaches over no more than this.
_AROUND: Final = timedelta(seconds=32)
# What reckoning can come to with pulses that nobody thought of: these are set aside, and the next are looked at.
_ODD: Final = (ArithmeticError, LookupError, ValueError, TypeError, RuntimeError, MemoryError)
_log = logger("acoustics")


@dataclass(frozen=True, slots=True)
class Told:
    """What is located of some seconds, each source with the rule it is kept by; `withheld` are those at whose place nobody may listen."""

    account: Account
    allowed: tuple[tuple[Located, int], ...]
    withheld: tuple[Located, ...]


class SoundSink(Protocol):
    """What is done with what was located, in one transaction: incidents makes alerts of it. Doing it again changes nothing."""

    async def __call__(self, tx: Tx, told: Told, /) -> None: ...


@dataclass(frozen=True, slots=True)
class ListenParts:
    """What listening needs."""

    door: Door
    clock: Clock
    agencies: Sequence[UUID]
    sink: SoundSink
    air: Air = field(default_factory=Air)


async def run(parts: ListenParts, stop: asyncio.Event) -> None:
    """Listen for every agency until told to stop."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(Listener(parts, agency).run()) for agency in parts.agencies]
        await stop.wait()
        for task in tasks:
            task.cancel()


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is to look at: who stands where, and the slots of which pulses were not looked at."""

    microphones: tuple[tuple[Microphone, State], ...]
    slots: tuple[Slot, ...]
    hinted: frozenset[int]


class Listener:
    """Listens for one agency."""

    def __init__(self, parts: ListenParts, agency: UUID) -> None:
        self._parts = parts
        self._agency = agency
        self._actor = process_actor(agency, PROCESS)
        self._hints: dict[int, tuple[Hint, ...]] = {}
        self._ears: tuple[Ear, ...] = ()
        self._neighbourhoods: tuple[Neighbourhood, ...] = ()
        self._late_at = float("-inf")

    async def run(self) -> None:
        """Look as soon as each slot has settled, and each second for what came late, for ever; an engine that is away is asked again."""
        while True:
            try:
                while await self.look():
                    pass
            except WatchfloorError as error:
                _log.warning("listening waits", why=error.detail)
            except _ODD as error:  # whatever it is, what comes next is listened to
                _log.error("a look at what was heard failed", alarm=True, why=_words(error))
            now = seconds(self._parts.clock.now())
            settled = (stream.slot_of(now - SETTLES_S) + 1) * SLOT_S + SETTLES_S
            await self._parts.clock.sleep(min(max(settled - now, 0.02), _EVERY_S))

    async def look(self) -> bool:
        """Look at what was not looked at, and hand over what is located; whether more is left."""
        now = self._parts.clock.now()
        late = self._parts.clock.monotonic() - self._late_at >= _LATE_EVERY_S
        known = await self._know(now, LATEST if late else _LATELY)
        ears = await self._allowed(known.microphones, now) if known.slots else ()
        if not ears:
            return False
        if ears != self._ears:
            self._ears, self._neighbourhoods = ears, neighbourhoods(ears)
        some, rest = known.slots[:_AT_ONCE], known.slots[_AT_ONCE:]
        await self._looked(some, known.hinted, _last_settled(now))
        if late and not rest:
            self._late_at = self._parts.clock.monotonic()
        self._forget(now)
        return bool(rest)

    async def _know(self, now: datetime, back: timedelta) -> _Known:
        until = listen_store.begin_of(_last_settled(now) + 1)
        async with self._parts.door.open(Ask(self._actor, Need.ARRAY_KNOW)) as tx:
            found = (await microphone_store.microphones(tx)).items
            here = [one for one in found if not one.retired]
            if not here:
                return _Known((), (), frozenset())
            since = listen_store.begin_of(stream.slot_of(seconds(now - back)))
            slots = await listen_store.unlooked(tx, since, until)
            if not slots:
                return _Known((), (), frozenset())
            states = await pulse_store.states(tx, [one.id for one in here])
            some = [listen_store.begin_of(one.number) for one in slots[:_AT_ONCE]]
            hinted = await listen_store.hinted(tx, min(some) - _AROUND, max(some) + _AROUND)
        up = tuple((one, states[one.id]) for one in here if one.id in states)
        return _Known(up, tuple(slots), frozenset(hinted))

    async def _allowed(
        self, microphones: Sequence[tuple[Microphone, State]], now: datetime
    ) -> tuple[Ear, ...]:
        """Those that are up and may be listened to. Raises Unavailable when that cannot be known."""
        up = [(one, state) for one, state in microphones if is_up(one, state, now=now)]
        leave = await self._leases([self._ask_about(one) for one, _ in up])
        return tuple(
            Ear(one.id, one.spot.point, one.spot.height_m, state.clutter.per_s, one.spot.error_m)
            for (one, state), answer in zip(up, leave, strict=True)
            if isinstance(answer, Lease)
        )

    async def _looked(self, slots: Sequence[Slot], hinted: frozenset[int], last: int) -> None:
        """Look at these slots, hand over what is located, and only then keep that they were looked at."""
        there = {one.number: one for one in slots}
        # Among them what another process, or this one before it was ended, had a hint of, and this one does not know.
        windows = stream.to_look_at(there, hinted, self._hints, last)
        before = {number for number in windows if number in hinted or self._hints.get(number)}
        for number, found in (await self._hints_of(windows)).items():
            self._hints[number] = found
        fallen = [number for number in before if not self._hints[number]]
        for due in stream.due(self._hints, windows, fallen):
            await self._tell(due)
        now_hinted = {number: bool(self._hints[number]) for number in windows}
        kept = [
            Slot(number, there[number].pulses if number in there else 0, hint)
            for number, hint in now_hinted.items()
            if number in there or hint or number in hinted
        ]
        async with self._parts.door.open(self._ask_at(self._ears[0])) as tx:
            await listen_store.keep_looked(tx, kept)

    async def _hints_of(self, windows: Sequence[int]) -> dict[int, tuple[Hint, ...]]:
        found: dict[int, tuple[Hint, ...]] = {}
        for some in _in_a_row(windows):
            heard = await self._heard(stream.looked_at(some[0])[0], stream.looked_at(some[-1])[1])
            for number in some:
                part = heard.part(*stream.looked_at(number))
                found[number] = await self._hinted(number, part)
        return found

    async def _hinted(self, number: int, part: stream.Stretch) -> tuple[Hint, ...]:
        """The hints of a slot; of one that nothing can be reckoned of, none."""
        try:
            return await asyncio.to_thread(stream.hints, self._neighbourhoods, part, self._parts.air)
        except (Invalid, *_ODD) as error:
            _log.error("seconds of pulses were set aside", alarm=True, slot=number, why=_words(error))
            return ()

    async def _tell(self, due: Due) -> None:
        """Explain the blocks of some seconds by what is kept of them, and hand over what is located."""
        begins = min((one.begins_s for one in due.blocks), default=due.begins_s)
        ends = max((one.ends_s for one in due.blocks), default=due.ends_s)
        heard = await self._heard(begins, ends)
        try:
            account = await asyncio.to_thread(stream.account, self._ears, due, heard, self._parts.air)
        except (Invalid, *_ODD) as error:
            _log.error(
                "what was heard of some seconds was set aside",
                alarm=True,
                begins=due.begins_s,
                why=_words(error),
            )
            return
        leave = await self._leases([self._ask_of(one.middle) for one in account.sources])
        allowed = tuple(
            (one, sure(sure(answer.authorisation).keeping(DataClass.PULSE).rule))
            for one, answer in zip(account.sources, leave, strict=True)
            if isinstance(answer, Lease)
        )
        withheld = tuple(
            one for one, answer in zip(account.sources, leave, strict=True) if isinstance(answer, Denied)
        )
        place = allowed[0][0].middle if allowed else self._ears[0].point
        async with self._parts.door.open(self._ask_of(place)) as tx:
            await self._parts.sink(tx, Told(account, allowed, withheld))

    async def _heard(self, begins_s: float, ends_s: float) -> stream.Stretch:
        async with self._parts.door.open(self._ask_at(self._ears[0])) as tx:
            return await listen_store.heard(tx, begins_s, ends_s, [one.id for one in self._ears])

    async def _leases(self, asks: Sequence[Ask]) -> tuple[Lease | Denied, ...]:
        answers = await self._parts.door.lease(asks)
        for answer in answers:
            if isinstance(answer, Denied) and answer.reason == ENGINES_AWAY:
                raise Unavailable(answer.sentence, reason="database_away", retry_after_s=2)
        return answers

    def _ask_about(self, one: Microphone) -> Ask:
        return _ask(self._actor, Need.ARRAY_HEAR, About(KIND, one.id), one.spot.point)

    def _ask_at(self, ear: Ear) -> Ask:
        return _ask(self._actor, Need.ARRAY_HEAR, About(KIND, ear.id), ear.point)

    def _ask_of(self, place: Point) -> Ask:
        return _ask(self._actor, Need.SOUND_TELL, About("agency", self._agency), place)

    def _forget(self, now: datetime) -> None:
        oldest = stream.slot_of(seconds(now - LATEST - _AROUND))
        for number in [number for number in self._hints if number < oldest]:
            del self._hints[number]


def _words(error: Exception) -> str:
    return error.detail if isinstance(error, WatchfloorError) else f"{type(error).__name__}: {error}"


def is_up(microphone: Microphone, state: State, *, now: datetime) -> bool:
    """Whether it was heard lately and what it says is believed: only then that it reports nothing speaks against a sound."""
    wrong = (state.clock_off_at, state.elsewhere_at, state.jumped_at)
    if any(at is not None and now - at < REMEMBERED for at in wrong):
        return False
    return now - state.heard_at <= SILENT_AFTER and slow_s(state, microphone) is None


def _ask(actor: Actor, need: Need, about: About, place: Point) -> Ask:
    return Ask(actor, need, about=about, technology=TECHNOLOGY, place=place)


def _last_settled(now: datetime) -> int:
    """The last slot that has settled."""
    return stream.slot_of(seconds(now) - SETTLES_S) - 1


def _in_a_row(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers in order, those that follow each other together."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and number == rows[-1][-1] + 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    return rows
