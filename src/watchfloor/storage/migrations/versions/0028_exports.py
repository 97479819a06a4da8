"""Revision 0028: exports of recorded video."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql("0028_exports")
