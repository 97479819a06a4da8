"""The decision: every condition at its boundary, and properties that must hold for any policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.model import (
    Actor,
    ActorKind,
    AgencyId,
    Allowed,
    Ask,
    Authorisation,
    AuthorisationId,
    Case,
    Denied,
    Ended,
    Why,
)
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind, Purpose, Role, TechnologyKind, UnknownPurpose
from watchfloor.kit.geo import Point

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
AGENCY = AgencyId(UUID(int=1))
CASE = Case(CaseKind.CASE, UUID(int=9))
SQUARE = ((38.0, -90.0), (38.0, -89.0), (39.0, -89.0), (39.0, -90.0))
ANALYST = Actor(UUID(int=2), ActorKind.PERSON, AGENCY, frozenset({Role.ANALYST}), second_factor=True)
CAMERA = Authorisation(
    AuthorisationId(UUID(int=3)),
    TechnologyKind.FIXED_CAMERA,
    "Cameras downtown",
    NOW - timedelta(days=1),
    NOW + timedelta(days=1),
    frozenset({Purpose.STOLEN_VEHICLE, Purpose.PATROL_MONITORING}),
    frozenset({Role.ANALYST}),
    SQUARE,
    1,
    timedelta(days=30),
    False,
)
LIVE = Ask(
    ANALYST,
    Need.CAMERA_LIVE,
    Why(Purpose.STOLEN_VEHICLE, CASE),
    technology=TechnologyKind.FIXED_CAMERA,
    place=Point(38.5, -89.5),
)


LAPSED = Ended("case_lapsed", "Case 26-1 was provisional and lapsed.")


def facts(*authorisations: Authorisation, case_open: bool | None = True, second: bool = True) -> Facts:
    return Facts(authorisations, case_open, second)


def reason(ask: Ask, given_facts: Facts, now: datetime = NOW) -> str:
    return decide(ask, given_facts, now=now).reason


def test_what_is_authorised_is_allowed_and_says_under_what() -> None:
    decision = decide(LIVE, facts(CAMERA), now=NOW)
    assert isinstance(decision, Allowed)
    assert decision.authorisation == CAMERA
    assert decision.until == CAMERA.expires_at


@pytest.mark.parametrize(
    ("ask", "given_facts", "expected"),
    [
        (replace(LIVE, actor=replace(ANALYST, roles=frozenset({Role.CLERK}))), facts(CAMERA), "role"),
        (replace(LIVE, actor=replace(ANALYST, second_factor=False)), facts(CAMERA), "second_factor"),
        (replace(LIVE, why=Why(Purpose.IMMIGRATION_ENFORCEMENT, CASE)), facts(CAMERA), "purpose_prohibited"),
        (replace(LIVE, why=Why(UnknownPurpose("curiosity"), CASE)), facts(CAMERA), "purpose_unknown"),
        (replace(LIVE, need=Need.CASES_VIEW, why=Why(UnknownPurpose("?"))), facts(), "purpose_unknown"),
        (replace(LIVE, why=None), facts(CAMERA), "purpose_missing"),
        (replace(LIVE, why=Why(Purpose.STOLEN_VEHICLE)), facts(CAMERA, case_open=None), "case_missing"),
        (LIVE, facts(CAMERA, case_open=False), "case_unknown"),
        (LIVE, replace(facts(CAMERA, case_open=False), case_ended=LAPSED), "case_lapsed"),
        (LIVE, facts(), "no_authorisation"),
        (LIVE, facts(replace(CAMERA, waiting_for=("State Board",))), "not_approved"),
        (LIVE, facts(replace(CAMERA, suspended_at=NOW)), "suspended"),
        (LIVE, facts(replace(CAMERA, effective_at=NOW + timedelta(microseconds=1))), "not_yet_effective"),
        (LIVE, facts(replace(CAMERA, expires_at=NOW)), "expired"),
        (replace(LIVE, place=Point(39.0001, -89.5)), facts(CAMERA), "place"),
        (replace(LIVE, place=None), facts(CAMERA), "place"),
        (replace(LIVE, why=Why(Purpose.RESCUE, CASE)), facts(CAMERA), "purpose"),
        (LIVE, facts(replace(CAMERA, roles=frozenset({Role.DETECTIVE}))), "authorisation_role"),
        (
            replace(LIVE, need=Need.CAMERA_PLAYBACK, why=Why(Purpose.PATROL_MONITORING)),
            facts(CAMERA),
            "patrol_only_live",
        ),
        (
            replace(LIVE, why=Why(Purpose.PATROL_MONITORING), technology=TechnologyKind.PRIVATE_CAMERA_LINK),
            facts(replace(CAMERA, technology=TechnologyKind.PRIVATE_CAMERA_LINK), case_open=None),
            "patrol_only_public",
        ),
    ],
)
def test_each_condition_refuses_with_its_own_reason(ask: Ask, given_facts: Facts, expected: str) -> None:
    decision = decide(ask, given_facts, now=NOW)
    assert isinstance(decision, Denied)
    assert decision.reason == expected
    assert decision.sentence.endswith((".", ": ")), decision.sentence


def test_a_partner_answers_for_its_cases_and_has_no_hand_for_a_code_and_the_rest_holds_for_it() -> None:
    partner = replace(ANALYST, roles=frozenset({Role.PARTNER}), second_factor=False)
    ask, named = replace(LIVE, actor=partner), replace(CAMERA, roles=frozenset({Role.PARTNER}))
    assert reason(ask, facts(named, case_open=False)) == "authorised"
    assert reason(ask, facts(CAMERA, case_open=False)) == "authorisation_role"
    assert (
        reason(replace(ask, why=Why(Purpose.STOLEN_VEHICLE)), facts(named, case_open=None)) == "case_missing"
    )
    assert reason(replace(ask, need=Need.CAMERAS_VIEW), facts(named)) == "role"
    both = replace(partner, roles=frozenset({Role.PARTNER, Role.ANALYST}))
    assert reason(replace(ask, actor=both), facts(named)) == "second_factor"
    assert (
        reason(replace(ask, actor=replace(both, second_factor=True)), facts(named, case_open=False))
        == "case_unknown"
    )


def test_the_instant_of_effect_is_in_force_and_the_instant_of_expiry_is_not() -> None:
    assert reason(LIVE, facts(replace(CAMERA, effective_at=NOW))) == "authorised"
    assert reason(LIVE, facts(CAMERA), CAMERA.expires_at - timedelta(microseconds=1)) == "authorised"
    assert reason(LIVE, facts(CAMERA), CAMERA.expires_at) == "expired"


def test_the_nearest_authorisation_is_the_one_that_explains() -> None:
    expired = replace(CAMERA, id=AuthorisationId(UUID(int=4)), expires_at=NOW)
    elsewhere = replace(CAMERA, area=((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)))
    decision = decide(LIVE, facts(expired, elsewhere), now=NOW)
    assert isinstance(decision, Denied)
    assert (decision.reason, decision.nearest) == ("place", elsewhere.id)


def test_what_nobody_can_mend_is_said_before_what_a_person_has_to_and_that_before_what_time_will() -> None:
    """A board is asked in vain for its yes to what is suspended; nobody waits for the beginning of what has expired."""
    one = replace(CAMERA, effective_at=NOW + timedelta(hours=1))
    assert reason(LIVE, facts(one)) == "not_yet_effective"
    one = replace(one, waiting_for=("State Board",))
    assert reason(LIVE, facts(one)) == "not_approved"
    one = replace(one, suspended_at=NOW)
    assert reason(LIVE, facts(one)) == "suspended"
    assert reason(LIVE, facts(replace(one, expires_at=NOW))) == "expired"


def test_of_those_that_are_not_in_force_the_newest_explains() -> None:
    """An expired one and its renewal: what is to be done is to have the renewal approved, or its suspension looked into."""
    expired = replace(CAMERA, id=AuthorisationId(UUID(int=4)), expires_at=NOW)
    for how in ({"waiting_for": ("State Board",)}, {"suspended_at": NOW}):
        renewal = replace(CAMERA, effective_at=NOW - timedelta(hours=1), **how)
        for rows in ((expired, renewal), (renewal, expired)):
            decision = decide(LIVE, facts(*rows), now=NOW)
            assert isinstance(decision, Denied)
            assert decision.nearest == renewal.id


def test_patrol_monitoring_needs_no_case_but_is_live_only() -> None:
    assert (
        reason(replace(LIVE, why=Why(Purpose.PATROL_MONITORING)), facts(CAMERA, case_open=None))
        == "authorised"
    )


def test_a_machine_needs_no_second_factor_and_no_listed_role() -> None:
    machine = Actor(UUID(int=5), ActorKind.PROCESS, AGENCY, frozenset({Role.MACHINE}))
    ask = Ask(machine, Need.CAMERA_RECORD, technology=TechnologyKind.FIXED_CAMERA, place=Point(38.5, -89.5))
    assert reason(ask, facts(CAMERA)) == "authorised"


_purposes = st.sampled_from(list(Purpose))
_roles = st.frozensets(st.sampled_from(list(Role)), max_size=4)
_authorisations = st.lists(
    st.builds(
        lambda start, length, purposes, roles, approved, suspended: replace(
            CAMERA,
            effective_at=NOW + timedelta(hours=start),
            expires_at=NOW + timedelta(hours=start + length),
            purposes=purposes,
            roles=roles,
            waiting_for=() if approved else ("State Board",),
            suspended_at=NOW if suspended else None,
        ),
        st.integers(-48, 48),
        st.integers(1, 96),
        st.frozensets(_purposes, max_size=5),
        _roles,
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
)
_asks = st.builds(
    lambda need, purpose, case, roles, second: Ask(
        replace(ANALYST, roles=roles, second_factor=second),
        need,
        Why(purpose, CASE if case else None) if purpose else None,
        technology=TechnologyKind.FIXED_CAMERA,
        place=Point(38.5, -89.5),
    ),
    st.sampled_from(list(Need)),
    st.none() | _purposes,
    st.booleans(),
    _roles,
    st.booleans(),
)


@given(_asks, _authorisations, st.booleans())
def test_no_prohibited_purpose_is_ever_allowed(
    ask: Ask, authorisations: list[Authorisation], case_open: bool
) -> None:
    decision = decide(ask, facts(*authorisations, case_open=case_open), now=NOW)
    if ask.why is not None and ask.why.purpose.prohibited:
        assert isinstance(decision, Denied)


@given(_asks, _authorisations, st.booleans())
def test_taking_an_authorisation_away_never_allows_more(
    ask: Ask, authorisations: list[Authorisation], case_open: bool
) -> None:
    if isinstance(decide(ask, facts(*authorisations, case_open=case_open), now=NOW), Denied):
        for gone in range(len(authorisations)):
            fewer = authorisations[:gone] + authorisations[gone + 1 :]
            assert isinstance(decide(ask, facts(*fewer, case_open=case_open), now=NOW), Denied)


@given(_asks, _authorisations, st.booleans())
def test_a_yes_always_rests_on_an_authorisation_that_is_whole(
    ask: Ask, authorisations: list[Authorisation], case_open: bool
) -> None:
    decision = decide(ask, facts(*authorisations, case_open=case_open), now=NOW)
    if isinstance(decision, Allowed) and ask.need.with_technology:
        held = decision.authorisation
        assert held is not None
        assert held.approved and held.suspended_at is None
        assert held.effective_at <= NOW < held.expires_at
        assert not ask.need.with_purpose or (ask.why is not None and ask.why.purpose in held.purposes)
