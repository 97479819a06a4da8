"""Revision 0080: at which port a recorder shows each of its cameras, and each of them as a device behind it."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0080"
down_revision = "0079"


def upgrade() -> None:
    run_sql("0080_cameras_of_recorders")
