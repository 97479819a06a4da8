"""Revision 0056: reads that were put into a case, and the plate backwards put right."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run_sql("0056_plate_search")
