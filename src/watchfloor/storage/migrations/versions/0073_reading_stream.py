"""Revision 0073: which stream of a camera its plates are read on."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0073"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0073_reading_stream")
