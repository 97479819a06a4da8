"""Revision 0050: lanes, mobile readers, what is told again of one car, and how each reader does hour by hour."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    run_sql("0050_readers")
