"""Revision 0017: the footprints of buildings."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql("0017_buildings")
