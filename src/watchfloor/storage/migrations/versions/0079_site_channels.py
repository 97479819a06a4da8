"""Revision 0079: where a recorder shows each of its cameras, as it tells by ONVIF."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0079"
down_revision = "0078"


def upgrade() -> None:
    run_sql("0079_site_channels")
