"""Revision 0036: seals of uses, and proposals that are withdrawn."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_sql("0036_seals")
