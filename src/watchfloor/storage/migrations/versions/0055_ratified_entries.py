"""Revision 0055: entries of one person, until a second ratifies them."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    run_sql("0055_ratified_entries")
