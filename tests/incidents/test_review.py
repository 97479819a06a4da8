"""The blind review: what a confirmation must rest on, one condition at a time; each has hurt somebody somewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.center import CHICAGO
from tests.incidents.made import NOW, confirmed_review, entry_now, review
from watchfloor.incidents.review import (
    HASTY,
    RECORD_HOLDS_FOR,
    Agreement,
    DismissReason,
    EntryNow,
    LiveRecord,
    NotConfirmable,
    Reply,
    Typed,
    check_confirmable,
    check_dismissal,
    compare,
    is_hasty,
    stands,
)
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7

ACTIVE = LiveRecord(Reply.ACTIVE, "LR-1", NOW)


@pytest.mark.parametrize(
    ("typed", "agreement", "names"),
    [
        (Typed("QZ04417", "RC", "grey hatchback"), "match", []),
        (Typed("QZ04417", "RC", None), "match", ["vehicle"]),
        (Typed("QZ04417", "RC", "red lorry"), "match", ["vehicle"]),
        (Typed("QZ04417", None, "grey hatchback"), "candidate", ["state"]),
        (Typed("QZ04417", "KS", "grey hatchback"), "mismatch", ["state"]),
        (Typed("QZO4417", "RC", "grey hatchback"), "mismatch", ["plate"]),
        (Typed("QZ04471", "RC", "grey hatchback"), "mismatch", ["plate"]),
        (Typed(None, "RC", "grey hatchback"), "mismatch", ["plate"]),
        (Typed(None, None, None), "mismatch", ["plate", "state", "vehicle"]),
    ],
)
def test_what_was_typed_against_the_entry(typed: Typed, agreement: str, names: list[str]) -> None:
    found, differences = compare(typed, entry_now(), now=NOW, zone=CHICAGO)
    assert (found, [d.name for d in differences]) == (agreement, names)
    assert all(d.sentence.endswith((".", "?")) for d in differences)


def test_letters_that_look_alike_are_different_to_a_person() -> None:
    """The reader may take O for 0; a person who looks may not."""
    assert compare(Typed("QZO4417", "RC", None), entry_now(), now=NOW, zone=CHICAGO)[0] is Agreement.MISMATCH


def test_an_entry_without_a_state_agrees_in_what_it_has_and_says_so() -> None:
    found, (difference, *_) = compare(
        Typed("QZ04417", "RC", None), entry_now(state=None), now=NOW, zone=CHICAGO
    )
    assert (found, difference.name, difference.sentence) == ("match", "state", "The entry names no state.")


@pytest.mark.parametrize("changes", [{"expires_at": NOW}, {"listed": False}])
def test_an_entry_that_ended_agrees_with_nothing(changes: dict[str, Any]) -> None:
    found, differences = compare(
        Typed("QZ04417", "RC", "grey hatchback"), entry_now(**changes), now=NOW, zone=CHICAGO
    )
    assert (found, [d.name for d in differences]) == ("mismatch", ["expiry"])
    assert "UTC" not in differences[0].sentence


def confirm(
    entry: EntryNow | None = None,
    typed: Typed | None = None,
    record: LiveRecord = ACTIVE,
    *,
    now_is: EntryNow | None = None,
    vehicle: bool = True,
) -> None:
    seen = entry or entry_now()
    check_confirmable(
        review(seen, typed), now_is or seen, record, vehicle_agrees=vehicle, now=NOW, zone=CHICAGO
    )


def test_when_everything_agrees_it_can_be_confirmed() -> None:
    confirm()


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"typed": Typed("QZ04471", "RC", None)}, "plate_differs"),
        ({"typed": Typed(None, "RC", None)}, "plate_unread"),
        ({"typed": Typed("QZ04417", "KS", None)}, "state_differs"),
        ({"typed": Typed("QZ04417", None, None)}, "state_unread"),
        ({"vehicle": False}, "vehicle_differs"),
        ({"record": replace(ACTIVE, reply=Reply.CANCELLED)}, "record_cancelled"),
        ({"record": replace(ACTIVE, reply=Reply.NO_RECORD)}, "no_record"),
        ({"record": replace(ACTIVE, reply=Reply.UNREACHABLE)}, "record_unreachable"),
        ({"record": replace(ACTIVE, checked_at=NOW - RECORD_HOLDS_FOR - timedelta(seconds=1))}, "record_old"),
        ({"entry": entry_now(expires_at=NOW)}, "entry_expired"),
        ({"now_is": entry_now(listed=False)}, "entry_expired"),
    ],
)
def test_whatever_is_missing_it_is_not_confirmed_and_says_what(case: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotConfirmable) as refused:
        confirm(**case)
    assert refused.value.reason == reason
    assert refused.value.detail.endswith(".") and refused.value.next_step
    assert "QZ" not in refused.value.detail


def test_nothing_is_confirmed_that_was_not_typed_first() -> None:
    with pytest.raises(NotConfirmable) as refused:
        check_confirmable(review(None), entry_now(), ACTIVE, vehicle_agrees=True, now=NOW, zone=CHICAGO)
    assert refused.value.reason == "not_typed"


def test_an_entry_changed_meanwhile_is_looked_at_again() -> None:
    seen = entry_now()
    with pytest.raises(NotConfirmable) as refused:
        confirm(seen, now_is=replace(seen, version=2, vehicle="red lorry"))
    assert refused.value.reason == "entry_changed"


def test_a_live_record_cannot_have_been_asked_in_the_future() -> None:
    confirm(record=replace(ACTIVE, checked_at=NOW + timedelta(seconds=30)))
    with pytest.raises(Invalid):
        confirm(record=replace(ACTIVE, checked_at=NOW + timedelta(minutes=5)))


@given(
    plate=st.sampled_from(["QZ04417", "QZO4417", "AB1", None]),
    state=st.sampled_from(["RC", "KS", None]),
    reply=st.sampled_from(list(Reply)),
    vehicle=st.booleans(),
    hours=st.integers(-2, 2),
    listed=st.booleans(),
    asked_min=st.integers(0, 30),
)
def test_only_when_every_condition_holds_is_there_a_confirmation(
    plate: str | None,
    state: str | None,
    reply: Reply,
    vehicle: bool,
    hours: int,
    listed: bool,
    asked_min: int,
) -> None:
    entry = entry_now(expires_at=NOW + timedelta(hours=hours), listed=listed)
    record = LiveRecord(reply, None, NOW - timedelta(minutes=asked_min))
    every = (plate, state) == ("QZ04417", "RC") and reply is Reply.ACTIVE and vehicle and hours > 0 and listed
    every = every and asked_min <= 10
    try:
        confirm(entry, Typed(plate, state, None), record, vehicle=vehicle)
    except NotConfirmable:
        assert not every
    else:
        assert every


def test_a_review_faster_than_anybody_can_look_is_reported() -> None:
    opened = review(entry_now(), opened_at=NOW)
    assert is_hasty(opened, now=NOW + HASTY - timedelta(milliseconds=1))
    assert not is_hasty(opened, now=NOW + HASTY)


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "dismissed"},
        {"verdict": None},
        {"typed": None},
        {"typed": Typed(None, "RC", None)},
        {"agreement": Agreement.CANDIDATE},
        {"record": None},
        {"record": replace(ACTIVE, reply=Reply.UNREACHABLE)},
        {"vehicle_agrees": None},
        {"vehicle_agrees": False},
    ],
)
def test_a_kept_confirmation_stands_only_whole(changes: dict[str, Any]) -> None:
    whole = confirmed_review(uuid7(NOW))
    assert stands(whole)
    assert not stands(replace(whole, **changes))


def test_what_agrees_is_not_dismissed_as_misread() -> None:
    agreeing = review(entry_now())
    for reason in (DismissReason.MISREAD, DismissReason.OTHER_STATE):
        with pytest.raises(Invalid):
            check_dismissal(reason, None, agreeing)
    check_dismissal(DismissReason.OTHER_VEHICLE, None, agreeing)
    check_dismissal(DismissReason.MISREAD, None, None)


def test_another_reason_needs_words() -> None:
    with pytest.raises(Invalid):
        check_dismissal(DismissReason.OTHER, "  ", None)
    check_dismissal(DismissReason.OTHER, "A parade car.", None)
