"""Revision 0069: verdicts on possible hits, and CAP messages that a person handed in."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    run_sql("0069_possible_hits")
