"""Revision 0041: which exports are left unmasked, and which masks a device cannot hold."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    run_sql("0041_unmasked_exports")
