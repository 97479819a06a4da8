"""Revision 0068: verdicts on possible hits, and CAP messages that a person handed in."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0068_possible_hits")
