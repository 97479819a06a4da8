"""Revision 0067: alerts of missing children and elders, as CAP messages."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    run_sql("0067_cap_messages")
