"""Of plates: what is said in acts that take nothing but words."""

from __future__ import annotations

from typing import Any, Final

PLATES: Final = b"person,plate,relation\nnobody,QZ0120,own\n"
PLAIN: Final[dict[str, dict[str, Any]]] = {
    "POST /look-up-reviews/{review_id}/verdict": {
        "verdict": "proper",
        "reason": "the case names the car",
    },
    "POST /staff-plates/own": {"plates": [{"plate": "QZ0120", "relation": "own"}]},
    "POST /possible-hits/{possible_hit_id}/typed": {"plate": "QZ0120", "state": None},
    "POST /possible-hits/{possible_hit_id}/take-back": {},
    "POST /cameras/{camera_id}/plate-reading": {"stream": "main"},
    "POST /alert-budget": {"priority": "usual", "per_shift": 3, "why": "the night shift is two persons"},
    "POST /lendings/{lending_id}/end": {"why": "the season is over"},
    "POST /hot-list-entries/{list_entry_id}/withdraw": {"why": "the car was found"},
    "POST /staff-plates/people/{person_id}/clear": {"why": "the car was sold"},
}
