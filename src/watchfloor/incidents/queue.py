"""Who may take an alert, and what may become of it from where it is. Pure: one table and its refusals, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.incidents.model import Alert, AlertState
from watchfloor.kit.errors import Conflict
from watchfloor.kit.said import time_of_day

S = AlertState

# A review left lying this long may be taken over by a colleague.
LEFT_AFTER: Final = timedelta(minutes=5)


class Move(StrEnum):
    """What somebody does with an alert."""

    ACKNOWLEDGE = "acknowledge"
    OPEN = "open"
    TYPE = "type"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    ESCALATE = "escalate"


_OPEN: Final = frozenset({S.WAITING, S.ACKNOWLEDGED, S.IN_REVIEW, S.ESCALATED})
_FROM: Final[Mapping[Move, frozenset[AlertState]]] = {
    Move.ACKNOWLEDGE: frozenset({S.WAITING, S.ACKNOWLEDGED, S.ESCALATED}),
    Move.OPEN: _OPEN,
    Move.TYPE: frozenset({S.IN_REVIEW}),
    Move.CONFIRM: frozenset({S.IN_REVIEW}),
    Move.DISMISS: _OPEN,
    Move.ESCALATE: frozenset({S.WAITING}),
}
_TO: Final[Mapping[Move, AlertState]] = {
    Move.ACKNOWLEDGE: S.ACKNOWLEDGED,
    Move.OPEN: S.IN_REVIEW,
    Move.TYPE: S.IN_REVIEW,
    Move.CONFIRM: S.CONFIRMED,
    Move.DISMISS: S.DISMISSED,
    Move.ESCALATE: S.ESCALATED,
}


class AlreadyReviewed(Conflict):
    """Somebody gave a verdict before."""

    def __init__(self, alert: Alert, by: str, zone: tzinfo) -> None:
        verdict = "confirmed" if alert.state is S.CONFIRMED else "dismissed"
        when = f" at {time_of_day(alert.decided_at, zone)}" if alert.decided_at else ""
        if alert.entry_gone is not None and alert.decided_by is None:
            super().__init__(
                f"This alert was closed{when}: its entry answers no more. {alert.entry_gone}",
                reason="already_reviewed",
            )
            return
        super().__init__(f"This alert was already {verdict} by {by}{when}.", reason="already_reviewed")


class HeldByAnother(Conflict):
    """A colleague has it in hand."""

    def __init__(self, by: str, *, reviewing: bool) -> None:
        doing = "is reviewing" if reviewing else "has taken"
        super().__init__(
            f"{by} {doing} this alert.",
            reason="held_by_another",
            next_step="A supervisor can take it over; so can anybody when it has been left for five minutes.",
        )


class NotInReview(Conflict):
    """What is asked comes after the review was opened."""

    def __init__(self) -> None:
        super().__init__(
            "Open the review of this alert first.", reason="not_in_review", next_step="Open the review."
        )


class KeptBack(Conflict):
    """Nobody decides a sound that was raised to nobody."""

    def __init__(self) -> None:
        super().__init__(
            "This sound was kept back: it is less likely gunfire than what is raised.",
            reason="kept_back",
            next_step="Raise it first; then it waits for a verdict like any other.",
        )


def move(
    alert: Alert,
    to_do: Move,
    *,
    by: UUID,
    supervisor: bool,
    now: datetime,
    name_of: Mapping[UUID, str],
    zone: tzinfo,
) -> AlertState:
    """The state after the move. Raises AlreadyReviewed, KeptBack, HeldByAnother or NotInReview, with whose it is in words.

    `supervisor` may take an alert from anybody; a colleague may when it has been left for `LEFT_AFTER`. Only whoever
    opened a review types or confirms in it.
    """
    if alert.state is S.KEPT_BACK:
        raise KeptBack()
    if not alert.state.is_open:
        by_whom = name_of.get(alert.decided_by, "a colleague") if alert.decided_by else "a colleague"
        raise AlreadyReviewed(alert, by_whom, zone)
    reviewing = alert.state is S.IN_REVIEW
    held = alert.holder is not None and alert.holder != by
    if alert.state not in _FROM[to_do]:
        if to_do in (Move.TYPE, Move.CONFIRM):
            raise NotInReview()
        raise HeldByAnother(_name(alert, name_of), reviewing=reviewing)
    own_alone = to_do in (Move.TYPE, Move.CONFIRM)
    if held and (own_alone or not (supervisor or is_left(alert, now=now))):
        raise HeldByAnother(_name(alert, name_of), reviewing=reviewing)
    return _TO[to_do]


def is_left(alert: Alert, *, now: datetime) -> bool:
    """Whether whoever holds it has not moved it for `LEFT_AFTER`."""
    return alert.claimed_at is not None and now - alert.claimed_at >= LEFT_AFTER


def _name(alert: Alert, name_of: Mapping[UUID, str]) -> str:
    return name_of.get(alert.holder, "A colleague") if alert.holder is not None else "A colleague"


def is_overdue(alert: Alert, *, now: datetime) -> bool:
    """Whether nobody claimed it in its time."""
    deadline = alert.card.deadline_at
    return alert.state is S.WAITING and deadline is not None and deadline <= now
