"""Revision 0051: what was played of dwellings."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    run_sql("0051_dwelling_plays")
