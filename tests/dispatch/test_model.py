"""The steps of an assignment and what an outcome may say: every step from every state, in a table and at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from watchfloor.dispatch.model import (
    Assignment,
    AssignmentId,
    AssignmentState,
    NewOutcome,
    Result,
    Step,
    WarningUnheard,
    WrongStep,
    checked,
    stepped,
)
from watchfloor.incidents.model import IncidentId
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.units.model import UnitId

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
S = AssignmentState


def assignment(state: AssignmentState = S.SENT, warning: str | None = None) -> Assignment:
    return Assignment(
        id=AssignmentId(uuid7(NOW)),
        incident=IncidentId(uuid7(NOW)),
        unit=UnitId(uuid7(NOW)),
        call_sign="3142",
        state=state,
        warning=warning,
        warning_heard_at=None,
        message=None,
        eta_s=None,
        distance_m=None,
        how="unknown",
        sent_by=uuid7(NOW),
        sent_at=NOW,
        accepted_at=None,
        en_route_at=None,
        on_scene_at=None,
        cleared_at=None,
        version=1,
    )


_AFTER: dict[tuple[AssignmentState, Step], AssignmentState | None] = {
    (S.SENT, Step.ACCEPT): S.ACCEPTED,
    (S.SENT, Step.CLEAR): S.CANCELLED,
    (S.ACCEPTED, Step.ACCEPT): None,
    (S.ACCEPTED, Step.EN_ROUTE): S.EN_ROUTE,
    (S.ACCEPTED, Step.ON_SCENE): S.ON_SCENE,
    (S.ACCEPTED, Step.CLEAR): S.CLEARED,
    (S.EN_ROUTE, Step.EN_ROUTE): None,
    (S.EN_ROUTE, Step.ON_SCENE): S.ON_SCENE,
    (S.EN_ROUTE, Step.CLEAR): S.CLEARED,
    (S.ON_SCENE, Step.ON_SCENE): None,
    (S.ON_SCENE, Step.CLEAR): S.CLEARED,
    (S.CLEARED, Step.CLEAR): None,
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("step", list(Step))
def test_every_step_from_every_state(state: AssignmentState, step: Step) -> None:
    if (state, step) in _AFTER:
        assert stepped(assignment(state), step) is _AFTER[state, step]
        return
    with pytest.raises(WrongStep) as refused:
        stepped(assignment(state), step)
    assert refused.value.detail.startswith("3142 ") and refused.value.detail.endswith(".")
    assert refused.value.reason == f"is_{state.value}"


def test_a_warning_is_heard_before_the_crew_goes() -> None:
    warned = assignment(warning="Armed.")
    with pytest.raises(WarningUnheard):
        stepped(warned, Step.ACCEPT)
    assert stepped(warned, Step.ACCEPT, warning_heard=True) is S.ACCEPTED
    assert stepped(warned, Step.CLEAR) is S.CANCELLED
    assert "Armed" not in repr(warned)


class OneAssignment(RuleBasedStateMachine):
    """Whatever is pressed, a crew never goes without having accepted, and what is over stays over."""

    def __init__(self) -> None:
        super().__init__()
        self.assignment = assignment(warning="Armed.")
        self.heard = False
        self.states = [S.SENT]

    @rule(step=st.sampled_from(list(Step)), heard=st.booleans())
    def somebody_presses(self, step: Step, heard: bool) -> None:
        try:
            after = stepped(self.assignment, step, warning_heard=heard)
        except (WrongStep, WarningUnheard):
            return
        if after is not None:
            assert self.assignment.state.is_open
            self.heard = self.heard or (after is S.ACCEPTED and heard)
            self.assignment = replace(self.assignment, state=after)
            self.states.append(after)

    @invariant()
    def nobody_goes_unwarned(self) -> None:
        if self.assignment.state in (S.ACCEPTED, S.EN_ROUTE, S.ON_SCENE):
            assert self.heard
        assert len(self.states) == len(set(self.states))


TestOneAssignment = OneAssignment.TestCase


def outcome(
    *results: Result, arrests: int = 0, charges: tuple[str, ...] = (), note: str | None = None
) -> NewOutcome:
    return NewOutcome(frozenset(results), arrests, charges, note)


@pytest.mark.parametrize(
    "said",
    [
        outcome(Result.VEHICLE_RECOVERED),
        outcome(Result.NOTHING_FOUND),
        outcome(Result.WRONG_ALERT, note="Another car."),
        outcome(Result.WRONG_ALERT, Result.NOTHING_FOUND, note="Another car."),
        outcome(Result.ARREST, Result.VEHICLE_RECOVERED, arrests=2, charges=("Tampering",)),
        outcome(Result.PERSON_HELPED),
    ],
)
def test_what_an_outcome_may_say(said: NewOutcome) -> None:
    assert checked(said).results == said.results


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (outcome(), "results"),
        (outcome(Result.NOTHING_FOUND, Result.VEHICLE_RECOVERED), "results"),
        (outcome(Result.ARREST, arrests=1), "charges"),
        (outcome(Result.ARREST, arrests=1, charges=(" ",)), "charges"),
        (outcome(Result.ARREST, charges=("Tampering",)), "arrests"),
        (outcome(Result.NOTHING_FOUND, charges=("Tampering",)), "charges"),
        (outcome(Result.NOTHING_FOUND, arrests=1), "arrests"),
        (outcome(Result.ARREST, arrests=501, charges=("Tampering",)), "arrests"),
        (outcome(Result.ARREST, arrests=1, charges=("x" * 201,)), "charges"),
        (outcome(Result.WRONG_ALERT), "note"),
        (outcome(Result.PERSON_HELPED, note="x" * 4001), "note"),
    ],
)
def test_what_contradicts_itself_is_refused_by_its_field(said: NewOutcome, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(said)
    assert refused.value.reason == field
