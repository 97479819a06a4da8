"""Revision 0031: the masks of cameras."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_sql("0031_masks")
