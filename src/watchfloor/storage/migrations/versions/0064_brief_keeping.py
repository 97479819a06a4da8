"""Revision 0064: what is kept for minutes, and canaries that prove it."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    run_sql("0064_brief_keeping")
