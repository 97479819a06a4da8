"""Revision 0077: what was looked at of pulses, alerts of located sounds, and their sources with every version."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0077"
down_revision = "0076"


def upgrade() -> None:
    run_sql("0077_sounds")
