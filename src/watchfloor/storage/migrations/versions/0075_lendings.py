"""Revision 0075: cameras lent to partner centers to record, and by them."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    run_sql("0075_lendings")
