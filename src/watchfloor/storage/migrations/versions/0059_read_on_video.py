"""Revision 0059: readers that are cameras, whose plates are read on their video here."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    run_sql("0059_read_on_video")
