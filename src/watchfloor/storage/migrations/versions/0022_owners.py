"""Revision 0022: private owners of cameras, their one-time links, and mail that waits."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql("0022_owners")
