"""Revision 0073: microphones, and where each is."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    run_sql("0073_microphones")
