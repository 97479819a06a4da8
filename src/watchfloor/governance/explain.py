"""Why something was allowed or refused, in words, from the entry alone: the conditions in the order they are asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from watchfloor.governance.decide import asks_place, asks_roles
from watchfloor.governance.lending import REASONS
from watchfloor.governance.model import ActorKind
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json

# (reason the door gives when it fails, the condition in words), in the order `decide` asks them.
CONDITIONS: Final = (
    ("signed_out", "The session was still valid."),
    ("role", "A role of the asker includes this need."),
    ("second_factor", "A second factor was proved where one is required."),
    ("purpose_prohibited", "The purpose is not a prohibited one."),
    ("purpose_unknown", "The purpose is a word of the list."),
    ("purpose_missing", "A purpose was named where one is needed."),
    ("patrol_only_live", "Patrol monitoring was used for live pictures only."),
    ("patrol_only_public", "Patrol monitoring was used for public cameras only."),
    ("case_missing", "A case or call was named where the purpose needs one."),
    ("case_closed", "The named case was not closed."),
    ("case_lapsed", "The named case is not provisional past its 24 hours."),
    ("case_unknown", "The named case or call exists and is open, or is in the books of a partner center."),
    ("no_authorisation", "The technology has an authorisation."),
    ("expired", "It has not expired."),
    ("suspended", "It is not suspended."),
    ("not_approved", "Every body that it names or that its technology requires has approved it."),
    ("not_yet_effective", "It has taken effect."),
    ("place", "It covers the place."),
    ("purpose", "It allows the purpose."),
    ("authorisation_role", "It allows the role."),
    ("not_lendable", "It is neither its owner's camera nor one that an officer wears."),
    ("not_lent", "Two persons lent the camera to the partner center that asks to record it."),
    ("lending_ended", "Nobody ended that."),
    ("lending_over", "Its end had not come."),
)
# What is asked of the rows themselves, after all of these, where it failed.
OF_ROWS: Final = {
    "same_person": "Another person proposed, placed or opened it.",
    "number_lapsed": "No provisional case of this number that the asker opened has lapsed.",
    "patrol_no_zoom": "Patrol monitoring asked for no zoom.",
    "not_the_owner": "The asker keeps it.",
    "not_on_this_unit": "The asker is on the unit.",
    "not_yours": "The asker asked for it, or is a supervisor.",
    "other_case": "It was fetched for the purpose and the case that it was made for.",
    "plates_unsaid": "The asker said which plates are of their own household.",
    "not_sent_there": "The asker's unit was sent there.",
}
_ORDER: Final = {reason: number for number, (reason, _) in enumerate(CONDITIONS)}
_FROM_TECHNOLOGY: Final = _ORDER["no_authorisation"]
# What is asked of who records what was lent, and of nobody else.
_OF_LENDING: Final = frozenset(_ORDER[reason] for reason in REASONS)
_PURPOSE: Final = frozenset(
    _ORDER[r]
    for r in (
        "purpose_missing",
        "patrol_only_live",
        "patrol_only_public",
        "case_missing",
        "case_closed",
        "case_lapsed",
        "case_unknown",
        "purpose",
    )
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: met, failed (False), or not asked any more (None)."""

    text: str
    met: bool | None


def explain(leaf: Mapping[str, Json]) -> tuple[Condition, ...]:
    """The conditions behind a decision's leaf; empty for entries that are no decisions, and for reasons outside the list."""
    need = next((need for need in Need if need.word == leaf.get("need")), None)
    if need is None or leaf.get("kind") not in ("decision", "lease", "revocation"):
        return ()
    reason = str(leaf.get("reason"))
    of_rows = OF_ROWS.get(reason)
    yes = leaf.get("result") != "refused" or of_rows is not None
    failed = len(CONDITIONS) if yes else _ORDER.get(reason)
    if failed is None:
        return ()
    asked = [n for n in range(len(CONDITIONS)) if n == failed or _is_asked(n, need, leaf)]
    found = [
        Condition(CONDITIONS[n][1], True if n < failed else False if n == failed else None) for n in asked
    ]
    return (*found, Condition(of_rows, met=False)) if of_rows is not None else tuple(found)


def _is_asked(number: int, need: Need, leaf: Mapping[str, Json]) -> bool:
    """Whether the door asks this condition of such an ask at all."""
    if number in _OF_LENDING:
        return need is Need.CAMERA_LENT
    if number >= _FROM_TECHNOLOGY and not need.with_technology:
        return False
    if number == _ORDER["place"]:
        technology = leaf.get("technology")
        return asks_place(need, TechnologyKind(technology) if isinstance(technology, str) else None)
    if number == _ORDER["authorisation_role"]:
        # Entries of an older release may lack who asked: those were of people.
        kind = leaf.get("actor_kind")
        return asks_roles(need, ActorKind(kind) if isinstance(kind, str) else ActorKind.PERSON)
    return need.with_purpose or number not in _PURPOSE
