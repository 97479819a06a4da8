"""Revision 0069: many devices asked of together; held reads of minutes in the write-ahead log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    run_sql("0069_senders")
