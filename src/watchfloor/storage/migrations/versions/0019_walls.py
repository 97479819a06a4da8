"""Revision 0019: walls of cameras."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql("0019_walls")
