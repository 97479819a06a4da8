"""The agency itself: what it is called and by which clock it lives. It knows no person of it."""

from __future__ import annotations

from typing import Final
from zoneinfo import available_timezones

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store
from watchfloor.kit.errors import Invalid

_LONGEST: Final = 120


def check_agency(name: str, time_zone: str) -> None:
    """Raises Invalid, naming the field, unless an agency may be called that and live by that clock."""
    if not 1 <= len(name.strip()) <= _LONGEST:
        raise Invalid(f"An agency's name has 1 to {_LONGEST} characters.", reason="name")
    if time_zone not in available_timezones():
        raise Invalid(
            f"{time_zone!r} is no time zone that is known here.",
            reason="time_zone",
            next_step="Give an IANA name, as America/Chicago.",
        )


async def name_agency(door: Door, actor: Actor, name: str, time_zone: str) -> None:
    """Name the agency of the actor, and set its time zone. Raises Invalid."""
    check_agency(name, time_zone)
    ask = Ask(actor, Need.AGENCY_CHANGE, about=About("agency", actor.agency))
    async with door.open(ask) as tx:
        await store.name_agency(tx, name.strip(), time_zone)
        more = {"name": name.strip(), "time_zone": time_zone}
        await effect(tx, "agency.named", About("agency", actor.agency), more=more)
