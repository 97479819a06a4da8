"""Revision 0015: provisional cases, confirmed by a second person."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql("0015_provisional_cases")
