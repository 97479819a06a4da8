"""Revision 0047: another center as a site."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run_sql("0047_partner_sites")
