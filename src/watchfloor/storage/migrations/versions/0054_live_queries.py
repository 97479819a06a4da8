"""Revision 0054: what was asked outside about a hit."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    run_sql("0054_live_queries")
