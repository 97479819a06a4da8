"""Revision 0014: the bodies that a technology needs the yes of."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql("0014_required_bodies")
