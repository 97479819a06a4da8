"""Revision 0024: the devices behind cameras, and what they can do beyond pictures."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_sql("0024_devices")
