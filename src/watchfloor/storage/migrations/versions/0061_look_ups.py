"""Revision 0061: whose plate was looked up by whom, by keyed hashes; draws and reviews of look-ups."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    run_sql("0061_look_ups")
