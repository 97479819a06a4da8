"""Revision 0056: what is looked at of dwellings is one sum, cameras turned by hand count, and what a mask covers does not."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run_sql("0056_dwellings_as_one")
