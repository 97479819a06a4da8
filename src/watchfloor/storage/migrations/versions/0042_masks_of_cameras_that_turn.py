"""Revision 0042: masks of cameras that turn, and where those stood."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run_sql("0042_masks_of_cameras_that_turn")
