"""The outside forms of reviews, figures and registered plates. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.draw import WHOLE_PPM
from watchfloor.governance.forms import case_text_of, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.kit.canonical import Json
from watchfloor.plates.criteria import of_said
from watchfloor.plates.misuse import forms
from watchfloor.plates.misuse.look_ups import ENTERED
from watchfloor.plates.misuse.looks import Looks
from watchfloor.plates.misuse.review import Figures, Looked
from watchfloor.plates.misuse.review_store import Draw, Review
from watchfloor.plates.misuse.store import Said
from watchfloor.plates.scenes import of_said_scenes
from watchfloor.plates.sought import How
from watchfloor.storage.tx import Row

_PERCENT_PPM: Final = WHOLE_PPM / 100


def review_json(one: Review, names: Mapping[UUID, str], now: datetime) -> forms.LookUpReview:
    """A review as the list has it."""
    return {
        "id": outside("look_up_review", one.id),
        "entry": outside("entry", one.entry),
        "who": _person(one.person, names),
        "looked_at": one.looked_at,
        "causes": list(one.causes),
        "opened_at": one.opened_at,
        "due_at": one.due_at,
        "overdue": one.verdict is None and one.due_at < now,
        "verdict": one.verdict,
        "reason": one.reason,
        "reviewed_by": _person(one.reviewed_by, names) if one.reviewed_by else None,
        "reviewed_at": one.reviewed_at,
    }


def detail_json(looked: Looked, now: datetime) -> forms.LookUpReviewDetail:
    """A review with what the log keeps of the look-up."""
    entry, look_up = looked.entry, looked.look_up
    leaf: dict[str, Json] = json.loads(bytes(entry["leaf"]))
    purpose = leaf.get("purpose")
    return {
        **review_json(looked.review, looked.names, now),
        "purpose": purpose if isinstance(purpose, str) else None,
        "case": case_text_of(leaf.get("case")),
        "case_name": looked.case_name,
        "sought": _sought_json(entry, looked.sought) or _followed_json(looked) or _entered_json(looked),
        "way": look_up["way"] if look_up else None,
        "erased": looked.sought["erased_at"] is not None,
        "found": look_up["found"] if look_up else None,
        "entered": look_up["answered"] if look_up else None,
        "times": look_up["times"] if look_up else None,
    }


def _sought_json(entry: Row, sought: Row) -> forms.LookUpSought | None:
    payload = sought["payload"] or {}
    again = outside("entry", entry["about_id"]) if entry["about_kind"] == "entry" else None
    scenes = of_said_scenes(payload)
    if scenes is not None:
        first, second = scenes.first, scenes.second
        return {
            "plate": None,
            "match": first.how.value,
            "since": first.since,
            "until": second.until,
            "at_a_place": True,
            "again": again,
        }
    criteria = of_said(payload)
    if criteria is None:
        return None
    return {
        "plate": criteria.plate,
        "match": criteria.how.value,
        "since": criteria.since,
        "until": criteria.until,
        "at_a_place": criteria.at_a_place,
        "again": again,
    }


def _followed_json(looked: Looked) -> forms.LookUpSought | None:
    """A vehicle that was followed under an incident: it was looked back from then on."""
    payload = looked.sought["payload"] or {}
    plate, back_min = payload.get("plate"), payload.get("minutes")
    if not isinstance(plate, str) or not isinstance(back_min, int):
        return None
    return {
        "plate": plate,
        "match": How.ALIKE.value,
        "since": looked.review.looked_at - timedelta(minutes=back_min),
        "until": looked.review.looked_at,
        "at_a_place": False,
        "again": None,
    }


def _entered_json(looked: Looked) -> forms.LookUpSought | None:
    """A plate that was put on a hot list by hand: it was looked for from then on."""
    plate = (looked.sought["payload"] or {}).get("plate")
    if not isinstance(plate, str) or looked.look_up is None or looked.look_up["way"] != ENTERED:
        return None
    at = looked.review.looked_at
    return {
        "plate": plate,
        "match": How.ALIKE.value,
        "since": at,
        "until": at,
        "at_a_place": False,
        "again": None,
    }


def told_json(one: Review) -> forms.ToldReview:
    """A review as its person is told of it."""
    return {
        "id": outside("look_up_review", one.id),
        "entry": outside("entry", one.entry),
        "looked_at": one.looked_at,
        "causes": list(one.causes),
        "verdict": one.verdict,
        "reason": one.reason,
        "reviewed_at": one.reviewed_at,
    }


def figures_json(found: Figures) -> forms.LookUpFigures:
    """What is published."""
    by_cause: dict[str, dict[str, int]] = {}
    for row in found.by_cause:
        by_cause.setdefault(row["cause"], {})[row["verdict"]] = row["n"]
    of = found.verdicts
    return {
        "since": found.since,
        "until": found.until,
        "searched": sum(one.searched or 0 for one in found.draws),
        "drawn": sum(one.drawn or 0 for one in found.draws),
        "proper": of.get("proper", 0),
        "improper": of.get("improper", 0),
        "cannot_tell": of.get("cannot_tell", 0),
        "waiting": of.get("open", 0),
        "overdue": found.overdue,
        "by_cause": [_cause_json(cause, counts) for cause, counts in sorted(by_cause.items())],
        "draws": [_draw_json(one) for one in found.draws],
        "watches": _watches_json(found.looks),
        "co_travels": _co_travels_json(found.looks),
    }


def _watches_json(looks: Looks) -> forms.WatchFigures:
    return {
        "proposed": looks.of("plate_watch.proposed"),
        "refused": looks.of("plate_watch.refused"),
        "approved": looks.of("plate_watch.in_force"),
        "withdrawn": looks.of("plate_watch.withdrawn"),
        "ended_with_case": looks.of("plate_watch.ended"),
        "expired": looks.expired,
        "paused": looks.of("plate_watch.paused"),
        "hits": looks.of("plate_watch.hit"),
    }


def _co_travels_json(looks: Looks) -> forms.CoTravelFigures:
    return {
        "asked": looks.of("co_travel.proposed"),
        "refused": looks.of("co_travel.refused"),
        "approved": looks.of("co_travel.in_work"),
        "made": looks.of("co_travel.found"),
        "companions": looks.companions,
        "not_made": looks.of("co_travel.stopped") + looks.of("co_travel.failed"),
    }


def _cause_json(cause: str, counts: Mapping[str, int]) -> forms.CauseFigures:
    return {
        "cause": cause,
        "opened": sum(counts.values()),
        "proper": counts.get("proper", 0),
        "improper": counts.get("improper", 0),
        "cannot_tell": counts.get("cannot_tell", 0),
        "waiting": counts.get("open", 0),
    }


def _draw_json(one: Draw) -> forms.LookUpDraw:
    return {
        "closed": outside("entry", one.closed_entry),
        "closed_at": one.closed_at,
        "share_percent": one.share_ppm / _PERCENT_PPM,
        "size": one.size,
        "root": one.root.hex() if one.root is not None else None,
        "searched": one.searched,
        "drawn": one.drawn,
        "drawn_at": one.drawn_at,
    }


def said_json(one: Said) -> forms.StaffPlates:
    """How many plates of a person are registered."""
    return {
        "id": outside("person", one.person),
        "name": one.name,
        "plates": one.plates,
        "said_at": one.said_at,
    }


def _person(person: UUID, names: Mapping[UUID, str]) -> Acted:
    return {"id": outside("person", person), "name": names.get(person)}
