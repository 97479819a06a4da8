"""Revision 0003: workers, jobs, idempotency, quarantine."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql("0003_machinery")
