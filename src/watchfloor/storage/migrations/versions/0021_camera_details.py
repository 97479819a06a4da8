"""Revision 0021: what the registry says of a camera beside its place and view."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql("0021_camera_details")
