"""Revision 0010: how wide and how far a camera sees."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql("0010_camera_views")
