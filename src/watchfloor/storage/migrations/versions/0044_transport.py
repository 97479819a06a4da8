"""Revision 0044: over what a stream comes, and by which certificate its other end is known."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run_sql("0044_transport")
