"""Revision 0005: readers, reads, pictures, hits, hot lists."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql("0005_plates")
