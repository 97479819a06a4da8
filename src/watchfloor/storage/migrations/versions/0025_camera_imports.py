"""Revision 0025: lists of cameras brought in from files."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_sql("0025_camera_imports")
