"""Revision 0034: views of dwellings, and how long cameras were aimed at them."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run_sql("0034_dwellings")
