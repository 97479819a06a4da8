"""Revision 0069: which stream of a camera its plates are read on."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    run_sql("0069_reading_stream")
