"""Revision 0032: bookmarks in recorded video."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_sql("0032_bookmarks")
