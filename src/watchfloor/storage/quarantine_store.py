"""Messages of devices that could not be handled, kept for somebody to look at. It decides nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from watchfloor.storage.classes import WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.MACHINERY, WRITE)
async def insert(
    tx: Tx, message_id: UUID, *, subject: str, message: bytes, error: str, attempts: int, keep_for: timedelta
) -> None:
    """Keep a message that could not be handled."""
    await tx.execute(
        "insert into quarantine (id, agency_id, subject, message, error, attempts, at, erase_after)"
        " values (%(id)s, %(agency)s, %(subject)s, %(message)s, %(error)s, %(attempts)s, %(now)s, %(erase)s)",
        id=message_id,
        agency=tx.agency,
        subject=subject,
        message=message,
        error=error,
        attempts=attempts,
        now=tx.now,
        erase=tx.now + keep_for,
    )
