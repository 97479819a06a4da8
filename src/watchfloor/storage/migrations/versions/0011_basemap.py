"""Revision 0011: the basemap."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql("0011_basemap")
