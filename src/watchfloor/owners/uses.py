"""What became of an owner's picture: each look, by which role, for which class of case, how long; and the sentence on top. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID


class UseWay(StrEnum):
    """How it was looked at."""

    LIVE = "live"
    PLAYBACK = "playback"
    EXPORT = "export"
    SNAPSHOT = "snapshot"
    AIMING = "aiming"


# The needs that show or give away a camera's picture, by their words: the slice that gives exports stands above.
WAYS: Final[Mapping[str, UseWay]] = {
    "camera.live": UseWay.LIVE,
    "camera.playback": UseWay.PLAYBACK,
    "export.fetch": UseWay.EXPORT,
    "camera.snapshot": UseWay.SNAPSHOT,
    "camera.aiming_picture": UseWay.AIMING,
}
SEALING: Final = (
    "A supervisor and a second person may seal a use for a case. It is told here, and to you by a letter, when that ends: 30 days later at"
    " the latest. Until then it is in no figure and no list of this page."
)
_ROLES: Final = {
    "analyst": "analysts",
    "detective": "detectives",
    "supervisor": "supervisors",
    "officer": "field officers",
    "technician": "technicians",
}
_CASES: Final = {
    "violent_crime": ("violent crime", "violent crimes"),
    "shots_fired": ("shooting", "shootings"),
    "stolen_vehicle": ("stolen vehicle", "stolen vehicles"),
    "burglary_theft": ("burglary or theft", "burglaries or thefts"),
    "hit_and_run": ("crash with injury", "crashes with injury"),
    "missing_person": ("missing person", "missing persons"),
    "officer_emergency": ("officer in danger", "officers in danger"),
    "rescue": ("rescue", "rescues"),
    "court_order": ("order of a court or disclosure", "orders of a court or disclosures"),
}
_NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


@dataclass(frozen=True, slots=True)
class Use:
    """One look at a camera, or one export of it. `index` is its place in the log, None until it is in order."""

    entry: UUID
    camera: UUID
    camera_name: str
    at: datetime
    way: UseWay
    roles: tuple[str, ...]
    purpose: str | None
    case: str | None
    seconds: float
    index: int | None
    of: tuple[datetime, datetime] | None = None
    """From the first to the last of what was recorded that was shown or given: not all between them need have been."""
    sealed_at: datetime | None = None
    sealed_until: datetime | None = None
    """From when until when it was sealed for a case, where it was; its owner is not told of it before."""


def role_words(use: Use) -> str:
    """“analysts”"""
    return " and ".join(_ROLES.get(role, role) for role in use.roles) or "staff"


def why_words(use: Use) -> str:
    """“burglary or theft”: what it was for."""
    return "drawing masks" if use.way is UseWay.AIMING else case_words(use.purpose)


def case_words(purpose: str | None) -> str:
    """“burglary or theft”"""
    return _CASES[purpose][0] if purpose in _CASES else (purpose or "no case").replace("_", " ")


def length(seconds: float) -> str:
    """“4 min 12 s”"""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes) + [f"{whole % 60} s"]
    return " ".join(parts)


def sentence(uses: Sequence[Use], now: datetime, zone: tzinfo, *, cameras: int) -> str:
    """“As told so far, your camera was viewed 3 times this month, 4 min 12 s in all, by analysts, for two burglaries and one shooting.”

    As told so far: what is sealed for a case is not among these uses, and nobody may be told that there is none or some.
    """
    month = now.astimezone(zone)
    mine = [
        use
        for use in uses
        if (there := use.at.astimezone(zone)).year == month.year and there.month == month.month
    ]
    whose = "As told so far, your camera was" if cameras == 1 else "As told so far, your cameras were"
    viewed = [use for use in mine if use.way in (UseWay.LIVE, UseWay.PLAYBACK)]
    given = _given(mine, UseWay.EXPORT, "something of it was exported")
    given += _given(mine, UseWay.SNAPSHOT, "a picture of it was saved")
    given += _given(mine, UseWay.AIMING, "a coarse picture of it was shown, to draw masks by")
    if not viewed:
        return f"{whose} not viewed this month.{given}"
    roles = _listed(sorted({role_words(use) for use in viewed}))
    return (
        f"{whose} viewed {_times(len(viewed))} this month, {length(sum(use.seconds for use in viewed))} in all, by {roles},"
        f" for {_cases(viewed)}.{given}"
    )


def _given(uses: Sequence[Use], way: UseWay, what: str) -> str:
    count = sum(use.way is way for use in uses)
    return f" {_times(count).capitalize()} {what}." if count else ""


def _cases(uses: Sequence[Use]) -> str:
    by_purpose: dict[str, set[str]] = {}
    for use in uses:
        by_purpose.setdefault(use.purpose or "", set()).add(use.case or str(use.entry))
    said = []
    for purpose, cases in sorted(by_purpose.items(), key=lambda one: -len(one[1])):
        if purpose in _CASES:
            one, many = _CASES[purpose]
            said.append(f"{_number(len(cases))} {one if len(cases) == 1 else many}")
        else:
            said.append(case_words(purpose))
    return _listed(said)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
