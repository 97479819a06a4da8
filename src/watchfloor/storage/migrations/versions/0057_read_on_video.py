"""Revision 0057: readers that are cameras, whose plates are read on their video here."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_sql("0057_read_on_video")
