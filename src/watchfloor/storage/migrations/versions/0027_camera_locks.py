"""Revision 0027: who turns a camera, and its presets."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_sql("0027_camera_locks")
