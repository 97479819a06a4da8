"""From a person's verdict on an alert to one on its reader: what was typed blind says who was right.

A dismissal without anything typed says nothing of the reader; nor does one for a reason that is not about plate, state or
entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watchfloor.incidents import alert_store
from watchfloor.incidents.model import Alert
from watchfloor.incidents.review import DismissReason, Review
from watchfloor.kit.sure import sure
from watchfloor.plates import verdict_store
from watchfloor.plates.judge import is_night
from watchfloor.plates.model import ReaderId
from watchfloor.plates.record import Judged, ReaderVerdict, pairs_between
from watchfloor.plates.verdict_store import Told
from watchfloor.storage.tx import Tx

_OF_REASON: Final[Mapping[DismissReason, ReaderVerdict]] = {
    DismissReason.MISREAD: ReaderVerdict.MISREAD,
    DismissReason.OTHER_STATE: ReaderVerdict.WRONG_STATE,
    DismissReason.RECORD_CANCELLED: ReaderVerdict.STALE,
    DismissReason.NO_RECORD: ReaderVerdict.STALE,
    DismissReason.ENTRY_EXPIRED: ReaderVerdict.STALE,
}


def verdict_of(review: Review | None, reason: DismissReason | None) -> ReaderVerdict | None:
    """What the review says of the reader; `reason` is that of a dismissal, None of a confirmation."""
    if review is None or review.typed is None:
        return None
    return ReaderVerdict.RIGHT if reason is None else _OF_REASON.get(reason)


async def keep(tx: Tx, alert: Alert, review: Review | None, reason: DismissReason | None) -> None:
    """Keep what the verdict says of the alert's reader, if anything: the reader of its first hit."""
    verdict = verdict_of(review, reason)
    parts = await alert_store.parts_of(tx, alert.id) if verdict is not None else []
    if verdict is None or review is None or review.typed is None or not parts:
        return
    first, basis = parts[0], sure(alert.basis)
    true = review.typed.plate
    pairs = pairs_between(true, basis.plate) if verdict is ReaderVerdict.MISREAD and true else ()
    told = Told(
        reader=ReaderId(first.device),
        alert=alert.id,
        at=first.at,
        hour=first.at.astimezone(tx.zone).hour,
        state=basis.state,
        judged=Judged(verdict, is_night(first.at, tx.zone), pairs),
    )
    await verdict_store.keep(tx, told, first.hit)
