"""Revision 0074: cameras are found by where they stand."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0074"
down_revision = "0067"


def upgrade() -> None:
    run_sql("0074_where_cameras_stand")
