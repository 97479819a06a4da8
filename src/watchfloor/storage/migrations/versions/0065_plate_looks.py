"""Revision 0065: watches and searches for co-travellers, counted in the log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    run_sql("0065_plate_looks")
