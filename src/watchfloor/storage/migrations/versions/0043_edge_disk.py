"""Revision 0043: how the disk of an edge box is."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run_sql("0043_edge_disk")
