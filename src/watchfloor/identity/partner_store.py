"""The partner centers among the accounts: whom cameras can be lent to."""

from __future__ import annotations

from uuid import UUID

from watchfloor.governance.words import Role
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.ACCOUNT, READ)
async def partners(tx: Tx) -> dict[UUID, str]:
    """The partner centers that have an account which is not suspended: names by id, in the order of the names."""
    rows = await tx.fetch(
        "select id, display_name from person p where suspended_at is null and exists (select from person_role r"
        " where r.person_id = p.id and r.role = %(partner)s) order by display_name, id",
        partner=Role.PARTNER.value,
    )
    return {row["id"]: row["display_name"] for row in rows}
