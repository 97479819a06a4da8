"""Revision 0058: watches of coming reads, each under a case."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    run_sql("0058_watches")
