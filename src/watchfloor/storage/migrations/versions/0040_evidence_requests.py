"""Revision 0040: evidence that owners and witnesses are asked for, and what they send."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run_sql("0040_evidence_requests")
