"""Revision 0060: readers that are cameras, whose plates are read on their video here."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    run_sql("0060_read_on_video")
