"""Revision 0064: vehicles that are followed under incidents, and where they were read."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    run_sql("0064_follows")
