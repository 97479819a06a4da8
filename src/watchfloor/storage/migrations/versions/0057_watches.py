"""Revision 0057: watches of coming reads, each under a case."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_sql("0057_watches")
