"""What is held of a batch's reads of minutes, on its way into the database: put where a crash does not lose it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from watchfloor.plates import store
from watchfloor.plates.batches import Taken
from watchfloor.plates.bulk import Mask
from watchfloor.plates.store import KeptRead, Rules
from watchfloor.plates.wire import at_of
from watchfloor.storage.tx import Tx


async def kept_held(
    tx: Tx, taken: Taken, new: Sequence[KeptRead], again: Sequence[KeptRead], fresh: Mask
) -> tuple[list[KeptRead], Mask]:
    """What of these is new: a read that was held and is sent again lies under another rule, so that its table took it for new."""
    bulk = taken.bulk
    brief = np.array([_is_brief(under.rules, taken) for under in bulk.unders], np.bool_)
    rows = np.flatnonzero(fresh)
    rows = rows[brief[bulk.of[rows]]] if len(rows) else rows
    apart = [kept.read for kept in (*new, *again) if _is_brief(kept.rules, taken)]
    ats = [read.at for read in apart]
    if len(rows):
        ats += [at_of(int(bulk.at_us[rows].min())), at_of(int(bulk.at_us[rows].max()))]
    if not ats:
        return list(new), fresh
    devices = {read.device for read in apart} | {bulk.unders[one].device for one in np.unique(bulk.of[rows])}
    before = await store.keep_held(tx, devices, min(ats), max(ats))
    if not before:
        return list(new), fresh
    fresh = fresh.copy()
    for row in rows:
        under = bulk.unders[bulk.of[row]]
        fresh[row] = (under.device, bulk.source_keys[row], at_of(int(bulk.at_us[row]))) not in before
    return [kept for kept in new if kept.key not in before], fresh


def _is_brief(rules: Rules, taken: Taken) -> bool:
    return rules.read in taken.brief or rules.picture in taken.brief
