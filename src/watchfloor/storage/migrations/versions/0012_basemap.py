"""Revision 0012: the basemap."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql("0012_basemap")
