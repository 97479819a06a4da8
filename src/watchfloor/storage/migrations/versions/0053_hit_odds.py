"""Revision 0053: how likely hits are right, verdicts on readers, and alert budgets."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run_sql("0053_hit_odds")
