"""Revision 0073: cameras lent to partner centers to record, and by them."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    run_sql("0073_lendings")
