"""Revision 0077: what was wrong with a message of a microphone that could not be read."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0077"
down_revision = "0076"


def upgrade() -> None:
    run_sql("0077_unreadable_messages")
