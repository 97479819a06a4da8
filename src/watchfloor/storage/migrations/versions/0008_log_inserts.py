"""Revision 0008: an insert into the log gives no place, and its row says what its leaf says."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql("0008_log_inserts")
