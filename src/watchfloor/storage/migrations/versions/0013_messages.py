"""Revision 0013: messages between crews and the room."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql("0013_messages")
