"""How an authorisation stands, in words, and since when it is in force: every case by its values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from watchfloor.governance.body_store import Approval, KeptApproval, Released
from watchfloor.governance.model import Authorisation, AuthorisationId
from watchfloor.governance.policy_store import Kept
from watchfloor.governance.standing import history, in_force_since, state_of, state_text
from watchfloor.governance.words import TechnologyKind

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLERK, SECOND = UUID(int=1), UUID(int=2)
CAMERA = Authorisation(
    AuthorisationId(UUID(int=3)), TechnologyKind.FIXED_CAMERA, "Cameras", NOW - 9 * DAY, NOW + 9 * DAY, frozenset(), frozenset(), (),
    1, 30 * DAY, False,
)  # fmt: skip


def kept(why: str | None = None, **changes: Any) -> Kept:
    """Proposed nine days ago, approved eight days ago."""
    own = replace(CAMERA, **changes)
    by = SECOND if own.suspended_at else None
    return Kept(own, "", CLERK, NOW - 9 * DAY, SECOND, NOW - 8 * DAY, by, why, 1)


def approval(body: str, recorded_at: datetime) -> KeptApproval:
    return KeptApproval(Approval(body, "Act 1", NOW - 20 * DAY, None, None), CLERK, SECOND, recorded_at)


COUNCIL = approval("Council", NOW - 8 * DAY)


@pytest.mark.parametrize(
    ("changes", "state", "text"),
    [
        ({}, "in_force", "in force until 12 Mar 2026"),
        ({"waiting_for": ("Board", "Council")}, "waiting", "waiting for: Board, Council"),
        ({"waiting_for": ("Board",), "suspended_at": NOW}, "suspended", "suspended, and waiting for: Board"),
        ({"waiting_for": ("Board",), "expires_at": NOW}, "expired", "expired since 3 Mar 2026"),
        ({"suspended_at": NOW}, "suspended", "suspended"),
        ({"effective_at": NOW + DAY}, "not_yet", "not yet in force; it takes effect on 4 Mar 2026"),
    ],
)
def test_the_state_says_what_belongs_to_it(changes: dict[str, Any], state: str, text: str) -> None:
    assert (state_of(kept(**changes), NOW), state_text(kept(**changes), NOW, UTC)) == (state, text)


@pytest.mark.parametrize(
    ("changes", "later", "released", "since"),
    [
        ({}, [], [], NOW - 8 * DAY),
        ({"effective_at": NOW + DAY}, [], [], NOW + DAY),
        ({}, [approval("Board", NOW - 2 * DAY)], [], NOW - 2 * DAY),
        ({}, [], [Released("Board", NOW - 3 * DAY, SECOND)], NOW - 3 * DAY),
        ({"waiting_for": ("Board",)}, [], [], None),
        ({"suspended_at": NOW - 4 * DAY}, [approval("Board", NOW - 2 * DAY)], [], None),
        ({"suspended_at": NOW - 4 * DAY}, [], [], NOW - 8 * DAY),
    ],
)
def test_it_is_in_force_with_the_last_yes_that_it_needed_and_not_before_it_takes_effect(
    changes: dict[str, Any],
    later: list[KeptApproval],
    released: list[Released],
    since: datetime | None,
) -> None:
    assert in_force_since(kept(**changes), [COUNCIL, *later], released) == since


def test_the_history_ends_with_how_it_ended_and_says_who_did_it() -> None:
    over = kept("the council asked", expires_at=NOW - DAY, suspended_at=NOW - 2 * DAY)
    told = history(over, [COUNCIL], [], {SECOND: "Sam"}, NOW)
    assert [(line["text"], line["by"] and line["by"]["name"]) for line in told] == [
        ("Approved by Council: Act 1.", None),
        ("Proposed here.", None),
        ("Approved here by a second person.", "Sam"),
        ("In force.", None),
        ("Suspended: the council asked", "Sam"),
        ("Expired.", None),
    ]
    assert [line["at"] for line in told] == sorted(line["at"] for line in told)
