"""Revision 0039: what cameras kept of gaps."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run_sql("0039_back_fill")
