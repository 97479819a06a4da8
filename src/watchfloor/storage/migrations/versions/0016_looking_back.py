"""Revision 0016: who could see a camera on a day."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql("0016_looking_back")
