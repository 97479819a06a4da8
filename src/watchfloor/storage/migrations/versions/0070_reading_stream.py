"""Revision 0070: which stream of a camera its plates are read on."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    run_sql("0070_reading_stream")
