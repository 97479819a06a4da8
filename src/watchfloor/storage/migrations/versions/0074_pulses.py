"""Revision 0074: what microphones heard, and how each does."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    run_sql("0074_pulses")
