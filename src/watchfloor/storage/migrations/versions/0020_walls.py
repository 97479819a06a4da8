"""Revision 0020: walls of cameras."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_sql("0020_walls")
