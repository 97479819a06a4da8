"""Revision 0063: who travelled with a vehicle, under a court's order."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    run_sql("0063_co_travel")
