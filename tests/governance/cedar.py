"""Asks Cedar what `decide` is asked: the same Ask and Facts as Cedar's entities, and its answer with the rules that fired.

The area is judged here by exact arithmetic, since Cedar knows no polygons: nothing is taken over from `decide`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import cedarpy

from watchfloor.governance.agreement import Agreement
from watchfloor.governance.decide import Facts
from watchfloor.governance.model import Ask, Authorisation, AuthorisationId
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, TechnologyKind, UnknownPurpose
from watchfloor.kit.geo import Point

_FOLDER: Final = files("watchfloor.governance")
_ACTIONS: Final = ", ".join(f'"{need.word}"' for need in Need)
RULES: Final = (_FOLDER / "decide.cedar").read_text()
SCHEMA: Final = (_FOLDER / "decide.cedarschema").read_text() + (
    f"action {_ACTIONS} appliesTo {{ principal: Actor, resource: [Center, Authorisation], context: Asked }};\n"
)
_PARSED: Final = cedarpy.PolicySet.from_str(RULES)
_CENTER: Final = {"type": "Center", "id": "center"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """Cedar's answer: whether, under which authorisations, and the reasons of the rules that forbade it."""

    allowed: bool
    under: frozenset[AuthorisationId]
    forbidden: frozenset[str]


def ask_cedar(ask: Ask, facts: Facts, *, now: datetime, rules: cedarpy.PolicySet = _PARSED) -> Said:
    """What Cedar says, asked once for the center and once for each authorisation there is."""
    resources = [_CENTER, *(_id("Authorisation", str(a.id)) for a in facts.authorisations)]
    context = _context(ask, facts, now)
    requests = [
        {
            "principal": _id("Actor", str(ask.actor.id)),
            "action": _id("Action", ask.need.word),
            "resource": resource,
            "context": context,
        }
        for resource in resources
    ]
    results = cedarpy.is_authorized_batch(requests, rules, entities_of(ask, facts))
    errors = [error for result in results for error in result.diagnostics.errors]
    if errors:
        raise AssertionError(f"a rule could not be judged: {errors}")
    under = frozenset(a.id for a, r in zip(facts.authorisations, results[1:], strict=True) if r.allowed)
    fired = results[0].diagnostics.id_annotations_by_reason.values()
    return Said(
        any(result.allowed for result in results),
        under,
        frozenset() if results[0].allowed else frozenset(fired),
    )


def entities_of(ask: Ask, facts: Facts) -> list[dict[str, Any]]:
    """The asker, the closed lists, and each authorisation as it stands."""
    actor = {
        "kind": ask.actor.kind.value,
        "roles": sorted(role.value for role in ask.actor.roles),
        "second_factor": ask.actor.second_factor,
    }
    return [
        _entity("Center", "center", {}),
        _entity("Actor", str(ask.actor.id), actor),
        *(_entity("Technology", kind.value, {}) for kind in TechnologyKind),
        *(
            _entity("Purpose", p.word, {"needs_case": p.needs_case, "prohibited": p.prohibited})
            for p in Purpose
        ),
        *(_entity("Authorisation", str(a.id), _of_authorisation(a)) for a in facts.authorisations),
    ]


def _of_authorisation(a: Authorisation) -> dict[str, Any]:
    suspended = {} if a.suspended_at is None else {"suspended_us": _us(a.suspended_at)}
    return suspended | {
        "technology": _ref("Technology", a.technology.value),
        "approved": a.approved,
        "effective_us": _us(a.effective_at),
        "expires_us": _us(a.expires_at),
        "has_area": bool(a.area),
        "purposes": [_ref("Purpose", purpose.word) for purpose in a.purposes],
        "roles": sorted(role.value for role in a.roles),
    }


def _context(ask: Ask, facts: Facts, now: datetime) -> dict[str, Any]:
    need = ask.need
    more: dict[str, Any] = {}
    unknown = ask.why is not None and isinstance(ask.why.purpose, UnknownPurpose)
    if ask.why is not None and not unknown:
        more["purpose"] = _ref("Purpose", ask.why.purpose.word)
    if ask.technology is not None:
        more["technology"] = _ref("Technology", ask.technology.value)
    return more | {
        "need": {
            "roles": sorted(role.value for role in need.roles),
            "with_technology": need.with_technology,
            "with_purpose": need.with_purpose,
        },
        "purpose_unknown": unknown,
        "case_named": ask.why is not None and ask.why.case is not None,
        "case_open": facts.case_open is True,
        "case_closed": facts.case_ended is not None and facts.case_ended.reason == "case_closed",
        "case_lapsed": facts.case_ended is not None and facts.case_ended.reason == "case_lapsed",
        "second_factor_required": facts.second_factor_required,
        "place_lies_in": [
            _ref("Authorisation", str(a.id)) for a in facts.authorisations if lies_in(ask.place, a.area)
        ],
        "agreed": agreed(ask, facts.agreements.of(ask.about.id if ask.about else None), now),
        "lent": any(
            one.ended_at is None and now < one.until
            for one in facts.lendings.about(ask.actor.id, ask.about.id if ask.about else None)
        ),
        "now_us": _us(now),
    }


def agreed(ask: Ask, agreement: Agreement | None, now: datetime) -> bool:
    """Whether an agreement of all hours, always, covers this: the rest of it has properties of its own to hold."""
    if agreement is None or (agreement.suspended_at and not agreement.revoked_at):
        return False
    if ask.need is Need.CAMERA_PLAYBACK or ask.need.word.startswith("export."):
        by_order = ask.why is not None and ask.why.purpose is Purpose.COURT_ORDER
        return by_order or not agreement.revoked_at
    begun = agreement.begins_at <= now
    return begun and not agreement.revoked_at and (agreement.ends_at is None or now < agreement.ends_at)


def lies_in(place: Point | None, area: Sequence[tuple[float, float]]) -> bool:
    """Whether the place lies in the polygon or on its edge, by exact arithmetic: a ray to the north, crossings counted."""
    if place is None or not area:
        return False
    y, x = Fraction(place.lat), Fraction(place.lon)
    corners = [(Fraction(lat), Fraction(lon)) for lat, lon in area]
    crossings = 0
    for (y1, x1), (y2, x2) in pairwise([*corners, corners[0]]):
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (x1 > x) != (x2 > x):
            crossings += (turn < 0) == (x2 > x1)
    return crossings % 2 == 1


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _id(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _ref(kind: str, name: str) -> dict[str, Any]:
    return {"__entity": _id(kind, name)}


def _entity(kind: str, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": _id(kind, name), "attrs": attributes, "parents": []}
