"""Revision 0006: units, calls, alerts, incidents, assignments, outcomes, streets."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql("0006_field")
