"""What an owner agreed about a camera: in which hours, in which way, until when; and whether that covers a moment. Pure.

Hours are those of the clock on the owner's wall: when it is put back, an hour comes twice; when it is put on, one does not come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.said import moment

MINUTES: Final = 24 * 60
# A yes is looked into so far ahead: longer than any lease or grant is held, also while nothing can be decided.
AHEAD: Final = timedelta(minutes=16)
_MINUTE: Final = timedelta(minutes=1)
_DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
REASONS: Final = frozenset(
    ("no_agreement", "agreement_not_begun", "agreement_over", "agreement_suspended", "agreement_revoked", "agreement_hours",
     "agreement_incident", "agreement_asked")
)  # fmt: skip
"""The reasons of a no that is the owner's."""


class Mode(StrEnum):
    """When, within the hours, a camera is shared."""

    ALWAYS = "always"
    INCIDENT = "incident"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of a weekday (0 is Monday) in minutes of the day; one that ends at or before its begin goes on into the next day."""

    day: int
    begin_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds about one camera. Without windows it is shared at all hours; `yes_until` is the end of the owner's last yes."""

    id: UUID
    camera: UUID
    mode: Mode
    radius_m: int
    windows: tuple[Window, ...]
    zone: ZoneInfo
    place: Point
    begins_at: datetime
    ends_at: datetime | None = None
    suspended_at: datetime | None = None
    revoked_at: datetime | None = None
    yes_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """Yes; it may be otherwise from `until` on, None where nothing known changes it."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class NotCovered:
    """No, why in a sentence; it may be otherwise from `until` on."""

    reason: str
    sentence: str
    until: datetime | None = None
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class Agreements:
    """What is agreed about cameras, by camera, and where incidents are open."""

    by_camera: Mapping[UUID, Agreement] = field(default_factory=dict)
    incidents: Sequence[Point] = ()

    def of(self, camera: UUID | None) -> Agreement | None:
        """The agreement about a camera."""
        return self.by_camera.get(camera) if camera is not None else None


NOTHING_AGREED: Final = Agreements()
NONE_THERE: Final = NotCovered(
    "no_agreement",
    "No agreement with the owner of this camera is in force.",
    next_step="Staff link the camera to its owner, who says yes on a page of their own.",
)


def agreement_allows(
    agreement: Agreement | None, now: datetime, incidents: Sequence[Point]
) -> Covered | NotCovered:
    """Whether the camera may be recorded and watched now; the first condition that fails says why not."""
    if agreement is None:
        return NONE_THERE
    ended = _ended(agreement, now)
    if ended is not None:
        return ended
    if now < agreement.begins_at:
        began = moment(agreement.begins_at, agreement.zone)
        return NotCovered(
            "agreement_not_begun", f"The owner's agreement begins on {began}.", agreement.begins_at
        )
    within, turns = _within(agreement, now)
    if not within:
        return NotCovered(
            "agreement_hours", f"The owner shares this camera {hours_words(agreement.windows)}.", turns
        )
    return _mode(agreement, now, incidents, _first(turns, agreement.ends_at))


def stored_allows(agreement: Agreement | None, *, by_order: bool) -> Covered | NotCovered:
    """Whether what was recorded under it may still be looked at: not while it is suspended, and after it was revoked only
    what is preserved, by the order of a court, a disclosure or a complaint.
    """
    if agreement is None:
        return NONE_THERE
    if agreement.revoked_at is not None and not by_order:
        return _REVOKED
    if agreement.suspended_at is not None and agreement.revoked_at is None:
        return _SUSPENDED
    return Covered(None)


_REVOKED: Final = NotCovered("agreement_revoked", "The owner has revoked the agreement about this camera.")
_SUSPENDED: Final = NotCovered("agreement_suspended", "The owner has suspended this camera.")


def _ended(agreement: Agreement, now: datetime) -> NotCovered | None:
    if agreement.revoked_at is not None:
        return _REVOKED
    if agreement.suspended_at is not None:
        return _SUSPENDED
    if agreement.ends_at is not None and now >= agreement.ends_at:
        ended = moment(agreement.ends_at, agreement.zone)
        return NotCovered("agreement_over", f"The owner's agreement ended on {ended}.")
    return None


def _mode(
    agreement: Agreement, now: datetime, incidents: Sequence[Point], until: datetime | None
) -> Covered | NotCovered:
    match agreement.mode:
        case Mode.ALWAYS:
            return Covered(until)
        case Mode.INCIDENT:
            if any(distance_m(agreement.place, at) <= agreement.radius_m for at in incidents):
                return Covered(until)
            return NotCovered(
                "agreement_incident",
                f"The owner shares this camera only during an incident within {agreement.radius_m} m.",
            )
        case Mode.ASKED:
            if agreement.yes_until is not None and now < agreement.yes_until:
                return Covered(_first(until, agreement.yes_until))
            return NotCovered(
                "agreement_asked",
                "The owner shares this camera only after saying yes.",
                next_step="Ask the owner on the camera's page.",
            )


def within_hours(windows: Sequence[Window], zone: ZoneInfo, at: datetime) -> bool:
    """Whether the owner's clock stands within a window."""
    if not windows:
        return True
    there = at.astimezone(zone)
    minute, day = there.hour * 60 + there.minute, there.weekday()
    return any(
        (window.day == day and window.begin_min <= minute < window.end_min)
        if window.begin_min < window.end_min
        else (window.day == day and minute >= window.begin_min)
        or ((window.day + 1) % 7 == day and minute < window.end_min)
        for window in windows
    )


def _within(agreement: Agreement, now: datetime) -> tuple[bool, datetime | None]:
    """Whether it is within the hours, and the first minute of the next ones at which that is otherwise.

    Clocks are put on and back at whole minutes, so that minute by minute nothing is missed.
    """
    windows, zone = agreement.windows, agreement.zone
    within = within_hours(windows, zone, now)
    if not windows:
        return within, None
    at = now.replace(second=0, microsecond=0) + _MINUTE
    while at <= now + AHEAD:
        if within_hours(windows, zone, at) != within:
            return within, at
        at += _MINUTE
    return within, at


def _first(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def hours_words(windows: Sequence[Window]) -> str:
    """“Mondays and Tuesdays 18:00 to 06:00”; windows of the same times together."""
    if not windows:
        return "at all hours"
    by_times: dict[tuple[int, int], list[int]] = {}
    for window in sorted(windows):
        by_times.setdefault((window.begin_min, window.end_min), []).append(window.day)
    return "; ".join(f"{_days(days)} {_times(*times)}" for times, days in by_times.items())


def _days(days: Sequence[int]) -> str:
    if len(set(days)) == 7:
        return "every day"
    names = [_DAYS[day] for day in sorted(set(days))]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _times(begin: int, end: int) -> str:
    return f"{begin // 60:02}:{begin % 60:02} to {end // 60 % 24:02}:{end % 60:02}"
