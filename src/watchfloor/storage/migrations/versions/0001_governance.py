"""Revision 0001: agencies, technologies, authorisations, cases, grants and the log."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql("0001_governance")
