"""No unit is sent on what nobody reviewed: an Answerable cannot be written anywhere but where it is made."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from tests.incidents.made import ANALYST, NOW, alert, confirmed_review
from watchfloor.incidents import answerable
from watchfloor.incidents.answerable import CallTaken, Confirmed, NotAnswerable, OfficerEmergency, confirmed
from watchfloor.incidents.model import AlertId, Incident, IncidentId, IncidentState, Origin, ReviewId
from watchfloor.incidents.open import incident_from_alert
from watchfloor.incidents.review import Review
from watchfloor.kit.ids import uuid7

SOURCE = Path(__file__).resolve().parents[2] / "src/watchfloor"


def made() -> tuple[Incident, Review]:
    of = alert()
    review = confirmed_review(of.id)
    return incident_from_alert(IncidentId(uuid7(NOW)), of, review, by=ANALYST, now=NOW), review


def test_a_review_that_stands_makes_its_own_incident_answerable() -> None:
    incident, review = made()
    assert confirmed(incident, review).incident is incident


def test_no_other_review_does() -> None:
    incident, review = made()
    for other in (
        replace(review, id=ReviewId(uuid7(NOW))),
        replace(review, alert=AlertId(uuid7(NOW))),
        replace(review, verdict="dismissed"),
        replace(review, vehicle_agrees=False),
    ):
        with pytest.raises(NotAnswerable):
            confirmed(incident, other)


def test_nor_for_an_incident_that_came_of_something_else_or_is_closed() -> None:
    incident, review = made()
    for other in (replace(incident, origin=Origin.CALL), replace(incident, state=IncidentState.CLOSED)):
        with pytest.raises(NotAnswerable):
            confirmed(other, review)


def test_nobody_is_sent_to_stop_what_the_entry_says_must_not_be_stopped() -> None:
    incident, review = made()
    assert review.entry is not None
    watched = replace(review, entry=replace(review.entry, handling=("do_not_stop",)))
    with pytest.raises(NotAnswerable, match="do not stop") as caught:
        confirmed(incident, watched)
    assert caught.value.reason == "do_not_stop"


def test_nobody_makes_one_by_hand_by_copy_or_from_bytes() -> None:
    incident, review = made()
    for by_hand in (
        lambda: Confirmed(incident, review, object()),  # type: ignore[arg-type]  # what must not be taken
        lambda: Confirmed(incident, review, answerable._Seal()),
        lambda: CallTaken(incident, None, None),  # type: ignore[arg-type]  # what must not be taken
        lambda: OfficerEmergency(incident, uuid7(NOW), answerable._Seal()),
        lambda: replace(confirmed(incident, review), incident=incident),  # type: ignore[call-arg]  # what must not be taken
    ):
        with pytest.raises((TypeError, ValueError)):
            by_hand()


def test_no_other_module_names_the_seal_or_calls_the_constructors() -> None:
    names = {"Confirmed", "CallTaken", "OfficerEmergency", "_Seal", "_SEAL"}
    guilty = []
    for path in SOURCE.rglob("*.py"):
        if path == SOURCE / "incidents/answerable.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            name = (
                called.id
                if isinstance(called, ast.Name)
                else called.attr
                if isinstance(called, ast.Attribute)
                else ""
            )
            imported = {a.name for a in node.names} if isinstance(node, ast.ImportFrom) else set()
            if name in names or imported & {"_Seal", "_SEAL"}:
                guilty.append(f"{path.relative_to(SOURCE)}: {ast.unparse(node)[:80]}")
    assert guilty == []
