"""Revision 0049: where hot lists come from, and what ends an entry early."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    run_sql("0049_hot_list_sources")
