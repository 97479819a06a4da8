"""Times as sentences say them to people: in the zone of whoever reads, with its name. Data keeps UTC."""

from __future__ import annotations

from datetime import datetime, tzinfo


def day(at: datetime, zone: tzinfo) -> str:
    """“28 Nov 2026”"""
    there = at.astimezone(zone)
    return f"{there.day} {there:%b %Y}"


def moment(at: datetime, zone: tzinfo) -> str:
    """“28 Nov 2026, 14:03 CST”"""
    return f"{day(at, zone)}, {at.astimezone(zone):%H:%M} {_name(at, zone)}"


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """“14:03:27 CST”"""
    return f"{at.astimezone(zone):%H:%M:%S} {_name(at, zone)}"


def _name(at: datetime, zone: tzinfo) -> str:
    # Half of the world's zones have no letters of their own.
    name = at.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in ("+", "-") else name
