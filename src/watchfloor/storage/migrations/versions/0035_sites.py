"""Revision 0035: federated sites, and which of a site's cameras a camera is."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run_sql("0035_sites")
