"""The agency itself: what it is called and by which clock it lives. It knows no person of it."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import agency_store
from watchfloor.kit.errors import Invalid, Stale
from watchfloor.storage.tx import Tx

_LONGEST: Final = 120
_found_in_postgres: Final[set[str]] = set()


def check_agency(name: str, time_zone: str) -> None:
    """Raises Invalid, naming the field, unless an agency may be called that and live by that clock."""
    if not 1 <= len(name.strip()) <= _LONGEST:
        raise Invalid(f"An agency's name has 1 to {_LONGEST} characters.", reason="name")
    # Without a slash there are names of this machine alone (`localtime`), which PostgreSQL does not know, and old abbreviations.
    if time_zone != "UTC" and ("/" not in time_zone or time_zone not in _known_zones()):
        raise _no_zone(time_zone)


async def check_zone(tx: Tx, time_zone: str) -> None:
    """Raises Invalid unless PostgreSQL, which numbers incidents and calls by it, knows the time zone too: asked once for each, since it
    reads all of its files for that.
    """
    if time_zone not in _found_in_postgres:
        if not await agency_store.knows_zone(tx, time_zone):
            raise _no_zone(time_zone)
        _found_in_postgres.add(time_zone)


@cache
def _known_zones() -> frozenset[str]:
    """Looked up once: it reads hundreds of files."""
    return frozenset(available_timezones())


def _no_zone(time_zone: str) -> Invalid:
    return Invalid(
        f"{time_zone!r} is no time zone that is known here.",
        reason="time_zone",
        next_step="Give an IANA name, as America/Chicago, or UTC.",
    )


def version_of_agency(name: str, time_zone: str) -> int:
    """A number that is another when the name or the time zone is: nothing has to be counted where two entries are all there is."""
    return zlib.crc32(f"{name}\n{time_zone}".encode())


async def name_agency(door: Door, actor: Actor, name: str, time_zone: str, *, version: int | None) -> None:
    """Name the agency of the actor, and set its time zone. Raises Invalid, or Stale when it is not as it was read."""
    check_agency(name, time_zone)
    ask = Ask(actor, Need.AGENCY_CHANGE, about=About("agency", actor.agency))
    async with door.open(ask) as tx:
        await check_zone(tx, time_zone)
        before = await agency_store.agency(tx)
        if version is not None and version != version_of_agency(*before):
            raise Stale("The agency was named anew since you read it.", next_step="Read it again.")
        await agency_store.name_agency(tx, name.strip(), time_zone)
        more = {"name": name.strip(), "time_zone": time_zone}
        await effect(tx, "agency.named", About("agency", actor.agency), more=more)
