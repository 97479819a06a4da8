"""Revision 0063: readers that are cameras, whose plates are read on their video here."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0063"
down_revision = "0055"


def upgrade() -> None:
    run_sql("0063_read_on_video")
