"""Revision 0046: what sites say that they keep, and what is fetched from them because it is held."""

from __future__ import annotations

from watchfloor.storage.migrate import run_sql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    run_sql("0046_at_sites")
