"""Revision 0037: what devices say of themselves, and the masks in them."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run_sql("0037_notices")
