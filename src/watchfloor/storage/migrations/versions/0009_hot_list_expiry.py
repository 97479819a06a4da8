"""Revision 0009: expired hot-list entries are found without reading the others."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql("0009_hot_list_expiry")
