"""Revision 0071: which stream of a camera its plates are read on."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    run_sql("0071_reading_stream")
