"""Revision 0023: workstations, on which pictures of open incidents stay while the screen is locked."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql("0023_workstations")
