"""Listens: looks at pulses as they are kept, and hands over what is located of them. It knows no alert, and raises none.

The database is the truth and nothing is kept between looks that is not found again: which seconds were looked at, with how many pulses, is
written after what was located is handed over. Killed between any two steps, whoever goes on does the last of them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID, uuid5

from watchfloor.acoustics import due, listen_store, microphone_store, pulse_store, stream, weather_store
from watchfloor.acoustics.due import SLOT_S, Due, Hint, slot_of
from watchfloor.acoustics.listen_store import Slot
from watchfloor.acoustics.located import Located, moment, seconds
from watchfloor.acoustics.microphone import Microphone
from watchfloor.acoustics.neighbourhood import Ear, Neighbourhood, neighbourhoods
from watchfloor.acoustics.pulse import REMEMBERED, State, slow_s
from watchfloor.acoustics.registry import KIND, TECHNOLOGY
from watchfloor.acoustics.show import SILENT_AFTER
from watchfloor.acoustics.stream import Account
from watchfloor.acoustics.weather import LONGEST, Reading, weather_at
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.lease import ENGINES_AWAY, Lease
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.beat import end_at_once
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
# After an outage so many slots are asked for at once, the latest first; so many are looked at before what they hint at is told.
_AT_ONCE: Final = 30
_IN_A_ROW: Final = 4
# What belongs together reaches over no more than this.
_AROUND: Final = timedelta(seconds=due.AROUND_SLOTS * SLOT_S)
# What nobody looked at before it was too old is said, so long after it: of an outage, by whoever begins to listen again.
_MISSED_MOST: Final = timedelta(hours=1)
# What reckoning can come to with pulses that nobody thought of: these are set aside, and the next are looked at.
_ODD: Final = (ArithmeticError, LookupError, ValueError, TypeError, RuntimeError, MemoryError, TimeoutError)
T = TypeVar("T")
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
    give_up: Callable[[], None] = end_at_once
    reckons_s: float = 120.0
    """No reckoning takes longer: one that does hangs, and its thread cannot be ended but with the process."""


async def run(parts: ListenParts, stop: asyncio.Event) -> None:
    """Listen for every agency until told to stop."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(Listener(parts, agency).run()) for agency in parts.agencies]
        await stop.wait()
        for task in tasks:
            task.cancel()


@dataclass(frozen=True, slots=True)
class _Known:
    """What there is to look at: who stands where, the slots of which pulses were not looked at, and what was read of the weather."""

    microphones: tuple[tuple[Microphone, State], ...]
    slots: tuple[Slot, ...]
    hinted: frozenset[int]
    readings: tuple[Reading, ...] = ()


@dataclass(slots=True)
class _Batch:
    """Slots to look at: with how many pulses, which of them had hints when they were looked at last, which still are to be, and which were
    set aside: of those nothing is known, not that nothing is there."""

    there: dict[int, Slot]
    hinted: frozenset[int]
    left: list[int]
    aside: set[int] = field(default_factory=set)

    def with_hinted(self, row: Sequence[int]) -> list[int]:
        """A row with what is left of those around it that had hints: what belongs together is told from all of them."""
        first, last = row[0] - due.AROUND_SLOTS, row[-1] + due.AROUND_SLOTS
        return [n for n in self.left if n in row or (n in self.hinted and first <= n <= last)]


class Listener:
    """Listens for one agency."""

    def __init__(self, parts: ListenParts, agency: UUID) -> None:
        self._parts = parts
        self._agency = agency
        self._actor = process_actor(agency, PROCESS)
        self._hints: dict[int, tuple[Hint, ...]] = {}
        self._ears: tuple[Ear, ...] = ()
        self._neighbourhoods: tuple[Neighbourhood, ...] = ()
        self._readings: tuple[Reading, ...] = ()
        self._late_at = float("-inf")
        self._missed_at = float("-inf")
        self._missed_until: datetime | None = None
        self._hangs = False

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
            settled = (slot_of(now - SETTLES_S) + 1) * SLOT_S + SETTLES_S
            await self._parts.clock.sleep(min(max(settled - now, 0.02), _EVERY_S))

    async def look(self) -> bool:
        """Look at what was not looked at, and hand over what is located; whether more is left."""
        now = self._parts.clock.now()
        late = self._parts.clock.monotonic() - self._late_at >= _LATE_EVERY_S
        known = await self._know(now, LATEST if late else _LATELY)
        ears = await self._allowed(known.microphones, now) if known.slots else ()
        if not ears:
            return False
        self._readings = known.readings
        if ears != self._ears:
            self._ears, self._neighbourhoods = ears, neighbourhoods(ears)
        some, rest = known.slots[:_AT_ONCE], known.slots[_AT_ONCE:]
        rest_of = await self._looked(some, known.hinted, _last_settled(now))
        if late and not rest and not rest_of:
            self._late_at = self._parts.clock.monotonic()
        if self._parts.clock.monotonic() - self._missed_at >= _LATE_EVERY_S:
            await self._tell_missed(now)
        self._forget(now)
        return bool(rest or rest_of)

    async def _know(self, now: datetime, back: timedelta) -> _Known:
        until = listen_store.begin_of(_last_settled(now) + 1)
        async with self._parts.door.open(Ask(self._actor, Need.ARRAY_KNOW)) as tx:
            found = (await microphone_store.microphones(tx)).items
            here = [one for one in found if not one.retired]
            if not here:
                return _Known((), (), frozenset())
            since = listen_store.begin_of(slot_of(seconds(now - back)))
            slots = await listen_store.unlooked(tx, since, until)
            if not slots:
                return _Known((), (), frozenset())
            states = await pulse_store.states(tx, [one.id for one in here])
            some = [listen_store.begin_of(one.number) for one in slots[:_AT_ONCE]]
            hinted = await listen_store.hinted(tx, min(some) - _AROUND, max(some) + _AROUND)
            readings = await weather_store.between(tx, min(some) - LONGEST, until)
        up = tuple((one, states[one.id]) for one in here if one.id in states)
        return _Known(up, tuple(slots), frozenset(hinted), tuple(readings))

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

    async def _looked(self, slots: Sequence[Slot], hinted: frozenset[int], last: int) -> bool:
        """Look at these slots, the latest first, and a few at a time: what they hint at is told, and kept to be looked at, before the next
        are. Whether some are left, for there are later ones meanwhile.
        """
        there = {one.number: one for one in slots}
        # Among them what another process, or this one before it was ended, had a hint of, and this one does not know.
        windows = due.to_look_at(there, hinted, self._hints, last)
        batch = _Batch(there, hinted, windows)
        for row in due.newest_first(windows, _IN_A_ROW):
            if _last_settled(self._parts.clock.now()) > last and row[-1] != windows[-1]:
                return True
            await self._row(row, batch)
        return False

    async def _row(self, row: Sequence[int], batch: _Batch) -> None:
        """Look at slots that follow each other, hand over what is located, and only then keep that they were looked at."""
        had = [number for number in row if number in batch.hinted or self._hints.get(number)]
        look = batch.with_hinted(row)
        for number, found in (await self._hints_of(look)).items():
            if found is None:
                batch.aside.add(number)
            self._hints[number] = self._hints.get(number, ()) if found is None else found
        batch.left = [number for number in batch.left if number not in look]
        had = [number for number in had if number not in batch.aside]
        for one in await asyncio.to_thread(due.due, dict(self._hints), row, had):
            await self._tell(one)
        kept = [
            Slot(
                number, batch.there[number].pulses if number in batch.there else 0, self._hint(number, batch)
            )
            for number in row
            if number in batch.there or number in batch.hinted or self._hints[number]
        ]
        async with self._parts.door.open(self._ask_at(self._ears[0])) as tx:
            await listen_store.keep_looked(tx, kept)
        if self._hangs:
            _log.error("a reckoning hangs; this listener ends", alarm=True, after_s=self._parts.reckons_s)
            self._parts.give_up()

    def _hint(self, number: int, batch: _Batch) -> bool:
        return bool(self._hints[number]) or (number in batch.aside and number in batch.hinted)

    async def _hints_of(self, slots: Sequence[int]) -> dict[int, tuple[Hint, ...] | None]:
        found: dict[int, tuple[Hint, ...] | None] = {}
        for some in due.newest_first(slots, _AT_ONCE):
            heard = await self._heard(self._ears, due.looked_at(some[0])[0], due.looked_at(some[-1])[1])
            for number in some:
                part = heard.part(*due.looked_at(number))
                found[number] = await self._hinted(number, part)
        return found

    async def _hinted(self, number: int, part: stream.Stretch) -> tuple[Hint, ...] | None:
        """The hints of a slot; None where nothing can be reckoned of it, and it is set aside."""
        air = weather_at(self._readings, moment(part.begins_s)).air
        try:
            return await self._reckoned(partial(stream.hints, self._neighbourhoods, part, air))
        except (Invalid, *_ODD) as error:
            _log.error("seconds of pulses were set aside", alarm=True, slot=number, why=_words(error))
            return None

    async def _tell(self, one: Due) -> None:
        """Explain a block by what is kept of its seconds, and hand over what is located; where it has none, that nothing is."""
        ears = stream.heard_by(self._ears, one)
        heard = await self._heard(ears, one.begins_s, one.ends_s)
        weather = weather_at(self._readings, moment(one.begins_s))
        try:
            account = await self._reckoned(partial(stream.account, self._ears, one, heard, weather))
        except (Invalid, *_ODD) as error:
            _log.error(
                "what was heard of some seconds was set aside",
                alarm=True,
                begins=one.begins_s,
                why=_words(error),
            )
            return
        await self._still_allowed(ears or self._ears)
        leave = await self._leases([self._ask_of(found.middle) for found in account.sources])
        allowed = tuple(
            (found, sure(sure(answer.authorisation).keeping(DataClass.PULSE).rule))
            for found, answer in zip(account.sources, leave, strict=True)
            if isinstance(answer, Lease)
        )
        withheld = tuple(
            found for found, answer in zip(account.sources, leave, strict=True) if isinstance(answer, Denied)
        )
        place = allowed[0][0].middle if allowed else (ears or self._ears)[0].point
        async with self._parts.door.open(self._ask_of(place)) as tx:
            await self._parts.sink(tx, Told(account, allowed, withheld))

    async def _reckoned(self, reckon: Callable[[], T]) -> T:
        """Raises TimeoutError where it hangs: then this process ends once it is kept that this was looked at, lest the next hangs too."""
        try:
            async with asyncio.timeout(self._parts.reckons_s):
                return await asyncio.to_thread(reckon)
        except TimeoutError:
            self._hangs = True
            raise

    async def _still_allowed(self, ears: Sequence[Ear]) -> None:
        """What took seconds to reckon is told by those alone who may be listened to when it is told. Raises Unavailable: it is looked at
        again without the others."""
        answers = await self._leases([self._ask_at(ear) for ear in ears])
        if not all(isinstance(answer, Lease) for answer in answers):
            raise Unavailable(
                "A microphone may be listened to no more.", reason="leave_ended", retry_after_s=1
            )

    async def _heard(self, ears: Sequence[Ear], begins_s: float, ends_s: float) -> stream.Stretch:
        if not ears:
            return stream.Stretch.of_nothing(begins_s, ends_s)
        async with self._parts.door.open(self._ask_at(ears[0])) as tx:
            return await listen_store.heard(tx, begins_s, ends_s, [one.id for one in ears])

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
        # Each square of a kilometre has its answer: that of a place beyond the edge of an authorisation is no change of another's.
        square = uuid5(self._agency, f"{place.lat:.2f} {place.lon:.2f}")
        return _ask(self._actor, Need.SOUND_TELL, About("square", square), place)

    async def _tell_missed(self, now: datetime) -> None:
        """Say of how many seconds pulses came in time, and nobody looked at them before they were too old."""
        until = listen_store.begin_of(slot_of(seconds(now - LATEST)))
        since = max(self._missed_until or until - _MISSED_MOST, until - _MISSED_MOST)
        async with self._parts.door.open(Ask(self._actor, Need.ARRAY_KNOW)) as tx:
            missed = await listen_store.never_looked(tx, since, until, in_time=LATEST)
        self._missed_at, self._missed_until = self._parts.clock.monotonic(), until
        if missed:
            _log.error(
                "pulses were heard and nobody looked at them in time",
                alarm=True,
                seconds=len(missed) * SLOT_S,
                first=str(min(missed)),
                last=str(max(missed)),
            )

    def _forget(self, now: datetime) -> None:
        oldest = slot_of(seconds(now - LATEST - _AROUND))
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
    return slot_of(seconds(now) - SETTLES_S) - 1
