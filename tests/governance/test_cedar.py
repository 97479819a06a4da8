"""The second evaluator: Cedar and `decide` judge the same asks by rules that were written twice, and always agree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import cedarpy
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from tests.governance.cedar import RULES, SCHEMA, ask_cedar, lies_in
from watchfloor.governance.agreement import Agreement, Agreements, Mode
from watchfloor.governance.audit import entry_of_decision
from watchfloor.governance.decide import Facts, covers, decide
from watchfloor.governance.explain import CONDITIONS, explain
from watchfloor.governance.lending import REASONS, Lending, Lendings
from watchfloor.governance.model import (
    About,
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

NOW: Final = datetime(2026, 3, 3, 12, tzinfo=UTC)
# Reasons that hold whatever is authorised: each is a forbid of Cedar's.
BEFORE_AUTHORISATION: Final = frozenset(
    (
        "role",
        "second_factor",
        "purpose_prohibited",
        "purpose_missing",
        "patrol_only_live",
        "patrol_only_public",
    )
) | {"purpose_unknown", "case_missing", "case_closed", "case_lapsed", "case_unknown"}
_BOUNDARY: Final = st.sampled_from([NOW + timedelta(microseconds=n) for n in (-1, 0, 1)])
_TIMES: Final = _BOUNDARY | st.integers(-(10**15), 10**15).map(lambda us: NOW + timedelta(microseconds=us))
# A grid makes corners, edges and touching common; other numbers make sure that nothing rests on the grid.
_DEGREES: Final = st.integers(-4, 4).map(float) | st.floats(-4, 4, allow_nan=False, width=32)
_CORNERS: Final = st.tuples(_DEGREES, _DEGREES)
_NOTCHED: Final = ((-2.0, -2.0), (-2.0, 3.0), (1.0, 3.0), (1.0, 0.0), (3.0, 0.0), (3.0, -2.0))
_AREAS: Final = st.sampled_from([(), _NOTCHED, ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0))]) | st.tuples(
    _CORNERS, _CORNERS, _CORNERS
).filter(lambda area: Polygon(area).is_valid)
_PLACES: Final = st.none() | st.builds(Point, _DEGREES, _DEGREES)
_ROLES: Final = st.frozensets(st.sampled_from(list(Role)), max_size=4)
_PURPOSES: Final = st.sampled_from(list(Purpose))
_UNKNOWN: Final = UnknownPurpose("curiosity")
# Most needs ask for a role alone; those that more is asked of are tried more often.
_NEEDS: Final = st.sampled_from(list(Need)) | st.sampled_from([n for n in Need if n.with_technology])
CASE: Final = Case(CaseKind.CASE, UUID(int=9))
CAMERA: Final = UUID(int=7)
AGREED: Final = Agreement(
    UUID(int=8),
    CAMERA,
    Mode.ALWAYS,
    300,
    (),
    ZoneInfo("America/Chicago"),
    Point(1.0, 1.0),
    NOW - timedelta(days=1),
)
LENT: Final = Lending(
    UUID(int=4), UUID(int=2), "Gates", frozenset({CAMERA}), NOW - timedelta(days=2), NOW + timedelta(hours=1)
)
ENDED: Final = (Ended("case_closed", "Case 26-1 was closed."), Ended("case_lapsed", "Case 26-1 lapsed."))
_PRIVATE: Final = TechnologyKind.PRIVATE_CAMERA_LINK
_KINDS: Final = st.sampled_from(
    [TechnologyKind.FIXED_CAMERA, TechnologyKind.PRIVATE_CAMERA_LINK, TechnologyKind.PLATE_READER]
)


def _of(need: Need) -> tuple[Ask, Facts]:
    """An ask of this need that everything allows."""
    roles = frozenset(need.roles)
    kind = ActorKind.PERSON if Role.MACHINE not in roles else ActorKind.PROCESS
    purpose = Purpose.STOLEN_VEHICLE
    ask = Ask(
        Actor(UUID(int=2), kind, AgencyId(UUID(int=1)), roles, second_factor=True),
        need,
        Why(purpose, CASE) if need.with_purpose else None,
        technology=TechnologyKind.FIXED_CAMERA if need.with_technology else None,
        place=Point(1.0, 1.0),
        about=About("camera", CAMERA),
    )
    whole = Authorisation(
        AuthorisationId(UUID(int=3)), TechnologyKind.FIXED_CAMERA, "An approval", NOW - timedelta(days=1), NOW + timedelta(days=1),
        frozenset({purpose}), roles, ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0)), 1, timedelta(days=30), False,
    )  # fmt: skip
    lent = Lendings.of([LENT])
    return ask, Facts([whole], True, True, agreements=Agreements({CAMERA: AGREED}), lendings=lent)


_ASK: Final = (
    "kind",
    "roles",
    "second factor",
    "case",
    "why",
    "technology",
    "place",
    "case open",
    "required",
    "agreement",
    "lending",
)
_ROW: Final = ("technology", "effective", "expires", "purposes", "roles", "area", "approved", "suspended")


@st.composite
def _rows(draw: st.DrawFn, whole: Authorisation) -> Authorisation:
    """The whole authorisation with up to two things otherwise."""
    other = draw(st.frozensets(st.sampled_from(_ROW), max_size=2))
    flips = st.booleans()
    return replace(
        whole,
        technology=draw(_KINDS) if "technology" in other else whole.technology,
        effective_at=draw(_TIMES) if "effective" in other else whole.effective_at,
        expires_at=draw(_TIMES) if "expires" in other else whole.expires_at,
        purposes=draw(st.frozensets(_PURPOSES)) if "purposes" in other else whole.purposes,
        roles=draw(_ROLES) if "roles" in other else whole.roles,
        area=draw(_AREAS) if "area" in other else whole.area,
        waiting_for=("State Board",) if "approved" in other and draw(flips) else (),
        suspended_at=draw(_TIMES) if "suspended" in other else None,
    )


@st.composite
def _agreed(draw: st.DrawFn) -> Agreement:
    """An agreement with something of it otherwise."""
    return replace(
        AGREED,
        begins_at=draw(_BOUNDARY),
        ends_at=draw(st.none() | _BOUNDARY),
        suspended_at=draw(st.none() | _TIMES),
        revoked_at=draw(st.none() | _TIMES),
    )


@st.composite
def _lent(draw: st.DrawFn) -> Lendings:
    """Up to two lendings with something of each otherwise."""
    other = st.builds(
        replace,
        st.just(LENT),
        partner=st.sampled_from([LENT.partner, UUID(int=5)]),
        cameras=st.sampled_from([LENT.cameras, frozenset({UUID(int=6)})]),
        until=_TIMES,
        ended_at=st.none() | st.just(NOW),
    )
    return Lendings.of(draw(st.lists(other, max_size=2)))


@st.composite
def _questions(draw: st.DrawFn) -> tuple[Ask, Facts]:
    """A whole ask with up to three things otherwise: so that each condition is often the one that fails, and often none is."""
    ask, facts = _of(draw(_NEEDS))
    other = draw(st.frozensets(st.sampled_from(_ASK), max_size=3))
    flips = st.booleans()
    actor = replace(
        ask.actor,
        kind=draw(st.sampled_from(list(ActorKind))) if "kind" in other else ask.actor.kind,
        roles=draw(_ROLES) if "roles" in other else ask.actor.roles,
        second_factor="second factor" not in other,
    )
    why, need = ask.why, ask.need
    if why is not None and "case" in other:
        why = replace(why, case=None)
    if "why" in other:
        why = draw(st.none() | st.builds(Why, _PURPOSES | st.just(_UNKNOWN), st.sampled_from([None, CASE])))
    technology = draw(_KINDS) if need.with_technology and "technology" in other else ask.technology
    place = draw(_PLACES) if "place" in other else ask.place
    rows = draw(st.lists(_rows(facts.authorisations[0]), max_size=3))
    rows = [replace(row, id=AuthorisationId(UUID(int=n))) for n, row in enumerate(rows)]
    case_open = draw(st.none() | flips) if "case open" in other else True
    ended = draw(st.sampled_from([None, *ENDED])) if case_open is False else None
    about = draw(st.sampled_from([None, ask.about])) if "agreement" in other else ask.about
    agreed = Agreements({CAMERA: draw(_agreed()) if "agreement" in other else AGREED})
    lent = draw(_lent()) if "lending" in other else facts.lendings
    return (
        replace(ask, actor=actor, why=why, technology=technology, place=place, about=about),
        Facts(rows, case_open, "required" not in other, ended, agreements=agreed, lendings=lent),
    )


def difference(
    ask: Ask, facts: Facts, *, now: datetime, rules: cedarpy.PolicySet | None = None
) -> str | None:
    """What the two say differently, if anything: yes or no, under what, until when, and which rule forbade it."""
    ours = decide(ask, facts, now=now)
    theirs = ask_cedar(ask, facts, now=now, **({"rules": rules} if rules else {}))
    if isinstance(ours, Denied):
        if theirs.allowed or (ours.reason in BEFORE_AUTHORISATION) != bool(theirs.forbidden):
            return f"{ours} and {theirs}"
        return f"{ours} and {theirs}" if theirs.forbidden and ours.reason not in theirs.forbidden else None
    if not theirs.allowed:
        return f"{ours} and {theirs}"
    if ours.authorisation is None:
        return None
    ends = {a.id: a.expires_at for a in facts.authorisations if a.id in theirs.under}
    agreed = facts.agreements.of(ask.about.id if ask.about else None)
    last = (
        agreed.ends_at
        if agreed
        and ask.technology is _PRIVATE
        and not (ask.need is Need.CAMERA_PLAYBACK or ask.need.word.startswith("export."))
        else None
    )
    until = max(ends.values())
    right = ends.get(ours.authorisation.id) == until
    lent = facts.lendings.about(ask.actor.id, CAMERA) if ask.need is Need.CAMERA_LENT else ()
    last = min([last or until, *(max(one.until for one in lent if not one.over(now)) for _ in lent[:1])])
    right = right and ours.until == min(until, last)
    return None if right else f"{ours} and {ends}"


@settings(max_examples=800, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_questions())
def test_python_and_cedar_always_agree(question: tuple[Ask, Facts]) -> None:
    ask, facts = question
    ours = decide(ask, facts, now=NOW)
    event(f"{'allowed' if isinstance(ours, Allowed) else 'denied'}: {ours.reason}")
    assert difference(ask, facts, now=NOW) is None


@pytest.mark.parametrize("need", list(Need), ids=lambda need: need.word)
def test_for_every_need_both_say_yes_to_a_whole_ask_and_no_to_the_wrong_place(need: Need) -> None:
    ask, facts = _of(need)
    assert isinstance(decide(ask, facts, now=NOW), Allowed)
    assert ask_cedar(ask, facts, now=NOW).allowed
    away = replace(ask, place=Point(3.0, 3.0))
    assert isinstance(decide(away, facts, now=NOW), Allowed) == ask_cedar(away, facts, now=NOW).allowed


def test_the_rules_speak_only_of_what_the_schema_knows() -> None:
    found = cedarpy.validate_policies(RULES, SCHEMA)
    assert found.validation_passed, [str(error) for error in found.errors]
    wrong = RULES.replace("resource.approved", "resource.aproved")
    assert not cedarpy.validate_policies(wrong, SCHEMA).validation_passed


# What a partner's case is not asked for: it is in the partner's books.
_OF_CASES: Final = ("context.case_closed", "context.case_lapsed", "!context.case_open")
# Each rule, taken out or turned: had it been written so, the two would not agree.
TURNED: Final = (
    ("principal.roles.containsAny(context.need.roles)", "true"),
    ("!principal.second_factor", "false"),
    ("context.purpose.prohibited", "false"),
    ("context.purpose_unknown", "false"),
    ('!(context has purpose) }', "false }"),
    ('![Action::"camera.live", Action::"camera.turn"].contains(action)', "false"),
    ('context.technology == Technology::"private_camera_link"', "false"),
    ('context.technology == Technology::"body_camera"', "false"),
    ("!context.case_named }", "false }"),
    ("context.case_closed", "false"),
    ("context.case_lapsed", "false"),
    ("!context.case_open", "false"),
    ("resource.technology == context.technology", "true"),
    ("resource.approved", "true"),
    ("resource.suspended_us <= context.now_us", "resource.suspended_us < context.now_us"),
    ("resource.effective_us <= context.now_us", "resource.effective_us < context.now_us"),
    ("context.now_us < resource.expires_us", "context.now_us <= resource.expires_us"),
    ('Action::"plates.search"', 'Action::"camera.live"'),
    ("!resource.has_area", "true"),
    ("resource.purposes.contains(context.purpose)", "true"),
    ("principal.roles.containsAny(resource.roles)", "true"),
    ("context.agreed", "true"),
    ("context.lent", "true"),
    ('![Technology::"private_camera_link", Technology::"body_camera"].contains(context.technology)', "true"),
    ('principal.roles == ["owner"]', "false"),
    (' || principal.roles == ["partner"]', ""),
    *((f'{what} }}\nunless {{ principal.roles == ["partner"] }}', f"{what} }}") for what in _OF_CASES),
)  # fmt: skip


@pytest.mark.parametrize(("said", "instead"), TURNED, ids=[said for said, _ in TURNED])
def test_a_rule_that_is_written_wrongly_is_found(said: str, instead: str) -> None:
    assert RULES.count(said) == 1
    turned = cedarpy.PolicySet.from_str(RULES.replace(said, instead))
    assert any(difference(ask, facts, now=NOW, rules=turned) for ask, facts in _at_the_edges())


def _at_the_edges() -> list[tuple[Ask, Facts]]:
    """A whole ask of some needs, with each condition at its boundary."""
    made: list[tuple[Ask, Facts]] = []
    for need in (Need.CAMERA_LIVE, Need.CAMERA_PLAYBACK, Need.PLATES_SEARCH):
        ask, facts = _of(need)
        (one,), why = facts.authorisations, ask.why
        assert why is not None
        all_of_it = Facts([replace(one, purposes=frozenset(Purpose), roles=frozenset(Role))], True, True)
        without_case = replace(all_of_it, case_open=None)
        asks = (
            replace(ask, actor=replace(ask.actor, roles=frozenset({Role.CLERK}))),
            replace(ask, actor=replace(ask.actor, second_factor=False)),
            replace(ask, why=Why(Purpose.PERSONAL_INTEREST)),
            replace(ask, why=Why(_UNKNOWN)),
            replace(ask, why=None),
            replace(ask, why=Why(Purpose.PATROL_MONITORING)),
            replace(ask, why=Why(why.purpose)),
        )
        rows = (
            replace(one, technology=TechnologyKind.PLATE_READER),
            replace(one, waiting_for=("State Board",)),
            replace(one, suspended_at=NOW),
            replace(one, effective_at=NOW),
            replace(one, expires_at=NOW),
            replace(one, roles=frozenset({Role.CLERK})),
        )
        made += [(changed, without_case) for changed in asks]
        private = replace(one, technology=_PRIVATE)
        made.append((replace(ask, technology=_PRIVATE), Facts([private], True, True)))
        owner = replace(ask.actor, roles=frozenset({Role.OWNER}), second_factor=False)
        made.append((replace(ask, actor=owner, need=Need.OWN_CAMERAS_VIEW, technology=None), facts))
        partner = replace(ask, actor=replace(ask.actor, roles=frozenset({Role.PARTNER}), second_factor=False))
        made += [(partner, replace(all_of_it, case_open=False, case_ended=ended)) for ended in (None, *ENDED)]
        made += [_patrol_of(kind, ask, one) for kind in (_PRIVATE, TechnologyKind.BODY_CAMERA)]
        made += [(ask, Facts([changed], True, True)) for changed in rows]
        made += [(ask, Facts([one], False, True, ended)) for ended in (None, *ENDED)]
        made += [(replace(ask, why=Why(Purpose.RESCUE, why.case)), facts)]
        made.append((replace(ask, place=Point(2.5, 2.5)), facts))
    return [*made, *_not_lent()]


def _not_lent() -> list[tuple[Ask, Facts]]:
    """All of it would be allowed, had anybody lent the camera, or were it one that may be lent."""
    ask, facts = _of(Need.CAMERA_LENT)
    unagreed = replace(facts, agreements=Agreements({}))
    kinds = ((_PRIVATE, facts), (_PRIVATE, unagreed), (TechnologyKind.BODY_CAMERA, facts))
    return [(ask, replace(facts, lendings=Lendings())), *(_of_kind(kind, ask, then) for kind, then in kinds)]


def _of_kind(kind: TechnologyKind, ask: Ask, facts: Facts) -> tuple[Ask, Facts]:
    """The same of a camera of another kind, under an authorisation of that."""
    rows = [replace(one, technology=kind) for one in facts.authorisations]
    return replace(ask, technology=kind), replace(facts, authorisations=rows)


def _patrol_of(kind: TechnologyKind, ask: Ask, one: Authorisation) -> tuple[Ask, Facts]:
    """All of it would be allowed, were the camera a public one."""
    of_it = replace(one, technology=kind, purposes=frozenset(Purpose), roles=frozenset(Role))
    asked = replace(ask, need=Need.CAMERA_LIVE, why=Why(Purpose.PATROL_MONITORING), technology=kind)
    return asked, Facts([of_it], None, True)


@settings(max_examples=300, deadline=None)
@given(_AREAS, _PLACES)
def test_a_place_lies_in_an_area_as_exact_arithmetic_says(
    area: tuple[tuple[float, float], ...], place: Point | None
) -> None:
    assert covers(area, place) == (not area or lies_in(place, area))


def test_an_entry_names_each_condition_that_the_door_asks_and_no_other() -> None:
    """What is broken refuses exactly where its condition is listed: of each need that works with a technology."""
    asked: set[tuple[str, Need]] = set()
    for need in (one for one in Need if one.with_technology):
        ask, facts = _of(need)
        (whole,) = facts.authorisations
        shown = explain(json.loads(entry_of_decision(ask, decide(ask, facts, now=NOW), now=NOW).leaf))
        assert shown and all(one.met for one in shown), need
        listed = {one.text for one in shown}
        broken = {
            "no_authorisation": (ask, replace(facts, authorisations=[])),
            "place": (replace(ask, place=Point(3.0, 3.0)), facts),
            "purpose": (ask, replace(facts, authorisations=[replace(whole, purposes=frozenset())])),
            "authorisation_role": (ask, replace(facts, authorisations=[replace(whole, roles=frozenset())])),
            "not_lendable": _of_kind(_PRIVATE, ask, replace(facts, agreements=Agreements({}))),
            "not_lent": (ask, replace(facts, lendings=Lendings())),
            "lending_ended": (ask, replace(facts, lendings=Lendings.of([replace(LENT, ended_at=NOW)]))),
            "lending_over": (ask, replace(facts, lendings=Lendings.of([replace(LENT, until=NOW)]))),
        }
        for reason, (changed, then) in broken.items():
            said = decide(changed, then, now=NOW)
            refused = isinstance(said, Denied) and said.reason == reason
            assert (dict(CONDITIONS)[reason] in listed) is refused, (need, reason)
            if refused:
                asked.add((reason, need))
                told = explain(json.loads(entry_of_decision(changed, said, now=NOW).leaf))
                assert [one.text for one in told if one.met is False] == [dict(CONDITIONS)[reason]]
    assert {need for reason, need in asked if reason in REASONS} == {Need.CAMERA_LENT}
    of_roles = {need for reason, need in asked if reason == "authorisation_role"}
    assert Need.CAMERA_LIVE in of_roles and Need.AIMING_PICTURE not in of_roles
