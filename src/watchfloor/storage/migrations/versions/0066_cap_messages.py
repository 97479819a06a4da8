"""Revision 0066: alerts of missing children and elders, as CAP messages."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    run_sql("0066_cap_messages")
