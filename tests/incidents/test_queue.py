"""Who may take an alert and what may become of it: every move from every state, and the sentences of the refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fixtures.center import CHICAGO
from tests.incidents.made import ANALYST, COLLEAGUE, NAMES, NOW, alert
from watchfloor.incidents.model import Alert, AlertState
from watchfloor.incidents.queue import (
    LEFT_AFTER,
    AlreadyReviewed,
    HeldByAnother,
    Move,
    NotInReview,
    is_overdue,
    move,
)
from watchfloor.kit.errors import Conflict

S, M = AlertState, Move


def moved(of: Alert, to_do: Move, *, supervisor: bool = False) -> AlertState:
    return move(of, to_do, by=ANALYST, supervisor=supervisor, now=NOW, name_of=NAMES, zone=CHICAGO)


@pytest.mark.parametrize(
    ("state", "to_do", "after"),
    [
        (S.WAITING, M.ACKNOWLEDGE, S.ACKNOWLEDGED),
        (S.ESCALATED, M.ACKNOWLEDGE, S.ACKNOWLEDGED),
        (S.WAITING, M.OPEN, S.IN_REVIEW),
        (S.ACKNOWLEDGED, M.OPEN, S.IN_REVIEW),
        (S.ESCALATED, M.OPEN, S.IN_REVIEW),
        (S.IN_REVIEW, M.OPEN, S.IN_REVIEW),
        (S.IN_REVIEW, M.TYPE, S.IN_REVIEW),
        (S.IN_REVIEW, M.CONFIRM, S.CONFIRMED),
        (S.WAITING, M.DISMISS, S.DISMISSED),
        (S.ACKNOWLEDGED, M.DISMISS, S.DISMISSED),
        (S.IN_REVIEW, M.DISMISS, S.DISMISSED),
        (S.ESCALATED, M.DISMISS, S.DISMISSED),
        (S.WAITING, M.ESCALATE, S.ESCALATED),
    ],
)
def test_the_way_of_an_alert(state: AlertState, to_do: Move, after: AlertState) -> None:
    holder = ANALYST if state in (S.ACKNOWLEDGED, S.IN_REVIEW) else None
    assert moved(alert(state, holder=holder, claimed_at=NOW), to_do) is after


@pytest.mark.parametrize("to_do", [M.TYPE, M.CONFIRM])
@pytest.mark.parametrize("state", [S.WAITING, S.ACKNOWLEDGED, S.ESCALATED])
def test_nothing_is_typed_or_confirmed_before_the_review_is_open(state: AlertState, to_do: Move) -> None:
    with pytest.raises(NotInReview, match="Open the review"):
        moved(alert(state), to_do)


@pytest.mark.parametrize("to_do", list(Move))
@pytest.mark.parametrize("state", [S.CONFIRMED, S.DISMISSED])
def test_a_verdict_is_given_once(state: AlertState, to_do: Move) -> None:
    done = alert(state, decided_by=COLLEAGUE, decided_at=NOW - timedelta(minutes=2))
    with pytest.raises(AlreadyReviewed) as refused:
        moved(done, to_do, supervisor=True)
    assert refused.value.detail == f"This alert was already {state} by B. Okoye at 16:58:00 CST."
    assert refused.value.reason == "already_reviewed"


@pytest.mark.parametrize("to_do", [M.OPEN, M.DISMISS, M.TYPE, M.CONFIRM])
def test_what_a_colleague_reviews_is_theirs(to_do: Move) -> None:
    held = alert(S.IN_REVIEW, holder=COLLEAGUE, claimed_at=NOW - timedelta(seconds=10))
    with pytest.raises(HeldByAnother) as refused:
        moved(held, to_do)
    assert refused.value.detail == "B. Okoye is reviewing this alert."


@pytest.mark.parametrize("to_do", [M.ACKNOWLEDGE, M.OPEN, M.DISMISS])
def test_what_a_colleague_has_taken_a_supervisor_may_take_over(to_do: Move) -> None:
    held = alert(S.ACKNOWLEDGED, holder=COLLEAGUE, claimed_at=NOW)
    with pytest.raises(HeldByAnother, match="has taken"):
        moved(held, to_do)
    assert moved(held, to_do, supervisor=True)
    left = replace(held, claimed_at=NOW - LEFT_AFTER)
    assert moved(left, to_do)


@pytest.mark.parametrize("to_do", [M.TYPE, M.CONFIRM])
def test_not_even_a_supervisor_types_into_anothers_review(to_do: Move) -> None:
    left = alert(S.IN_REVIEW, holder=COLLEAGUE, claimed_at=NOW - 2 * LEFT_AFTER)
    with pytest.raises(HeldByAnother):
        moved(left, to_do, supervisor=True)


def test_an_alert_is_overdue_from_its_deadline_while_nobody_has_it() -> None:
    waiting = alert()
    deadline = waiting.card.deadline_at
    assert deadline is not None
    assert not is_overdue(waiting, now=deadline - timedelta(microseconds=1))
    assert is_overdue(waiting, now=deadline)
    assert not is_overdue(replace(waiting, state=S.ACKNOWLEDGED), now=deadline)
    assert not is_overdue(replace(waiting, card=replace(waiting.card, deadline_at=None)), now=deadline)


class OneAlert(RuleBasedStateMachine):
    """Three people and a timer do what they like; the verdict is one, and a confirmation has gone through a review."""

    def __init__(self) -> None:
        super().__init__()
        self.alert = alert()
        self.now = NOW
        self.reviewed_by: set[object] = set()
        self.verdicts = 0

    def act(self, to_do: Move, by: int) -> bool:
        person = (ANALYST, COLLEAGUE, ANALYST)[by]
        try:
            after = move(
                self.alert, to_do, by=person, supervisor=by == 2, now=self.now, name_of=NAMES, zone=CHICAGO
            )
        except Conflict as error:
            assert error.detail.endswith(".") and error.reason
            return False
        decided = after in (S.CONFIRMED, S.DISMISSED)
        self.verdicts += decided
        self.alert = replace(
            self.alert,
            state=after,
            holder=person if to_do is not M.ESCALATE else None,
            claimed_at=self.now if to_do in (M.ACKNOWLEDGE, M.OPEN) else self.alert.claimed_at,
            decided_by=person if decided else None,
            decided_at=self.now if decided else None,
        )
        if to_do is M.OPEN:
            self.reviewed_by.add(person)
        return True

    @rule(to_do=st.sampled_from(list(Move)), by=st.integers(0, 2))
    def somebody_acts(self, to_do: Move, by: int) -> None:
        before = self.alert
        if self.act(to_do, by) and to_do is M.CONFIRM:
            assert before.state is S.IN_REVIEW
            assert before.holder in self.reviewed_by

    @rule(seconds=st.integers(1, 400))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.alert.state.is_open)
    @rule()
    def a_supervisor_can_always_end_it(self) -> None:
        after = move(
            self.alert, M.DISMISS, by=COLLEAGUE, supervisor=True, now=self.now, name_of=NAMES, zone=CHICAGO
        )
        assert after is S.DISMISSED

    @invariant()
    def there_is_at_most_one_verdict(self) -> None:
        assert self.verdicts <= 1
        assert self.alert.state.is_open == (self.verdicts == 0)


TestOneAlert = OneAlert.TestCase
