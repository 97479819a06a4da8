"""From the batches of one agency to what may be kept of them: the plain reads as columns, the rest read by read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.governance.decide import covers
from watchfloor.governance.keep import is_brief
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import Authorisation, Denied
from watchfloor.kit.sure import sure
from watchfloor.plates import store, wire
from watchfloor.plates.bulk import Bulk, Under, split, together
from watchfloor.plates.heard import more
from watchfloor.plates.hotlist import Rows, keys_of
from watchfloor.plates.leave import Readers
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.passage import sites_of
from watchfloor.plates.reader_store import Heard
from watchfloor.plates.store import KeptRead, Rules
from watchfloor.plates.wire import ColumnsForm
from watchfloor.storage.classes import DataClass as _D

Sites = dict[UUID, Sequence[UUID]]
_TABLES: Final = ("plate_read", "plate_picture", "plate_hit")


@dataclass(frozen=True, slots=True)
class Taken:
    """What of one agency's batches may be kept, and what has to be said of its readers; `sites` are of readers that are lanes of one,
    `brief` the rules that keep for minutes."""

    bulk: Bulk
    reads: list[KeptRead]
    readers: Readers
    sites: Sites
    first: Reader | None
    heard: dict[ReaderId, Heard]
    brief: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.bulk) + len(self.reads)

    def devices(self) -> set[ReaderId]:
        """The readers of what may be kept."""
        return {under.device for under in self.bulk.unders} | {kept.read.device for kept in self.reads}

    def rows_of(self, devices: set[ReaderId], rows: Rows) -> Rows:
        """Those of these rows of the columns that are of one of these readers."""
        matched = np.array([under.device in devices for under in self.bulk.unders], np.bool_)
        return rows if matched.all() else rows[matched[self.bulk.of[rows]]]

    def partitions(self) -> set[tuple[str, int, date]]:
        """The (table, retention rule, day) that what may be kept needs."""
        days = {(kept.read.at.astimezone(UTC).date(), kept.rules) for kept in self.reads} | self.bulk.days()
        return {
            (table, rule, day)
            for day, rules in days
            for table, rule in zip(_TABLES, (rules.read, rules.picture, rules.hit), strict=True)
            if rule is not None
        }


def take_apart(
    batches: Sequence[ColumnsForm], readers: Readers, leave: Mapping[ReaderId, Lease | Denied]
) -> Taken:
    """What these batches of an agency's readers come to. Raises BadPlate for what is no plate."""
    sites = sites_of((one.id, one.site) for one in readers.values())
    first = next((readers[id] for id in sorted(leave) if isinstance(leave[id], Lease)), None)
    reads: dict[tuple[store.ReadKey, str | None], KeptRead] = {}
    parts: list[Bulk] = []
    brief: set[int] = set()
    heard: dict[ReaderId, Heard] = {}
    for batch in batches:
        reader, kept = readers[ReaderId(batch.device)], 0
        answer = leave[reader.id]
        if isinstance(answer, Lease):
            brief |= _brief(answer)
            part, apart = _kept(batch, answer, reader, sites)
            kept = (0 if part is None else len(part)) + len(apart)
            parts += [] if part is None else [part]
            for one in apart:
                reads.setdefault((one.key, one.read.revision), one)
        if not reader.canary:  # it stands in no list of readers
            heard[reader.id] = more(heard.get(reader.id), reader.id, batch, len(batch) - kept)
    return Taken(together(parts), list(reads.values()), readers, sites, first, heard, frozenset(brief))


def _brief(lease: Lease) -> set[int]:
    keeps = lease.authorisation.keeps if lease.authorisation else ()
    return {one.rule for one in keeps if one.rule is not None and is_brief(one.keep_for)}


def _kept(
    batch: ColumnsForm, lease: Lease, reader: Reader, sites: Sites
) -> tuple[Bulk | None, list[KeptRead]]:
    """The reads of a batch as they are kept: as columns, and by themselves."""
    authorisation = lease.authorisation
    if authorisation is None:
        raise ValueError("reads are taken under an authorisation; the lease names none")
    keeping = [authorisation.keeping(one) for one in (_D.PLATE_READ, _D.PLATE_PICTURE, _D.PLATE_HIT)]
    rules = Rules(keeping[0].rule, keeping[1].rule, sure(keeping[2].rule, "the rule of hits"))
    brief = is_brief(keeping[0].keep_for)
    # A time further back than anything of the read is kept is not believed. Of one that is kept for minutes it is: a link that was
    # down for longer is no clock that is wrong.
    back = min(
        one.keep_for
        for one in (keeping[0], keeping[2])
        if one.rule is not None and not (brief and one is keeping[0])
    )
    under = Under(reader.id, batch.received_at, rules, authorisation.id)
    apart = partial(_apart, batch, under=under, authorisation=authorisation, reader=reader, keep_for=back)
    if rules.read is None or reader.mobile or len(sites.get(reader.id, ())) > 1:
        found = list(apart(rows=range(len(batch))))
        part = None
    else:
        part, rest = split(batch, under, keep_for=keeping[0].keep_for if brief else back)
        found = list(apart(rows=rest))
    return part, [_in_time(one, keeping[0].keep_for) for one in found] if brief else found


def _in_time(kept: KeptRead, keep_for: timedelta) -> KeptRead:
    """The read; of one that comes later than it may be kept nothing but its hits is stored."""
    if kept.read.received_at - kept.read.at < keep_for:
        return kept
    return replace(kept, rules=Rules(None, None, kept.rules.hit))


def _apart(
    batch: ColumnsForm,
    *,
    rows: Sequence[int],
    under: Under,
    authorisation: Authorisation,
    reader: Reader,
    keep_for: timedelta,
) -> Iterator[KeptRead]:
    """These reads of a batch by themselves; of a mobile reader those that it took where it may."""
    keys = keys_of([batch.plates[row] for row in rows]).tolist()
    for row, key in zip(rows, keys, strict=True):
        read = wire.read_of(batch, row, keep_for=keep_for)
        if not reader.mobile or (read.position and covers(authorisation.area, read.position)):
            yield KeptRead(read, key, under.rules, authorisation.id)
