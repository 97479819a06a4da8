"""Revision 0072: verdicts on possible hits, and CAP messages that a person handed in."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    run_sql("0072_possible_hits")
