"""Revision 0057: what is looked at of dwellings is one sum, cameras turned by hand count, and what a mask covers does not."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_sql("0057_dwellings_as_one")
