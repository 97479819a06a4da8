"""Revision 0018: the case that a manual hot-list entry rests on."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql("0018_entry_cases")
