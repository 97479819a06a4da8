"""Revision 0078: what was wrong with a message of a microphone that could not be read."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    run_sql("0078_unreadable_messages")
