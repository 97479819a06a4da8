"""What the center permits an edge box for one camera: what may be sent until when, and what kept while the center is away. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.boxes.wire import Keeping, Permit
from watchfloor.governance.agreement import REASONS, Agreement, Mode
from watchfloor.governance.lease import LEASE_FOR, Lease
from watchfloor.governance.model import Denied

# A no of the clock alone: the agreement's hours begin again by themselves, also while the center is away.
_OF_THE_CLOCK: Final = frozenset(("agreement_hours", "agreement_not_begun"))
_FOR_GOOD: Final = frozenset(("agreement_revoked",))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def permit_of(
    camera: UUID,
    answer: Lease | Denied,
    agreement: Agreement | None,
    *,
    authorised_until: datetime | None,
    keep_for: timedelta,
    now: datetime,
) -> Permit:
    """The word on a camera. `authorised_until` is the end of the authorisation it was last allowed under, None before any.

    Modes that need somebody's word in the moment keep nothing: an incident, or the owner's yes, is known to the center alone.
    """
    until = None
    if isinstance(answer, Lease):
        # While nothing can be decided, the last yes holds as it does for recorders.
        until = max(answer.until, min(now + LEASE_FOR, answer.outage_until))
    clock_only = isinstance(answer, Denied) and answer.reason in _OF_THE_CLOCK
    keeping = None
    if (until is not None or clock_only) and authorised_until is not None:
        keeping = _keeping(agreement, min(authorised_until, now + keep_for), now)
    return Permit(
        camera,
        us(until) if until is not None else 0,
        answer.sentence,
        keeping,
        isinstance(answer, Denied) and answer.reason in _FOR_GOOD,
    )


def by_owner(answer: Denied) -> bool:
    """Whether a no is the owner's."""
    return answer.reason in REASONS


def us(at: datetime) -> int:
    """µs since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _keeping(agreement: Agreement | None, until: datetime, now: datetime) -> Keeping | None:
    # Not from now on: to a box whose clock is a little behind each word would be a pause, and cost a group of pictures. A box keeps
    # nothing from before the word came.
    if agreement is None:
        return Keeping(0, us(until), "UTC", [])
    if agreement.mode is not Mode.ALWAYS:
        return None
    ends = min(until, agreement.ends_at) if agreement.ends_at is not None else until
    if ends <= max(now, agreement.begins_at):
        return None
    windows = [(one.day, one.begin_min, one.end_min) for one in agreement.windows]
    return Keeping(us(agreement.begins_at), us(ends), agreement.zone.key, windows)
