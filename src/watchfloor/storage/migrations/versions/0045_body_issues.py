"""Revision 0045: with which unit a body camera goes, and went."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    run_sql("0045_body_issues")
