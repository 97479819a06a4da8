"""Revision 0068: cameras are found by where they stand."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0068_where_cameras_stand")
