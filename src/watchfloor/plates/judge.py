"""What each hit is judged by: what passes, readers' records and thresholds, kept in memory and looked at anew each minute.

It asks for them in the transaction that keeps the hits, and only where there is a hit: a reader that finds nothing costs
nothing. It decides by pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import compress
from typing import Final
from uuid import UUID

from watchfloor.kit.clock import Clock
from watchfloor.plates import budget_store, verdict_store
from watchfloor.plates.budget import ALLOWED, FIRST, LOOKS_BACK, covered, threshold_of
from watchfloor.plates.bulk import Bulk, Mask
from watchfloor.plates.likely import Odds, Precision
from watchfloor.plates.model import Grade, Kind, PlateRead, Priority, Reader, ReaderId, Wanted
from watchfloor.plates.odds import Weigh, odds_of
from watchfloor.plates.record import Errors, Judged, errors_of, precision_of, tally
from watchfloor.plates.store import KeptRead
from watchfloor.plates.traffic import Traffic
from watchfloor.storage.tx import Tx

LOOK_EVERY_S: Final = 60.0
_NIGHT_FROM, _NIGHT_TO = 20, 6
_SAMPLE, _SAMPLED = 20_000, timedelta(days=1)


def is_night(at: datetime, zone: tzinfo) -> bool:
    """By the agency's clock: from eight in the evening to six."""
    hour = at.astimezone(zone).hour
    return hour >= _NIGHT_FROM or hour < _NIGHT_TO


@dataclass(slots=True)
class Judge:
    """What one agency's hits are judged by."""

    traffic: Traffic = field(default_factory=Traffic)
    zone: tzinfo | None = None
    thresholds: Mapping[Priority, float] = field(default_factory=dict)
    looked_at: float = float("-inf")
    _judged: dict[ReaderId, list[Judged]] = field(default_factory=dict)
    _alerts: dict[ReaderId, list[Judged]] = field(default_factory=dict)
    _everybody: list[Judged] = field(default_factory=list)
    _errors: dict[tuple[ReaderId, bool], Errors] = field(default_factory=dict)

    def knows(self, told: Sequence[verdict_store.Told], thresholds: Mapping[Priority, float]) -> None:
        """Judge by these verdicts and thresholds from now on."""
        self._judged, self._alerts, self._everybody, self._errors = {}, {}, [], {}
        for one in told:
            if one.alert is not None:
                self._alerts.setdefault(one.reader, []).append(one.judged)
            self._judged.setdefault(one.reader, []).append(one.judged)
            self._everybody.append(one.judged)
        self.thresholds = thresholds

    def saw(self, reads: Sequence[KeptRead], bulk: Bulk, fresh: Mask) -> None:
        """Count what passed: these reads, and what of the columns is `fresh`."""
        passed = [(kept.read.state, kept.read.plate.text) for kept in reads]
        pairs = zip(bulk.states, bulk.plates, strict=True)
        passed += pairs if fresh.all() else compress(pairs, fresh.tolist())
        self.traffic.saw_all(passed)

    def odds(
        self, read: PlateRead, entries: Sequence[tuple[Wanted, Kind]], near: Sequence[str]
    ) -> list[Odds]:
        """The odds of each entry that a read answers to."""
        night = self.zone is not None and is_night(read.at, self.zone)
        key = (read.device, night)
        if key not in self._errors:
            self._errors[key] = errors_of(self._judged.get(read.device, ()), self._everybody, night=night)
        return odds_of(read, entries, near, Weigh(self.traffic, self._errors[key]))

    def record(self, reader: Reader) -> Precision:
        """How often this reader's alerts were right."""
        return precision_of(tally(self._alerts.get(reader.id, ())))

    def grade(self, best: Grade, odds: Odds, priority: Priority) -> Grade:
        """What a hit may do: at best `best`, and only from the threshold of its priority on."""
        enough = odds.probability >= self.thresholds.get(priority, FIRST)
        return best if enough else Grade.POSSIBLE


class Judges:
    """The judges of the agencies of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of: dict[UUID, Judge] = {}

    async def judge(self, tx: Tx, *, found: bool) -> Judge:
        """The judge of this transaction's agency, as it was a minute ago at most where something was `found`."""
        judge = self._of.get(tx.agency)
        if judge is None:
            judge = self._of[tx.agency] = Judge()
            judge.traffic.saw_all(await verdict_store.passed(tx, tx.now - _SAMPLED, _SAMPLE))
        now = self._clock.monotonic()
        if found and now - judge.looked_at >= LOOK_EVERY_S:
            told = await verdict_store.since(tx, tx.now - verdict_store.LOOKS_BACK)
            judge.knows(told, await thresholds(tx))
            judge.zone, judge.looked_at = tx.zone, now
        return judge


async def thresholds(tx: Tx) -> dict[Priority, float]:
    """From which probability on hits of each priority alert now."""
    since = tx.now - LOOKS_BACK
    bins = await budget_store.bins(tx, since)
    over = covered(await budget_store.first_hit(tx, since), tx.now)
    allowed = await budget_store.allowed(tx)
    return {
        p: threshold_of(
            p, allowed[p].per_shift if p in allowed else ALLOWED[p], bins, covered=over
        ).probability
        for p in Priority
    }
