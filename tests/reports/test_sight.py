"""Who could see a camera on a day: spans cut with each other, with roles, authorisations and accounts that changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from watchfloor.governance.lending import Lending
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role
from watchfloor.kit.errors import Invalid
from watchfloor.owners.uses import WAYS as USES
from watchfloor.reports.api import DOES
from watchfloor.reports.look_back import day_of
from watchfloor.reports.sight import (
    LOOKS,
    Account,
    Approval,
    Could,
    Happened,
    Leased,
    Span,
    could_see,
    held,
    in_force,
    lent_when,
    recorded,
)

R = Role
_ids = count(1)


def at(hour: float, day: int = 3) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour)


DAY = Span(at(0), at(24))
EVER = Span(at(0, 1), at(24, 9))


def account(*log: Happened, roles: Sequence[Role] = (R.ANALYST,), opened: datetime | None = None) -> Account:
    first = Happened(opened or at(9, 1), "invitation.accepted")
    return Account(
        UUID(int=next(_ids)),
        "A. Reyes",
        at(8, 1),
        frozenset(roles),
        (*sorted((first, *log), key=lambda one: one.at),),
    )


def approval(*log: Happened, **changes: object) -> Approval:
    made = Approval(
        UUID(int=next(_ids)),
        "Cameras",
        at(0, 1),
        at(0, 20),
        frozenset({Purpose.VIOLENT_CRIME, Purpose.PATROL_MONITORING}),
        frozenset({R.ANALYST, R.SUPERVISOR, R.OFFICER}),
        (Happened(at(0, 1), "authorisation.in_force"), *log),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # by the fields' own names


def changed(when: datetime, to: Role, before: Role) -> Happened:
    return Happened(when, "person.roles_changed", frozenset({to}), frozenset({before}))


def told(found: Iterable[Could]) -> list[tuple[str, float, float]]:
    return [
        (
            one.need.word,
            (one.span.since - at(0)) / timedelta(hours=1),
            (one.span.until - at(0)) / timedelta(hours=1),
        )
        for one in found
    ]


@pytest.mark.parametrize(
    ("log", "hours"),
    [
        ((), [(0, 24)]),
        ((Happened(at(10), "authorisation.suspended"),), [(0, 10)]),
        ((Happened(at(10, 2), "authorisation.suspended"),), []),
        (
            (
                Happened(at(10), "authorisation.suspended"),
                Happened(at(12), "authorisation.in_force"),
            ),
            [(0, 10), (12, 24)],
        ),
        ((Happened(at(10, 4), "authorisation.suspended"),), [(0, 24)]),
    ],
)
def test_an_authorisation_is_in_force_until_it_is_suspended(
    log: tuple[Happened, ...], hours: list[tuple[float, float]]
) -> None:
    assert in_force(approval(*log), DAY) == [Span(at(a), at(b)) for a, b in hours]


def test_it_begins_and_ends_when_it_was_approved_to() -> None:
    assert in_force(approval(effective_at=at(6), expires_at=at(18)), DAY) == [Span(at(6), at(18))]
    assert in_force(approval(log=(Happened(at(7), "authorisation.in_force"),)), DAY) == [Span(at(7), at(24))]
    assert in_force(approval(log=()), DAY) == []
    assert in_force(approval(expires_at=at(0)), DAY) == []


def test_roles_hold_from_when_they_were_given_to_when_they_were_changed() -> None:
    one = account(changed(at(12), R.AUDITOR, R.ANALYST), roles=(R.AUDITOR,))
    assert held(one, DAY) == [
        (Span(at(0), at(12)), frozenset({R.ANALYST})),
        (Span(at(12), at(24)), frozenset({R.AUDITOR})),
    ]
    assert held(one, Span(at(0, 5), at(0, 6))) == [(Span(at(0, 5), at(0, 6)), frozenset({R.AUDITOR}))]
    assert held(one, Span(at(0, 2), at(0, 3))) == [(Span(at(0, 2), at(0, 3)), frozenset({R.ANALYST}))]


def test_what_somebody_was_invited_as_counts_and_not_what_they_are_now() -> None:
    invited = Happened(at(8, 1), "person.invited", frozenset({R.OFFICER}))
    one = account(invited, changed(at(1, 6), R.CLERK, R.OFFICER), roles=(R.CLERK,))
    assert held(one, DAY) == [(DAY, frozenset({R.OFFICER}))]


def test_an_account_counts_from_its_first_sign_in_until_it_is_closed() -> None:
    closed = Happened(at(15), "person.suspended")
    assert [span for span, _ in held(account(closed, opened=at(9)), DAY)] == [Span(at(9), at(15))]
    never = replace(account(), log=())
    assert held(never, DAY) == []
    assert held(account(Happened(at(1, 2), "person.suspended")), DAY) == []


def test_somebody_could_see_it_where_role_authorisation_and_camera_met() -> None:
    one = account(changed(at(12), R.OFFICER, R.ANALYST))
    found = could_see(
        [one], [approval(Happened(at(20), "authorisation.suspended"))], Span(at(2), at(22)), DAY, public=True
    )
    assert told(found) == [
        ("camera.live", 2, 12),
        ("camera.playback", 2, 12),
        ("camera.snapshot", 2, 12),
        ("camera.live", 12, 20),
    ]
    # What was recorded is never shown for patrol monitoring, and no picture is saved for it.
    assert [Purpose.PATROL_MONITORING in could.purposes for could in found] == [True, False, False, True]
    assert could_see([one], [approval(roles=frozenset({R.CLERK}))], EVER, DAY, public=True) == []
    assert could_see([one], [approval()], Span(at(0, 5), at(0, 6)), DAY, public=True) == []
    assert could_see([account(roles=(R.AUDITOR,))], [approval()], EVER, DAY, public=True) == []
    only_patrol = approval(purposes=frozenset({Purpose.PATROL_MONITORING}))
    assert told(could_see([account()], [only_patrol], EVER, DAY, public=True)) == [("camera.live", 0, 24)]
    # Nor is the camera that its owner links.
    assert could_see([account()], [only_patrol], EVER, DAY, public=False) == []
    linked = could_see([one], [approval()], EVER, DAY, public=False)
    assert linked and not any(Purpose.PATROL_MONITORING in could.purposes for could in linked)


def test_a_coarse_picture_needs_no_role_of_the_authorisation_and_no_purpose_of_it() -> None:
    found = could_see(
        [account(roles=(R.TECHNICIAN,))], [approval(roles=frozenset({R.CLERK}))], EVER, DAY, public=True
    )
    assert told(found) == [("camera.aiming_picture", 0, 24)] and found[0].purposes == frozenset()


def test_a_partner_could_record_it_while_it_was_lent_to_it_and_the_authorisation_names_partners() -> None:
    county, other = account(roles=(R.PARTNER,)), account(roles=(R.PARTNER,))
    lendings = [
        lending(county, at(6), at(9)),
        lending(county, at(8), at(20), ended=at(12)),
        lending(county, at(14), at(15)),
        lending(county, at(2, 2), at(3, 2)),
    ]
    lent = lent_when(lendings)
    approved = approval(Happened(at(11), "authorisation.suspended"), roles=frozenset({R.PARTNER}))
    found = could_see([county, other], [approved], EVER, DAY, public=True, lent=lent)
    assert told(one for one in found if one.need is Need.CAMERA_LENT) == [("camera.lent", 6, 11)]
    found = could_see([county], [approval(roles=frozenset({R.PARTNER}))], EVER, DAY, public=True, lent=lent)
    recording = [one for one in found if one.need is Need.CAMERA_LENT]
    assert told(recording) == [("camera.lent", 6, 12), ("camera.lent", 14, 15)]
    assert {one.purposes for one in recording} == {frozenset()}
    assert could_see([county], [approval()], EVER, DAY, public=True, lent=lent) == [], "it names no partners"


def lending(to: Account, given: datetime, until: datetime, ended: datetime | None = None) -> Lending:
    return Lending(UUID(int=next(_ids)), to.id, "Gates", frozenset(), given, until, ended)


def test_each_way_of_seeing_has_its_words_in_the_answer_and_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "console/src/audit/told.ts").read_text()
    for need in (*LOOKS, Need.CAMERA_RECORD):
        assert need in DOES and f"'{need.word}': '" in page, need
    # Each need that shows a picture to its owner's list is asked about here as well.
    assert {word for word in USES if word.startswith("camera.")} <= {need.word for need in LOOKS}


def test_a_recording_process_held_each_answer_until_the_next() -> None:
    process, under = UUID(int=7), UUID(int=8)
    answers = [
        Leased(at(20, 2), process, "record", under),
        Leased(at(6), process, "record", None),
        Leased(at(9), process, "record", under),
    ]
    found = recorded(answers, {under: "Cameras"}, DAY)
    assert [(one.need, one.title, one.span) for one in found] == [
        (Need.CAMERA_RECORD, "Cameras", Span(at(0), at(6))),
        (Need.CAMERA_RECORD, "Cameras", Span(at(9), at(24))),
    ]
    assert recorded([], {}, DAY) == []


def test_a_day_is_one_of_the_agencys_zone() -> None:
    span = day_of(date(2026, 3, 8), "America/Chicago", now=at(0, 20))
    # The clocks are put forward that night: it has 23 hours.
    assert (span.since, span.until) == (at(6, 8), at(5, 9))
    assert day_of(date(2026, 3, 3), "UTC", now=at(5)).until == at(5)
    with pytest.raises(Invalid, match="has not begun yet"):
        day_of(date(2026, 3, 4), "UTC", now=at(5))
