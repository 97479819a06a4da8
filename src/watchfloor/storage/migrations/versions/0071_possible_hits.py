"""Revision 0071: verdicts on possible hits, and CAP messages that a person handed in."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    run_sql("0071_possible_hits")
