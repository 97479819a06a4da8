"""Revision 0021: workstations, on which pictures of open incidents stay while the screen is locked."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql("0021_workstations")
