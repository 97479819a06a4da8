"""Revision 0026: planned work on cameras, and the devices they have had."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_sql("0026_maintenance")
