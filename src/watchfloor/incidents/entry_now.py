"""The wanted entry behind an alert as its list says it at this moment, and why it answers no more where it does not."""

from __future__ import annotations

from watchfloor.incidents.model import Alert
from watchfloor.incidents.review import EntryNow
from watchfloor.kit.sure import sure
from watchfloor.plates import entry_end, entry_store, hot_list_store
from watchfloor.plates.model import EntryId
from watchfloor.storage.tx import Tx


async def entry_now(tx: Tx, alert: Alert) -> EntryNow:
    """The wanted entry as its list says it at this moment; as it was, and unlisted, when it has been taken off or its case is over."""
    entry = EntryId(sure(alert.binding).entry_id)
    row = await entry_store.entry_in_force(tx, entry)
    standing = await entry_end.still_wanted(tx, [row.wanted]) if row is not None else []
    if row is None or not standing:
        return _as_it_was(alert, (await entry_end.why_gone(tx, [entry])).get(entry))
    wanted = standing[0]
    hot_list = await hot_list_store.standings(tx, [wanted.list])
    return EntryNow(
        wanted.id,
        wanted.version,
        wanted.plate.text,
        wanted.state,
        wanted.reason,
        wanted.vehicle,
        hot_list[wanted.list].name if wanted.list in hot_list else "",
        row.entered_at,
        wanted.expires_at,
        listed=True,
        handling=wanted.handling,
        agency=wanted.agency,
        stale=wanted.stale,
    )


def _as_it_was(alert: Alert, gone: str | None) -> EntryNow:
    basis, binding = sure(alert.basis), sure(alert.binding)
    return EntryNow(
        binding.entry_id,
        binding.entry_version,
        basis.wanted_plate,
        basis.wanted_state,
        basis.wanted_reason,
        basis.wanted_vehicle,
        "",
        alert.at,
        basis.wanted_expires_at,
        listed=False,
        handling=basis.handling,
        gone=gone,
    )
