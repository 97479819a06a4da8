"""What a form says of an agreement: mode, radius, days and hours, end. Pure; `agree` checks what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from watchfloor.governance.agreement import Mode, Window
from watchfloor.kit.errors import Invalid

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed: in which way, in which hours, until when."""

    mode: Mode
    radius_m: int
    windows: tuple[Window, ...]
    ends_at: datetime | None


def terms_of(typed: Mapping[str, str], zone: ZoneInfo) -> Terms:
    """The terms of a form. An end is a day, and the agreement lasts to its end. Raises Invalid."""
    try:
        mode = Mode(typed.get("mode", ""))
    except ValueError as error:
        raise Invalid("Choose in which way the camera is shared.", reason="mode") from error
    return Terms(mode, _radius(typed.get("radius_m", "")), _windows(typed), _end(typed.get("ends", ""), zone))


def minutes_of(typed: Mapping[str, str]) -> int:
    """How long a yes lasts. Raises Invalid."""
    said = typed.get("minutes", "")
    if not (said.isascii() and said.isdigit() and len(said) <= 4):
        raise Invalid("A yes lasts 5 minutes to a day.", reason="minutes")
    return int(said)


def _radius(said: str) -> int:
    text = said.strip() or "300"
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Invalid("Write the distance in whole metres.", reason="radius_m")
    return int(text)


def _windows(typed: Mapping[str, str]) -> tuple[Window, ...]:
    if typed.get("hours") != "some":
        return ()
    days = [day for day in range(7) if typed.get(f"day_{day}") == "yes"]
    if not days:
        raise Invalid("Choose at least one day, or all hours.", reason="hours")
    begin, end = _minute(typed.get("begin", "")), _minute(typed.get("end", ""))
    return tuple(Window(day, begin, end) for day in days)


def _minute(said: str) -> int:
    try:
        at = time.fromisoformat(said)
    except ValueError as error:
        raise Invalid("Write both hours, as 18:00.", reason="hours") from error
    if at.tzinfo is not None:
        raise Invalid("Write both hours, as 18:00.", reason="hours")
    return at.hour * 60 + at.minute


def _end(said: str, zone: ZoneInfo) -> datetime | None:
    if not said.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(said.strip()) + timedelta(days=1), time.min, zone)
    except (ValueError, OverflowError) as error:
        raise Invalid("Write the last day, as 2027-03-31.", reason="ends_at") from error
