"""The SQL of the agency itself: its name and its clock. It decides nothing."""

from __future__ import annotations

from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.ACCOUNT, READ)
async def knows_zone(tx: Tx, time_zone: str) -> bool:
    """Whether PostgreSQL has a time zone of that name among its files."""
    found = await tx.fetch_one("select from pg_timezone_names where name = %(zone)s limit 1", zone=time_zone)
    return found is not None


@touches(DataClass.ACCOUNT, READ)
async def agency(tx: Tx) -> tuple[str, str]:
    """The name and the time zone of this transaction's agency; nobody else changes them until it ends."""
    row = sure(
        await tx.fetch_one("select name, time_zone from agency where id = %(a)s for update", a=tx.agency)
    )
    return row["name"], row["time_zone"]


@touches(DataClass.ACCOUNT, WRITE)
async def name_agency(tx: Tx, name: str, time_zone: str) -> None:
    """What the agency of this transaction is called, and by which clock it lives."""
    await tx.execute(
        "update agency set name = %(name)s, time_zone = %(zone)s where id = %(agency)s",
        name=name,
        zone=time_zone,
        agency=tx.agency,
    )
