"""Revision 0062: which column of a reader's tables says what."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    run_sql("0062_csv_mappings")
