"""Revision 0048: how the text of a hit answers to its entry, and whether it may alert."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    run_sql("0048_hit_kinds")
