"""Revision 0030: taking an offer back, and letters that are given up."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_sql("0030_owner_withdrawal")
