"""Erases the personal payload of a log entry: payload and salt go, the leaf stays, and the tree still verifies.

Without the salt the leaf's commitment tells nothing, not even by guessing plates. That it was erased is an entry itself.
It never touches a leaf.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from watchfloor.governance import store
from watchfloor.governance.audit import acted_by, make_entry
from watchfloor.governance.model import About, EntryId
from watchfloor.storage.classes import WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


async def erase(tx: Tx, entry_id: EntryId, rule: str) -> EntryId | None:
    """Erase the payload of an entry under a named rule; the entry that says so, or None when there was nothing left.

    `rule` is a word or number of the retention rule or order, not personal: it stands in the log in the clear.
    """
    if not await _erase_payload(tx, entry_id, rule):
        return None
    said = make_entry(
        "erasure",
        agency=tx.agency,
        actor=tx.actor,
        now=tx.now,
        need=tx.need,
        result="done",
        reason=rule,
        about=About("entry", entry_id),
        cause=tx.decision,
        more=acted_by(tx.machine),
    )
    await store.append_entry(tx, said)
    return said.id


@touches(DataClass.AUDIT_PAYLOAD, WRITE)
async def _erase_payload(tx: Tx, entry_id: EntryId, rule: str) -> bool:
    changed = await tx.execute(
        "update audit_payload set payload = null, salt = null, erased_at = %(now)s, erased_under = %(rule)s"
        " where entry_id = %(entry)s and erased_at is null",
        now=tx.now,
        rule=rule,
        entry=entry_id,
    )
    return changed == 1


def erased(row: Mapping[str, object]) -> str | None:
    """What is shown in place of an erased payload; None for a payload that is there, or never was."""
    at, under = row["erased_at"], row["erased_under"]
    return f"payload erased under rule {under} on {at:%Y-%m-%d}" if isinstance(at, datetime) else None
