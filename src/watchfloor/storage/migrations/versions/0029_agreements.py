"""Revision 0029: what owners agree about their cameras."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_sql("0029_agreements")
