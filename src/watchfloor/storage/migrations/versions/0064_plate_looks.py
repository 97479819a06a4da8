"""Revision 0064: watches and searches for co-travellers, counted in the log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    run_sql("0064_plate_looks")
