"""The figures of sounds for those who work here, and for everybody: it opens the door, asks the store and lets pure functions count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.dispatch.sounds.model import OWN
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid
from watchfloor.reports.sounds import store
from watchfloor.reports.sounds.count import Entry, Figures, Uptime, figures, uptime
from watchfloor.reports.sounds.small import together
from watchfloor.storage.tx import Tx

_MONTH: Final = re.compile(r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])")
_USUAL: Final = 12
_MOST: Final = 60
"""So many months at most: what officers were sent for is kept as long as incidents are, five years."""


@dataclass(frozen=True, slots=True)
class Span:
    """Months, as their numbers since the year 0: the first and the last of them."""

    first: int
    last: int

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(
            f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(self.first, self.last + 1)
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """The figures of months of one source, of all `sources`. Where they are `published`, small numbers are told together."""

    span: Span
    source: str
    sources: tuple[str, ...]
    figures: Figures
    uptime: tuple[Uptime, ...]
    made_at: datetime
    published: bool


async def for_staff(
    door: Door, actor: Actor, first: str | None, last: str | None, source: str | None
) -> Ledger:
    """The figures of months, each district apart. Raises Invalid."""
    async with door.open(Ask(actor, Need.SOUNDS_COUNT)) as tx:
        return await _ledger(tx, first, last, source, published=False)


async def for_everybody(
    door: Door, agency: UUID, first: str | None, last: str | None, source: str | None
) -> Ledger:
    """The figures of months as they are published. Raises Invalid."""
    async with door.open(Ask(process_actor(agency, "serve"), Need.SOUNDS_PUBLISH)) as tx:
        return await _ledger(tx, first, last, source, published=True)


def span_of(first: str | None, last: str | None, now: datetime) -> Span:
    """The months that are asked for: the last twelve without any. Raises Invalid."""
    this = now.year * 12 + now.month - 1
    end = _number(last, "to") if last else this
    begin = _number(first, "from") if first else end - _USUAL + 1
    if not begin <= end:
        raise Invalid("It must end no sooner than it begins.", reason="to")
    if end - begin >= _MOST:
        raise Invalid(f"At most {_MOST} months are counted at once.", reason="from")
    return Span(begin, end)


def _number(month: str, field: str) -> int:
    found = _MONTH.fullmatch(month)
    if found is None:
        raise Invalid(f"{month[:20]!r} is no month; write it as 2026-03.", reason=field)
    return int(found["year"]) * 12 + int(found["month"]) - 1


def _begin(number: int, zone: tzinfo) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=zone)


async def _ledger(
    tx: Tx, first: str | None, last: str | None, source: str | None, *, published: bool
) -> Ledger:
    span = span_of(first, last, tx.now.astimezone(tx.zone))
    begins = [_begin(number, tx.zone) for number in range(span.first, span.last + 2)]
    known = await store.sources(tx)
    of = source or OWN
    if of != OWN and of not in known:
        raise Invalid("The ledger has nothing of that source.", reason="source")
    entries = await store.entries(tx, begins[0], begins[-1], of)
    heard = await store.heard(tx, begins[0], begins[-1])
    months = list(zip(span.names, begins, begins[1:], strict=False))
    up = uptime(
        months, heard, await store.services(tx), counted_since=await store.counted_since(tx), now=tx.now
    )
    this_month = f"{tx.now.astimezone(tx.zone):%Y-%m}"
    counted = public(entries, this_month) if published else figures(entries)
    return Ledger(span, of, tuple(sorted({OWN, *known})), counted, up if of == OWN else (), tx.now, published)


def public(entries: Sequence[Entry], this_month: str) -> Figures:
    """The figures as they are published: the whole as it is, districts with few sounds in a month together."""
    whole, small = figures(entries), figures(together(entries, this_month))
    return Figures(
        whole.total,
        whole.months,
        small.districts,
        small.both,
        whole.missed,
        whole.calls,
        whole.also_told,
        whole.places,
        whole.latency,
        whole.spent,
    )
