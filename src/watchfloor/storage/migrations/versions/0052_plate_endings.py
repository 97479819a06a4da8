"""Revision 0052: an index of how plates end."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run_sql("0052_plate_endings")
