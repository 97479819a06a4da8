"""Revision 0065: vehicles that are followed under incidents, and where they were read."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    run_sql("0065_follows")
