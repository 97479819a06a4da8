"""Revision 0004: cameras, assignments, segments, gaps."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql("0004_video")
