"""Revision 0068: many devices asked of together; held reads of minutes in the write-ahead log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0068_senders")
