"""Revision 0066: watches and searches for co-travellers, counted in the log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0066"
down_revision = "0063"


def upgrade() -> None:
    run_sql("0066_plate_looks")
