"""Revision 0033: edge boxes."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run_sql("0033_edge_boxes")
